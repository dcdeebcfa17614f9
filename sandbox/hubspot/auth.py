"""Bearer tokens: a service key that never expires, and OAuth tokens that do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.errors import PORTAL_ID, ApiError
from sandbox.hubspot.values import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SERVICE_KEY = "pat-na1-sandbox"
CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105
REFRESH_TOKEN = "sandbox-refresh"  # noqa: S105
LIFETIME = timedelta(seconds=1800)


class Tokens:
    """The tokens of the account."""

    def __init__(self) -> None:
        self._expires: dict[str, datetime] = {}

    def check(self, authorization: str | None, now: datetime) -> bool:
        """Let a caller in; answer whether it came by OAuth.

        Raises:
            ApiError: 401, no token, an unknown one, or one that expired.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() == "bearer" and token == SERVICE_KEY:
            return False
        expires = self._expires.get(token) if scheme.lower() == "bearer" else None
        if expires is None:
            raise ApiError(
                401,
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication "
                "and you can find more details at "
                "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            )
        if expires <= now:
            ago = int((now - expires).total_seconds())
            raise ApiError(
                401,
                "EXPIRED_AUTHENTICATION",
                f"The OAuth token used to make this call expired {ago} second(s) ago.",
                context={"expire time": [stamp(expires)]},
            )
        return True

    def exchange(self, form: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """Give an access token for the refresh token, which stays the same.

        Raises:
            ApiError: 400, the client or the refresh token is unknown.
        """
        if form.get("grant_type") != "refresh_token":
            raise ApiError(400, "BAD_GRANT_TYPE", "missing or unknown grant type")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise ApiError(400, "BAD_CLIENT_ID", "missing or unknown client id")
        if form.get("refresh_token") != REFRESH_TOKEN:
            raise ApiError(400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        token = f"sandbox-access-{len(self._expires) + 1}"
        self._expires[token] = now + LIFETIME
        return {
            "token_type": "bearer",
            "token_use": "access_token",
            "refresh_token": REFRESH_TOKEN,
            "access_token": token,
            "hub_id": PORTAL_ID,
            "expires_in": int(LIFETIME.total_seconds()),
        }
