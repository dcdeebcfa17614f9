"""The one business clock: the system's, or `CROSSDOCK_NOW` as the start with elapsed time added.

Leases, buckets, back-off and the order of our own reads and writes use real time
(`real_now`); everything that people would call "now" uses `now`.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crossdock import settings
from crossdock.errors import SettingsError

NOW = "CROSSDOCK_NOW"


def real_now() -> datetime:
    """Real time, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """Business time, in UTC.

    Raises:
        SettingsError: `CROSSDOCK_NOW` is no ISO 8601 time.
    """
    text = os.environ.get(NOW)
    if not text:
        return real_now()
    return parse(text) + timedelta(seconds=max(0.0, time.time() - _anchor(text)))


def parse(text: str) -> datetime:
    """Read an ISO 8601 time; one without a zone is UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"{NOW} is no time: {text!r}", hint="write it as 2026-11-23T09:00:00Z"
        ) from error
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def _anchor(start: str) -> float:
    """The real time at which this start was first seen by any process of the project."""
    path: Path = settings.load().state_dir / "clock.json"
    try:
        seen = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        seen = {}
    if seen.get("start") == start:
        return float(seen["anchor"])
    anchor = time.time()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps({"start": start, "anchor": anchor}))
    temporary.replace(path)
    return anchor
