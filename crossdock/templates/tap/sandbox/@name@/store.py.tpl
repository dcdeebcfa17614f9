"""A list of records by id, each with the time of its last change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.core import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]


class Store:
    """Records in the order in which they came: a change moves none over a page border."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._rows: dict[str, Row] = {}
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def get(self, record_id: str) -> Row | None:
        return self._rows.get(record_id)

    def add(self, row: Row, now: datetime) -> Row:
        """Keep a new record, under the next id."""
        return self.put({**row, "id": f"{self._prefix}{len(self._places) + 1}"}, now)

    def put(self, row: Row, now: datetime) -> Row:
        """Keep a record as it is now."""
        held = {**row, "updated_at": iso(now, milliseconds=True)}
        self._rows[row["id"]] = held
        self._places.setdefault(row["id"], len(self._places))
        return held

    def drop(self, record_id: str) -> Row:
        return self._rows.pop(record_id)

    def page(
        self, after: str, since: datetime | None, external_id: str | None, limit: int
    ) -> list[Row]:
        """The next records behind the one whose id is given."""
        begin = self._places.get(after, -1)
        found = [
            row
            for record_id, row in self._rows.items()
            if self._places[record_id] > begin
            and (since is None or datetime.fromisoformat(row["updated_at"]) >= since)
            and (external_id is None or row.get("external_id") == external_id)
        ]
        return sorted(found, key=lambda row: self._places[row["id"]])[:limit]
