"""EasyPost's API: one key, a limit on lists, and what its errors mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crossdock.errors import SettingsError
from crossdock.http import rules
from crossdock.http.auth import BearerToken
from crossdock.http.client import ApiClient
from crossdock.http.limits import shared_limiter
from crossdock.http.rules import Action, Rule, Rules
from taps.easypost.pacing import Paced

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from crossdock.http.limits import BucketStore

DEFAULT_URL = "https://api.easypost.com"
# https://docs.easypost.com/guides/rate-limiting-guide: all lists of an account together. A
# second limit, on everything, moves with the vendor's load. No answer tells how long to wait,
# so each request that is refused backs off by itself.
LISTS_PER_SECOND = 5.0
# What is left for requests that the network brings closer together than they left.
SLACK = 0.975
PAGE = 100
TOO_MANY = 429


def explain(response: httpx.Response) -> tuple[str, str | None]:
    """The message and the code of an error, which may be a mere text."""
    error = rules.mapping(response).get("error")
    if not isinstance(error, dict):
        return str(error or ""), None
    return str(error.get("message") or ""), error.get("code")


RULES = Rules(
    (
        Rule(402, Action.FAIL, hint="the account has a bill to settle"),
        Rule(404, Action.REJECT),
    ),
    explain=explain,
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
        rate = float(config.get("lists_per_second") or LISTS_PER_SECOND) * SLACK
        share = float(config.get("share") or 0.5)
        bucket = shared_limiter(f"{instance}/lists", 1.0, rate, share, limiter_store)
        return cls(
            connector=connector,
            base_url=str(config.get("api_url") or DEFAULT_URL).rstrip("/"),
            auth=BearerToken(config["api_key"]),
            rules=RULES,
            limiter=Paced(bucket, gap=1 / (rate * share)),
            transport=transport,
        )

    def on_response(self, response: httpx.Response, cost: float) -> None:
        """Let a refused request count: trying it again at once would be one too many again."""
        if response.status_code == TOO_MANY and self.limiter is not None:
            self.limiter.refund(-cost)

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
