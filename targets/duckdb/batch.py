"""BATCH messages: files of records that go round the pipe."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from crossdock.errors import CrossdockError
from targets.duckdb.messages import Overlong, Run, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def runs(message: Mapping[str, Any]) -> Iterator[Run]:
    """The records of all files of a BATCH message, as if they had come as RECORD messages.

    Raises:
        CrossdockError: The files are no JSON lines (plain or gzip), or cannot be read.
    """
    stream = str(message.get("stream"))
    encoding = message.get("encoding") or {}
    compression = encoding.get("compression") or "none"
    if encoding.get("format") != "jsonl" or compression not in ("gzip", "none"):
        raise CrossdockError(
            f"a BATCH of {stream} is neither plain nor gzipped JSON lines",
            hint="set batch_config.encoding of the tap to format jsonl",
        )
    for path in files(message):
        yield from _runs_of(stream, path, gzipped=compression == "gzip")


def files(message: Mapping[str, Any]) -> list[Path]:
    """The files of a BATCH message.

    Raises:
        CrossdockError: They are not on this machine.
    """
    return [_path(str(url)) for url in message.get("manifest") or ()]


def _runs_of(stream: str, path: Path, *, gzipped: bool) -> Iterator[Run]:
    head = b'{"type":"RECORD","stream":' + json.dumps(stream).encode() + b',"record":'
    try:
        with gzip.open(path, "rb") if gzipped else path.open("rb") as file:
            for block in blocks(file):
                if isinstance(block, Overlong):
                    yield Run(
                        type="RECORD", stream=stream, lines=block.head, count=1, overlong=True
                    )
                elif lines := _without_blank(block):
                    wrapped = head + lines[:-1].replace(b"\n", b"}\n" + head) + b"}\n"
                    count = lines.count(b"\n")
                    yield Run(
                        type="RECORD", stream=stream, lines=wrapped, count=count, overlong=False
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise CrossdockError(
            f"the BATCH file {path} of {stream} cannot be read: {error}",
            hint="run the tap again: its state did not move on",
        ) from error


def _without_blank(block: bytes) -> bytes:
    lines = block.lstrip(b"\n") + (b"" if block.endswith(b"\n") else b"\n")
    while b"\n\n" in lines:
        lines = lines.replace(b"\n\n", b"\n")
    return lines


def _path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme in ("", "file"):
        return Path(unquote(parts.path) if parts.scheme else url)
    raise CrossdockError(
        f"BATCH files at {parts.scheme}:// are not supported",
        hint="set batch_config.storage.root of the tap to a local folder",
    )
