"""What `crossdock check` asks of a HubSpot account: token, scopes, version."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from crossdock import clock
from crossdock.errors import CrossdockError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taps.hubspot.client import HubSpotClient

Finding = tuple[str, bool, str]

# https://developers.hubspot.com/docs/api-reference/overview: versions are served for 18 months.
SERVED_FOR = timedelta(days=548)
WARNING = timedelta(days=30)
OBJECTS = ("contacts", "orders")


def check(client: HubSpotClient) -> Iterator[Finding]:
    """Say of each thing whether it is in order, and what to do if not."""
    for name in OBJECTS:
        yield _answers(client, f"{name} can be read", client.objects(name), {"limit": "1"})
        yield _answers(client, f"properties of {name} can be read", client.properties(name), {})
    yield version_age(client.version)


def _answers(client: HubSpotClient, what: str, path: str, params: dict[str, str]) -> Finding:
    try:
        client.request("GET", path, stream="check", params=params)
    except CrossdockError as error:
        return what, False, str(error)
    return what, True, ""


def version_age(version: str) -> Finding:
    """Whether the API version is served for another 30 days."""
    try:
        year, month = (int(part) for part in version.split("-"))
    except ValueError:
        # https://developers.hubspot.com/docs/api-reference/legacy/migration-guide
        return f"API version {version}", False, "it ends in September 2027: set api_version 2026-09"
    ends = date(year, month, 1) + SERVED_FOR
    ok = clock.now().date() < ends - WARNING
    advice = "" if ok else f"it may end on {ends}: move api_version to a newer one"
    return f"API version {version} is young enough", ok, advice
