"""A stand-in for Shopify's Admin GraphQL API, version 2026-10."""

from sandbox.shopify.vendor import ShopifyVendor

__all__ = ["ShopifyVendor"]
