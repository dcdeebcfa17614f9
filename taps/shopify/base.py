"""What the streams have in common: windows, bulk operations, counts and ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from crossdock.http.errors import ApiError, AuthError
from crossdock.tap import (
    CrossdockStream,
    IdPage,
    Page,
    Part,
    Reading,
    Record,
    Total,
    parse_time,
    prune,
)
from crossdock.tap.schema import READ_AT
from taps.shopify import queries
from taps.shopify.backfill import Backfill
from taps.shopify.documents import Path
from taps.shopify.reader import Nested, Reader, Turn
from taps.shopify.windows import SECOND, Moved, Window, cut, whole
from taps.shopify.withheld import FIELD, impersonal

if TYPE_CHECKING:
    from crossdock.http.graphql import Answer
    from taps.shopify.client import ShopifyClient

WINDOW_PAGES = 20
"""Pages below which a window is not worth the question where it should end."""

IDS = 250
COUNT_POINTS = 2.0


class ShopifyStream(CrossdockStream):
    """A connection at the root of the API, read in the order of `updatedAt`."""

    primary_keys = ("id",)
    replication_key = "updatedAt"
    # The search behind `query:` follows a write within seconds; half a minute is ample.
    lag = timedelta(seconds=30)

    root: Path
    """Keys that lead to the connection in the answer."""
    query: str
    further_roots: tuple[Path, ...] = ()
    """Keys that lead to whole records in other documents."""
    page_size: int = 250
    """Records that a page never exceeds."""
    first_page: int
    """Records of the first page, before we know what a page costs."""
    points: float
    """What that first page asks for; the client gives back what it did not cost."""
    nested: tuple[Nested, ...] = ()
    needs: frozenset[str] = frozenset()
    """Fields that are asked for even where they are not selected."""
    essential: frozenset[str] = frozenset({"id", "updatedAt"})
    """Fields without which there is no record: if they are denied, the stream is."""
    personal: tuple[str, ...] = ()
    """Fields about a person, which some plans keep from custom apps."""

    windowed: bool = False
    """Records come in the order of their changes, and may be read in windows."""
    size_field: str | None = None
    """Field whose count is about as large, by which windows are cut."""
    count_field: str | None = None
    """Field that counts exactly these records."""
    count_searches: bool = True
    """That count can be had for a window of changes."""
    ids_query: str | None = None
    """Document that lists the ids of all records that exist."""

    kind: str = ""
    """Type of the records."""
    bulk_shell: str | None = None
    """What stands around the records in a bulk operation; None: it cannot read them."""
    keep_kind: frozenset[str] = frozenset()
    """Lists whose items keep their type."""

    @property
    def client(self) -> ShopifyClient:
        """The shop."""
        return self._tap.client  # type: ignore[return-value]

    @cached_property
    def reader(self) -> Reader:
        """What asks the shop."""
        return Reader(self.name, self.client, self.essential, self.wanted)

    @property
    def records_query(self) -> str:
        """Document that asks for whole records."""
        return self.query

    @property
    def bulk_query(self) -> str:
        """The same, for a bulk operation, which costs nothing by the field."""
        return self.records_query

    @property
    def records_root(self) -> Path:
        """Keys that lead to them."""
        return (*self.root, "nodes")

    # What is read

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that changed."""
        return Reading(self.parts(since), since is None, since)

    def parts(self, since: datetime | None) -> Iterator[Part]:
        """A file of everything where that pays, else windows of pages."""
        window = Window(None if since is None else whole(since))
        backfill = Backfill(self)
        parts = backfill.parts(window) if backfill.pays(window) else None
        yield from self.windows(window) if parts is None else parts

    def windows(self, window: Window) -> Iterator[Part]:
        """One part if there is little to read; else windows that are read side by side."""
        turns = self.scan(window)
        first = next(turns, None)
        if first is None:
            return
        pages = chain((first,), turns)
        now = first.answer.vendor_time
        if not (first.more and self.windowed and now):
            yield Part(self._until(pages, None))
            return
        moved = Moved(now - self.lag)
        windows = self._cut(first, now)
        head = next(windows)
        yield Part(moved.until_read(self._until(pages, head.end, moved)), head.end)
        for each in windows:
            yield Part(moved.until_read(self._until(self.scan(each), None, moved)), each.end)
        if window.start is None:
            yield Part(self._moved(moved))

    def _moved(self, moved: Moved) -> Iterator[Page]:
        """What left its window before that was read."""
        if moved.wait(self.tap.stopping):
            yield from self._until(self.scan(Window(moved.since)), None, moved)

    def pages(self, window: Window) -> Iterator[Page]:
        """The pages of one window."""
        yield from self._until(self.scan(window), None)

    def scan(self, window: Window) -> Iterator[Turn]:
        """The pages of a search for what changed in a window."""
        self.reader.sized(self.query, self.first_page, self.page_size, self.points)
        yield from self.reader.scan(self.query, self.root, {"query": window.search})

    def _cut(self, first: Turn, now: datetime) -> Iterator[Window]:
        """Windows from a first page to this moment; what changes later is read next time."""
        page = self.reader.sized(self.query, self.first_page, self.page_size, self.points).size
        start = whole(parse_time(first.nodes[-1]["updatedAt"]))
        # The shop tells its time in whole seconds, so it may be a second later than it says.
        end = max(whole(now), start) + 2 * SECOND
        try:
            yield from cut(start, end, self.size, page * WINDOW_PAGES)
        except AuthError as error:
            self.logger.info("%s is read in one piece: %s", self.name, error)
            yield Window(start, end)

    def _until(
        self, turns: Iterable[Turn], end: datetime | None, moved: Moved | None = None
    ) -> Iterator[Page]:
        """Pages up to a time: the first page's search is open at its end, a window is not."""
        for turn in turns:
            nodes = turn.nodes
            if end is not None:
                nodes = [node for node in nodes if parse_time(node["updatedAt"]) < end]
            ended = len(nodes) < len(turn.nodes)
            records = self.build(moved.unseen(nodes) if moved else nodes, turn.answer)
            self.reader.withheld.count(records)
            yield Page(records, turn.answer.sent_at, turn.answer.vendor_time)
            if ended:
                return

    # What becomes of a page

    def build(self, nodes: list[Record], answer: Answer) -> list[Record]:
        """The records of a page."""
        marked = self.complete(self.reader.marked(nodes, answer, self.records_root))
        return [self.finish(self.reader.flat(node, self.nested)) for node in marked]

    def complete(self, records: list[Record]) -> list[Record]:
        """The records of a page, with what the page did not hold."""
        return records

    def finish(self, record: Record) -> Record:
        """A record with its lists, as it goes out."""
        hidden = self.personal_fields
        if hidden and impersonal(record, hidden) and self.client.plan_hides_persons:
            reason = f"the plan {self.client.plan} keeps personal data from custom apps"
            self.reader.withheld.mark(record, [(name, reason) for name in hidden])
        return record

    @cached_property
    def personal_fields(self) -> tuple[str, ...]:
        """The selected fields about a person."""
        selected = self.selected_fields()
        return tuple(name for name in self.personal if name in selected)

    def wanted(self, query: str, root: Path) -> str:
        """A document of whole records without what the catalog does not select."""
        if root not in (self.records_root, *self.further_roots):
            return query
        if query not in self._pruned:
            selected = {*self.selected_fields(), *self.needs, *self.essential}
            everything = selected >= {*self.schema["properties"]} - {FIELD, READ_AT}
            self._pruned[query] = query if everything else prune(query, root, selected)
        return self._pruned[query]

    @cached_property
    def _pruned(self) -> dict[str, str]:
        return {}

    # What the shop itself says

    def size(self, window: Window) -> int:
        """About how many records a window holds; 0 if the shop does not say."""
        found = self._count(self.size_field, window) if self.size_field else None
        return found[0] if found else 0

    def _count(self, field: str, window: Window) -> tuple[int, bool] | None:
        """A count, and whether it is exact."""
        document, variables = queries.count_of(field), {"query": window.search}
        answer = self.client.query(document, variables, stream=self.name, cost=COUNT_POINTS)
        found = answer.data.get(field)
        return (int(found["count"]), found["precision"] == "EXACT") if found else None

    def totals(self, reading: Reading) -> Iterator[Total]:
        """The shop's own count of a closed window, and what it withholds."""
        began = self.reader.began
        start = reading.read_from and whole(reading.read_from)
        end = began and whole(began - self.lag)
        if self.count_field and end and (start is None or start < end):
            window = Window(start, end) if self.count_searches else Window()
            yield from self._total(self.count_field, window)
        for name, records, reason in self.reader.withheld.found():
            yield Total(f"withheld:{name}", str(records), start, end, note=f"at least; {reason}")

    def _total(self, field: str, window: Window) -> Iterator[Total]:
        try:
            found = self._count(field, window)
        except ApiError as error:
            self.logger.warning("%s: the shop gives no count: %s", self.name, error)
            return
        if found:
            note = "" if found[1] else "at least"
            yield Total("count", str(found[0]), window.start, window.end, note=note)

    def sweep(self) -> Iterator[IdPage] | None:
        """The ids of all records that exist."""
        return self.ids(self.ids_query, self.root, {}) if self.ids_query else None

    def ids(
        self, query: str, root: Path, variables: Mapping[str, object], points: float = IDS + 2
    ) -> Iterator[IdPage]:
        """The ids that a connection lists."""
        self.reader.sized(query, IDS, self.page_size, points)
        for turn in self.reader.scan(query, root, variables):
            keys = self.keys(turn.nodes)
            yield IdPage(keys, turn.answer.sent_at, turn.answer.vendor_time)

    def keys(self, nodes: Sequence[Record]) -> list[str]:
        """The keys of the records that a page of ids stands for."""
        return [node["id"] for node in nodes]
