"""What the name of a file says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossdock.files.sftp import Entry
    from taps.wms_sftp.layout import FileType, Layout


@dataclass(frozen=True)
class Name:
    """The parts of a file's name; `kind` is None where the layout knows no such type."""

    kind: FileType | None
    type: str | None
    client: str | None
    time: datetime
    sequence: int | None
    day: str

    @property
    def order(self) -> tuple[datetime, int]:
        """Files are read in this order, so that the latest word comes last."""
        return self.time, self.sequence or 0


def read(entry: Entry, layout: Layout) -> Name:
    """Read the name of a file; its time is that of the server where the name has none."""
    modified = datetime.fromtimestamp(entry.modified, UTC)
    found = layout.pattern.fullmatch(entry.name)
    if found is None:
        return Name(None, None, None, modified, None, "")
    told = found.groupdict()
    stamp, number = told.get("stamp"), told.get("sequence")
    try:
        time = datetime.strptime(stamp, layout.stamp) if stamp else modified
        time = time.replace(tzinfo=time.tzinfo or layout.zone).astimezone(UTC)
        sequence = int(number) if number else None
    except ValueError:
        return Name(None, told["type"], told.get("client"), modified, None, "")
    return Name(
        layout.files.get(told["type"]),
        told["type"],
        told.get("client"),
        time,
        sequence,
        time.astimezone(layout.zone).strftime("%Y%m%d"),
    )
