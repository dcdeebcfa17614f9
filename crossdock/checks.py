"""What `crossdock check` asks of a connector, and what it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: The thing, in a few words.
        ok: Whether it is as it must be.
        advice: What to do where it is not.
        fixed: Whether it was mended just now.
    """

    what: str
    ok: bool
    advice: str = ""
    fixed: bool = False


class Check(Protocol):
    """Registered by a connector under the entry point group `crossdock.checks`, by its system."""

    def __call__(self, config: Mapping[str, Any], *, fix: bool) -> Iterator[Finding]:
        """Look at one account; with `fix`, mend what can be mended without harm."""
        ...
