"""ShipHero's GraphQL API: tokens, credits, and errors that arrive with status 200."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Self

from crossdock.errors import SettingsError
from crossdock.http import rules
from crossdock.http.auth import BearerToken, RenewableToken, Token, TokenAuth
from crossdock.http.client import ApiClient
from crossdock.http.errors import AuthError
from crossdock.http.graphql import GraphQLClient, error_codes, errors_of, graphql_rules
from crossdock.http.limits import shared_limiter
from crossdock.http.rules import Action, Rule, Rules
from taps.shiphero import queries
from taps.shiphero.errors import MISSING_SCOPE, NOT_ENOUGH_CREDITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from crossdock.http.limits import BucketStore

DEFAULT_URL = "https://public-api.shiphero.com"
# https://developer.shiphero.com/getting-started: what an account holds, and gets each second.
CREDITS = 4004.0
CREDITS_PER_SECOND = 60.0

# The vendor compares whole credits.
_MARGIN = 2.0
_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")

_SECONDS = re.compile(r"(?:[Ii]n )?(\d+(?:\.\d+)?) seconds?")
_EXPIRED = re.compile(r"unauthori[sz]ed|(token|signature).*expired|invalid token", re.IGNORECASE)


def told_wait(response: httpx.Response) -> float | None:
    """Seconds that a refusal for want of credits names, in a key or in its message."""
    for error in errors_of(response):
        inner = error.get("extensions") or {}
        told = error.get("time_remaining") or inner.get("time_remaining") or error.get("message")
        found = _SECONDS.search(str(told))
        if found:
            # The count is rounded down to whole seconds.
            return float(found.group(1)) + 1.0
    return None


def _token_refused(response: httpx.Response) -> bool:
    return any(_EXPIRED.search(str(error.get("message", ""))) for error in errors_of(response))


def _required(response: httpx.Response) -> float:
    """What a refused operation would have needed; 0 if it does not say."""
    for error in errors_of(response):
        told = error.get("required_credits") or (error.get("extensions") or {}).get(
            "required_credits"
        )
        if isinstance(told, int | float):
            return float(told)
    return 0.0


RULES = graphql_rules(
    (
        Rule(
            lambda response: _required(response) > CREDITS,
            Action.REJECT,
            hint="no operation may cost more than a full bucket",
        ),
        Rule(lambda response: NOT_ENOUGH_CREDITS in error_codes(response), Action.WAIT),
        Rule(
            lambda response: MISSING_SCOPE in error_codes(response),
            Action.FAIL,
            hint="give the API user the scope that the message names, see README.md",
            auth=True,
        ),
        Rule(_token_refused, Action.REFRESH, hint=rules.CHECK_CREDENTIALS),
        Rule(404, Action.FAIL, hint=rules.CHECK_URL),
    ),
    wait=told_wait,
)


class ShipHeroClient(GraphQLClient):
    """One ShipHero account."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factors: dict[str, float] = {}

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
        instance = config.get("instance") or "shiphero:main"
        most = float(config.get("credits") or CREDITS)
        rate = float(config.get("credits_per_second") or CREDITS_PER_SECOND)
        return cls(
            connector=connector,
            base_url=str(config.get("api_url") or DEFAULT_URL).rstrip("/"),
            auth=_auth(config, connector, transport),
            rules=RULES,
            limiter=shared_limiter(
                f"{instance}/credits",
                most,
                rate,
                float(config.get("share") or 0.5),
                limiter_store,
            ),
            transport=transport,
        )

    def estimate(self, query: str, nominal: float) -> float:
        """What to reserve for a document: what it asks for, or more if the vendor says so.

        Args:
            query: The document.
            nominal: Records that it asks for, with the records inside them.
        """
        return nominal * self._factors.get(_operation(query), 1.0) + _MARGIN

    def ask_quota(self) -> None:
        """Ask what is left of the credits, which costs none; any answer tells the time as well."""
        quota = self.execute(queries.QUOTA, stream="user_quota", cost=0.0)["user_quota"]
        told = [quota.get(k) for k in ("credits_remaining", "max_available", "increment_rate")]
        if self.limiter is not None and None not in told:
            self.limiter.believe(*(float(value) for value in told))

    def on_response(self, response: httpx.Response, cost: float) -> None:
        """Charge what the answer says that it did cost, and learn what to reserve."""
        data = rules.mapping(response).get("data") or {}
        told = [
            field["complexity"]
            for field in data.values()
            if isinstance(field, dict) and isinstance(field.get("complexity"), int)
        ]
        if told:
            self._learn(response, cost, sum(told))
            if self.limiter is not None:
                self.limiter.refund(cost - sum(told))
        elif required := _required(response):
            self._learn(response, cost, required)

    def _learn(self, response: httpx.Response, cost: float, worth: float) -> None:
        """Reserve more for the next request of this kind, if this one was worth more."""
        if 0 < cost < worth:
            name = _operation(response.request.content.decode(errors="replace"))
            asked = max(1.0, cost - _MARGIN)
            self._factors[name] = self._factors.get(name, 1.0) * worth / asked


def _operation(document: str) -> str:
    found = _OPERATION.search(document)
    return found[1] if found else ""


def _auth(
    config: Mapping[str, Any], connector: str, transport: httpx.BaseTransport | None
) -> TokenAuth:
    if config.get("access_token"):
        return BearerToken(config["access_token"])
    password = bool(config.get("username") and config.get("password"))
    if not (password or config.get("refresh_token")):
        raise SettingsError(
            f"{connector}: refresh_token is missing",
            hint="set it, or username and password, in .env",
        )
    tokens = ApiClient(
        connector=connector,
        base_url=str(config.get("api_url") or DEFAULT_URL).rstrip("/"),
        rules=Rules((Rule(400, Action.FAIL, hint=rules.CHECK_CREDENTIALS, auth=True),)),
        transport=transport,
    )

    def ask(path: str, *names: str) -> Token:
        form = {name: config[name] for name in names}
        answer = rules.mapping(tokens.request("POST", path, stream="token", json=form))
        return Token(str(answer["access_token"]), answer.get("expires_in"))

    def fetch() -> Token:
        if config.get("refresh_token"):
            try:
                return ask("/auth/refresh", "refresh_token")
            except AuthError:
                if not password:
                    raise
        return ask("/auth/token", "username", "password")

    return RenewableToken(fetch)
