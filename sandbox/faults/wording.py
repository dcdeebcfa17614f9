"""How each vendor words what it refuses: too many requests, and a token that is no good."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def limited(
    vendor: str, field_name: str, *, status: int | None, retry_after: float | None
) -> Answer:
    """Too many requests, as this vendor says it.

    Args:
        vendor: Name of the vendor, with or without its instance.
        field_name: Root field of a GraphQL request; empty for others.
        status: Another status than the vendor's usual one.
        retry_after: Seconds in `Retry-After`; None leaves the header out.
    """
    usual, body = _LIMITED.get(vendor.split(":")[0], _plain)(field_name)
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Answer(status or usual, body, headers)


def unauthorized(vendor: str) -> Answer:
    """A token that the vendor does not know any more."""
    plain = {"message": "the token is unknown"}
    return Answer(401, _UNAUTHORIZED.get(vendor.split(":")[0], plain))


def _shopify(_: str) -> tuple[int, Any]:
    told = {"maximumAvailable": 20000.0, "currentlyAvailable": 100, "restoreRate": 1000.0}
    cost = {"requestedQueryCost": 200, "actualQueryCost": None, "throttleStatus": told}
    code = {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"}
    entry = {"message": "Throttled", "extensions": code}
    return 200, {"errors": [entry], "extensions": {"cost": cost}}


def _hubspot(_: str) -> tuple[int, Any]:
    return 429, {
        "status": "error",
        "message": "You have reached your secondly limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "00000000-0000-4000-8000-000000000429",
        "policyName": "SECONDLY",
        "requestId": "00000000-0000-4000-8000-000000000429",
    }


def _shiphero(field_name: str) -> tuple[int, Any]:
    told = {
        "code": 30,
        "required_credits": 101,
        "remaining_credits": 60,
        "time_remaining": "1 seconds",
    }
    message = (
        "There are not enough credits to perform the requested operation, which requires 101 "
        "credits, but there are only 60 left. In 1 seconds you will have enough credits to "
        "perform the operation"
    )
    entry = {"message": message, "operation": field_name, "field": field_name, "request_id": "0"}
    return 200, {"errors": [entry | told | {"extensions": told}], "data": {field_name: None}}


def _easypost(_: str) -> tuple[int, Any]:
    message = "You have exceeded the rate limit. Please slow down and try again."
    return 429, {"error": {"code": "RATE_LIMITED", "message": message, "errors": []}}


def _plain(_: str) -> tuple[int, Any]:
    return 429, {"message": "too many requests"}


_LIMITED: dict[str, Callable[[str], tuple[int, Any]]] = {
    "shopify": _shopify,
    "hubspot": _hubspot,
    "shiphero": _shiphero,
    "easypost": _easypost,
}

_UNAUTHORIZED: dict[str, Any] = {
    "shopify": {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    },
    "hubspot": {
        "status": "error",
        "message": "The access token was revoked.",
        "correlationId": "00000000-0000-4000-8000-000000000401",
        "category": "INVALID_AUTHENTICATION",
    },
    "shiphero": {"errors": [{"message": "Unauthorized", "request_id": "0"}]},
    "easypost": {
        "error": {
            "code": "APIKEY.INACTIVE",
            "message": "This API key is no longer active. Please use a different API key or "
            "reactivate this key.",
            "errors": [],
        }
    },
}
