"""Short lists of the account, each read once in a run: property definitions, pipelines, owners."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.errors import CrossdockError
from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from taps.hubspot.answers import next_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from crossdock.tap import Record
    from taps.hubspot.client import HubSpotClient


@dataclass(frozen=True)
class Listed:
    """A whole list, and when it was asked for."""

    rows: Sequence[Record]
    read_at: datetime
    vendor_time: datetime | None


class Lookups:
    """Lists by their path, asked for by whoever needs them first."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._read: dict[str, Listed | CrossdockError] = {}

    def prefetch(self, paths: Mapping[str, str], workers: int) -> None:
        """Ask for several lists beside each other; each path with the stream that needs it."""
        missing = deque((stream, path) for path, stream in paths.items() if path not in self._read)

        def work() -> None:
            while True:
                try:
                    stream, path = missing.popleft()
                except IndexError:
                    return
                self._fetch(stream, path)

        # Daemons: a request that hangs must not keep a process that was told to end.
        threads = [
            threading.Thread(target=work, name="crossdock-lookups", daemon=True)
            for _ in range(min(workers, len(missing)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def known(self, path: str) -> Listed | None:
        """A list if it was read; asks nobody."""
        found = self._read.get(path)
        return found if isinstance(found, Listed) else None

    def of(self, stream: str, path: str) -> Listed:
        """A list.

        Raises:
            ApiError: It cannot be read.
        """
        found = self._fetch(stream, path)
        if isinstance(found, CrossdockError):
            raise found
        return found

    def _fetch(self, stream: str, path: str) -> Listed | CrossdockError:
        with self._lock:
            lock = self._locks.setdefault(path, threading.Lock())
        with lock:
            if path not in self._read:
                try:
                    self._read[path] = self._ask(stream, path)
                except CrossdockError as error:  # for the stream that needs it to raise
                    self._read[path] = error
            return self._read[path]

    def _ask(self, stream: str, path: str) -> Listed:
        rows: list[Record] = []
        params: dict[str, str] = {}
        first = None
        while True:
            response = self._client.request("GET", path, stream=stream, params=params or None)
            first = first or response
            answer = rules.mapping(response)
            rows += answer["results"]
            following = next_page(answer)
            if following is None:
                return Listed(rows, sent_at(first), vendor_time(first))
            params = {"after": following}


def described(schema: Mapping[str, Any], defined: Listed | None) -> dict[str, Any]:
    """The schema of a record whose `properties` are described one by one.

    HubSpot writes every value as a text, whatever it means; what it means is `x-type`.
    """
    fields = dict(schema["properties"])
    if defined is not None and "properties" in fields:
        rows = sorted(defined.rows, key=lambda item: str(item["name"]))
        each = {str(item["name"]): _described(item) for item in rows}
        fields["properties"] = {**fields["properties"], "properties": each}
    return {**schema, "properties": fields}


def _described(definition: Record) -> dict[str, Any]:
    type_ = str(definition.get("type"))
    custom = not definition.get("hubspotDefined", False)
    # A catalog keeps no keywords but the usual ones, so the description says it all again.
    parts = [type_, *(["the portal's own"] if custom else []), definition.get("description")]
    text: dict[str, Any] = {
        "type": ["string", "null"],
        "title": definition.get("label"),
        "description": "; ".join(part for part in parts if part),
        "x-type": type_,
        "x-custom": custom,
    }
    options = [str(option["value"]) for option in definition.get("options") or ()]
    if options:
        text["x-options"] = options
    return text
