"""Ids of what changed, found by search, once for all streams that need them.

The search asks for what changed since a time in the order of `hs_object_id`, and each page
begins after the last id of the one before. So it never meets the cap of 10,000 results, and a
record whose time moves while we read keeps its place.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from taps.hubspot.client import SEARCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import httpx

    from taps.hubspot.client import HubSpotClient

OBJECT_ID = "hs_object_id"
# The one object type whose time of change has a name of its own.
_MODIFIED = {"contacts": "lastmodifieddate"}


@dataclass(frozen=True)
class Found:
    """One page of ids; an empty one still tells up to when we have looked."""

    ids: Sequence[str]
    read_at: datetime
    vendor_time: datetime | None


class Changed:
    """What changed of one object type since a time: pages that several streams go through."""

    def __init__(self, client: HubSpotClient, name: str, since: datetime, page_size: int) -> None:
        self._client = client
        self._name = name
        self._since = since
        self._page_size = page_size
        self._users: set[str] = set()
        self._lock = threading.Lock()
        self._pages: list[Found] = []
        self._ended = False

    def joined(self, user: str, since: datetime) -> bool:
        """Let one more stream in, unless the search is under way or the stream has been here."""
        with self._lock:
            if self._pages or user in self._users:
                return False
            self._users.add(user)
            self._since = min(self._since, since)
            return True

    def pages(self) -> Iterator[Found]:
        """Every page from the first on; whoever comes first asks for it."""
        number = 0
        while True:
            with self._lock:
                if number == len(self._pages):
                    if self._ended:
                        return
                    self._ask()
                page = self._pages[number]
            yield page
            number += 1

    def _ask(self) -> None:
        last = self._pages[-1].ids[-1] if self._pages else "0"
        response = search(
            self._client,
            self._name,
            [filter_since(self._name, self._since), filter_after(last)],
            limit=self._page_size,
        )
        answer = rules.mapping(response)
        ids = list(dict.fromkeys(str(item["id"]) for item in answer["results"]))
        self._ended = not ids or len(ids) >= int(answer["total"])
        self._pages.append(Found(ids, sent_at(response), vendor_time(response)))


class Changes:
    """The searches of one tap, by object type."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._changed: dict[str, Changed] = {}

    def want(self, user: str, name: str, since: datetime, page_size: int) -> Changed:
        """Say that a stream needs the changes of an object type, before any is read.

        Streams that come with different times share the search of the earliest.
        """
        found = self._changed.get(name)
        if found is None or not found.joined(user, since):
            found = self._changed[name] = Changed(self._client, name, since, page_size)
            found.joined(user, since)
        return found


def search(
    client: HubSpotClient, name: str, filters: Sequence[dict[str, str]], *, limit: int
) -> httpx.Response:
    """Search one object type, in the order of ids."""
    body: dict[str, Any] = {
        "filterGroups": [{"filters": list(filters)}],
        "sorts": [OBJECT_ID],
        "properties": [OBJECT_ID],
        "limit": limit,
    }
    path = client.objects(name, "search")
    return client.request("POST", path, stream=name, json=body, bucket=SEARCH)


def filter_since(name: str, since: datetime) -> dict[str, str]:
    """Changed at this time or later."""
    return _changed(name, "GTE", since)


def filter_before(name: str, until: datetime) -> dict[str, str]:
    """Changed before this time."""
    return _changed(name, "LT", until)


def filter_after(last_id: str) -> dict[str, str]:
    """Ids after this one."""
    return {"propertyName": OBJECT_ID, "operator": "GT", "value": last_id}


def _changed(name: str, operator: str, time: datetime) -> dict[str, str]:
    modified = _MODIFIED.get(name, "hs_lastmodifieddate")
    value = str(int(time.timestamp() * 1000))
    return {"propertyName": modified, "operator": operator, "value": value}
