"""A stand-in for Shopify's Admin GraphQL API, version 2026-10.

Three tokens never end: `shpat_sandbox` holds every scope; `shpat_narrow` those of `auth.NARROW`
only; `shpat_basic` sees the shop as on the Basic plan, without personal data. A fault rule with
`"match": "bulk.run"` breaks a bulk operation (kind `down`) or draws it out (`slow`).
`python -m sandbox.shopify.many --orders 100000` serves a shop for load runs.
"""

from sandbox.shopify.vendor import ShopifyVendor

__all__ = ["ShopifyVendor"]
