"""JSON schemas of records, written as lists of names."""

from __future__ import annotations

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


END_STREAM = "_crossdock_end"
END_KEY = ["run_id", "stream"]
END_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "run_id": {"type": ["string"]},
        "stream": {"type": ["string"]},
        "count": {"type": ["integer"]},
        "full": {"type": ["boolean"]},
        "read_from": dict(_TIME),
        "started_at": dict(_TIME),
        "ended_at": dict(_TIME),
    },
}
