"""Asks for pages: as large as may be, and without what is denied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossdock.http.errors import AuthError, Rejected
from crossdock.tap import Record, relay
from taps.shopify.documents import Path, without
from taps.shopify.sizing import Sizing
from taps.shopify.withheld import Denial, Withheld, denials, swallowed

if TYPE_CHECKING:
    from crossdock.http.graphql import Answer
    from taps.shopify.client import ShopifyClient

CONNECTOR = "tap-shopify"
BY_IDS: Path = ("nodes",)
"""Where records stand that are asked for by their ids."""


@dataclass(frozen=True)
class Nested:
    """A list inside a record: flattened, and followed where it is longer than its first page.

    Attributes:
        field: Name of the connection in the record.
        root: Field of the query that finds the record again.
        query: Document that asks for further pages, by `id` and `after`.
        points: What such a page asks for at most.
        kinds: Types of its items.
    """

    field: str
    root: str
    query: str
    points: float
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """A page as it came, and whether there are more."""

    answer: Answer
    nodes: list[Record]
    more: bool


class Reader:
    """What one stream asks of its shop.

    Args:
        stream: Name of the stream.
        client: The shop.
        essential: Fields without which there is no record: if they are denied, the stream is.
        wanted: Leaves out of a document of whole records what is not selected.
    """

    def __init__(
        self,
        stream: str,
        client: ShopifyClient,
        essential: frozenset[str],
        wanted: Callable[[str, Path], str],
    ) -> None:
        self.stream = stream
        self.client = client
        self.withheld = Withheld(stream)
        self.began: datetime | None = None
        """The shop's clock at the first page."""
        self._essential = essential
        self._wanted = wanted
        self._sizings: dict[str, Sizing] = {}

    def sized(self, query: str, first: int, cap: int, points: float) -> Sizing:
        """How large the pages of a document are; the first call says where that begins."""
        return self._sizings.setdefault(query, Sizing(first, cap, points))

    def scan(self, query: str, root: Path, variables: Mapping[str, Any]) -> Iterator[Turn]:
        """The pages of a connection."""
        sizing = self._sizings[query]

        def fetch(after: str | None) -> tuple[Answer, relay.Connection]:
            answer = self._sized(
                sizing,
                sizing.size,
                lambda size: self.ask(
                    query,
                    {**variables, "first": size, "after": after},
                    (*root, "nodes"),
                    sizing.points(size),
                ),
            )
            return answer, dig(answer.data, root)

        for answer, connection in relay.pages(fetch, connector=CONNECTOR, stream=self.stream):
            self.began = self.began or answer.vendor_time
            more = relay.next_cursor(connection) is not None
            yield Turn(answer, relay.nodes(connection), more)

    def by_ids(self, query: str, ids: Sequence[str]) -> Iterator[Record]:
        """Records by their ids, without those that are gone."""
        sizing = self._sizings[query]
        rest = list(ids)

        def fetch(size: int) -> Answer:
            return self.ask(query, {"ids": rest[:size]}, BY_IDS, sizing.points(size))

        while rest:
            answer = self._sized(sizing, min(sizing.size, len(rest)), fetch)
            found = answer.data["nodes"]
            rest = rest[len(found) :]
            yield from (record for record in self.marked(found, answer, BY_IDS) if record)

    @staticmethod
    def _sized(sizing: Sizing, size: int, fetch: Callable[[int], Answer]) -> Answer:
        """Fetch a page of that size, or of half of it for as long as it is too dear."""
        while True:
            try:
                answer = fetch(size)
            except Rejected as error:
                if error.code != "MAX_COST_EXCEEDED" or not sizing.shrink(size):
                    raise
                size = min(size, sizing.size)
                continue
            sizing.learn(size, answer.extensions)
            return answer

    def ask(self, query: str, variables: Mapping[str, Any], root: Path, points: float) -> Answer:
        """Send a document; leave out a field that takes others along because it is denied.

        Raises:
            AuthError: There is nothing that we may see.
        """
        while True:
            text = without(self._wanted(query, root), root, self.withheld.cut)
            try:
                answer = self.client.query(text, variables, stream=self.stream, cost=points)
            except AuthError as error:
                body = error.body if isinstance(error.body, Mapping) else {}
                if not self._leave_out(denials(body.get("errors") or ()), root):
                    raise
                continue
            lost = [d for d in denials(answer.errors) if swallowed(answer.data, d.path)]
            if not lost:
                return answer
            if not self._leave_out(lost, root):
                raise AuthError(
                    lost[0].reason,
                    connector=CONNECTOR,
                    stream=self.stream,
                    path=".".join(str(step) for step in lost[0].path),
                    hint="grant the missing scope, or leave the stream out",
                )

    def _leave_out(self, lost: Sequence[Denial], root: Path) -> bool:
        """Do not ask for these any more; whether that helps."""
        fields = {denial.field(root): denial.reason for denial in lost}
        new = {f: why for f, why in fields.items() if f and f not in self.withheld.cut}
        if not new or any(field[0] in self._essential for field in new):
            return False
        for field, why in new.items():
            self.withheld.leave_out(field, why)
        return True

    def marked(self, nodes: list[Record], answer: Answer, root: Path) -> list[Record]:
        """Records that name their fields which were denied."""
        denied: dict[int | None, list[tuple[str, str]]] = {}
        for denial in denials(answer.errors):
            if field := denial.field(root):
                place = denied.setdefault(denial.index(root), [])
                place.append((".".join(field), denial.reason))
        for index, node in enumerate(nodes):
            if node:
                self.withheld.mark(node, denied.get(index, ()))
        return nodes

    def flat(self, node: Record, lists: Sequence[Nested]) -> Record:
        """A record whose lists are lists, and complete."""
        for nested in lists:
            connection = node.get(nested.field)
            if connection is None:
                continue
            items = relay.nodes(connection)
            after = relay.next_cursor(connection)
            if after is not None:
                items.extend(self._rest(node, nested, after))
            node[nested.field] = items
        return node

    def _rest(self, record: Record, nested: Nested, after: str) -> Iterator[Record]:
        root = (nested.root,)

        def fetch(cursor: str | None) -> tuple[Answer, relay.Connection]:
            variables = {"id": record["id"], "after": cursor}
            answer = self.ask(nested.query, variables, root, nested.points)
            denied = [(d.field(root), d.reason) for d in denials(answer.errors)]
            self.withheld.mark(record, [(".".join(f), why) for f, why in denied if f])
            return answer, dig(answer.data, (nested.root, nested.field))

        pages = relay.pages(fetch, connector=CONNECTOR, stream=self.stream, after=after)
        for _, connection in pages:
            yield from relay.nodes(connection)


def dig(data: Mapping[str, Any], path: Sequence[str]) -> relay.Connection:
    """The connection at a path; a record that is gone has none, and so an empty one."""
    value: Any = data
    for name in path:
        value = (value or {}).get(name)
    return value or {}
