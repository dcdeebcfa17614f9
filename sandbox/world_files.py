"""A world as a folder: one CSV file per kind of record, and two optional JSON files."""

from __future__ import annotations

import csv
import json
import types
import typing
from dataclasses import MISSING, Field, dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.world import (
    Customer,
    Location,
    Order,
    OrderLine,
    Product,
    SkuMap,
    Stock,
    World,
    WorldError,
)
from sandbox.world_checks import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True)
class _File:
    """How one CSV file maps to an attribute of the world."""

    attribute: str
    record: type
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.attribute}.csv"


FILES = (
    _File("customers", Customer, ("customer_id",)),
    _File("products", Product, ("sku",)),
    _File("locations", Location, ("location_id",)),
    _File("inventory", Stock, ("location_id", "sku")),
    _File("orders", Order, ("instance", "order_id")),
    _File("order_lines", OrderLine, ("instance", "order_id", "line_number")),
    _File("sku_map", SkuMap, ("channel", "channel_sku", "sku")),
)


def load(folder: str | Path) -> World:
    """Read a folder.

    Raises:
        WorldError: The folder, a file, a column or a value is missing or wrong.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise WorldError(f"there is no world folder {folder}", hint="name a folder of CSV files")
    settings = _json(folder / "settings.json", {})
    world = World(
        **{file.attribute: list(_read(folder, file)) for file in FILES},
        story=_story(folder / "story.json"),
        go_live_at=_go_live_at(folder, settings),
        strangers=int(settings.get("strangers", 0)),
        cases=_cases(folder / "cases.csv"),
    )
    check(world)
    return world


def dump(world: World, folder: str | Path) -> None:
    """Write a world as a folder that `load` reads back as the same world."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        names = [column.name for column in fields(file.record)]
        rows = (
            [_text(getattr(record, name)) for name in names]
            for record in getattr(world, file.attribute)
        )
        _write(folder / file.name, names, rows)
    cases = [[name, *key] for name, keys in world.cases.items() for key in keys]
    _write(folder / "cases.csv", ["case", "instance", "order_id"], cases)
    settings = {
        "go_live_at": iso(world.go_live_at) if world.go_live_at else None,
        "strangers": world.strangers,
    }
    for name, content in (("settings.json", settings), ("story.json", world.story)):
        (folder / name).write_text(
            json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8"
        )


def parse(record: type, texts: dict[str, str], where: str) -> Any:
    """Make one record from the texts of its columns; columns that it does not have are ignored.

    Raises:
        WorldError: A value is missing or wrong; the message begins with `where`.
    """
    hints = typing.get_type_hints(record)
    values = {
        column.name: _value(
            texts[column.name], hints[column.name], column, f"{where}, column {column.name}"
        )
        for column in fields(record)
        if column.name in texts
    }
    return record(**{name: value for name, value in values.items() if value is not MISSING})


def _read(folder: Path, file: _File) -> Iterator[Any]:
    seen: dict[tuple[Any, ...], int] = {}
    for line, row in _rows(folder / file.name, required(file.record)):
        record = parse(file.record, row, f"{file.name}, line {line}")
        key = tuple(getattr(record, name) for name in file.key)
        if key in seen:
            raise WorldError(
                f"{file.name}, line {line}, column {file.key[-1]}: "
                f"{key[-1]!r} is already on line {seen[key]}",
                hint="give each record an id of its own",
            )
        seen[key] = line
        yield record


def required(record: type) -> list[str]:
    """The columns that a record cannot be without."""
    return [
        column.name
        for column in fields(record)
        if column.default is MISSING and column.default_factory is MISSING
    ]


def _rows(path: Path, columns: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The line number and the values of each record; blank lines are passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path.name, header, columns)
            line = reader.line_num
            for row in reader:
                first, line = line + 1, reader.line_num
                if not row:
                    continue
                if len(row) != len(header):
                    raise WorldError(
                        f"{path.name}, line {first}: {len(row)} values for {len(header)} columns",
                        hint="quote values that hold a comma",
                    )
                yield first, dict(zip(header, (text.strip() for text in row), strict=True))
    except FileNotFoundError:
        raise WorldError(f"{path} is missing", hint="a world has all seven CSV files") from None
    except OSError as error:
        raise WorldError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WorldError(
            f"{path.name} is not UTF-8 (byte {error.start})", hint="save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise WorldError(f"{path.name}, line {reader.line_num}: {error}") from error


def _check_header(name: str, header: list[str], columns: list[str]) -> None:
    for column in columns:
        if column not in header:
            raise WorldError(f"{name}, line 1, column {column}: missing", hint="add the column")
    for column in header:
        if header.count(column) > 1:
            raise WorldError(f"{name}, line 1, column {column}: named twice")


def _flag(text: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return known[text.lower()]


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def _finite(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


_PARSERS: dict[type, tuple[Callable[[str], Any], str]] = {
    str: (str, "text"),
    int: (int, "whole number"),
    Decimal: (_finite, "number"),
    bool: (_flag, "yes or no"),
    datetime: (_moment, "time, such as 2026-11-23T09:00:00Z"),
}


def _value(text: str, hint: Any, column: Field[Any], where: str) -> Any:
    """The value of a cell; an empty one is None, the column's default, or an error."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if not text:
        if types.NoneType in options:
            return None
        if column.default is MISSING:
            raise WorldError(f"{where}: empty", hint="give it a value")
        return MISSING
    parse, kind = _PARSERS[options[0]]
    try:
        return parse(text)
    except (ValueError, KeyError, InvalidOperation):
        raise WorldError(f"{where}: {text!r} is no {kind}") from None


def _json(path: Path, default: Any) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return default
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise WorldError(f"{path.name} is no JSON: {error}") from error


def _story(path: Path) -> list[dict[str, Any]]:
    steps = _json(path, [])
    for number, step in enumerate(steps, start=1):
        if not isinstance(step.get("after_loop"), int) or not {"edit", "map"} & set(step):
            raise WorldError(
                f"{path.name}, step {number}: not understood",
                hint='write {"after_loop": 1, "edit": {...}} or {"after_loop": 1, "map": {...}}',
            )
    return list(steps)


def _go_live_at(folder: Path, settings: dict[str, Any]) -> datetime | None:
    text = settings.get("go_live_at")
    try:
        return _moment(text) if text else None
    except ValueError:
        raise WorldError(f"{folder / 'settings.json'}: go_live_at {text!r} is no time") from None


def _cases(path: Path) -> dict[str, list[tuple[str, str]]]:
    cases: dict[str, list[tuple[str, str]]] = {}
    if path.exists():
        for _, row in _rows(path, ["case", "instance", "order_id"]):
            cases.setdefault(row["case"], []).append((row["instance"], row["order_id"]))
    return cases


def _text(value: Any) -> str:
    if value is None:
        return ""
    return iso(value) if isinstance(value, datetime) else str(value)


def _write(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
