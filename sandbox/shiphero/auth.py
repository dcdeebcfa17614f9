"""Tokens of the public API: a password or a refresh token buys one for 28 days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

USERNAME = "sandbox@crossdock.test"
PASSWORD = "sandbox"  # noqa: S105
REFRESH_TOKEN = "sandbox-refresh"  # noqa: S105
LIFETIME = timedelta(days=28)


class RefusedError(Exception):
    """Wrong credentials."""


class Tokens:
    """The tokens that were given out."""

    def __init__(self) -> None:
        self._expires: dict[str, datetime] = {}

    def login(self, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """A token and a refresh token for the account's password.

        Raises:
            RefusedError: Name or password are wrong.
        """
        if (body.get("username"), body.get("password")) != (USERNAME, PASSWORD):
            raise RefusedError("Wrong email or password.")
        return {**self._issue(now), "refresh_token": REFRESH_TOKEN}

    def refresh(self, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """A token for the refresh token, which stays the same and is not told again.

        Raises:
            RefusedError: The refresh token is unknown.
        """
        if body.get("refresh_token") != REFRESH_TOKEN:
            raise RefusedError("Unknown or invalid refresh token.")
        return self._issue(now)

    def refusal(self, authorization: str | None, now: datetime) -> str | None:
        """Why a caller may not come in, if so."""
        scheme, _, token = (authorization or "").partition(" ")
        expires = self._expires.get(token) if scheme.lower() == "bearer" else None
        if expires is None:
            return "Unauthorized"
        return "Token has expired" if expires <= now else None

    def _issue(self, now: datetime) -> dict[str, Any]:
        token = f"sandbox-access-{len(self._expires) + 1}"
        self._expires[token] = now + LIFETIME
        return {
            "access_token": token,
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": "openid profile offline_access",
            "token_type": "Bearer",
        }
