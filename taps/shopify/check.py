"""What `crossdock check` asks of a shop: token, scopes, version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock import clock
from crossdock.checks import Finding, version_age
from crossdock.errors import CrossdockError
from crossdock.http import rules
from taps.shopify.capabilities import MONTHS, SCOPES
from taps.shopify.client import DEFAULT_VERSION, ShopifyClient
from taps.shopify.withheld import PLANS_WITHOUT_PERSONS

NAME = "tap-shopify"

# Rights that one stream needs and no other.
ONLY_FOR = {"read_returns": "returns"}
TO_WRITE = ("write_merchant_managed_fulfillment_orders",)
QUERY = """
query Check {
  shop { name plan { publicDisplayName } }
  currentAppInstallation { accessScopes { handle } }
}
"""


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """Token, scopes and API version of one shop; there is nothing to mend from here."""
    asked = str(config.get("api_version") or DEFAULT_VERSION)
    try:
        with ShopifyClient.from_config(config, connector=NAME) as client:
            response = client.request(
                "POST", client.graphql_path, stream="check", json={"query": QUERY}
            )
    except CrossdockError as error:
        yield Finding("the shop answers and takes the token", False, str(error))
        return
    data = rules.mapping(response)["data"]
    plan = data["shop"]["plan"]["publicDisplayName"]
    yield Finding(f"the shop answers and takes the token (plan {plan})", True)
    hides = any(word in plan.lower() for word in PLANS_WITHOUT_PERSONS)
    advice = f"the plan {plan} keeps names, addresses and contacts from custom apps"
    yield Finding("the shop's plan gives personal data to custom apps", not hides, advice)
    granted = {scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]}
    streams = config.get("streams")
    for scope in SCOPES:
        if streams and ONLY_FOR.get(scope, streams[0]) not in streams:
            continue
        # A right to write includes the right to read.
        ok = bool(granted & {scope, scope.replace("read_", "write_", 1)})
        yield Finding(f"scope {scope}", ok, "add it to the app and install the app again")
    # Whoever gave the target a rollout wants the shop to be told.
    for scope in TO_WRITE if config.get("rollout") else ():
        advice = "add it to the app and install the app again"
        yield Finding(f"scope {scope}", scope in granted, advice)
    served = response.headers.get("X-Shopify-API-Version", asked)
    if served != asked:
        advice = f"the shop answers with {served} instead: set api_version to a version it serves"
        yield Finding(f"API version {asked} is served", False, advice)
    else:
        yield version_age(asked, clock.now().date(), MONTHS)
