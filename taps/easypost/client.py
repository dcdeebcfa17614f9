"""EasyPost's API: one key, a limit on lists, and what its errors mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crossdock.errors import SettingsError
from crossdock.http import rules
from crossdock.http.auth import BearerToken
from crossdock.http.client import ApiClient
from crossdock.http.limits import shared_limiter
from crossdock.http.rules import Action, Rule, Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from crossdock.http.limits import BucketStore

DEFAULT_URL = "https://api.easypost.com"
# https://docs.easypost.com/guides/rate-limiting-guide: all lists of an account together. A
# second limit, on everything, moves with the vendor's load; it can only be waited for.
LISTS_PER_SECOND = 5.0
# What is left for requests that the network brings closer together than they left.
SLACK = 0.97
PAGE = 100


def explain(response: httpx.Response) -> tuple[str, str | None]:
    """The message and the code of an error, which may be a mere text."""
    error = rules.mapping(response).get("error")
    if not isinstance(error, dict):
        return str(error or ""), None
    return str(error.get("message") or ""), error.get("code")


def told_wait(response: httpx.Response) -> float | None:
    """EasyPost names no time to wait; its window is a second."""
    return 1.0 if response.status_code == 429 else None


RULES = Rules(
    (
        Rule(402, Action.FAIL, hint="the account has a bill to settle"),
        Rule(404, Action.REJECT),
    ),
    explain=explain,
    wait=told_wait,
)


class EasyPostClient(ApiClient):
    """One EasyPost account."""

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
            SettingsError: The key is missing.
        """
        if not config.get("api_key"):
            raise SettingsError(f"{connector}: api_key is missing", hint="set it in .env")
        instance = config.get("instance") or "easypost:main"
        rate = float(config.get("lists_per_second") or LISTS_PER_SECOND)
        return cls(
            connector=connector,
            base_url=str(config.get("api_url") or DEFAULT_URL).rstrip("/"),
            auth=BearerToken(config["api_key"]),
            rules=RULES,
            limiter=shared_limiter(
                f"{instance}/lists",
                1.0,
                rate * SLACK,
                float(config.get("share") or 0.5),
                limiter_store,
            ),
            transport=transport,
        )

    def page(self, kind: str, params: Mapping[str, Any]) -> httpx.Response:
        """One page of a list, the newest records first."""
        asked = {"page_size": PAGE, **params}
        return self.request("GET", f"/v2/{kind}", stream=kind, params=asked)

    def one(self, kind: str, record_id: str) -> httpx.Response:
        """One record, which the limit on lists does not count.

        Raises:
            Rejected: There is no such record, or no longer.
        """
        return self.request("GET", f"/v2/{kind}/{record_id}", stream=kind, cost=0.0)
