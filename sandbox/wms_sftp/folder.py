"""The folder that the warehouse shares: it writes under another name first, then renames."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.faults import OF_FILES
from sandbox.wms_sftp import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sandbox.faults import Faults

IN, OUT, ARCHIVE, ERROR, DONE = "in", "out", "archive", "error", "in/processed"
NAME = "wms_sftp"


class Folder:
    """What lies on the server; each outgoing file may break as the fault rules say.

    `partial`: half of the file lies there under its final name until `seconds` (60) of the
    sandbox's time have passed. `bad_trailer`: the trailer's count is one too high. `twice`: the
    same content comes again under a later name. `gap`: a number of the sequence is left out.
    `wrong_encoding`: the file is written in Latin-1, with one line more, in which that shows.
    """

    def __init__(self, root: Path, faults: Faults) -> None:
        self.root = root
        self.written: Counter[str] = Counter()
        self._faults = faults
        self._sequence: Counter[str] = Counter()
        self._halves: list[tuple[datetime, str, bytes]] = []
        for name in (IN, OUT, ARCHIVE, ERROR, DONE):
            (root / name).mkdir(parents=True, exist_ok=True)

    def send(
        self,
        kind: str,
        moment: datetime,
        details: Sequence[Sequence[object]],
        total: int,
        header: Iterable[object] = (),
    ) -> str:
        """Write one file for the client; answers its name."""
        fault = self._faults.pick(NAME, f"write {kind}", kinds=OF_FILES)
        broken = fault.rule.kind if fault else None
        if broken == "gap":
            self._sequence[kind] += 1
        number = self._next(kind)
        if broken == "wrong_encoding":
            details = [*details, ["Größe"]]
        text = records.write(kind, number, moment, details, total, header)
        if broken == "bad_trailer":
            text = text.replace(f"\r\nT;{len(details)};", f"\r\nT;{len(details) + 1};")
        content = text.encode(records.ENCODING)
        if broken == "wrong_encoding":
            content = text.encode("latin-1")
        name = records.file_name(kind, moment, number)
        if fault and broken == "partial":
            done_at = moment + timedelta(seconds=fault.rule.seconds or 60)
            self._halves.append((done_at, name, content))
            content = content[: len(content) // 2]
        self._put(name, content, moment)
        if broken == "twice":
            self._put(records.file_name(kind, moment, self._next(kind)), content, moment)
        self.written[kind] += 1
        return name

    def complete(self, now: datetime) -> None:
        """Write the rest of the files of which only half lies there."""
        due = [half for half in self._halves if half[0] <= now]
        self._halves = [half for half in self._halves if half[0] > now]
        for done_at, name, content in due:
            path = self.root / OUT / name
            if path.exists():
                path.write_bytes(content)
                os.utime(path, (done_at.timestamp(), done_at.timestamp()))

    def taken(self, name: str) -> bytes:
        """The content of an order file, which is put away so that nobody takes it twice."""
        path = self.root / IN / name
        content = path.read_bytes()
        target = self.root / DONE / name
        number = 1
        while target.exists():
            number += 1
            target = self.root / DONE / f"{name}.{number}"
        path.rename(target)
        return content

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir() if path.is_file())

    def _next(self, kind: str) -> int:
        self._sequence[kind] += 1
        return self._sequence[kind]

    def _put(self, name: str, content: bytes, moment: datetime) -> None:
        temporary = self.root / OUT / f".{name}.tmp"
        temporary.write_bytes(content)
        seconds = moment.timestamp()
        os.utime(temporary, (seconds, seconds))
        temporary.rename(self.root / OUT / name)
