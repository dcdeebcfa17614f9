"""Reads Singer messages as bytes: runs of records are handed on unparsed, all at once."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, TypedDict, cast

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerReader

from crossdock.errors import CrossdockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

BLOCK = 1 << 20
LONGEST_LINE = 16 << 20
"""No tap of ours writes a longer one: it reports what would be one, with its key."""

_KEPT_OF_OVERLONG = 64 << 10
_STREAM = re.compile(rb'"stream"\s*:\s*("(?:[^"\\]|\\.)*")')
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
_RECORD = re.compile(rb'"type"\s*:\s*"RECORD"')

logger = logging.getLogger(__name__)


class Run(TypedDict):
    """Lines of RECORD messages of one stream that came one after the other."""

    type: str
    stream: str
    lines: bytes
    count: int
    overlong: bool


class InvalidInput(CrossdockError):  # noqa: N818
    """A line is no Singer message."""


class _Envelope(msgspec.Struct):
    type: str
    stream: str | None = None
    record: msgspec.Raw = msgspec.Raw(b"null")


class _Head:
    """How the lines of a stream's records begin; nothing else does, nor a part of a line."""

    def __init__(self, stream: str, head: bytes) -> None:
        self.stream = stream
        self.run = re.compile(b"(?:" + re.escape(head) + rb"[^\n]*+\n)++")
        self._head = head

    def lines_of(self, block: bytes) -> int:
        """The number of lines, if all of them begin so; else 0. Quicker than the pattern."""
        if not block.startswith(self._head):
            return 0
        count = block.count(b"\n")
        return count if block.count(b"\n" + self._head) == count - 1 else 0


class RunReader(GenericSingerReader[bytes]):
    """Finds runs of records by the text before their `record`, which a tap writes alike."""

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: Mapping[str, Callable[[Any], None]] = {}
        self._counts: Counter[str] = Counter()
        self._heads: dict[str, _Head] = {}
        self._current: _Head | None = None
        self._line_number = 0

    @property
    def default_input(self) -> IO[bytes]:
        """Standard input, as bytes."""
        return sys.stdin.buffer

    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        """Decode one message."""
        try:
            return msgspec.json.decode(line, type=dict[str, Any])
        except _UNREADABLE:
            raise self._invalid() from None

    def process_lines(
        self, file_input: IO[Any] | None, callbacks: Mapping[str, Callable[[Any], None]]
    ) -> Counter[str]:
        """Read all messages.

        After a fatal error the rest of the input is read to its end, so that the tap does not
        fail as well, over a broken pipe.
        """
        source = file_input or self.default_input
        self._callbacks, self._counts = callbacks, Counter()
        try:
            for block in blocks(source):
                if isinstance(block, Overlong):
                    self._overlong(block.head)
                elif block.endswith(b"\n"):
                    self._block(block)
                elif _cut_off(block):
                    logger.warning("The input ended in the middle of a line: the tap was stopped.")
                else:
                    self._block(block + b"\n")
        except Exception:
            drain(source)
            raise
        return self._counts

    def _block(self, block: bytes) -> None:
        start, end = 0, len(block)
        if self._current and (count := self._current.lines_of(block)):
            self._line_number += count
            self._hand_on(self._current.stream, block, count)
            return
        while start < end:
            run = self._current.run.match(block, start) if self._current else None
            if self._current and run:
                count = run.group().count(b"\n")
                self._line_number += count
                self._hand_on(self._current.stream, run.group(), count)
                start = run.end()
                continue
            stop = block.index(b"\n", start) + 1
            line = block[start:stop]
            start = stop
            self._line_number += 1
            if not line.isspace():
                self._line(line)

    def _line(self, line: bytes) -> None:
        try:
            envelope = msgspec.json.decode(line, type=_Envelope)
        except _UNREADABLE:
            stream = _stream_of(line)
            if stream is None:
                raise self._invalid() from None
            self._hand_on(stream, line)
            return
        if envelope.type == "RECORD" and envelope.stream is not None:
            self._hand_on(envelope.stream, line)
            self._expect(envelope.stream, line)
            return
        callback = self._callbacks.get(envelope.type)
        if callback is None or envelope.type == "RECORD":
            raise self._invalid()
        callback(self.deserialize_json(line))
        self._counts[envelope.type] += 1

    def _hand_on(
        self, stream: str, lines: bytes, count: int = 1, *, overlong: bool = False
    ) -> None:
        run = Run(type="RECORD", stream=stream, lines=lines, count=count, overlong=overlong)
        self._callbacks["RECORD"](run)
        self._counts["RECORD"] += count

    def _expect(self, stream: str, line: bytes) -> None:
        """Look for more lines that begin like this one, up to the value of `record`."""
        if stream not in self._heads:
            head = line[: line.find(b'"record"') + len(b'"record"')]
            try:
                seen = msgspec.json.decode(head + b":null}", type=_Envelope)
            except _UNREADABLE:
                return
            if (seen.type, seen.stream) != ("RECORD", stream):
                return
            self._heads[stream] = _Head(stream, head)
        self._current = self._heads[stream]

    def _overlong(self, head: bytes) -> None:
        self._line_number += 1
        stream = _stream_of(head)
        if stream is None:
            raise self._invalid(f"is longer than {LONGEST_LINE >> 20} MiB")
        self._hand_on(stream, head, overlong=True)

    def _invalid(self, what: str = "is no Singer message") -> InvalidInput:
        return InvalidInput(
            f"line {self._line_number} of the input {what}",
            hint="look at what the tap writes; nothing after the last state is lost",
        )


