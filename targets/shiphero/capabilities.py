"""What target-shiphero can do and needs."""

from __future__ import annotations

from crossdock.capabilities import Capabilities

OFFERS = Capabilities(
    system="shiphero",
    role="destination",
    protocol="GraphQL over HTTPS",
    auth="user name and password of an API user, or its refresh token",
    token_life="28 days, renewed before its end and once after a refusal",  # noqa: S106
    limits=("4,004 credits, 60 more each second",),
    writes={"orders": ("create", "update")},
    partial_update="yes: order_update takes the fields that changed",
    idempotency="none at the vendor: the order is looked up by partner_order_id first",
    read_back="orders by partner_order_id",
    scopes=("an API user of the account (ShipHero knows no scopes)",),
    links=("https://developer.shiphero.com/getting-started",),
)
