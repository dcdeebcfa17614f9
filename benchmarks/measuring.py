"""What all benchmarks share: seconds, processor time, memory, a table and its JSON."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Row = dict[str, Any]


class Failed(Exception):  # noqa: N818
    """A program that is measured did not do its work, so its time means nothing."""


@dataclass(frozen=True)
class Used:
    """What a piece of work took.

    Attributes:
        seconds: By the clock.
        processor: Seconds of processor time, of child processes too; steadier on a busy machine.
        memory_mib: The most memory that the process held; 0 where that was not measured.
    """

    seconds: float
    processor: float
    memory_mib: float = 0.0


def run(
    command: Sequence[str | os.PathLike[str]],
    source: Path | subprocess.Popen[bytes] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Used:
    """Run a program to its end; what it reads is a file, or what another program writes.

    Raises:
        Failed: It did not exit with 0.
    """
    stdin: Any = subprocess.DEVNULL
    if isinstance(source, Path):
        stdin = source.open("rb")
    elif source is not None:
        stdin = source.stdout
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(env) if env else None,
        cwd=cwd,
    )
    if source is not None:
        stdin.close()
    assert process.stderr is not None
    told = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise Failed(f"{command[0]} failed:\n{told.decode()[-2000:]}")
    process.returncode = 0
    return Used(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def here(work: Callable[[], object]) -> Used:
    """Do something in this process."""
    before, started = _processor(), time.perf_counter()
    work()
    return Used(time.perf_counter() - started, _processor() - before)


def _processor() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def middle(found: Iterable[Used], start: Used | None = None) -> Used:
    """Medians, without the time to start up."""
    every = list(found)
    less = start or Used(0, 0)
    return Used(
        max(median(each.seconds for each in every) - less.seconds, 1e-9),
        max(median(each.processor for each in every) - less.processor, 0.0),
        median(each.memory_mib for each in every),
    )


def machine() -> str:
    """What it was measured on: processors, and how busy they were."""
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} processors, load {one:.1f} (1 min) {five:.1f} (5 min)"


def show(title: str, rows: Sequence[Row], json_to: Path | None = None) -> None:
    """Print rows as a table, and write them as JSON."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_text(row.get(name)) for name in names] for row in rows]
    widths = [
        max(len(name), *(len(row[number]) for row in cells)) for number, name in enumerate(names)
    ]
    print(f"\n{title} ({machine()})")
    for line in (names, *cells):
        first, *others = (
            f"{cell:<{width}}" if not number else f"{cell:>{width}}"
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join((first, *others)), flush=True)
    if json_to:
        document = {"title": title, "machine": machine(), "rows": list(rows)}
        json_to.parent.mkdir(parents=True, exist_ok=True)
        json_to.write_text(json.dumps(document, indent=2) + "\n")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
