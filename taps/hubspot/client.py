"""HubSpot's CRM API: paths of one version, tokens, both rate limits, and its errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from crossdock.errors import SettingsError
from crossdock.http import rules
from crossdock.http.auth import BearerToken, RenewableToken, Token, TokenAuth
from crossdock.http.client import ApiClient
from crossdock.http.limits import shared_limiter
from crossdock.http.rules import Action, Rule, Rules

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


class HubSpotClient(ApiClient):
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
                    f"{instance}/search", 1.0, SEARCH_RATE * 0.95, share, limiter_store
                )
            },
            transport=transport,
        )
        client.version = version
        return client

    def objects(self, object_type: str, *rest: str) -> str:
        """Path of an object type: `/crm/objects/2026-09/contacts/...`."""
        dated = not re.fullmatch(r"v\d", self.version)
        base = f"/crm/objects/{self.version}" if dated else f"/crm/{self.version}/objects"
        return "/".join((base, object_type, *rest))

    def properties(self, object_type: str, *rest: str) -> str:
        """Path of an object type's properties: `/crm/properties/2026-09/contacts/...`."""
        dated = not re.fullmatch(r"v\d", self.version)
        base = f"/crm/properties/{self.version}" if dated else f"/crm/{self.version}/properties"
        return "/".join((base, object_type, *rest))

    def associations(self, from_type: str, to_type: str, *rest: str) -> str:
        """Path of the associations between two object types."""
        dated = not re.fullmatch(r"v\d", self.version)
        version = self.version if dated else "v4"
        base = f"/crm/associations/{version}" if dated else f"/crm/{version}/associations"
        return "/".join((base, from_type, to_type, *rest))

    def associate(self, from_type: str, from_id: str, to_type: str, to_id: str) -> str:
        """Path of the default association between two records."""
        dated = not re.fullmatch(r"v\d", self.version)
        base = f"/crm/objects/{self.version}" if dated else "/crm/v4/objects"
        return f"{base}/{from_type}/{from_id}/associations/default/{to_type}/{to_id}"

    def on_response(self, response: httpx.Response, cost: float) -> None:
        """Take over the account's own window; search answers carry no such headers."""
        headers = response.headers
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
    burst = max(1.0, limit * 0.05)
    return burst, (limit - burst) / WINDOW


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

    def fetch() -> Token:
        form = {"grant_type": "refresh_token", **{name: config[name] for name in needed}}
        path = f"/oauth/{version}/token"
        answer = rules.mapping(tokens.request("POST", path, stream="token", data=form))
        return Token(str(answer["access_token"]), answer.get("expires_in"))

    return RenewableToken(fetch)
