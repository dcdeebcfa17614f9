"""From Singer lines to typed columns, without losing anything on the way.

A whole chunk of lines is decoded at once into declared types. If anything in it does not
fit, the chunk is read again line by line; what still does not fit is a `Misfit`. The second
way takes whatever the first one takes and gives the same values, so that it does not matter
which records happen to share a chunk.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import pyarrow as pa

from targets.duckdb.careful import CarefulReader, Unfit
from targets.duckdb.schema import LOADED_AT, POSITION, Column, Kind, name_columns
from targets.duckdb.values import array_of, mixed_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from targets.duckdb.quarantine import Misfit

_INT64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_DECODED: dict[Kind, Any] = {
    Kind.TEXT: str | None,
    Kind.TIME: str | None,
    Kind.INTEGER: _INT64 | None,
    Kind.BOOLEAN: bool | None,
}
_RAW = (Kind.JSON, Kind.NUMBER)
_RECORD_OF = attrgetter("record")
_BAD = (msgspec.MsgspecError, UnicodeError, RecursionError, pa.ArrowInvalid, Unfit)


class LineReader:
    """Reads the lines of one stream with one schema.

    Args:
        stream: Name of the stream.
        columns: The declared columns; undeclared fields add more, as JSON.
        keys: The key properties; none of them may be missing or null.
    """

    def __init__(self, stream: str, columns: Sequence[Column], keys: Sequence[str]) -> None:
        self.columns = list(columns)
        self._stream = stream
        self._keys = frozenset(keys)
        self._prepare()

    def read(self, lines: bytes, position: int) -> tuple[pa.Table, list[Misfit]]:
        """Turn lines into a table.

        Args:
            lines: Whole lines, each of a record of this stream.
            position: Number of the first line within the load; it says who came last.
        """
        misfits: list[Misfit] = []
        try:
            arrays = self._read_all(lines)
            numbers: Sequence[int] = range(position, position + len(arrays[0]))
        except _BAD:
            arrays, numbers, misfits = self._read_one_by_one(lines, position)
        names = [*(column.name for column in self.columns), POSITION]
        return pa.table([*arrays, pa.array(numbers, pa.int64())], names=names), misfits

    def _prepare(self) -> None:
        """Build the decoder for the columns as they are now."""
        self._decoder: msgspec.json.Decoder[Any] | None = None
        names = [f"f{number}" for number in range(len(self.columns))]
        fields: list[tuple[str, Any, Any]] = [
            (name, _DECODED.get(column.kind, msgspec.Raw), _default(column.kind))
            for name, column in zip(names, self.columns, strict=True)
        ]
        rename = {name: column.property for name, column in zip(names, self.columns, strict=True)}
        try:
            record = _struct(
                "Record",
                [*fields, ("loaded_at", Any, None)],
                rename={**rename, "loaded_at": LOADED_AT},
                forbid_unknown_fields=True,
            )
        except ValueError:
            return  # a name with a quote or a control character: those are read one by one
        stream = Literal[self._stream]  # type: ignore[name-defined]
        envelope = [("stream", stream), ("record", record)]
        message = _struct("Message", envelope, tag_field="type", tag="RECORD")
        self._decoder = msgspec.json.Decoder(message)
        self._getters: list[Callable[[Any], Any]] = [attrgetter(name) for name in names]

    def _read_all(self, lines: bytes) -> list[pa.Array]:
        """The quick way: all lines fit, or it raises."""
        if self._decoder is None or not self.columns:
            raise Unfit("names that the quick way cannot take")
        rows = list(map(_RECORD_OF, self._decoder.decode_lines(lines)))
        arrays = []
        for column, getter in zip(self.columns, self._getters, strict=True):
            array = array_of(column.kind, _values(column.kind, getter, rows))
            if array.null_count and column.property in self._keys:
                raise Unfit("a key is null")
            arrays.append(array)
        return arrays

    def _read_one_by_one(
        self, lines: bytes, position: int
    ) -> tuple[list[pa.Array], list[int], list[Misfit]]:
        reader = CarefulReader(self.columns, self._keys)
        rows, numbers, misfits = [], [], []
        for number, line in enumerate(lines.split(b"\n"), position):
            if not line.strip():
                continue
            try:
                rows.append(reader.read(line))
                numbers.append(number)
            except Unfit as unfit:
                misfits.append(unfit.misfit(line, number))
        if reader.undeclared:
            taken = [column.name for column in self.columns]
            self.columns += name_columns(((n, Kind.JSON) for n in reader.undeclared), taken)
            self._prepare()
        arrays = []
        for column in self.columns:
            missing = b"null" if column.kind in _RAW else None
            values = [row.get(column.property, missing) for row in rows]
            arrays.append(array_of(column.kind, values))
        return arrays, numbers, misfits


def _struct(name: str, fields: list[Any], **options: Any) -> Any:
    return msgspec.defstruct(name, fields, gc=False, **options)


def _default(kind: Kind) -> msgspec.Raw | None:
    return None if kind in _DECODED else msgspec.Raw(b"null")


def _values(kind: Kind, getter: Callable[[Any], Any], rows: list[Any]) -> list[Any]:
    values = list(map(getter, rows))
    return [mixed_text(bytes(value)) for value in values] if kind is Kind.MIXED else values
