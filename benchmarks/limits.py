"""How much of each vendor's limit a tap uses for records, 100 ms away, once the burst is spent.

    python -m benchmarks.limits [--vendors shopify,shiphero] [--seconds 60] [--share 1]
                                [--json FOLDER]

used = what the vendor charged, for answers whose records were emitted once,
       / (the limit's rate x time x share)

The vendor's stand-in counts charges and refusals; this program counts records as they come out
of the tap, and a second one of the same key is no use.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx

from benchmarks.accounts import ACCOUNTS
from benchmarks.measuring import Failed, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.accounts import Account
    from benchmarks.measuring import Row

PROGRAMS = Path(sys.executable).parent
POLL = 0.25
SPENT = 0.1
"""Part of the burst that may be left when measuring begins."""
SETTLE = 5.0
PATIENCE = 30.0
"""Seconds after which measuring begins anyway: the tap does not even use up the burst."""


class Emitted(threading.Thread):
    """Counts records as they come out of a tap; one key of a stream counts once."""

    def __init__(self, lines: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._lines = lines
        self._keys: dict[str, list[str]] = {}
        self._seen: set[int] = set()
        self.total = 0

    def run(self) -> None:
        """Read to the end."""
        for line in self._lines:
            message = json.loads(line)
            if message["type"] == "SCHEMA":
                self._keys[message["stream"]] = message["key_properties"]
            elif message["type"] == "RECORD" and not message["stream"].startswith("_crossdock"):
                record, stream = message["record"], message["stream"]
                key = (stream, *(str(record.get(name)) for name in self._keys[stream]))
                self._seen.add(hash(key))
                self.total += 1

    @property
    def once(self) -> int:
        """Records, without those that came again."""
        return len(self._seen)


@dataclass(frozen=True)
class Sample:
    """What was charged, refused, answered and emitted up to a moment."""

    at: float
    consumed: float
    refused: int
    answers: int
    total: int
    once: int


@contextmanager
def served(vendor: str) -> Iterator[str]:
    """The account in a process of its own; yields its address."""
    command = [sys.executable, "-m", "benchmarks.accounts", vendor]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.kill()


@contextmanager
def reading(folder: Path, account: Account, url: str, share: float) -> Iterator[Any]:
    """The tap on its first reading."""
    config = {**account.config, "api_url": url, "share": share, "concurrency": 8}
    path = folder / "tap.json"
    path.write_text(json.dumps(config))
    env = {k: v for k, v in os.environ.items() if not k.startswith("CROSSDOCK_")}
    env["CROSSDOCK_PROJECT"] = str(folder)
    command = [str(PROGRAMS / account.tap), "--config", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, cwd=folder) as tap:
        try:
            yield tap
        finally:
            tap.kill()


def measure(vendor: str, seconds: float, share: float) -> Row:
    """One vendor's row.

    Raises:
        Failed: The account was read to its end before the time was up.
    """
    account = ACCOUNTS[vendor]
    with (
        tempfile.TemporaryDirectory() as name,
        served(vendor) as base,
        reading(Path(name), account, f"{base}/{vendor}", share) as tap,
    ):
        emitted = Emitted(tap.stdout)
        emitted.start()
        burst = Burst(account.burst * share, account.rate * share)
        samples = list(_samples(base, tap, emitted, burst, seconds))
    # From one charge to another: large ones come seconds apart, and must not be cut through.
    charged = [now for before, now in pairwise(samples) if now.consumed > before.consumed]
    first, last = charged[0], charged[-1]
    if last.at - first.at < seconds:
        raise Failed(f"{vendor}: it was read within {last.at - first.at:.0f} s: make it larger")
    return _row(vendor, account, share, first, last)


class Burst:
    """What is left of it: it comes back at the limit's rate while it is being spent."""

    def __init__(self, size: float, rate: float) -> None:
        self._size = self._left = size
        self._rate = rate
        self._began = self._at = time.monotonic()
        self._consumed = 0.0
        self._spent_at: float | None = None

    def is_over(self, consumed: float) -> bool:
        """Whether it has been spent for a while."""
        now = time.monotonic()
        back = (now - self._at) * self._rate
        self._left = min(self._size, self._left + back) - (consumed - self._consumed)
        self._at, self._consumed = now, consumed
        if consumed and self._left <= SPENT * self._size and self._spent_at is None:
            self._spent_at = now
        spent_for = 0.0 if self._spent_at is None else now - self._spent_at
        return spent_for >= SETTLE or now - self._began > PATIENCE


def _samples(
    base: str, tap: subprocess.Popen[bytes], emitted: Emitted, burst: Burst, seconds: float
) -> Iterator[Sample]:
    """From when the burst is spent until the time is up, or the tap ends."""
    began: float | None = None
    with httpx.Client(timeout=30) as client:
        while tap.poll() is None and (began is None or time.monotonic() - began < seconds + SETTLE):
            told = client.get(f"{base}/consumed").json()
            now = time.monotonic()
            if began is not None or burst.is_over(told["consumed"]):
                began = began or now
                yield Sample(now, **told, total=emitted.total, once=emitted.once)
            time.sleep(POLL)
    if began is None:
        raise Failed(f"the tap ended with {tap.poll()} before the burst was spent")


def _row(vendor: str, account: Account, share: float, first: Sample, last: Sample) -> Row:
    took = last.at - first.at
    grown = Counter({name: getattr(last, name) - getattr(first, name) for name in (
        "consumed", "refused", "answers", "total", "once")})  # fmt: skip
    useful = grown["once"] / grown["total"] if grown["total"] else 0.0
    return {
        "vendor": vendor,
        "limit": f"{account.rate:g} {account.unit}/s",
        "share": share,
        "seconds": took,
        "used": grown["consumed"] * useful / (account.rate * share * took),
        "emitted once": useful,
        "records/s": grown["once"] / took,
        "answers/s": grown["answers"] / took,
        "% refused": 100 * grown["refused"] / max(1, grown["answers"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vendors", default=",".join(ACCOUNTS))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--json", type=Path, help="folder for the figures")
    options = parser.parse_args()
    rows = [
        measure(vendor, options.seconds, options.share) for vendor in options.vendors.split(",")
    ]
    show("Use of the vendors' limits", rows, options.json and options.json / "limits.json")


if __name__ == "__main__":
    main()
