"""Keeps within bounds what would only grow."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from crossdock.warehouse import ident
from targets.duckdb.absence import ENDS
from targets.duckdb.merge import LOG_SCHEMA, LOG_TABLE
from targets.duckdb.schema import LOADED_AT

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from crossdock.warehouse import Warehouse

KEPT = timedelta(days=30)
"""How long loads and ends of readings are remembered; the newest of each stream always is."""

LEFT_BEHIND = 24 * 3600.0
"""Seconds after which nobody waits for a file of records any more."""


def prune_log(warehouse: Warehouse, now: datetime) -> None:
    """Forget old loads, except the last of each stream and the last that had a state."""
    newest_of = "schema_name, stream, state is null"
    _forget(warehouse, (LOG_SCHEMA, LOG_TABLE), "loaded_at", newest_of, now)


def prune_ends(warehouse: Warehouse, schema_name: str, now: datetime) -> None:
    """Forget old ends of readings, except the last of each stream."""
    _forget(warehouse, (schema_name, ENDS), LOADED_AT, "stream", now)


def _forget(
    warehouse: Warehouse, table: tuple[str, str], at: str, newest_of: str, now: datetime
) -> None:
    name = ident(*table)
    warehouse.execute(
        f"delete from {name} where {at} < $before and rowid not in"
        f" (select max_by(rowid, {at}) from {name} group by {newest_of})",
        {"before": now - KEPT},
    )


def clear_left_behind(folder: Path) -> None:
    """Delete the files of records that a killed run has left; its tap makes them anew."""
    if not folder.is_dir():
        return
    before = time.time() - LEFT_BEHIND
    for file in folder.iterdir():
        if file.is_file() and not file.is_symlink() and file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
