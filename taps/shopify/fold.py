"""Makes records of a bulk operation's result, whose lines stand in no particular order.

Each line is a record or an item of one of its lists, which names its record. Since 2026-01
items need not follow their record, so lines are first dealt out into buckets by record: each
bucket is small enough for memory, and holds all that belongs to its records.
https://shopify.dev/changelog/bulk-operations-group-objects-default-changed-to-false
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import msgspec

from crossdock.http.errors import Rejected
from crossdock.tap import Record
from taps.shopify.reader import Nested

BUCKET = 16 << 20
"""Bytes of a bucket, about."""

MOST_BUCKETS = 256


class _Line(msgspec.Struct):
    """What a line is, and whose."""

    kind: str | None = msgspec.field(name="__typename", default=None)
    id: str | None = None
    parent: str | None = msgspec.field(name="__parentId", default=None)


_head = msgspec.json.Decoder(_Line)
_whole = msgspec.json.Decoder(float_hook=Decimal)


class Fold:
    """Folds the lines of one operation.

    Args:
        kind: Type of the records.
        lists: Lists inside them.
        shape: Finishes a record.
        keep_kind: Fields of lists whose items keep their type, since it tells something.
    """

    def __init__(
        self,
        kind: str,
        lists: Sequence[Nested],
        shape: Callable[[Record], Record],
        *,
        keep_kind: frozenset[str] = frozenset(),
    ) -> None:
        self._kind = kind
        self._lists = [each.field for each in lists]
        self._list_of: Mapping[str, str] = {k: each.field for each in lists for k in each.kinds}
        self._shape = shape
        self._keep_kind = keep_kind

    def buckets(self, path: Path, bucket: int = BUCKET) -> Iterator[Path]:
        """Deal the lines out; each file yielded holds whole records, and is the caller's."""
        number = min(MOST_BUCKETS, 1 + path.stat().st_size // bucket)
        if number == 1:
            yield path
            return
        names = [path.with_suffix(f".{index:03}") for index in range(number)]
        with ExitStack() as opened, path.open("rb") as lines:
            files = [opened.enter_context(name.open("wb", 1 << 18)) for name in names]
            for line in lines:
                head = _head.decode(line)
                owner = head.parent if head.kind in self._list_of else head.id
                if head.kind == self._kind or head.kind in self._list_of:
                    files[zlib.crc32((owner or "").encode()) % number].write(line)
        path.unlink()
        yield from names

    def records(self, path: Path) -> Iterator[Record]:
        """The records of a bucket, with their lists."""
        found: dict[str, Record] = {}
        items: list[tuple[str, str, Record]] = []
        with path.open("rb") as lines:
            for line in lines:
                value = _whole.decode(line)
                kind, parent = value.pop("__typename", None), value.pop("__parentId", None)
                if kind == self._kind:
                    found[value["id"]] = value
                elif field := self._list_of.get(kind):
                    if field in self._keep_kind:
                        value = {"__typename": kind, **value}
                    items.append((parent, field, value))
        for record in found.values():
            record.update((name, []) for name in self._lists)
        for parent, field, value in items:
            if parent not in found:
                raise Rejected(
                    f"a line of the result belongs to a {self._kind} that is not in it",
                    connector="tap-shopify",
                    stream=field,
                    path="bulkOperation",
                )
            found[parent][field].append(value)
        for record in found.values():
            yield self._shape(record)
