"""What `crossdock check` asks of an EasyPost account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.checks import Finding
from crossdock.errors import CrossdockError
from crossdock.http import rules
from taps.easypost.client import DEFAULT_URL, EasyPostClient

NAME = "tap-easypost"
TEST_KEY = "EZTK"


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """The key is good, and no test key where parcels are real."""
    try:
        with EasyPostClient.from_config(config, connector=NAME) as client:
            newest = rules.mapping(client.page("trackers", {"page_size": 1}))
            count = len(newest.get("trackers") or ())
            told = "there are trackers" if count else "there is no tracker yet"
            yield Finding("the key is good", ok=True, advice=told)
    except CrossdockError as error:
        yield Finding("the account can be used", ok=False, advice=str(error))
        return
    real = str(config.get("api_url") or DEFAULT_URL).startswith(DEFAULT_URL)
    tests = str(config["api_key"]).startswith(TEST_KEY)
    yield Finding(
        "the key is for production",
        ok=not (real and tests),
        advice="a test key sees no real parcel: put the production key into .env",
    )
