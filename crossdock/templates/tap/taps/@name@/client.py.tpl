"""The API of @title@: its token, its limit, its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crossdock.errors import SettingsError
from crossdock.http import rules
from crossdock.http.auth import BearerToken
from crossdock.http.client import ApiClient
from crossdock.http.limits import shared_limiter
from crossdock.http.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from crossdock.http.limits import BucketStore

# What an account may ask: so many requests at once, and so many more each second.
BURST = 40.0
PER_SECOND = 20.0


def explain(response: httpx.Response) -> tuple[str, str | None]:
    """The message and the code of an error's body."""
    content = rules.mapping(response)
    return str(content.get("message") or ""), content.get("code")


# The common rows of crossdock.http.rules do: rows of this vendor's own go before them.
RULES = Rules(explain=explain)


class @Class@Client(ApiClient):
    """One account."""

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        *,
        connector: str,
        limiter_store: BucketStore | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> Self:
        """Build the client from a connector's settings.

        Raises:
            SettingsError: The address or the token is missing.
        """
        for name in ("api_url", "access_token"):
            if not config.get(name):
                raise SettingsError(f"{connector}: {name} is missing", hint="set it in .env")
        instance = config.get("instance") or "@name@:main"
        share = float(config.get("share") or 0.5)
        return cls(
            connector=connector,
            base_url=str(config["api_url"]).rstrip("/"),
            auth=BearerToken(config["access_token"]),
            rules=RULES,
            limiter=shared_limiter(f"{instance}/requests", BURST, PER_SECOND, share, limiter_store),
            transport=transport,
        )