class Overlong:
    """A line that is longer than we are willing to hold; only its beginning is kept."""

    def __init__(self, head: bytes) -> None:
        self.head = head


def blocks(source: Any) -> Iterator[bytes | Overlong]:
    """Whole lines, as many at once as have come; memory is bounded whatever their length.

    Only the last line may lack its end.
    """
    read = _reader(source)
    rest = bytearray()
    head = b""
    while chunk := read(BLOCK):
        cut = chunk.rfind(b"\n") + 1
        if not cut:
            if not head:
                rest += chunk
            if len(rest) > LONGEST_LINE:
                head = bytes(rest[:_KEPT_OF_OVERLONG])
                rest.clear()
            continue
        start = 0
        if head or len(rest) + chunk.index(b"\n") > LONGEST_LINE:
            start = chunk.index(b"\n") + 1
            yield Overlong(head or bytes(rest + chunk[:start])[:_KEPT_OF_OVERLONG])
            head = b""
            rest.clear()
        if start < cut:
            yield b"".join((rest, memoryview(chunk)[start:cut]))
        rest = bytearray(memoryview(chunk)[cut:])
    if head:
        yield Overlong(head)
    elif rest:
        yield bytes(rest)


def _cut_off(line: bytes) -> bool:
    """Whether a line is the beginning of an object and no more, as a killed tap leaves it.

    It can be left out, for no state has covered it yet.
    """
    if not line.lstrip().startswith(b"{"):
        return False
    try:
        json.loads(line.decode(errors="replace"))
    except (ValueError, RecursionError):
        return True
    return False


def drain(source: Any) -> None:
    """Read the input to its end and forget it, unless a person is typing it."""
    source = getattr(source, "buffer", source)
    if source.isatty():
        return
    read = _reader(source)
    while read(BLOCK):
        continue


def _reader(source: Any) -> Callable[[int], bytes]:
    if isinstance(source, io.TextIOBase):
        return lambda size: source.read(size).encode("utf-8", "surrogatepass")
    # read1 gives what is there, without waiting for more
    return cast("Callable[[int], bytes]", getattr(source, "read1", source.read))


def _stream_of(line: bytes) -> str | None:
    """The stream of a RECORD message that cannot be decoded."""
    match = _STREAM.search(line)
    if match is None or not _RECORD.search(line):
        return None
    try:
        return msgspec.json.decode(match[1], type=str)
    except _UNREADABLE:
        return None
