"""HubSpot's CRM API: paths of one version, tokens, both rate limits, and its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crossdock import clock
from crossdock.errors import SettingsError
from crossdock.http import rules
from crossdock.http.auth import BearerToken, TokenAuth
from crossdock.http.client import ApiClient
from crossdock.http.limits import DayCap, shared_limiter
from crossdock.http.retry import Retry
from crossdock.http.rules import Action, Rule, Rules
from crossdock.http.tokens import Grant, RotatingToken, TokenStore, grant_of
from taps.hubspot.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from crossdock.http.limits import BucketStore

DEFAULT_URL = "https://api.hubapi.com"
DEFAULT_VERSION = "2026-09"
SEARCH = "search"
WINDOW = 10.0
FREE_LIMIT = 100.0
SEARCH_RATE = 5.0
BURST = 0.02
SLACK = 0.01
"""Part of a limit that is left, for requests do not arrive as evenly as they leave."""


def explain(response: httpx.Response) -> tuple[str, str | None]:
    """The message and the category (or the policy of a limit) of HubSpot's error body."""
    content = rules.mapping(response)
    code = content.get("policyName") or content.get("category") or content.get("errorType")
    return str(content.get("message") or ""), code


def told_wait(response: httpx.Response) -> float | None:
    """HubSpot promises no `Retry-After`: wait for the window of the limit that was hit."""
    if response.status_code == 423:
        return 2.0
    if response.status_code != 429:
        return None
    policy = str(rules.mapping(response).get("policyName") or "")
    if policy == "DAILY":
        return 24 * 3600.0
    if policy == "SECONDLY":
        return 1.0
    interval = response.headers.get("X-HubSpot-RateLimit-Interval-Milliseconds", "10000")
    return float(interval) / 1000


# https://developers.hubspot.com/docs/api-reference/error-handling
RULES = Rules(
    (
        Rule(477, Action.WAIT, hint="the account is moving between data centres"),
        Rule(524, Action.RETRY),
    ),
    explain=explain,
    wait=told_wait,
)


class HubSpotClient(Paths, ApiClient):
    """One HubSpot account."""

    version = DEFAULT_VERSION

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        *,
        connector: str,
        limiter_store: BucketStore | None = None,
        transport: httpx.BaseTransport | None = None,
        retry: Retry = Retry(),  # noqa: B008 - frozen
    ) -> Self:
        """Build the client from a connector's settings.

        Raises:
            SettingsError: Neither a token nor the means to fetch one are given.
        """
        version = config.get("api_version") or DEFAULT_VERSION
        instance = config.get("instance") or "hubspot:main"
        share = float(config.get("share") or 0.5)
        limit = float(config.get("requests_per_10s") or FREE_LIMIT)
        client = cls(
            connector=connector,
            base_url=str(config.get("api_url") or DEFAULT_URL).rstrip("/"),
            auth=_auth(config, connector, version, transport),
            rules=RULES,
            limiter=shared_limiter(f"{instance}/requests", *window(limit), share, limiter_store),
            buckets={
                SEARCH: shared_limiter(
                    f"{instance}/search", 1.0, SEARCH_RATE * 0.9, share, limiter_store
                )
            },
            day_cap=_day_cap(config, instance, share, limiter_store),
            retry=retry,
            transport=transport,
        )
        client.version = version
        return client

    def on_response(self, response: httpx.Response, cost: float) -> None:
        """Take over the account's own limits; search answers carry no such headers."""
        headers = response.headers
        today = headers.get("X-HubSpot-RateLimit-Daily-Remaining")
        if self.day_cap is not None and today is not None:
            self.day_cap.correct(float(today))
        limit = headers.get("X-HubSpot-RateLimit-Max")
        remaining = headers.get("X-HubSpot-RateLimit-Remaining")
        if self.limiter is None or limit is None or remaining is None:
            return
        self.limiter.learn(*window(float(limit)))
        self.limiter.correct(float(remaining))


def window(limit: float) -> tuple[float, float]:
    """Capacity and rate of a bucket that never exceeds `limit` requests in any ten seconds.

    A full bucket may be spent at the start of a window and refills during it, so what it
    holds has to come off what drips in.
    """
    burst = max(1.0, limit * BURST)
    return burst, (limit * (1 - SLACK) - burst) / WINDOW


def _day_cap(
    config: Mapping[str, Any], instance: str, share: float, store: BucketStore | None
) -> DayCap | None:
    """The account's allowance for a day, where the setting says how large it is."""
    limit = config.get("requests_per_day")
    if not limit:
        return None
    return DayCap(f"{instance}/day", limit=float(limit), share=share, store=store)


def _auth(
    config: Mapping[str, Any],
    connector: str,
    version: str,
    transport: httpx.BaseTransport | None,
) -> TokenAuth:
    if config.get("access_token"):
        return BearerToken(config["access_token"])
    needed = ("client_id", "client_secret", "refresh_token")
    if not all(config.get(name) for name in needed):
        raise SettingsError(
            f"{connector}: access_token is missing",
            hint="set it, or client_id, client_secret and refresh_token, in .env",
        )
    tokens = ApiClient(
        connector=connector,
        base_url=str(config.get("api_url") or DEFAULT_URL).rstrip("/"),
        rules=Rules(
            (Rule(400, Action.FAIL, hint=rules.CHECK_CREDENTIALS, auth=True),), explain=explain
        ),
        transport=transport,
    )
    app = {name: config[name] for name in ("client_id", "client_secret")}

    def exchange(refresh_token: str) -> Grant:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **app}
        path = f"/oauth/{version}/token"
        began = clock.real_now().timestamp()
        return grant_of(
            rules.mapping(tokens.request("POST", path, stream="token", data=form)), began
        )

    store = TokenStore.of(config.get("instance") or "hubspot:main")
    return RotatingToken(exchange, first=config["refresh_token"], store=store)
