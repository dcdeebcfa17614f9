"""How fast `target-duckdb` loads, beside a plain insert and what DuckDB itself can do.

    python -m benchmarks.load [--records 200000] [--json FILE] [--peer EXECUTABLE]

Each way loads the same Singer lines (7 fields, two of them nested) into a new table and then
over the same rows, five times; medians count, and the time to start up is taken off.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from crossdock.warehouse import connect, ident, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    Seconds = tuple[float, float]

STREAM, SCHEMA = "orders", "raw_shop_main"
TEXT = {"type": ["string", "null"]}
PROPERTIES = {
    "id": {"type": "string"},
    "name": TEXT,
    "updatedAt": {"type": ["string", "null"], "format": "date-time"},
    "total": TEXT,
    "count": {"type": ["integer", "null"]},
    "customer": {"type": ["object", "null"]},
    "lineItems": {"type": ["array", "null"]},
}
DUCKDB = ["VARCHAR", "VARCHAR", "TIMESTAMPTZ", "VARCHAR", "BIGINT", "JSON", "JSON"]
COLUMNS = dict(zip(PROPERTIES, DUCKDB, strict=True))
REPEATS = 5
FEW = 2_000  # an insert by row is so slow that more would only take longer


def write_lines(path: Path, records: int) -> None:
    with path.open("w") as file:
        schema = {"properties": PROPERTIES}
        message: dict[str, Any] = {"type": "SCHEMA", "stream": STREAM, "schema": schema}
        file.write(json.dumps({**message, "key_properties": ["id"]}) + "\n")
        for number in range(records):
            record = {
                "id": f"gid://shopify/Order/{number}",
                "name": f"#{number}",
                "updatedAt": f"2026-11-23T09:{number // 60 % 60:02}:{number % 60:02}Z",
                "total": f"{number % 1000}.99",
                "count": number % 17,
                "customer": {"id": number % 5000, "email": f"user{number % 5000}@example.org"},
                "lineItems": [
                    {"sku": f"SKU-{number % 77}", "quantity": 1 + number % 3, "price": "12.50"}
                ],
            }
            file.write(json.dumps({"type": "RECORD", "stream": STREAM, "record": record}) + "\n")
        file.write(json.dumps({"type": "STATE", "value": {"bookmarks": {STREAM: records}}}) + "\n")


def processor_seconds() -> float:
    """What this process and its children have used so far; steadier than time on a busy machine."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def repeated(
    file: Path, run: Callable[[], None], start: Callable[[], None] | None = None
) -> dict[str, float]:
    """Medians of a few loads into a new file and over the same rows, each without its start."""
    found: dict[str, list[float]] = {"first": [], "again": [], "processor": [], "start_up": []}
    for _ in range(REPEATS):
        file.unlink(missing_ok=True)
        start_wall, start_used = timed(start) if start else (0.0, 0.0)
        wall, used = timed(run)
        found["first"].append(wall - start_wall)
        found["processor"].append(used - start_used)
        found["again"].append(timed(run)[0] - start_wall)
        found["start_up"].append(start_wall)
    return {name: median(values) for name, values in found.items()}


def timed(run: Callable[[], None]) -> Seconds:
    """Seconds by the clock, and of processor time."""
    used, started = processor_seconds(), time.perf_counter()
    run()
    return time.perf_counter() - started, processor_seconds() - used


def by_program(program: str, config: dict[str, Any], path: Path, folder: Path) -> dict[str, float]:
    """Seconds of a target, without its start, and the most memory that it took."""
    settings = folder / "config.json"
    settings.write_text(json.dumps(config))
    empty = folder / "empty.jsonl"
    empty.write_text("")

    def run(lines: Path) -> None:
        with lines.open("rb") as file:
            subprocess.run(
                [program, "--config", str(settings)], stdin=file, check=True, capture_output=True
            )

    found = repeated(Path(config["path"]), lambda: run(path), lambda: run(empty))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return found | {"memory_mib": memory}


