"""What tap-shopify can do and needs."""

from __future__ import annotations

from datetime import date

from crossdock.capabilities import Capabilities
from taps.shopify.client import DEFAULT_VERSION

SCOPES = (
    "read_customers",
    "read_orders",
    "read_products",
    "read_inventory",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
    "read_returns",
)

MONTHS = 12
"""How long Shopify serves a version: https://shopify.dev/docs/api/usage/versioning"""


def ends(version: str) -> date:
    """The first day on which a version is served no more."""
    year, month = (int(part) for part in version.split("-"))
    return date(year + MONTHS // 12, month, 1)


OFFERS = Capabilities(
    system="shopify",
    role="source",
    protocol="GraphQL over HTTPS; bulk operations (JSONL) for first readings",
    auth="client id and secret of a custom app, a static token, or a refresh token",
    token_life="24 hours by client credentials; 60 minutes with a rotating refresh token; "  # noqa: S106
    "a static token does not end",
    limits=(
        "points: 100 a second (Plus 1,000), 20 times that at once",
        "1,000 points for one query",
        "250 records for one page",
        "five bulk operations at a time, five lists in each",
    ),
    webhooks="yes; not used yet",
    incremental="updated_at of each object; fulfillments, refunds and returns by their order's",
    deletes="sweep of ids once a day; deletionEvents knows products and collections only",
    counts="customers, orders and products changed in a window; variants as a whole; "
    "else the sweep",
    scopes=SCOPES,
    api_version=DEFAULT_VERSION,
    api_version_ends=ends(DEFAULT_VERSION),
    links=(
        "https://shopify.dev/docs/apps/build/graphql/basics/queries",
        "https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits",
        "https://shopify.dev/docs/api/usage/bulk-operations/queries",
        "https://shopify.dev/docs/api/usage/versioning",
        "https://shopify.dev/docs/apps/launch/protected-customer-data",
    ),
)
