"""What `crossdock check` asks of a connector, and what it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

#: Vendors support a dated version for 12 to 18 months; this leaves time to move.
OLD_AFTER_MONTHS = 9


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: What was looked at, as a statement that holds if it is ok.
        ok: Whether it holds.
        advice: What to do, where it does not; or what to know, where it does.
        fixed: It did not hold before, and was put right.
    """

    what: str
    ok: bool
    advice: str = ""
    fixed: bool = False


class Check(Protocol):
    """A connector's own checks, registered as entry point `crossdock.checks`."""

    def __call__(self, config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
        """Look at the account; put right what can be put right if `fix` says so."""
        ...


def version_age(version: str, today: date) -> Finding:
    """Whether a version named by year and month, such as `2026-09`, is recent."""
    what = f"API version {version} is recent"
    try:
        released = date.fromisoformat(f"{version}-01")
    except ValueError:
        return Finding(what, ok=False, advice="it has no date: set api_version to a dated one")
    months = (today.year - released.year) * 12 + today.month - released.month
    if months <= OLD_AFTER_MONTHS:
        return Finding(what, ok=True)
    return Finding(what, ok=False, advice=f"it is {months} months old: set a newer api_version")