def by_reader(path: Path, folder: Path) -> dict[str, float]:
    """DuckDB reads the lines itself, and nothing is checked."""
    declared = ", ".join(f"{ident(name)} {kind}" for name, kind in COLUMNS.items())
    struct = f"STRUCT({declared})"
    columns = f"{{'type': 'VARCHAR', 'record': {literal(struct)}}}"
    source = (
        f"select unnest(record) from read_json({literal(str(path))}, columns = {columns},"
        " format = 'newline_delimited') where type = 'RECORD'"
    )
    file = folder / "reader.duckdb"

    def run() -> None:
        with connect(file, read_only=False) as warehouse:
            warehouse.execute(f"create table if not exists t ({declared})")
            warehouse.execute(
                f"merge into t using ({source}) s on t.id = s.id"
                " when matched then update when not matched then insert"
            )

    return repeated(file, run)


def by_rows(path: Path, folder: Path) -> dict[str, float]:
    """One insert for each record, all in one transaction."""
    marks = ", ".join("?" for _ in COLUMNS)
    declared = ", ".join(f"{ident(name)} {kind}" for name, kind in COLUMNS.items())
    rows = []
    with path.open() as file:
        for line in file:
            message = json.loads(line)
            if message["type"] == "RECORD" and len(rows) < FEW:
                values = (message["record"][name] for name in COLUMNS)
                rows.append([json.dumps(v) if isinstance(v, dict | list) else v for v in values])
    with connect(folder / "rows.duckdb", read_only=False) as warehouse:
        warehouse.execute(f"create table t ({declared}, primary key (id))")

        def run() -> None:
            with warehouse.transaction():
                for row in rows:
                    warehouse.execute(f"insert or replace into t values ({marks})", row)

        first, processor = timed(run)
        return {"first": first, "processor": processor}


def measure(records: int, peer: str | None) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "orders.jsonl"
        write_lines(path, records)
        print(
            f"{records:,} records, {path.stat().st_size / 1e6:.0f} MB of Singer lines", flush=True
        )
        ours = Path(sys.executable).with_name("target-duckdb")
        config = {"path": str(folder / "ours.duckdb"), "default_target_schema": SCHEMA}
        found = [
            {"way": "target-duckdb", "records": records}
            | by_program(str(ours), config, path, folder),
            {"way": "DuckDB's own reader + MERGE, unchecked", "records": records}
            | by_reader(path, folder),
            {"way": "insert by row", "records": min(FEW, records)} | by_rows(path, folder),
        ]
        if peer:
            file = str(folder / "peer.duckdb")
            config = {"path": file, "filepath": file, "default_target_schema": SCHEMA}
            found.append(
                {"way": Path(peer).name + " (peer)", "records": records}
                | by_program(peer, config, path, folder)
            )
    rate = found[0]["records"] / found[0]["first"]
    for each in found:
        each["per_second"] = each["records"] / each["first"]
        each["ours_is_times"] = rate / each["per_second"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--peer", help="executable of another target for DuckDB")
    options = parser.parse_args()
    found = measure(options.records, options.peer)
    print(
        f"{'way':40} {'records/s':>10} {'again':>10} {'ours is':>9} {'µs CPU/rec':>11}"
        f" {'start':>7} {'memory':>8}"
    )
    for each in found:
        again = f"{each['records'] / each['again']:,.0f}" if "again" in each else ""
        start = f"{each['start_up']:.2f} s" if each.get("start_up") else ""
        memory = f"{each['memory_mib']:.0f} MiB" if "memory_mib" in each else ""
        print(
            f"{each['way']:40} {each['per_second']:>10,.0f} {again:>10}"
            f" {each['ours_is_times']:>8.2f}x {each['processor'] / each['records'] * 1e6:>11.1f}"
            f" {start:>7} {memory:>8}"
        )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
