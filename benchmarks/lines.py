"""Singer lines of orders, as many as are wanted: 7 fields, two of them nested.

python -m benchmarks.lines 200000            messages of a tap
python -m benchmarks.lines 200000 --bare     the records alone, as in a BATCH file
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAM, SCHEMA = "orders", "raw_shop_main"
_TEXT = {"type": ["string", "null"]}
PROPERTIES: dict[str, Any] = {
    "id": {"type": "string"},
    "name": _TEXT,
    "updatedAt": {"type": ["string", "null"], "format": "date-time"},
    "total": _TEXT,
    "count": {"type": ["integer", "null"]},
    "customer": {"type": ["object", "null"]},
    "lineItems": {"type": ["array", "null"]},
}
_AT_ONCE = 2_000
_RECORD = (
    '{{"id": "gid://shopify/Order/{n}", "name": "#{n}",'
    ' "updatedAt": "2026-11-23T09:{m:02}:{s:02}Z", "total": "{t}.99", "count": {c},'
    ' "customer": {{"id": {p}, "email": "user{p}@example.org"}},'
    ' "lineItems": [{{"sku": "SKU-{k}", "quantity": {q}, "price": "12.50"}}]}}'
)


def schema_line() -> str:
    """The SCHEMA message."""
    message = {"type": "SCHEMA", "stream": STREAM, "schema": {"properties": PROPERTIES}}
    return json.dumps({**message, "key_properties": ["id"]}) + "\n"


def state_line(records: int) -> str:
    """A STATE message that covers so many records."""
    return json.dumps({"type": "STATE", "value": {"bookmarks": {STREAM: records}}}) + "\n"


def batch_line(file: Path) -> str:
    """A BATCH message of one plain file."""
    encoding = {"format": "jsonl", "compression": "none"}
    message = {"type": "BATCH", "stream": STREAM, "encoding": encoding}
    return json.dumps({**message, "manifest": [file.resolve().as_uri()]}) + "\n"


def records(count: int) -> Iterator[str]:
    """The records, each a line of JSON without its end."""
    for n in range(count):
        yield _RECORD.format(
            n=n, m=n // 60 % 60, s=n % 60, t=n % 1000, c=n % 17, p=n % 5000, k=n % 77, q=1 + n % 3
        )


def messages(count: int) -> Iterator[str]:
    """All that a tap writes, in pieces of many lines."""
    head, tail = f'{{"type": "RECORD", "stream": "{STREAM}", "record": ', "}\n"
    yield schema_line()
    yield from _pieces(head + record + tail for record in records(count))
    yield state_line(count)


def bare(count: int) -> Iterator[str]:
    """The lines of a BATCH file, in pieces of many."""
    yield from _pieces(record + "\n" for record in records(count))


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == _AT_ONCE:
            yield "".join(held)
            held.clear()
    yield "".join(held)


def write(path: Path, pieces: Iterator[str]) -> Path:
    """Write pieces into a file."""
    with path.open("w") as file:
        file.writelines(pieces)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", type=int)
    parser.add_argument("--bare", action="store_true", help="records without their messages")
    options = parser.parse_args()
    sys.stdout.writelines((bare if options.bare else messages)(options.records))


if __name__ == "__main__":
    main()
