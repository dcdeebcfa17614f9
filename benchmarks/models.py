"""How long the models take as a merchant grows: built in full, and after 1,000 orders changed.

    python -m benchmarks.models                       # 10,000, 100,000 and 1,000,000 orders
    python -m benchmarks.models --orders 10000 --top 10

Model time is from the begin of the first model to the end of the last, as dbt reports it; the
start of dbt, tests and what only people look at (`tag:reconcile`) are left out. The first build
also parses phone numbers and addresses, which later ones find in a cache: it is stated, and then
everything is built once more with the cache filled.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import measuring
from benchmarks.history import NOW, PROJECT, History
from benchmarks.measuring import Used

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measuring import Row

CHANGED = 500  # come new, and as many are shipped
CACHES = (
    "int_identity__phones",
    "int_addresses__writings",
    "int_addresses__split",
    "int_addresses__parsed",
)
"""Models that keep what was parsed; a full build with a filled cache leaves them as they are."""


@dataclass(frozen=True)
class Build:
    """One run of dbt.

    Attributes:
        used: What the process took.
        seconds: Model time.
        slowest: Models and their seconds, the slowest first.
    """

    used: Used
    seconds: float
    slowest: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Project:
    """The models over one warehouse file."""

    folder: Path
    warehouse: Path

    def dbt(self, *arguments: str) -> Build:
        """Run dbt with the settings of the sandbox."""
        settings = {
            "CROSSDOCK_WAREHOUSE": str(self.warehouse),
            "CROSSDOCK_INSTANCES": "shopify:main hubspot:main shiphero:main",
            "CROSSDOCK_BUSINESS_NOW": NOW,
            "CROSSDOCK_DECISIONS": str(self.folder / "decisions"),
            "MELTANO_ENVIRONMENT": "sandbox",
            "DBT_LOG_LEVEL_FILE": "info",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        command = [
            str(Path(sys.executable).parent / "dbt"), "--quiet", *arguments,
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--target-path", str(self.folder / "target"),
            "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip
        try:
            used = measuring.run(command, env=os.environ | settings)
        except measuring.Failed as error:
            log = (self.folder / "logs" / "dbt.log").read_text()
            raise measuring.Failed(log[-3000:]) from error
        return Build(used, *_times(self.folder / "target" / "run_results.json"))

    def models(self, *arguments: str) -> Build:
        """Build the models, and neither tests nor what is only looked at."""
        return self.dbt("run", "--exclude", "tag:reconcile", *_caches(arguments), *arguments)


def _times(results: Path) -> tuple[float, list[tuple[str, float]]]:
    began, ended, each = [], [], []
    for result in json.loads(results.read_text())["results"]:
        for step in result["timing"]:
            if step["name"] == "execute":
                start, end = (
                    datetime.fromisoformat(step[k]) for k in ("started_at", "completed_at")
                )
                began.append(start)
                ended.append(end)
                each.append((result["unique_id"].split(".")[2], (end - start).total_seconds()))
    slowest = sorted(each, key=lambda pair: -pair[1])
    return (max(ended) - min(began)).total_seconds() if each else 0.0, slowest


def measure(orders: int, folder: Path, top: int) -> list[Row]:
    """Build a history of so many orders: from nothing, in full, unchanged, and with changes."""
    history = History(folder / f"{orders}.duckdb", orders, CHANGED)
    history.write()
    project = Project(folder / f"of_{orders}", history.path)
    project.dbt("seed")
    rows = []
    for what, prepare, arguments in (
        ("first", None, []),
        ("full, caches filled", None, ["--full-refresh"]),
        ("nothing changed", None, []),
        ("1,000 orders changed", history.change, []),
    ):
        if prepare:
            prepare()
        build = project.models(*arguments)
        rows.append(_row(orders, what, build))
        for name, seconds in build.slowest[:top]:
            print(f"    {seconds:8.2f} s  {name}", flush=True)
    return rows


def _caches(arguments: Sequence[str]) -> Sequence[str]:
    return CACHES if "--full-refresh" in arguments else ()


def _row(orders: int, what: str, build: Build) -> Row:
    row: dict[str, Any] = {
        "orders": orders,
        "build": what,
        "model seconds": build.seconds,
        "process seconds": build.used.seconds,
        "processor seconds": build.used.processor,
        "memory MiB": build.used.memory_mib,
    }
    print(row, flush=True)
    return row


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--top", type=int, default=0, help="show so many of the slowest models")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for orders in chosen.orders:
            rows += measure(orders, Path(folder), chosen.top)
    measuring.show("models", rows, chosen.json)


if __name__ == "__main__":
    main()
