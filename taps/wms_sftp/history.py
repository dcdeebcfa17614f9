"""What the state knows of files: those that were read, and those that are still being written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from crossdock.files.sftp import Entry

Status = Literal["loaded", "duplicate", "held", "conflict", "waiting", "unknown", "not_read"]
FILES, WAITING, LAYOUT = "files", "waiting", "layout"
DONE: tuple[Status, ...] = ("loaded", "duplicate")
_DIGITS = 32


@dataclass(frozen=True)
class Seen:
    """A file as it was when it was judged."""

    size: int
    modified: int
    sha256: str
    status: Status

    def same(self, entry: Entry) -> bool:
        """Whether the file looks as it did then."""
        return (self.size, self.modified) == (entry.size, entry.modified)

    def is_content(self, sha256: str) -> bool:
        """Whether this is the file's content."""
        return bool(sha256) and self.sha256 == sha256[:_DIGITS]


class History:
    """The files that earlier runs have judged, oldest first.

    Args:
        state: The stream's state, as the loader has committed it.
    """

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._files: dict[str, Seen] = {
            name: Seen(*told) for name, told in (state.get(FILES) or {}).items()
        }
        self._waiting: dict[str, list[Any]] = dict(state.get(WAITING) or {})
        self.layout: str | None = state.get(LAYOUT)

    def get(self, name: str) -> Seen | None:
        """How a file was judged, if it was."""
        return self._files.get(name)

    def twin(self, sha256: str, name: str) -> str | None:
        """Another file that was read and had this content, by the name that it had."""
        for other, seen in self._files.items():
            if other != name and seen.status == "loaded" and seen.is_content(sha256):
                return other.partition("\n")[0]
        return None

    def put(self, entry: Entry, sha256: str, status: Status) -> None:
        """Remember how a file was judged; what the name held before is kept beside it."""
        before = self._files.pop(entry.name, None)
        if before is not None and before.status == "loaded" and not before.is_content(sha256):
            self._files[f"{entry.name}\n{before.sha256[:8]}"] = before
        self._files[entry.name] = Seen(entry.size, entry.modified, sha256[:_DIGITS], status)
        self._waiting.pop(entry.name, None)

    def unchanged_since(self, entry: Entry, now: datetime) -> datetime:
        """Since when a file has looked as it does; a first look is remembered."""
        told = self._waiting.get(entry.name)
        if told is None or told[:2] != [entry.size, entry.modified]:
            told = [entry.size, entry.modified, now.isoformat()]
            self._waiting[entry.name] = told
        return datetime.fromisoformat(told[2])

    def notes(self, present: Collection[str], most: int, layout: str) -> dict[str, Any]:
        """What goes into the state: all files that lie there, and the newest of the others."""
        away = [name for name in self._files if name not in present]
        forgotten = set(away[: max(0, len(away) - most)])
        return {
            FILES: {
                name: [seen.size, seen.modified, seen.sha256, seen.status]
                for name, seen in self._files.items()
                if name not in forgotten
            },
            WAITING: {name: told for name, told in self._waiting.items() if name in present},
            LAYOUT: layout,
        }
