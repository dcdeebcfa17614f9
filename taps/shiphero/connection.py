"""What the streams share: one connection at the root of the API, read in windows of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crossdock.http.errors import Rejected
from crossdock.tap import (
    CrossdockStream,
    IdPage,
    Item,
    Page,
    Part,
    Reading,
    Record,
    Total,
    format_time,
    parse_time,
    prune,
    relay,
)
from taps.shiphero.errors import NOT_ENOUGH_CREDITS
from taps.shiphero.walk import Connection, Walk
from taps.shiphero.windows import Barrier, Window, edges, from_first, windows

if TYPE_CHECKING:
    from crossdock.http.graphql import Answer
    from taps.shiphero.client import ShipHeroClient

COUNT = "ids_last_known"
COUNTED_DAYS = timedelta(days=7)
_MOST_ROUNDS = 5
_SMALLEST_PAGE = 4
# The clock that answers carry counts whole seconds.
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Nested:
    """A list inside a record: flattened, and followed where it is longer than its first page.

    Attributes:
        field: Name of the connection in the record.
        root: Field of the query that finds the record again.
        query: Document that asks for further pages, by `id` and `after`.
        page: Size of the first page, for the estimate of credits.
    """

    field: str
    root: str
    query: str
    page: int


class ShipHeroStream(CrossdockStream):
    """A connection below a field at the root of the API."""

    primary_keys = ("id",)
    replication_key = "updated_at"
    lag = timedelta(seconds=30)

    root: str
    query: str
    page_size = 100
    nested: Nested | None = None
    longest_window = timedelta(days=60)

    needs: tuple[str, ...] = ("id",)
    """Fields that the reading itself needs, selected or not."""

    born: str = "created_at"
    """The field by which records are counted: it never changes."""

    dates_query: str | None = None
    """Lists ids with `born`, filtered by it; None: sweeps count the whole stream."""

    ids_query: str | None = None
    """Lists ids, filtered as the reading is; None: nothing is deleted there."""

    id_page_size = 250

    @property
    def client(self) -> ShipHeroClient:
        """The account."""
        return self._tap.client  # type: ignore[return-value]

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that changed."""
        self.begin(since)
        return Reading(
            self.parts(since, full=since is None), since is None, since, notes=self.notes
        )

    def begin(self, since: datetime | None) -> None:
        """Note how things stand before a reading."""
        self._settled = self.horizon()
        self._full = since is None
        self._ids_seen = 0

    def notes(self) -> Mapping[str, Any]:
        """What is remembered after a whole reading: about how many records there are."""
        return {COUNT: self._ids_seen} if self._ids_seen else {}

    def parts(self, since: datetime | None, *, full: bool) -> Iterator[Part]:
        """Windows from old to new; the last one begins when the others are read.

        Whoever is changed while we read leaves a window that is not read yet, and is found in
        the last one.
        """
        cuts = edges(since, self._settled, self.longest_window)
        cuts = from_first(cuts, lambda until: self._anything(since, until))
        barrier = Barrier()
        *closed, last = windows(since, cuts)
        for window in closed:
            yield Part(barrier.counted(self._window(window)), until=window.until)
        yield Part(self._last(last, barrier, full=full))

    def horizon(self) -> datetime:
        """What ShipHero wrote before this time is settled."""
        return (self.now() - self.lag).replace(microsecond=0)

    def now(self) -> datetime:
        """ShipHero's time; asked for if nothing has told it yet."""
        if self.client.vendor_now is None:
            self.client.ask_quota()
        assert self.client.vendor_now is not None  # noqa: S101 - every HTTP answer has a Date
        return self.client.vendor_now.replace(microsecond=0)

    def _window(self, window: Window) -> Iterator[Item]:
        for answer, nodes in self.walk(self.document, self.page_size, window):
            yield self.page(answer, nodes, window)

    def _last(self, window: Window, barrier: Barrier, *, full: bool) -> Iterator[Item]:
        """The open window; in a full reading again, until nothing can have slipped through.

        What is not in a full reading counts as deleted. So what was changed while pages were
        read, and moved from those ahead to those behind us, is looked for by that change.
        """
        yield from barrier.wait()
        rounds = self._rounds(self.document, self.page_size, window, again=full)
        for answer, nodes in rounds:
            yield self.page(answer, nodes, window)

    def _rounds(
        self, document: str, size: int, window: Window, *, again: bool
    ) -> Iterator[tuple[Answer, list[Record]]]:
        seen: set[int] = set()
        for _ in range(_MOST_ROUNDS if again else 1):
            began: datetime | None = None
            before, pages = len(seen), 0
            for answer, nodes in self.walk(document, size, window, seen):
                began = began or answer.vendor_time
                pages += 1
                yield answer, nodes
            if pages == 1 or len(seen) == before or began is None:
                return
            window = Window(began.replace(microsecond=0) - _SECOND, None)

    def walk(self, document: str, size: int, window: Window, seen: set[int] | None = None) -> Walk:
        """Follow the stream's connection through a window."""
        own = self._inner if document is self.document else 0

        def fetch(after: str | None) -> tuple[Answer, Connection]:
            span = {"since": moment(window.since), "until": moment(window.until)}
            answer = self._page_of(document, {"after": after, **span}, size, 1 + own)
            return answer, answer.data[self.root]["data"]

        return Walk(
            fetch,
            size=size,
            seen=set() if seen is None else seen,
            connector=self.tap_name,
            stream=self.name,
        )

    def _page_of(self, document: str, variables: Mapping[str, Any], size: int, each: int) -> Answer:
        """A page; a smaller one where the vendor holds it for dearer than a full bucket."""
        while True:
            try:
                return self.ask(document, {"first": size, **variables}, size * each)
            except Rejected as error:
                if error.code != NOT_ENOUGH_CREDITS or size <= _SMALLEST_PAGE:
                    raise
                size //= 2

    def _anything(self, since: datetime | None, until: datetime) -> bool:
        query = self.ids_query or self.dates_query or self.document
        found = self.ask(
            query, {"first": 1, "since": moment(since), "until": moment(until)}, 1 + self._inner
        )
        return bool(relay.nodes(found.data[self.root]["data"]))

    def page(self, answer: Answer, nodes: list[Record], window: Window) -> Page:
        """The records of an answer that belong to a window."""
        shaped = [self.shape(node) for node in nodes if self._fits(node)]
        records = [record for record in shaped if self._belongs(record, window)]
        self._ids_seen += len(records) if self._full else 0
        return Page(records, answer.sent_at, answer.vendor_time)

    def _fits(self, node: Record) -> bool:
        if node.get("id") is None:
            self.quarantine("a record without an id", repr(node))
            return False
        return True

    def _belongs(self, record: Record, window: Window) -> bool:
        """The API's windows share the second at their border; ours do not."""
        at = record.get(self.replication_key) if self.replication_key else None
        return window.until is None or not at or parse_time(at) < window.until

    @property
    def _inner(self) -> int:
        if self.nested is None or self.nested.field not in self.wanted:
            return 0
        return self.nested.page

    @cached_property
    def wanted(self) -> frozenset[str]:
        """Fields that are asked for."""
        kept = {*self.selected_fields(), *self.needs}
        return frozenset(kept | ({self.replication_key} if self.replication_key else set()))

    @cached_property
    def document(self) -> str:
        """The listing, without what is not selected."""
        return self.pruned(self.query, "edges", "node")

    def pruned(self, query: str, *below: str) -> str:
        """A document whose records hold nothing but wanted fields."""
        if self.wanted.issuperset(self.schema["properties"]):
            return query
        return prune(query, (self.root, "data", *below), self.wanted)

    def ask(self, query: str, variables: Mapping[str, Any], cost: float) -> Answer:
        """Send one document, charged with the most that it can cost."""
        given = {name: value for name, value in variables.items() if value is not None}
        return self.client.query(
            query, given, stream=self.name, cost=self.client.estimate(query, cost)
        )

    def shape(self, node: Record) -> Record:
        """A record with its list flattened and complete, and zones on its times."""
        for name, kind in self.schema["properties"].items():
            if kind.get("format") == "date-time" and node.get(name):
                node[name] = format_time(parse_time(node[name]))
        if self.nested is not None and node.get(self.nested.field) is not None:
            connection = node[self.nested.field]
            items = relay.nodes(connection)
            after = relay.next_cursor(connection)
            if after is not None:
                items.extend(self._rest(node["id"], self.nested, after))
            # Pages of a list inside a record may shift as well.
            node[self.nested.field] = list({item["id"]: item for item in items}.values())
        return node

    def _rest(self, record_id: str, nested: Nested, after: str) -> Iterator[Record]:
        def fetch(cursor: str | None) -> tuple[Answer, relay.Connection]:
            answer = self.ask(nested.query, {"id": record_id, "after": cursor}, 50)
            return answer, answer.data[nested.root]["data"][nested.field]

        for _, connection in relay.pages(
            fetch, connector=self.tap_name, stream=self.name, after=after
        ):
            yield from relay.nodes(connection)

    def sweep(self) -> Iterator[IdPage] | None:
        """Ids of everything, where that costs no more than the setting allows."""
        if self.ids_query is None or not self._affordable():
            return None
        return self._ids(self.ids_query)

    def _affordable(self) -> bool:
        known, most = self.stream_state.get(COUNT), self.config["sweep_credits"]
        if known is None or known <= most:
            return True
        self.logger.warning(
            "%s: some %d records are more than sweep_credits (%d) allows to look for deletions",
            self.name,
            known,
            most,
        )
        return False

    def _ids(self, query: str) -> Iterator[IdPage]:
        known: set[str] = set()
        for answer, nodes in self._rounds(query, self.id_page_size, Window(None, None), again=True):
            ids = [node["id"] for node in nodes if node["id"] not in known]
            known.update(ids)
            self._ids_seen = len(known)
            yield IdPage(ids, answer.sent_at, answer.vendor_time)

    def totals(self, reading: Reading) -> Iterator[Total]:
        """Ids counted anew over the last closed days: ShipHero itself gives no figures."""
        if self.dates_query is None:
            return
        end = self._settled
        begin = self.config.get("start_date")
        start = max(filter(None, (end - COUNTED_DAYS, begin and parse_time(begin))))
        found: set[str] = set()
        for _, nodes in self.walk(self.dates_query, self.id_page_size, Window(start, end)):
            found.update(
                self.key_of(node) for node in nodes if start <= parse_time(node[self.born]) < end
            )
        note = f"ids whose {self.born} is in the window"
        yield Total("count", str(len(found)), start, end, "sweep", note)

    def key_of(self, node: Record) -> str:
        """The primary key of a record."""
        return str(node["id"])


def moment(at: datetime | None) -> str | None:
    """A time as the API takes it."""
    return None if at is None else format_time(at.replace(microsecond=0))
