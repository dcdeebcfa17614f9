"""Access tokens: static ones, and ones by client credentials that expire after 24 hours."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.shopify.access import Grant

if TYPE_CHECKING:
    from sandbox.core import Clock

STATIC_TOKEN = "shpat_sandbox"  # noqa: S105 - the sandbox's own
NARROW_TOKEN = "shpat_narrow"  # noqa: S105
BASIC_TOKEN = "shpat_basic"  # noqa: S105
CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105
LIFE = timedelta(hours=24)
SCOPES = (
    "read_all_orders",
    "read_assigned_fulfillment_orders",
    "write_assigned_fulfillment_orders",
    "read_customers",
    "write_customers",
    "read_fulfillments",
    "write_fulfillments",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "read_orders",
    "write_orders",
    "read_products",
    "write_products",
    "read_returns",
    "write_returns",
    "read_third_party_fulfillment_orders",
    "write_third_party_fulfillment_orders",
)
# An app that was made for orders and stock, not for customers, returns or locations.
NARROW = (
    "read_inventory",
    "read_merchant_managed_fulfillment_orders",
    "read_orders",
    "read_products",
)
GRANTS = {
    STATIC_TOKEN: Grant.of(SCOPES),
    NARROW_TOKEN: Grant.of(NARROW),
    BASIC_TOKEN: Grant.of(SCOPES, personal=False, plan="Basic"),
}
UNAUTHORIZED = {
    "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
}


class Tokens:
    """The tokens of one shop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._expiry: dict[str, datetime] = {}
        self._serial = itertools.count(1)

    def grant(self, token: str | None) -> Grant | None:
        """What a token may do; None if it is none of ours or has expired."""
        known = GRANTS.get(token or "")
        if known:
            return known
        expires = self._expiry.get(token or "")
        return GRANTS[STATIC_TOKEN] if expires and self._clock.now() < expires else None

    def issue(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer the token route: status and body."""
        if body.get("grant_type") != "client_credentials":
            return 400, {
                "error": "unsupported_grant_type",
                "error_description": "grant_type must be client_credentials",
            }
        if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {
                "error": "invalid_client",
                "error_description": "The client ID or the client secret is wrong",
            }
        token = f"shpat_sandbox_{next(self._serial):032x}"
        self._expiry[token] = self._clock.now() + LIFE
        return 200, {
            "access_token": token,
            "scope": ",".join(SCOPES),
            "expires_in": int(LIFE.total_seconds()) - 1,
        }
