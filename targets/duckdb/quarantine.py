"""Records that do not fit: kept as they came, with a reason that holds no data."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING

import pyarrow as pa
from singer_sdk.exceptions import MissingKeyPropertiesError

from crossdock.errors import CrossdockError
from crossdock.warehouse import ident
from targets.duckdb.schema import INCOMING, POSITION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from crossdock.warehouse import Warehouse
    from targets.duckdb.spool import Spooled

TABLE = "_quarantine"
NO_KEY = "the key is"
_KEPT = "crossdock_kept"


class RecordsQuarantined(CrossdockError):  # noqa: N818
    """Everything else was loaded, and the state goes on."""


class KeysMissing(RecordsQuarantined, MissingKeyPropertiesError):  # noqa: N818
    """Some of the records in quarantine have no key."""


@dataclass(frozen=True)
class Misfit:
    """One record that would have lost something on its way into its table.

    Attributes:
        line: The record as it came, as text; bytes that are no UTF-8 are escaped.
        reason: What does not fit, without data.
        key: Key property to its value as JSON text, as a JSON object; where the key cannot
            be read, a digest of the line.
        position: Number of the line within the load.
        place: Where in the source it was found, such as a file and a line number.
    """

    line: str
    reason: str
    key: str
    position: int
    place: str | None = None

    @classmethod
    def of(
        cls, line: bytes, reason: str, position: int, key: Mapping[str, str] | None = None
    ) -> Misfit:
        """Keep a line; `key` holds the JSON text of the key properties where it is known."""
        named = key_text(key) if key else _digest(line)
        return cls(line.decode("utf-8", "backslashreplace").strip(), reason, named, position)


def key_text(key: Mapping[str, str]) -> str:
    """Key properties and their values as JSON text, in one form."""
    return json.dumps(key, sort_keys=True)


def prepare(warehouse: Warehouse, schema_name: str) -> None:
    """Make the table, or give one from before places were kept its column for them."""
    name = ident(schema_name, TABLE)
    warehouse.execute(
        f"create table if not exists {name} (stream VARCHAR, record VARCHAR, reason VARCHAR,"
        f" loaded_at TIMESTAMPTZ, record_key VARCHAR, place VARCHAR)"
    )
    if "place" not in warehouse.describe(schema_name, TABLE):
        warehouse.execute(f"alter table {name} add column place VARCHAR")


def keep(
    warehouse: Warehouse,
    schema_name: str,
    stream: str,
    misfits: Sequence[Misfit],
    loaded_at: datetime,
) -> None:
    """Put misfits into quarantine; one that comes again takes the place of what is there."""
    if not misfits:
        return
    newest = {(misfit.key, misfit.place): misfit for misfit in misfits}.values()
    columns = {"record": "line", "reason": "reason", "record_key": "key", "place": "place"}
    table = pa.table(
        {
            name: pa.array([getattr(misfit, field) for misfit in newest], pa.string())
            for name, field in columns.items()
        }
    )
    name = ident(schema_name, TABLE)
    warehouse.register(_KEPT, table)
    warehouse.execute(
        f"delete from {name} q where stream = $stream and exists (select 1 from {_KEPT} k"
        f" where k.record_key = q.record_key and k.place is not distinct from q.place)",
        {"stream": stream},
    )
    warehouse.execute(
        f"insert into {name} (stream, record, reason, loaded_at, record_key, place)"
        f" select $stream, record, reason, $loaded_at, record_key, place from {_KEPT}",
        {"stream": stream, "loaded_at": loaded_at},
    )
    warehouse.unregister(_KEPT)


def release(warehouse: Warehouse, schema_name: str, stream: str, spooled: Spooled) -> None:
    """Take out the records whose key has come again since, and fits now.

    Keys are compared as the typed values that they land as, however they are written.
    """
    name = ident(schema_name, TABLE)
    found = warehouse.fetchall(
        f"select distinct record_key from {name}"
        f" where stream = ? and starts_with(record_key, '{{')",
        [stream],
    )
    kept = [key for (key,) in found]
    if not kept:
        return
    typed = spooled.reader.read(b"".join(_key_line(stream, key) for key in kept), 0)[0]
    if not typed.num_rows:
        return
    came = {misfit.key: misfit.position for misfit in spooled.misfits}
    order = [kept[number] for number in typed.column(POSITION).to_pylist()]
    typed = typed.append_column("kept_key", pa.array(order, pa.string()))
    typed = typed.append_column("kept_at", pa.array([came.get(k, -1) for k in order], pa.int64()))
    warehouse.register(_KEPT, typed)
    same = " and ".join(f"i.{ident(key)} = k.{ident(key)}" for key in spooled.keys)
    warehouse.execute(
        f"delete from {name} where stream = $stream and record_key in (select kept_key"
        f" from {_KEPT} k join {INCOMING} i on {same} where i.{ident(POSITION)} > k.kept_at)",
        {"stream": stream},
    )
    warehouse.unregister(_KEPT)


class Tally:
    """What was quarantined in this run, by stream and reason."""

    def __init__(self) -> None:
        self._reasons: dict[str, Counter[str]] = {}

    def add(self, stream: str, misfits: Sequence[Misfit]) -> None:
        """Count misfits."""
        if misfits:
            self._reasons.setdefault(stream, Counter()).update(m.reason for m in misfits)

    def __contains__(self, stream: object) -> bool:
        return stream in self._reasons

    def error(self, schema_name: str) -> RecordsQuarantined | None:
        """One line that says what is there, or None if all went well."""
        if not self._reasons:
            return None
        text = ". ".join(
            _line(f"{schema_name}.{stream}", reasons)
            for stream, reasons in sorted(self._reasons.items())
        )
        without_key = any(NO_KEY in reason for each in self._reasons.values() for reason in each)
        kind = KeysMissing if without_key else RecordsQuarantined
        return kind(text, hint=f"see {schema_name}.{TABLE}")


def _line(table: str, reasons: Counter[str]) -> str:
    count = reasons.total()
    records = f"1 record of {table} is" if count == 1 else f"{count} records of {table} are"
    shown = "; ".join(reason for reason, _ in reasons.most_common(3))
    more = f" and {len(reasons) - 3} other reasons" if len(reasons) > 3 else ""
    return f"{records} in quarantine: {shown}{more}"


def _digest(line: bytes) -> str:
    return md5(line, usedforsecurity=False).hexdigest()


def _key_line(stream: str, key: str) -> bytes:
    """A message of no more than the key, for the reader of the stream."""
    fields = ",".join(f"{json.dumps(name)}:{value}" for name, value in json.loads(key).items())
    return f'{{"type":"RECORD","stream":{json.dumps(stream)},"record":{{{fields}}}}}\n'.encode()
