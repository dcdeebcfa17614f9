"""Fetches the parts of several readings at once, a few pages ahead of who takes them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from crossdock.tap.pages import Item, Part

Owner = TypeVar("Owner")

_AHEAD = 2
_POLL = 0.2


@dataclass(frozen=True)
class Done:
    """A part has ended: all of its pages were handed over."""

    part: Part


@dataclass(frozen=True)
class Failed:
    """Fetching broke off; the rest of the owner's parts is given up."""

    error: BaseException


@dataclass(frozen=True)
class Finished:
    """All parts of the owner have ended."""


Event = Item | Done | Failed | Finished
Parts = Iterable[Part | Iterator[Item]]


class _Source(Generic[Owner]):
    """One owner's parts, and how many of them are being fetched."""

    def __init__(self, owner: Owner, parts: Parts) -> None:
        self.owner = owner
        self.parts = iter(parts)
        self.asked = False
        """A thread is making the next part, which may itself ask the source."""
        self.exhausted = False
        self.broken = False
        self.given = 0
        self.under_way = 0


class Lanes(Generic[Owner]):
    """Threads that share all parts: those of the first owner first, then the next one's.

    Args:
        sources: Owners and their parts.
        workers: How many parts are fetched at once, over all owners.
        stopping: Whether to end early, without a word.
    """

    def __init__(
        self,
        sources: Iterable[tuple[Owner, Parts]],
        workers: int,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._sources = [_Source(owner, parts) for owner, parts in sources]
        self._workers = max(1, workers)
        self._stopping = stopping
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._queue: queue.Queue[tuple[_Source[Owner], int, Event]] = queue.Queue(
            _AHEAD * self._workers
        )

    def __iter__(self) -> Generator[tuple[Owner, int, Event]]:
        """Owner, number of the part, and what came; an owner ends in `Finished` or `Failed`."""
        open_sources = set(self._sources)
        for _ in range(self._workers):
            # A daemon: a request that hangs must not keep a process that was told to end.
            threading.Thread(target=self._work, name="crossdock-lane", daemon=True).start()
        try:
            while open_sources and not self._stopping():
                try:
                    source, number, event = self._queue.get(timeout=_POLL)
                except queue.Empty:
                    continue
                if source not in open_sources:
                    continue  # fetched while another part of it failed
                if isinstance(event, Failed | Finished):
                    open_sources.remove(source)
                yield source.owner, number, event
        finally:
            self._stop.set()

    def _work(self) -> None:
        while (source := self._pick()) is not None:
            try:
                part = next(source.parts, None)
            except BaseException as error:  # handed to the thread that emits
                self._fail(source, error)
                continue
            number = self._took(source, part)
            if part is not None:
                self._fetch(source, number, part if isinstance(part, Part) else Part(part))
            self._finish(source)

    def _pick(self) -> _Source[Owner] | None:
        """The first owner that may have a further part; None when there will be none."""
        with self._changed:
            while not self._stop.is_set():
                unread = [source for source in self._sources if not source.exhausted]
                if not unread:
                    return None
                for source in unread:
                    if not source.asked:
                        source.asked = True
                        return source
                self._changed.wait(_POLL)
        return None

    def _took(self, source: _Source[Owner], part: object | None) -> int:
        with self._changed:
            source.asked = False
            if part is None:
                source.exhausted = True
            else:
                source.given += 1
            source.under_way += 1
            self._changed.notify_all()
            return source.given - 1

    def _fetch(self, source: _Source[Owner], number: int, part: Part) -> None:
        try:
            for item in part.pages:
                if source.broken or not self._put(source, number, item):
                    return
            self._put(source, number, Done(part))
        except BaseException as error:  # handed to the thread that emits
            self._fail(source, error)

    def _finish(self, source: _Source[Owner]) -> None:
        with self._changed:
            source.under_way -= 1
            last = source.exhausted and not source.under_way and not source.broken
        if last:
            self._put(source, source.given, Finished())

    def _fail(self, source: _Source[Owner], error: BaseException) -> None:
        with self._changed:
            first, source.broken, source.exhausted = not source.broken, True, True
            self._changed.notify_all()
        if first:
            self._put(source, source.given, Failed(error))

    def _put(self, source: _Source[Owner], number: int, event: Event) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put((source, number, event), timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False
