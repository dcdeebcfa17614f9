"""What `crossdock check` asks of an account of @title@."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.checks import Finding
from crossdock.errors import CrossdockError
from taps.@name@.client import @Class@Client

NAME = "tap-@kebab@"


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """Whether the token may read orders."""
    try:
        with @Class@Client.from_config(config, connector=NAME) as client:
            client.request("GET", "/orders/count", stream="orders")
    except CrossdockError as error:
        yield Finding("the account can be used", ok=False, advice=str(error))
        return
    yield Finding("the token may read orders", ok=True)
