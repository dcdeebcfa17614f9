"""What target-shopify can do and needs."""

from __future__ import annotations

from crossdock.capabilities import Capabilities
from taps.shopify.capabilities import ends
from taps.shopify.check import TO_WRITE
from taps.shopify.client import DEFAULT_VERSION

OFFERS = Capabilities(
    system="shopify",
    role="destination",
    protocol="GraphQL over HTTPS",
    auth="client id and secret of a custom app, a static token, or a refresh token",
    token_life="24 hours by client credentials; 60 minutes with a rotating refresh token; "  # noqa: S106
    "a static token does not end",
    limits=("points: 100 a second (Plus 1,000), 20 times that at once; a mutation costs 10",),
    writes={"fulfillments": ("create", "update")},
    partial_update="tracking of a fulfillment; its lines never change",
    idempotency=(
        "none at the vendor for fulfillments: what was told of the fulfillment order is looked up"
        " first"
    ),
    read_back="fulfillments by tracking number within their fulfillment order; without a number,"
    " by their lines",
    deletes="no: taking a fulfillment back opens the order again, which a person decides",
    scopes=TO_WRITE,
    api_version=DEFAULT_VERSION,
    api_version_ends=ends(DEFAULT_VERSION),
    links=(
        "https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentCreate",
        "https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentTrackingInfoUpdate",
    ),
)
