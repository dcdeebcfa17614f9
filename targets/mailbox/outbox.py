"""Files that a partner fetches: each written once, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crossdock import clock
from taps.mailbox.client import OUTBOX, SENT

COLUMNS = (
    "operation",
    "parcel_id",
    "order_number",
    "tracking_number",
    "carrier",
    "tracking_url",
    "shipped_at",
)
_BEGIN, _UNFINISHED = "tracking-", ".tmp"
Row = Mapping[str, str]


class Outbox:
    """The partner's side of the folder, and our own copy of all that we put there.

    A file is counted as sent at the moment at which its copy stands in `sent`. Whether the
    partner's own has its name by then or a moment later, `finish` sees to; and once the partner
    has taken it, it never comes again.

    Args:
        folder: The mailbox.
    """

    def __init__(self, folder: Path) -> None:
        self._outbox, self._sent = folder / OUTBOX, folder / SENT
        self._known: dict[str, list[Row]] = {}

    def finish(self) -> None:
        """Bring to its end what a process that died has left half done.

        Raises:
            OSError: The folder cannot be used.
        """
        for place in (self._outbox, self._sent):
            place.mkdir(parents=True, exist_ok=True)
        for left in self._outbox.glob(f".{_BEGIN}*{_UNFINISHED}"):
            name = left.name.removeprefix(".").removesuffix(_UNFINISHED)
            if (self._sent / name).exists():
                left.replace(self._outbox / name)
            else:
                left.unlink()
        for left in self._sent.glob(f".{_BEGIN}*{_UNFINISHED}"):
            left.unlink()

    def put(self, rows: Sequence[Row]) -> None:
        """Leave a file with these rows.

        Raises:
            OSError: The folder cannot be used; `rows_of` tells whether the file counts as sent.
        """
        name = self._free_name(rows[0]["operation"])
        content = _written(rows)
        waiting, copy = _unfinished(self._outbox, name), _unfinished(self._sent, name)
        try:
            _write(waiting, content)
            _write(copy, content)
            copy.replace(self._sent / name)
        except OSError:
            for path in (waiting, copy):
                path.unlink(missing_ok=True)
            raise
        _settle(self._sent)
        waiting.replace(self._outbox / name)
        _settle(self._outbox)

    def rows_of(self, values: Iterable[str]) -> list[Row]:
        """What was sent with one of these as its operation or as its parcel.

        Raises:
            OSError: The folder cannot be read.
        """
        wanted = {value for value in values if value}
        for path in self._sent.glob(f"{_BEGIN}*.csv"):
            if path.name not in self._known:
                with path.open(encoding="utf-8", newline="") as file:
                    self._known[path.name] = list(csv.DictReader(file))
        return [
            row
            for rows in self._known.values()
            for row in rows
            if row["operation"] in wanted or row["parcel_id"] in wanted
        ]

    def _free_name(self, operation: str) -> str:
        stamp = f"{clock.real_now():%Y%m%dT%H%M%S}"
        return f"{_BEGIN}{stamp}-{operation[:12]}.csv"


def _unfinished(folder: Path, name: str) -> Path:
    return folder / f".{name}{_UNFINISHED}"


def _written(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Make a new name durable as well; some network folders cannot, and need not."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
