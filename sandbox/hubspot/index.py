"""The index behind search, which sees every write some seconds late."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LAG = timedelta(seconds=4)

Snapshot = dict[str, str]


class SearchIndex:
    """Id to the values that search sees of it."""

    def __init__(self) -> None:
        self._visible: dict[str, Snapshot] = {}
        self._pending: deque[tuple[datetime, str, Snapshot | None]] = deque()

    def push(self, at: datetime, record_id: str, snapshot: Snapshot | None) -> None:
        """Note a write; None takes the record out."""
        self._pending.append((at, record_id, snapshot))

    def visible(self, now: datetime) -> Mapping[str, Snapshot]:
        """What search sees now: writes that are older than the lag."""
        while self._pending and self._pending[0][0] + LAG <= now:
            _, record_id, snapshot = self._pending.popleft()
            if snapshot is None:
                self._visible.pop(record_id, None)
            else:
                self._visible[record_id] = snapshot
        return self._visible
