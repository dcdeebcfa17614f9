"""Writes Singer messages: encoded by msgspec, and flushed where it matters."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerWriter, SingerMessageType
from singer_sdk.singerlib.messages import Message

_FLUSH_AT = 1 << 16
LONGEST_RECORD = 16 << 20
"""Bytes of one line beyond which a record is not handed on."""


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)


_encoder = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number")


def encode(message: dict[str, Any]) -> bytes:
    """One line of JSON."""
    try:
        return _encoder.encode(message) + b"\n"
    except UnicodeEncodeError:
        # A lone surrogate: written as its escape, for the loader to judge.
        return json.dumps(message, default=_plain).encode("ascii") + b"\n"


class LineWriter(GenericSingerWriter[bytes, Message]):
    """Holds records back until there are enough of them, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()
        self.writing = False
        """Whether lines are on their way out; who interrupts now cuts one in two."""

    def serialize_message(self, message: Message) -> bytes:
        """One line of JSON."""
        return encode(message.to_dict())

    def write_message(self, message: Message) -> None:
        """Write any message; all but records leave at once."""
        self._held += self.serialize_message(message)
        if message.type != SingerMessageType.RECORD:
            self.flush()

    def write_record(self, stream: str, record: dict[str, Any], extracted: str) -> int | None:
        """Write a record without building a message object.

        Returns:
            Its length in bytes if it was too long to be written, else None.
        """
        line = encode(
            {"type": "RECORD", "stream": stream, "record": record, "time_extracted": extracted}
        )
        if len(line) > LONGEST_RECORD:
            return len(line)
        self._held += line
        if len(self._held) >= _FLUSH_AT:
            self.flush()
        return None

    def write_batch(self, stream: str, path: Path) -> None:
        """Hand on a file of records, one JSON object a line."""
        encoding = {"format": "jsonl", "compression": "gzip" if path.suffix == ".gz" else "none"}
        manifest = [path.resolve().as_uri()]
        self._held += encode(
            {"type": "BATCH", "stream": stream, "encoding": encoding, "manifest": manifest}
        )
        self.flush()

    def flush(self) -> None:
        """Hand over what is held."""
        if not self._held:
            return
        held, self._held = bytes(self._held), bytearray()
        self.writing = True
        try:
            _write(held)
        finally:
            self.writing = False


def _write(held: bytes) -> None:
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(held.decode())
    else:
        left = memoryview(held)
        while left:
            # An unbuffered stream takes a part only, when a signal comes in between.
            left = left[binary.write(left) or 0 :]
    sys.stdout.flush()
