"""Pages of records, fetched ahead by threads and handed over in order."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Record = dict[str, Any]

_AHEAD = 2
_POLL = 0.2
_END = object()


@dataclass(frozen=True)
class Page:
    """What one answer of the source held.

    Attributes:
        records: The records, in the source's order.
        read_at: Real time just before the request left.
        vendor_time: The source's own clock at that moment, if it tells its time.
    """

    records: Sequence[Record]
    read_at: datetime
    vendor_time: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """What a stream is about to read.

    Attributes:
        parts: Independent sequences of pages; they are fetched at once and handed over in
            this order.
        full: The parts are a complete listing, so what is not in them does not exist.
        read_from: Changes before this time are left out.
        notes: What the stream wants to remember in its state once all of it was handed over.
            Called after the last page.
    """

    parts: Iterable[Iterator[Page]]
    full: bool
    read_from: datetime | None = None
    notes: Callable[[], Mapping[str, Any]] | None = None


class _Lane:
    """One part, fetched by a thread of its own a few pages ahead."""

    def __init__(self, pages: Iterator[Page], stop: threading.Event) -> None:
        self._pages = pages
        self._stop = stop
        self.queue: queue.Queue[Page | BaseException | object] = queue.Queue(_AHEAD)
        # A daemon: a request that hangs must not keep a process that was told to end.
        threading.Thread(target=self._fetch, name="crossdock-pages", daemon=True).start()

    def _fetch(self) -> None:
        try:
            for page in self._pages:
                if not self._put(page):
                    return
        except BaseException as error:  # handed to the thread that emits
            self._put(error)
        else:
            self._put(_END)

    def _put(self, item: Page | BaseException | object) -> bool:
        while not self._stop.is_set():
            try:
                self.queue.put(item, timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False


def in_order(
    parts: Iterable[Iterator[Page]],
    workers: int,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Page]:
    """Hand over the pages of each part in turn, fetching as many parts at once as allowed.

    An error of a part is raised when its turn comes, so what came before it is not lost.
    Ends early, without a word, when told to stop.
    """
    stop = threading.Event()
    waiting = iter(parts)
    lanes: deque[_Lane] = deque()

    def fill() -> None:
        while len(lanes) < max(1, workers):
            part = next(waiting, None)
            if part is None:
                return
            lanes.append(_Lane(part, stop))

    try:
        fill()
        while lanes:
            item = _take(lanes[0].queue, stopping)
            if item is None:
                return
            if item is _END:
                lanes.popleft()
                fill()
            elif isinstance(item, BaseException):
                raise item
            else:
                assert isinstance(item, Page)  # noqa: S101 - for the type checker
                yield item
    finally:
        stop.set()


def _take(
    source: queue.Queue[Page | BaseException | object], stopping: Callable[[], bool]
) -> Page | BaseException | object | None:
    while not stopping():
        try:
            return source.get(timeout=_POLL)
        except queue.Empty:
            continue
    return None
