"""Tokens: static ones, and ones that are fetched, expire and are fetched again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

import httpx


class TokenAuth(httpx.Auth):
    """Puts a token into a header.

    Args:
        header: Name of the header.
        prefix: What stands before the token in it.
    """

    def __init__(self, *, header: str = "Authorization", prefix: str = "Bearer ") -> None:
        self._header = header
        self._prefix = prefix

    def token(self) -> str:
        """The token to send now."""
        raise NotImplementedError

    def renew(self, refused: str) -> bool:
        """Drop a token that was refused; False if there is no other way to another one."""
        raise NotImplementedError

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Set the header; what a refusal means is for the client's table to say."""
        request.headers[self._header] = self._prefix + self.token()
        yield request

    def sent(self, request: httpx.Request) -> str:
        """The token that went with this request."""
        value: str = request.headers.get(self._header, "")
        return value.removeprefix(self._prefix)


class BearerToken(TokenAuth):
    """A token from the settings, which nobody can renew but a person."""

    def __init__(
        self, token: str, *, header: str = "Authorization", prefix: str = "Bearer "
    ) -> None:
        super().__init__(header=header, prefix=prefix)
        self._token = token

    def token(self) -> str:
        """The token from the settings."""
        return self._token

    def renew(self, refused: str) -> bool:
        """There is no other one."""
        return False


@dataclass(frozen=True)
class Token:
    """A token and how many seconds it lives; None if it says nothing."""

    value: str
    expires_in: float | None = None


class RenewableToken(TokenAuth):
    """A token that is fetched when first needed, before it expires, and after a refusal.

    Args:
        fetch: Gets a fresh token; called by one thread at a time.
        header: Name of the header.
        prefix: What stands before the token in it.
        margin: Seconds before its end at which a token counts as expired.
        monotonic: Clock; injected by tests.
    """

    def __init__(
        self,
        fetch: Callable[[], Token],
        *,
        header: str = "Authorization",
        prefix: str = "Bearer ",
        margin: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(header=header, prefix=prefix)
        self._fetch = fetch
        self._margin = margin
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token: str | None = None
        self._expires_at = float("inf")

    def token(self) -> str:
        """The token in use, or a fresh one if it is about to expire."""
        with self._lock:
            if self._token is None or self._monotonic() >= self._expires_at:
                fresh = self._fetch()
                self._token = fresh.value
                self._expires_at = self._end(fresh.expires_in)
            return self._token

    def renew(self, refused: str) -> bool:
        """Drop the refused token, unless another thread has fetched a new one meanwhile."""
        with self._lock:
            if self._token == refused:
                self._token = None
        return True

    def _end(self, expires_in: float | None) -> float:
        if expires_in is None:
            return float("inf")
        # A margin longer than half the token's life would renew it for every request.
        return self._monotonic() + expires_in - min(self._margin, expires_in / 2)
