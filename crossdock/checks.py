"""What `crossdock check` asks of a connector, and what it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

#: Days before the end of a key or a version at which it is time to act.
NOTICE = timedelta(days=30)


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


def version_age(version: str, today: date, lives: int = 12) -> Finding:
    """Whether a version named by year and month, such as `2026-09`, is served for a while.

    Args:
        version: The version that is asked for.
        today: The day.
        lives: Months for which the vendor serves a version.
    """
    what = f"API version {version} is served for {NOTICE.days} days and more"
    try:
        released = date.fromisoformat(f"{version}-01")
    except ValueError:
        return Finding(what, ok=False, advice="it has no date: set api_version to a dated one")
    months = released.month - 1 + lives
    ends = date(released.year + months // 12, months % 12 + 1, 1)
    return Finding(what, today + NOTICE < ends, f"it ends on {ends}: set a newer api_version")


def credentials_end(config: Mapping[str, Any], today: date) -> Iterator[Finding]:
    """Whether the key is good for a while; no API tells, so a person says in the settings."""
    text = config.get("credentials_end")
    if not text:
        return
    what = f"the key is good for {NOTICE.days} days and more"
    try:
        ends = date.fromisoformat(str(text)[:10])
    except ValueError:
        yield Finding(what, False, "credentials_end is no date: write it as 2027-01-31")
        return
    advice = f"it ends on {ends}: make a new one, put it into .env, and set credentials_end"
    yield Finding(what, today + NOTICE < ends, advice)
