"""What a tap itself could not make a record of: kept beside the misfits of the loader."""

from __future__ import annotations

import re
from hashlib import md5
from typing import TYPE_CHECKING, Any

import msgspec

from targets.duckdb.quarantine import Misfit, key_text
from targets.duckdb.rows import rows_of
from targets.duckdb.schema import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from targets.duckdb.spool import Spooled

STREAM = "_crossdock_quarantine"
_FIELDS = ("stream", "key", "reason", "excerpt", "place")
_INTEGER = re.compile(r"-?(0|[1-9]\d*)")


def misfits_of(part: Spooled, known: Mapping[str, Spooled]) -> dict[str, list[Misfit]]:
    """Stream to what was reported of it, and the reports that are unreadable themselves.

    Args:
        part: The reports.
        known: All streams, to tell what their keys are.
    """
    found: dict[str, list[Misfit]] = {STREAM: list(part.misfits)} if part.misfits else {}
    for row in rows_of(part, _FIELDS):
        stream = row["stream"] or STREAM
        misfit = Misfit(
            line=row["excerpt"] or "",
            reason=row["reason"] or "the tap gave no reason",
            key=_identity(row, known.get(stream)),
            position=-1,
            place=row["place"],
        )
        found.setdefault(stream, []).append(misfit)
    return found


def _identity(row: Mapping[str, Any], stream: Spooled | None) -> str:
    """The key as a record would have it, so that one that fits later takes this out again.

    Where the key is unknown, or of several columns, it is a digest of all that there is.
    """
    key = row["key"]
    if key and stream is not None and len(stream.keys) == 1:
        column = next(each for each in stream.columns if each.name == stream.keys[0])
        plain = column.kind in (Kind.INTEGER, Kind.NUMBER) and _INTEGER.fullmatch(key)
        return key_text({column.property: key if plain else msgspec.json.encode(key).decode()})
    told = "\0".join((key or "", row["excerpt"] or row["reason"] or ""))
    return md5(told.encode(), usedforsecurity=False).hexdigest()
