"""JSON schemas of records, written as lists of names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

READ_AT = "_crossdock_read_at"

_TIME = {"type": ["string", "null"], "format": "date-time"}


def record(
    key: str,
    *,
    text: str = "",
    time: str = "",
    integer: str = "",
    number: str = "",
    boolean: str = "",
    obj: str = "",
    array: str = "",
) -> dict[str, Any]:
    """The schema of a record; each argument lists names, separated by spaces.

    Args:
        key: Texts that are never null: the primary key.
        text: Texts. Money and ids are texts.
        time: Times.
        integer: Whole numbers.
        number: Other numbers; they keep their digits.
        boolean: True or false.
        obj: Objects.
        array: Lists.
    """
    properties: dict[str, Any] = {name: {"type": ["string"]} for name in key.split()}
    kinds: list[tuple[str, dict[str, Any]]] = [
        (text, {"type": ["string", "null"]}),
        (time, _TIME),
        (integer, {"type": ["integer", "null"]}),
        (number, {"type": ["number", "null"]}),
        (boolean, {"type": ["boolean", "null"]}),
        (obj, {"type": ["object", "null"], "additionalProperties": True}),
        (array, {"type": ["array", "null"], "items": {}}),
    ]
    for names, kind in kinds:
        properties.update({name: dict(kind) for name in names.split()})
    properties[READ_AT] = dict(_TIME)
    return {"type": "object", "properties": properties}


SWEPT_AT = "swept_at"
COUNTED_AT = "counted_at"

_TEXT = {"type": ["string"]}
_TEXT_OR_NULL = {"type": ["string", "null"]}


@dataclass(frozen=True)
class OwnStream:
    """A stream that every tap writes beside those of its source.

    Attributes:
        name: Its name.
        key: Names of its key properties; none: its records are appended.
        properties: Their JSON schemas.
    """

    name: str
    key: tuple[str, ...]
    properties: dict[str, dict[str, Any]]

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of its records."""
        return {"type": "object", "properties": self.properties}


END = OwnStream(
    "_crossdock_end",
    ("run_id", "stream"),
    {
        "run_id": _TEXT,
        "stream": _TEXT,
        "count": {"type": ["integer"]},
        "full": {"type": ["boolean"]},
        "read_from": dict(_TIME),
        "swept": {"type": ["boolean", "null"]},
        "swept_count": {"type": ["integer", "null"]},
        "started_at": dict(_TIME),
        "ended_at": dict(_TIME),
    },
)
"""A stream has been read to its end; without this nothing may be deleted by absence."""

IDS = OwnStream(
    "_crossdock_ids",
    ("run_id", "stream", "key"),
    {"run_id": _TEXT, "stream": _TEXT, "key": _TEXT},
)
"""Keys of all records that exist at the source now: what is not among them was deleted."""

TOTALS = OwnStream(
    "control_totals",
    ("run_id", "stream", "measure", "window_from", "window_to"),
    {
        **dict.fromkeys(("run_id", "stream", "measure", "window_from", "window_to"), _TEXT),
        **dict.fromkeys(("value", "source", "note"), _TEXT_OR_NULL),
        "as_of": dict(_TIME),
    },
)
"""The source's own counts and sums, to hold the loaded rows against."""

QUARANTINE = OwnStream(
    "_crossdock_quarantine",
    (),
    {
        "stream": _TEXT,
        **dict.fromkeys(("key", "reason", "excerpt", "place"), _TEXT_OR_NULL),
    },
)
"""What could not become a record: the loader keeps it with the reason, and says so."""
