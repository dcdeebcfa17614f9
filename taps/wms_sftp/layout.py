"""The layout of a warehouse's files: read from YAML, and checked before anything is read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from crossdock.errors import SettingsError
from taps.wms_sftp.shapes import OWN, REQUIRED, SNAPSHOTS

_SCHEMA = Path(__file__).with_name("layout.schema.json")
_UTC = ZoneInfo("UTC")
_TEMPORARY = (".*", "*.tmp", "*.part", "*.filepart", "*~")


@dataclass(frozen=True)
class Field:
    """Where a value stands in a line, and how it is read."""

    name: str
    column: int | str | None = None
    start: int = 0
    length: int = 0
    type: Literal["text", "integer", "decimal", "date", "datetime"] = "text"
    required: bool = False
    format: str = ""
    zone: ZoneInfo = _UTC
    codes: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    decimal_separator: str = "."
    implied_decimals: int = 0


@dataclass(frozen=True)
class Trailer:
    """The last line, and which of its fields count and add up the details."""

    fields: tuple[Field, ...]
    required: bool = True
    count: str | None = None
    sums: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileType:
    """One kind of file: the stream that its details become."""

    code: str
    stream: str
    detail: tuple[Field, ...]
    header: tuple[Field, ...] = ()
    trailer: Trailer | None = None
    columns: int | None = None
    line_length: int | None = None
    repeats: Literal["hold", "load"] = "hold"


@dataclass(frozen=True)
class RecordType:
    """Where a line says what it is."""

    detail: str
    header: str | None = None
    trailer: str | None = None
    column: int = 0
    start: int = 0
    length: int = 0


@dataclass(frozen=True)
class Sequence:
    """How files are numbered."""

    check: bool = True
    resets: Literal["never", "daily"] = "never"
    first: int = 1
    last: int | None = None


@dataclass(frozen=True)
class Layout:
    """Everything that the settings file says.

    Attributes:
        digest: Changes with the file: what did not fit before may fit now.
        has_orders: It says what order files look like, which target-wms-sftp reads.
    """

    style: Literal["delimited", "fixed_width"]
    pattern: re.Pattern[str]
    files: Mapping[str, FileType]
    digest: str
    encoding: str = "utf-8"
    zone: ZoneInfo = _UTC
    stamp: str = "%Y%m%d%H%M%S"
    delimiter: str = ","
    quote: str | None = '"'
    header_row: bool = False
    record_type: RecordType | None = None
    temporary: tuple[str, ...] = _TEMPORARY
    ignore: tuple[str, ...] = ()
    done_suffix: str | None = None
    sequence: Sequence = Sequence()
    has_orders: bool = False

    def passes_over(self, name: str) -> bool:
        """Whether a file is none of ours: another name is still to come, or it only tells."""
        telling = (f"*{self.done_suffix}",) if self.done_suffix else ()
        patterns = (*self.temporary, *self.ignore, *telling)
        return any(fnmatchcase(name, pattern) for pattern in patterns)

    @cached_property
    def streams(self) -> Mapping[str, list[FileType]]:
        """The kinds of files of each stream."""
        found: dict[str, list[FileType]] = {}
        for kind in self.files.values():
            found.setdefault(kind.stream, []).append(kind)
        return found


def load(path: Path) -> Layout:
    """Read a layout.

    Raises:
        SettingsError: It cannot be read or is wrong; the message holds the path of the key.
    """
    try:
        text = path.read_text("utf-8")
        body = yaml.safe_load(text)
    except OSError as error:
        raise SettingsError(
            f"layout {path} cannot be read: {error.strerror}",
            hint="name an existing file in the setting layout",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"layout {path.name} is no YAML: {error}") from error
    return parse(body, path.name)


def parse(body: Any, name: str) -> Layout:
    """Check a layout and make it.

    Raises:
        SettingsError: It is wrong; the message holds the path of the key.
    """
    found = best_match(Draft202012Validator(json.loads(_SCHEMA.read_bytes())).iter_errors(body))
    if found is not None:
        raise _wrong(name, [*found.absolute_path], found.message)
    return _Maker(body, name).layout()


def _wrong(name: str, path: list[Any], message: str) -> SettingsError:
    where = ".".join(map(str, path)) or "the whole file"
    return SettingsError(
        f"layout {name}: {where}: {message}", hint="correct it there; README.md shows every key"
    )


class _Maker:
    """Makes the layout of a body whose form is right, and checks what a schema cannot."""

    def __init__(self, body: Mapping[str, Any], name: str) -> None:
        self._body = body
        self._name = name
        self._fixed = body["style"] == "fixed_width"

    def layout(self) -> Layout:
        body, names = self._body, self._body["names"]
        zone = self._zone(body.get("time_zone", "UTC"), "time_zone")
        files = {code: self._file(code, spec, zone) for code, spec in self._body["files"].items()}
        only = ("delimiter", "quote", "header_row")
        if self._fixed and (wrong := [key for key in only if key in body]):
            self._fail("a file of fixed width has none", wrong[0])
        return Layout(
            style=body["style"],
            pattern=self._pattern(names["pattern"]),
            files=files,
            digest=hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16],
            encoding=self._encoding(body.get("encoding", "utf-8")),
            zone=zone,
            stamp=names.get("stamp", Layout.stamp),
            delimiter=body.get("delimiter", ","),
            quote=body.get("quote", '"'),
            header_row=body.get("header_row", False),
            record_type=self._record_type(body.get("record_type")),
            temporary=tuple(names.get("temporary", _TEMPORARY)),
            ignore=tuple(names.get("ignore", ())),
            done_suffix=body.get("done_suffix"),
            sequence=Sequence(**body.get("sequence", {})),
            has_orders="orders" in body,
        )

    def _fail(self, message: str, *path: Any) -> None:
        raise _wrong(self._name, list(path), message)

    def _encoding(self, encoding: str) -> str:
        try:
            plain = "\nAZ09".encode(encoding) == b"\nAZ09"
        except LookupError:
            self._fail(f"{encoding!r} is no known encoding", "encoding")
        if not plain:
            self._fail("lines cannot be told apart in this encoding", "encoding")
        return encoding

    def _zone(self, name: str, *path: Any) -> ZoneInfo:
        if name not in available_timezones():
            self._fail(f"{name!r} is no known time zone", *path)
        return ZoneInfo(name)

    def _pattern(self, text: str) -> re.Pattern[str]:
        try:
            pattern = re.compile(text)
        except re.error as error:
            self._fail(f"no regular expression: {error}", "names", "pattern")
        if "type" not in pattern.groupindex:
            self._fail("there is no group (?P<type>...)", "names", "pattern")
        known = {"type", "client", "stamp", "sequence"}
        if unknown := sorted(set(pattern.groupindex) - known):
            self._fail(f"unknown group {unknown[0]!r}", "names", "pattern")
        return pattern

    def _record_type(self, spec: Mapping[str, Any] | None) -> RecordType | None:
        if spec is None:
            return None
        wanted = ("start", "length") if self._fixed else ("column",)
        if missing := [key for key in wanted if key not in spec]:
            self._fail("it is missing", "record_type", missing[0])
        return RecordType(**spec)

    def _file(self, code: str, spec: Mapping[str, Any], zone: ZoneInfo) -> FileType:
        path = ("files", code)
        parts = {
            part: self._fields(spec[part], zone, *path, part)
            for part in ("header", "detail")
            if part in spec
        }
        typed = self._body.get("record_type") or {}
        for part in ("header", "trailer"):
            if part in spec and part not in typed:
                self._fail(f"record_type.{part} does not say how it is known", *path, part)
        if own := sorted({each.name for each in parts["detail"]} & set(OWN)):
            self._fail("the tap itself fills this field", *path, "detail", own[0])
        names = {each.name for fields in parts.values() for each in fields}
        if missing := sorted(REQUIRED[spec["stream"]] - names):
            self._fail(f"the stream {spec['stream']} needs {missing[0]}", *path, "detail")
        usual = "load" if spec["stream"] in SNAPSHOTS else "hold"
        return FileType(
            code=code,
            stream=spec["stream"],
            detail=parts["detail"],
            header=parts.get("header", ()),
            trailer=self._trailer(spec, parts["detail"], zone, *path, "trailer"),
            columns=spec.get("columns"),
            line_length=spec.get("line_length"),
            repeats=spec.get("repeats", usual),
        )

    def _trailer(
        self, spec: Mapping[str, Any], detail: tuple[Field, ...], zone: ZoneInfo, *path: Any
    ) -> Trailer | None:
        told = spec.get("trailer")
        if told is None:
            return None
        fields = self._fields(told["fields"], zone, *path, "fields")
        numbers = {each.name for each in fields if each.type in ("integer", "decimal")}
        added = {each.name for each in detail if each.type in ("integer", "decimal")}
        if told.get("count") and told["count"] not in numbers:
            self._fail("it names no number among the trailer's fields", *path, "count")
        for name, of in told.get("sums", {}).items():
            if name not in numbers:
                self._fail("it names no number among the trailer's fields", *path, "sums", name)
            if of not in added:
                self._fail(f"{of} is no number among the details' fields", *path, "sums", name)
        return Trailer(fields, told.get("required", True), told.get("count"), told.get("sums", {}))

    def _fields(
        self, specs: Mapping[str, Mapping[str, Any]], zone: ZoneInfo, *path: Any
    ) -> tuple[Field, ...]:
        return tuple(self._field(name, spec, zone, *path, name) for name, spec in specs.items())

    def _field(self, name: str, spec: Mapping[str, Any], zone: ZoneInfo, *path: Any) -> Field:
        places: tuple[list[str], list[str]] = (["column"], ["start", "length"])
        wanted, others = reversed(places) if self._fixed else places
        if missing := [key for key in wanted if key not in spec]:
            self._fail("it is missing", *path, missing[0])
        if wrong := [key for key in others if key in spec]:
            self._fail(f"it does not belong to the style {self._body['style']}", *path, wrong[0])
        named = isinstance(spec.get("column"), str)
        of_row = path[-2] == "detail" and bool(self._body.get("header_row"))
        if not self._fixed and named is not of_row:
            told = "a name, as header_row is on" if of_row else "a number"
            self._fail(f"it must be {told}", *path, "column")
        kind = spec.get("type", "text")
        if (kind in ("date", "datetime")) is not ("format" in spec):
            told = "a date needs one" if kind.startswith("date") else "only dates have one"
            self._fail(told, *path, "format")
        own = {key: spec[key] for key in spec if key not in ("time_zone", "blank")}
        if "time_zone" in spec:
            zone = self._zone(spec["time_zone"], *path, "time_zone")
        return Field(name=name, zone=zone, blank=tuple(spec.get("blank", ())), **own)
