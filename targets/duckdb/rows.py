"""Records of the streams that the loader itself goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from targets.duckdb.spool import Spooled


def rows_of(part: Spooled, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Property to value for each record; a property that was not sent is None."""
    names = {column.property: column.name for column in part.columns}
    known = [field for field in fields if field in names]
    if not known or not part.table.num_rows:
        return
    for row in part.table.select([names[field] for field in known]).to_pylist():
        yield dict.fromkeys(fields) | {field: row[names[field]] for field in known}
