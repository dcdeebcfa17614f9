"""What a reading brings: pages of records, files of records, ids, control totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Record = dict[str, Any]


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
class BatchPage:
    """A file of records, one JSON object a line, for a reading too large for the pipe.

    Attributes:
        path: The file, in the tap's `batch_folder`; gzipped if its name ends in `.gz`. The
            loader deletes it once its records are committed.
        count: Number of records in it. Each already holds `_crossdock_read_at`.
        read_at: Real time just before the source was asked for them.
        vendor_time: The source's own clock at that moment, if it tells its time.
    """

    path: Path
    count: int
    read_at: datetime
    vendor_time: datetime | None = None


@dataclass(frozen=True)
class IdPage:
    """Keys of records that exist at the source now.

    Attributes:
        keys: Values of the stream's one key column.
        read_at: Real time just before the request left.
        vendor_time: The source's own clock at that moment, if it tells its time.
    """

    keys: Sequence[str]
    read_at: datetime
    vendor_time: datetime | None = None


@dataclass(frozen=True)
class Total:
    """A count or sum that the source itself states, to hold the loaded rows against.

    Attributes:
        measure: `count`, or `sum:` and the name of a field.
        value: The figure, as text.
        window_from: Records changed from this time of the source's clock on; None: all.
        window_to: Records changed before this time; None: all.
        source: `vendor`: its own figure; `sweep`: counted by asking for ids alone.
        note: What a reader has to know, such as a cap of the count.
    """

    measure: str
    value: str
    window_from: datetime | None = None
    window_to: datetime | None = None
    source: Literal["vendor", "sweep"] = "vendor"
    note: str = ""


Item = Page | BatchPage | IdPage | Total


@dataclass(frozen=True)
class Part:
    """Pages that are fetched one after the other; parts are fetched beside each other.

    Attributes:
        pages: The pages.
        until: Once this part and all before it have been emitted, so has every change up to
            this time of the source's clock; None says nothing.
    """

    pages: Iterator[Item]
    until: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """What a stream is about to read.

    Attributes:
        parts: Independent sequences of pages. They are taken one by one, in the threads that
            fetch: making the next part may itself ask the source.
        full: The parts are a complete listing, so what is not in them does not exist.
        read_from: Changes before this time are left out.
        notes: What the stream wants to remember in its state once all of it was handed over.
            Called after the last page.
    """

    parts: Iterable[Part | Iterator[Item]]
    full: bool
    read_from: datetime | None = None
    notes: Callable[[], Mapping[str, Any]] | None = None
