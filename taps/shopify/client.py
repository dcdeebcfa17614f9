"""Shopify's Admin GraphQL API: tokens, points, and what its errors mean."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from crossdock import clock
from crossdock.errors import CrossdockError, SettingsError
from crossdock.http import rules
from crossdock.http.auth import BearerToken, RenewableToken, Token, TokenAuth
from crossdock.http.client import ApiClient
from crossdock.http.graphql import GraphQLClient, error_codes, graphql_rules
from crossdock.http.limits import shared_limiter
from crossdock.http.rules import Action, Rule, Rules
from crossdock.http.tokens import Grant, RotatingToken, TokenStore, grant_of
from taps.shopify.queries import PLAN
from taps.shopify.withheld import DENIED, PLANS_WITHOUT_PERSONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from crossdock.http.limits import BucketStore

DEFAULT_VERSION = "2026-10"
TOKEN_HEADER = "X-Shopify-Access-Token"  # noqa: S105 - a header's name
TOKEN_PATH = "/admin/oauth/access_token"  # noqa: S105 - a path
# The bucket holds 20 times what drips in each second, on every plan:
# https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
BUCKET_SECONDS = 20.0
STANDARD_RATE = 100.0


def _has(*codes: str) -> Any:
    """A question to a response: does it hold one of these error codes?"""
    return lambda response: bool(error_codes(response) & set(codes))


def _partly_denied(response: httpx.Response) -> bool:
    """Whether some fields are denied, and the others are there."""
    data = rules.mapping(response).get("data")
    found = isinstance(data, dict) and any(value is not None for value in data.values())
    return found and error_codes(response) == {DENIED}


def told_wait(response: httpx.Response) -> float | None:
    """Seconds until the bucket holds what the refused query asks for."""
    cost = _cost(response)
    status = cost.get("throttleStatus") or {}
    if not status.get("restoreRate"):
        return None
    lacking = float(cost.get("requestedQueryCost") or 0) - float(status["currentlyAvailable"])
    return max(0.0, lacking) / float(status["restoreRate"]) or 0.1


def _cost(response: httpx.Response) -> Mapping[str, Any]:
    extensions = rules.mapping(response).get("extensions") or {}
    return extensions.get("cost") or {}


# Shopify refuses with status 200 and a code; some answers of the kind came with 429.
RULES = graphql_rules(
    (
        # What is missing is named path by path; what to do about it is for the stream to say.
        Rule(_partly_denied, Action.OK),
        Rule(_has("THROTTLED"), Action.WAIT),
        Rule(_has("MAX_COST_EXCEEDED"), Action.REJECT, hint="ask for smaller pages"),
        Rule(_has(DENIED), Action.FAIL, hint=rules.CHECK_SCOPES, auth=True),
        Rule(_has("INTERNAL_SERVER_ERROR", "TIMEOUT"), Action.RETRY),
        Rule(404, Action.FAIL, hint=rules.CHECK_URL),
        Rule(402, Action.FAIL, hint="the shop is frozen: its owner has a bill to settle"),
    ),
    wait=told_wait,
)


class ShopifyClient(GraphQLClient):
    """One shop."""

    api_version = DEFAULT_VERSION

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._plan: str | None = None
        self._plan_lock = threading.Lock()

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
        rate = float(config.get("restore_rate") or STANDARD_RATE)
        instance = config.get("instance") or "shopify:main"
        client = cls(
            connector=connector,
            base_url=str(config["api_url"]).rstrip("/"),
            auth=_auth(config, connector, transport),
            rules=RULES,
            limiter=shared_limiter(
                f"{instance}/points",
                rate * BUCKET_SECONDS,
                rate,
                float(config.get("share") or 0.5),
                limiter_store,
            ),
            transport=transport,
        )
        client.api_version = config.get("api_version") or DEFAULT_VERSION
        client.graphql_path = f"/admin/api/{client.api_version}/graphql.json"
        return client

    @property
    def plan(self) -> str:
        """Name of the shop's plan, asked once; empty if the shop does not say."""
        with self._plan_lock:
            if self._plan is None:
                try:
                    shop = self.execute(PLAN, stream="plan", cost=2)["shop"]
                    self._plan = str(shop["plan"]["publicDisplayName"])
                except CrossdockError:
                    self._plan = ""
            return self._plan

    @property
    def plan_hides_persons(self) -> bool:
        """Whether custom apps get names, addresses and contacts on this plan as null."""
        return any(word in self.plan.lower() for word in PLANS_WITHOUT_PERSONS)

    def on_response(self, response: httpx.Response, cost: float) -> None:
        """Charge what the query did cost, and believe the shop's own level of the bucket."""
        report = _cost(response)
        status = report.get("throttleStatus") or {}
        if self.limiter is None or not status.get("restoreRate"):
            return
        self.limiter.learn(float(status["maximumAvailable"]), float(status["restoreRate"]))
        actual = report.get("actualQueryCost")
        if actual is not None:
            self.limiter.refund(cost - float(actual))
        self.limiter.correct(float(status["currentlyAvailable"]))


def _auth(
    config: Mapping[str, Any], connector: str, transport: httpx.BaseTransport | None
) -> TokenAuth:
    if config.get("access_token"):
        return BearerToken(config["access_token"], header=TOKEN_HEADER, prefix="")
    if not (config.get("client_id") and config.get("client_secret")):
        raise SettingsError(
            f"{connector}: access_token is missing",
            hint="set it, or client_id and client_secret, in .env",
        )
    tokens = ApiClient(
        connector=connector,
        base_url=str(config["api_url"]).rstrip("/"),
        rules=Rules((Rule(400, Action.FAIL, hint=rules.CHECK_CREDENTIALS, auth=True),)),
        transport=transport,
    )

    def grant(kind: str, **more: str) -> Mapping[str, Any]:
        app = {"client_id": config["client_id"], "client_secret": config["client_secret"]}
        body = {**app, "grant_type": kind, **more}
        return rules.mapping(tokens.request("POST", TOKEN_PATH, stream="token", json=body))

    def fetch() -> Token:
        answer = grant("client_credentials")
        return Token(str(answer["access_token"]), answer.get("expires_in"))

    def exchange(refresh_token: str) -> Grant:
        answer = grant("refresh_token", refresh_token=refresh_token)
        return grant_of(answer, clock.real_now().timestamp())

    if config.get("refresh_token"):
        # An expiring offline token lives an hour, and each exchange gives the next refresh token.
        return RotatingToken(
            exchange,
            first=config["refresh_token"],
            store=TokenStore.of(config.get("instance") or "shopify:main"),
            header=TOKEN_HEADER,
            prefix="",
        )
    return RenewableToken(fetch, header=TOKEN_HEADER, prefix="")
