"""Loads Singer messages into a DuckDB file and reads back what landed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from crossdock.warehouse import connect, ident
from targets.duckdb.quarantine import RecordsQuarantined
from targets.duckdb.target import TargetDuckDB

SCHEMA = "raw_shop_main"
TEXT = {"type": ["string", "null"]}
INTEGER = {"type": ["integer", "null"]}
NUMBER = {"type": ["number", "null"]}
BOOLEAN = {"type": ["boolean", "null"]}
TIME = {"type": ["string", "null"], "format": "date-time"}
OBJECT = {"type": ["object", "null"]}


def examples(few: int) -> Callable[[Any], Any]:
    """So many examples of a property, or CROSSDOCK_EXAMPLES times as many."""
    times = int(os.environ.get("CROSSDOCK_EXAMPLES") or 1)
    return settings(
        deadline=None, max_examples=few * times, suppress_health_check=list(HealthCheck)
    )


def schema(
    stream: str = "orders", /, keys: list[str] | None = None, **properties: Any
) -> dict[str, Any]:
    """A SCHEMA message; the key is `id` unless others are named."""
    keys = ["id"] if keys is None else keys
    declared = {**({"id": TEXT} if keys == ["id"] else {}), **properties}
    return {
        "type": "SCHEMA",
        "stream": stream,
        "key_properties": keys,
        "schema": {"properties": declared},
    }


def record(stream: str = "orders", /, **fields: Any) -> dict[str, Any]:
    return {"type": "RECORD", "stream": stream, "record": fields}


def state(value: Any) -> dict[str, Any]:
    return {"type": "STATE", "value": {"bookmarks": value}}


def end(stream: str = "orders", *, count: int, full: bool = True, at: str) -> list[dict[str, Any]]:
    """The last messages of a tap that has read one stream."""
    return [
        schema(
            "_crossdock_end",
            keys=["run_id", "stream"],
            run_id=TEXT,
            stream=TEXT,
            count=INTEGER,
            full=BOOLEAN,
            started_at=TIME,
        ),
        record("_crossdock_end", run_id="r1", stream=stream, count=count, full=full, started_at=at),
    ]


def lines(*messages: dict[str, Any] | bytes | str | list[Any]) -> bytes:
    """Messages as a tap writes them; bytes and text go in as they are."""
    out = []
    for message in messages:
        if isinstance(message, list):
            out.append(lines(*message))
        elif isinstance(message, bytes):
            out.append(message + b"\n")
        elif isinstance(message, str):
            out.append(message.encode() + b"\n")
        else:
            out.append(json.dumps(message).encode() + b"\n")
    return b"".join(out)


class Slow(io.BytesIO):
    """Input that comes in small pieces, so that runs of records are short."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(self._size)


@dataclass
class Load:
    """One warehouse file that is loaded into, time after time."""

    path: Path
    states: list[Any] = field(default_factory=list)
    quarantined: str | None = None

    def __call__(
        self, *messages: Any, batch_rows: int = 1000, piece: int = 1 << 20, **config: Any
    ) -> Load:
        target = TargetDuckDB(
            config={
                "path": str(self.path),
                "default_target_schema": SCHEMA,
                "batch_rows": batch_rows,
                **config,
            }
        )
        out = io.StringIO()
        self.quarantined = None
        with contextlib.redirect_stdout(out):
            try:
                target.listen(Slow(lines(*messages), piece))  # type: ignore[arg-type]
            except RecordsQuarantined as error:
                self.quarantined = str(error)
        self.states = [json.loads(line) for line in out.getvalue().splitlines()]
        return self

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with connect(self.path, read_only=True) as warehouse:
            return warehouse.fetchall(sql)

    def rows(self, stream: str = "orders", order: str = "all") -> list[tuple[Any, ...]]:
        """The rows without the loader's own columns."""
        return self.query(
            f"select * exclude (_sdc_deleted_at, _sdc_loaded_at) from {ident(SCHEMA, stream)}"
            f" order by {order}"
        )

    def columns(self, stream: str = "orders") -> dict[str, str]:
        with connect(self.path, read_only=True) as warehouse:
            found = warehouse.columns(SCHEMA, stream)
        return {name: kind for name, kind in found.items() if not name.startswith("_sdc_")}

    def reasons(self) -> list[str]:
        found = self.query(f"select reason from {SCHEMA}._quarantine order by loaded_at, reason")
        return [reason for (reason,) in found]

    def deleted(self, stream: str = "orders") -> list[str]:
        found = self.query(
            f"select id from {ident(SCHEMA, stream)} where _sdc_deleted_at is not null order by id"
        )
        return [key for (key,) in found]


@contextlib.contextmanager
def fresh() -> Iterator[Load]:
    """A warehouse file of its own for one example of a property."""
    with tempfile.TemporaryDirectory() as folder:
        yield Load(Path(folder) / "w.duckdb")
