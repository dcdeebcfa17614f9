"""Numbers of files: which are missing, which came late, which came twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taps.wms_sftp.layout import Sequence
    from taps.wms_sftp.names import Name

MOST_NAMED = 100
"""Missing numbers of one gap that are named one by one; a wider one is told as a jump."""

MOST_AWAITED = 1_000
"""Missing numbers of one group that are still waited for."""


@dataclass
class Findings:
    """What a look at the numbers brought.

    Attributes:
        missing: (group, number) of files that never came.
        arrived: (group, number) of files that were missing and are there now.
        issues: Name of a file to what is odd about its number.
    """

    missing: list[tuple[str, int]] = field(default_factory=list)
    arrived: list[tuple[str, int]] = field(default_factory=list)
    issues: dict[str, str] = field(default_factory=dict)


class Sequences:
    """The last number of each group of files, and the missing ones before it.

    Args:
        rule: How the warehouse numbers its files.
        state: What the state holds.
    """

    def __init__(self, rule: Sequence, state: Mapping[str, Any]) -> None:
        self._rule = rule
        self._last: dict[str, int] = {group: told["last"] for group, told in state.items()}
        self._missing: dict[str, list[int]] = {
            group: list(told["missing"]) for group, told in state.items()
        }

    def see(self, files: Iterable[tuple[str, Name]]) -> Findings:
        """Look at files that were not seen before, oldest first."""
        found = Findings()
        if not self._rule.check:
            return found
        before = {(group, n) for group, numbers in self._missing.items() for n in numbers}
        for name, parts in sorted(files, key=lambda file: (file[1].order, file[0])):
            if parts.sequence is not None and parts.kind is not None:
                self._next(name, self.group(parts), parts.sequence, found)
        after = {(group, n) for group, numbers in self._missing.items() for n in numbers}
        found.missing = sorted(after - before)
        found.arrived = sorted(before - after)
        return found

    def group(self, name: Name) -> str:
        """Files that are numbered together."""
        day = [name.day] if self._rule.resets == "daily" else []
        return "/".join([name.type or "", name.client or "", *day])

    def notes(self) -> dict[str, Any]:
        """What goes into the state."""
        days = sorted({group.rpartition("/")[2] for group in self._last})[-3:]
        daily = self._rule.resets == "daily"
        return {
            group: {"last": last, "missing": self._missing.get(group, [])[-MOST_AWAITED:]}
            for group, last in sorted(self._last.items())
            if not daily or group.rpartition("/")[2] in days
        }

    def _next(self, name: str, group: str, number: int, found: Findings) -> None:
        last = self._last.get(group)
        missing = self._missing.setdefault(group, [])
        if number in missing:
            missing.remove(number)
        elif last is None:
            self._last[group] = number
        elif between := self._between(last, number):
            self._last[group] = number
            if len(between) - 1 > MOST_NAMED:
                found.issues[name] = f"the number jumps from {last} to {number}"
            else:
                missing += [n for n in between if n != number]
        else:
            found.issues[name] = f"the number {number} was used before, or came after {last}"

    def _between(self, last: int, number: int) -> range | list[int]:
        """The numbers after `last` up to this one; empty if it is not ahead."""
        if number > last:
            return range(last + 1, number + 1)
        top = self._rule.last
        if top is not None and last - number > (top - self._rule.first) // 2:
            return [*range(last + 1, top + 1), *range(self._rule.first, number + 1)]
        return []
