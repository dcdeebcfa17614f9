"""A tap whose streams read what a test puts into them."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from crossdock.tap import COMMON_SETTINGS, CrossdockStream, CrossdockTap, Page, Reading, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BEGIN = datetime(2026, 11, 23, 10, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def page(*records: dict[str, Any], vendor: float | None = 100.0) -> Page:
    time = None if vendor is None else BEGIN + timedelta(seconds=vendor)
    return Page(list(records), datetime(2026, 11, 23, 12, tzinfo=UTC), time)


def row(number: int, updated: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "updatedAt": at(updated), **more}


class Things(CrossdockStream):
    name = "things"
    primary_keys = ("id",)
    replication_key = "updatedAt"
    lag = timedelta(seconds=10)
    schema = record("id", text="name", time="updatedAt", number="amount")
    parts: Callable[[datetime | None], Iterable[Iterator[Page]]]
    full = True
    notes = None

    def read(self, since: datetime | None) -> Reading:
        return Reading(type(self).parts(since), since is None, since, self.notes)


class Others(Things):
    name = "others"


class FakeClient:
    closed = False

    def close(self) -> None:
        self.closed = True


class TapFake(CrossdockTap):
    name = "tap-fake"
    stream_types = (Others, Things)
    config_jsonschema = th.PropertiesList(
        th.Property("start_date", th.DateTimeType),
        th.Property("api_url", th.StringType, required=True),
        *COMMON_SETTINGS,
    ).to_dict()

    def make_client(self, store: Any) -> Any:
        return FakeClient()


def pages(*items: Page | Exception) -> Iterator[Page]:
    for item in items:
        if isinstance(item, Exception):
            raise item
        yield item


def sync(
    things: Callable[[Any], Any] | None = None,
    others: Callable[[Any], Any] | None = None,
    state: dict[str, Any] | None = None,
    catch: type[BaseException] | tuple[type[BaseException], ...] = (),
    tap: TapFake | None = None,
    **config: Any,
) -> list[dict[str, Any]]:
    """Run the tap; its messages. `things` and `others` give parts for a bookmark."""
    Things.parts = staticmethod(things or (lambda since: []))
    Others.parts = staticmethod(others or (lambda since: []))
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        tap = tap or TapFake(config={"api_url": "x", **config}, state=state)
        with suppress(catch):
            tap.sync_all()
    out.seek(0)
    return [json.loads(line) for line in out]


def records(messages: list[dict[str, Any]], stream: str) -> list[dict[str, Any]]:
    return [m["record"] for m in messages if m["type"] == "RECORD" and m["stream"] == stream]


def ids(messages: list[dict[str, Any]], stream: str = "things") -> list[str]:
    return [item["id"] for item in records(messages, stream)]


def bookmarks(messages: list[dict[str, Any]], stream: str = "things") -> list[str | None]:
    """The bookmark of a stream in each state message."""
    states = [m["value"]["bookmarks"] for m in messages if m["type"] == "STATE"]
    return [state.get(stream, {}).get("replication_key_value") for state in states]
