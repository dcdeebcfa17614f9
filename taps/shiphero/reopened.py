"""Records of which the API cannot say that they changed: they are read again while they may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crossdock.http.errors import Rejected
from crossdock.tap import Item, Page, Part, Reading, Record, format_time, parse_time
from taps.shiphero.connection import ShipHeroStream
from taps.shiphero.errors import NOT_FOUND
from taps.shiphero.windows import Window

if TYPE_CHECKING:
    from crossdock.http.graphql import Answer

OPEN = "open"
OPEN_SINCE = "open_since"
OPENED_AT = "opened_at"
WATCHED = "watched"
LOOKED_BACK_AT = "looked_back_at"
LOOKBACK = timedelta(days=14)
LOOKBACK_EVERY = timedelta(hours=24)
# A first reading that was broken off has not noted what was open.
LOOKBACK_AT_FIRST = timedelta(days=60)
# Beyond this many, reading the window that holds them costs less than asking one by one.
MOST_OPEN = 20
MOST_WATCHED = 200


class ReopenedStream(ShipHeroStream):
    """New records by the time of their making; others again, by how likely they change.

    Open ones are read again at each reading (or each `open_every`), the last 14 days once a
    day, and then also older ones that are worth watching.
    """

    single_query: str
    single_root: str
    open_every = timedelta(0)
    forget_after = timedelta(days=60)

    def is_open(self, node: Record) -> bool:
        """Whether the record is about to change."""
        raise NotImplementedError

    def is_watched(self, node: Record) -> bool:
        """Whether it may still change, though nothing is due."""
        return False

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that are new or may have changed."""
        self.begin(since)
        self._open: dict[str, str] = {}
        self._watched: dict[str, str] = {}
        state, now = self.stream_state, self.now()
        looking = since is None or self._due(state.get(LOOKED_BACK_AT), LOOKBACK_EVERY, now)
        opening = looking or self._due(state.get(OPENED_AT), self.open_every, now)
        start = self._start(since, looking=looking, opening=opening, now=now)
        again = self._again_ids(start, looking=looking, opening=opening, now=now)
        notes = {
            LOOKED_BACK_AT: format_time(now) if looking else state.get(LOOKED_BACK_AT),
            OPENED_AT: format_time(now) if opening else state.get(OPENED_AT),
        }
        return Reading(
            self._parts(start, again, full=since is None),
            since is None,
            start,
            lambda: self._notes(notes),
        )

    def _start(
        self, since: datetime | None, *, looking: bool, opening: bool, now: datetime
    ) -> datetime | None:
        if since is None:
            return None
        state = self.stream_state
        times = [since]
        if looking:
            times.append(now - (LOOKBACK if state.get(LOOKED_BACK_AT) else LOOKBACK_AT_FIRST))
        if opening and state.get(OPEN_SINCE):
            times.append(parse_time(state[OPEN_SINCE]))
        begin = self.config.get("start_date")
        return max(min(times), parse_time(begin)) if begin else min(times)

    def _again_ids(
        self, start: datetime | None, *, looking: bool, opening: bool, now: datetime
    ) -> list[str]:
        """The open and watched ones that the window from `start` on does not hold."""
        noted = {kind: dict(self.stream_state.get(kind) or {}) for kind in (OPEN, WATCHED)}
        due = {OPEN: opening, WATCHED: looking}
        again: list[str] = []
        for kind, born in noted.items():
            for id_, at in born.items():
                if start is None or parse_time(at) >= start:
                    continue  # the window has it
                if due[kind]:
                    again.append(id_)
                elif now - parse_time(at) < self.forget_after:
                    (self._open if kind == OPEN else self._watched)[id_] = at
        return again

    def _parts(self, start: datetime | None, again: Iterable[str], *, full: bool) -> Iterator[Part]:
        yield from self.parts(start, full=full)
        if again:
            yield Part(self._again(again))

    def _again(self, ids: Iterable[str]) -> Iterator[Item]:
        document = self.pruned(self.single_query)
        for id_ in ids:
            try:
                answer = self.ask(document, {"id": id_}, 1 + self._inner)
            except Rejected as error:
                if error.code != NOT_FOUND:
                    raise
                continue  # it is gone: sweeps and full readings say so
            node = (answer.data[self.single_root] or {}).get("data")
            if node:
                yield self._read_again(answer, node)

    def _read_again(self, answer: Answer, node: Record) -> Page:
        return self.page(answer, [node], Window(None, None))

    def shape(self, node: Record) -> Record:
        """Note whether the record is to be read again."""
        shaped = super().shape(node)
        id_, born = shaped["id"], shaped[self.born]
        opened, watched = self.is_open(shaped), self.is_watched(shaped)
        young = born and self.now() - parse_time(born) < self.forget_after
        for noted, wanted in ((self._open, opened), (self._watched, watched and not opened)):
            if wanted and young:
                noted[id_] = born
            else:
                noted.pop(id_, None)
        return shaped

    def _notes(self, notes: Mapping[str, Any]) -> dict[str, Any]:
        """The oldest open records are asked for by id; the others by the time they began.

        So one that stays open for weeks does not make every reading weeks long.
        """
        by_age = sorted(self._open, key=lambda id_: (self._open[id_], id_))
        later = by_age[MOST_OPEN:]
        newest = sorted(self._watched, key=lambda id_: (self._watched[id_], id_))[-MOST_WATCHED:]
        return {
            OPEN: {id_: self._open[id_] for id_ in by_age[:MOST_OPEN]},
            OPEN_SINCE: self._open[later[0]] if later else None,
            WATCHED: {id_: self._watched[id_] for id_ in newest},
            **self.notes(),
            **notes,
        }

    def _due(self, before: str | None, every: timedelta, now: datetime) -> bool:
        return before is None or now - parse_time(before) >= every
