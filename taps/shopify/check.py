"""What `crossdock check` asks of a shop: token, scopes, version."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from crossdock import clock
from crossdock.errors import CrossdockError
from crossdock.http import rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taps.shopify.client import ShopifyClient

Finding = tuple[str, bool, str]

SCOPES = (
    "read_customers",
    "read_orders",
    "read_products",
    "read_inventory",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
)
# https://shopify.dev/docs/api/usage/versioning: a version is served for at least 12 months.
SERVED_FOR = timedelta(days=365)
WARNING = timedelta(days=30)

QUERY = """
query Check {
  shop { name plan { publicDisplayName } }
  currentAppInstallation { accessScopes { handle } }
}
"""


def check(client: ShopifyClient) -> Iterator[Finding]:
    """Say of each thing whether it is in order, and what to do if not."""
    try:
        response = client.request(
            "POST", client.graphql_path, stream="check", json={"query": QUERY}
        )
    except CrossdockError as error:
        yield "the shop answers and takes the token", False, str(error)
        return
    data = rules.mapping(response)["data"]
    plan = data["shop"]["plan"]["publicDisplayName"]
    yield f"the shop answers and takes the token (plan {plan})", True, ""
    granted = {scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]}
    for scope in SCOPES:
        # A right to write includes the right to read.
        ok = bool(granted & {scope, scope.replace("read_", "write_", 1)})
        yield f"scope {scope}", ok, "" if ok else "add it to the app and install the app again"
    yield from _version(client.api_version, response.headers.get("X-Shopify-API-Version"))


def _version(asked: str, served: str | None) -> Iterator[Finding]:
    if served and served != asked:
        advice = f"the shop answers with {served} instead: set api_version to a version it serves"
        yield f"API version {asked} is served", False, advice
        return
    ends = _first_day(asked) + SERVED_FOR
    ok = clock.now().date() < ends - WARNING
    advice = "" if ok else f"it may end on {ends}: move api_version to a newer one"
    yield f"API version {asked} is young enough", ok, advice


def _first_day(version: str) -> date:
    """The day on which a version such as 2026-10 came out."""
    try:
        year, month = (int(part) for part in version.split("-"))
        return date(year, month, 1)
    except ValueError:
        return clock.now().date()  # `unstable` has no end
