"""How fast `target-duckdb` loads, beside other ways into DuckDB, and the memory that it takes.

    python -m benchmarks.load [--records 200000] [--memory 200000,1000000,5000000]
                              [--peer EXECUTABLE] [--json FOLDER]

Each way loads the same Singer lines (7 fields, two of them nested) into a new table and then
over the same rows. The ways take turns, five times, so that a busy moment does not hit one of
them alone; medians count, and the time to start up is taken off.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import lines
from benchmarks.measuring import Used, here, middle, run, show
from crossdock.warehouse import connect, ident, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.measuring import Row

    Way = Callable[[Path], Used]

ROUNDS = 5
FEW = 2_000  # an insert by row is so slow that more would only take longer
OURS = Path(sys.executable).with_name("target-duckdb")
_DUCKDB = ["VARCHAR", "VARCHAR", "TIMESTAMPTZ", "VARCHAR", "BIGINT", "JSON", "JSON"]
_COLUMNS = dict(zip(lines.PROPERTIES, _DUCKDB, strict=True))
_DECLARED = ", ".join(f"{ident(name)} {kind}" for name, kind in _COLUMNS.items())


def configured(folder: Path, name: str, file: Path) -> Path:
    """The settings of a target; those that it does not know it passes over."""
    config = {"path": str(file), "default_target_schema": lines.SCHEMA}
    if name != "ours":
        config["filepath"] = str(file)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(config))
    return path


def by_reader(messages: Path, file: Path) -> Used:
    """DuckDB reads the lines itself, and nothing is checked."""
    struct = literal(f"STRUCT({_DECLARED})")
    source = (
        f"select unnest(record) from read_json({literal(str(messages))},"
        f" columns = {{'type': 'VARCHAR', 'record': {struct}}},"
        " format = 'newline_delimited') where type = 'RECORD'"
    )

    def work() -> None:
        with connect(file, read_only=False) as warehouse:
            warehouse.execute(f"create table if not exists t ({_DECLARED})")
            warehouse.execute(
                f"merge into t using ({source}) s on t.id = s.id"
                " when matched then update when not matched then insert"
            )

    return here(work)


def by_rows(messages: Path, file: Path) -> Used:
    """One insert for each record, all in one transaction."""
    marks = ", ".join("?" for _ in _COLUMNS)
    rows = []
    with messages.open() as source:
        for line in source:
            message = json.loads(line)
            if message["type"] == "RECORD" and len(rows) < FEW:
                values = (message["record"][name] for name in _COLUMNS)
                rows.append([json.dumps(v) if isinstance(v, dict | list) else v for v in values])

    def work() -> None:
        with warehouse.transaction():
            for row in rows:
                warehouse.execute(f"insert or replace into t values ({marks})", row)

    with connect(file, read_only=False) as warehouse:
        warehouse.execute(f"create table if not exists t ({_DECLARED}, primary key (id))")
        return here(work)


def speeds(count: int, peer: str | None) -> list[Row]:
    """Each way's records a second, into a new table and over the same rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        messages = lines.write(folder / "orders.jsonl", lines.messages(count))
        batch = lines.write(folder / "batch.jsonl", lines.bare(count))
        by_file = lines.write(
            folder / "by-file.jsonl",
            iter([lines.schema_line(), lines.batch_line(batch), lines.state_line(count)]),
        )
        empty = lines.write(folder / "empty.jsonl", iter([]))
        megabytes = messages.stat().st_size / 1e6
        print(f"{count:,} records, {megabytes:.0f} MB of Singer lines", flush=True)

        def program(executable: str, name: str, source: Path) -> Way:
            return lambda file: run(
                [executable, "--config", configured(folder, name, file)], source
            )

        ways: dict[str, tuple[Way, Way | None]] = {
            "target-duckdb": (
                program(str(OURS), "ours", messages),
                program(str(OURS), "ours", empty),
            ),
            "target-duckdb, BATCH file": (
                program(str(OURS), "ours", by_file),
                program(str(OURS), "ours", empty),
            ),
            "DuckDB's own reader + MERGE, unchecked": (lambda f: by_reader(messages, f), None),
            f"insert by row ({FEW:,} of them)": (lambda f: by_rows(messages, f), None),
        }
        if peer:
            ways["the peer"] = (program(peer, "peer", messages), program(peer, "peer", empty))
        found: dict[str, dict[str, list[Used]]] = {way: defaultdict(list) for way in ways}
        for _ in range(ROUNDS):
            for way, (load, start) in ways.items():
                file = folder / "w.duckdb"
                file.unlink(missing_ok=True)
                if start:
                    found[way]["start"].append(start(file))
                found[way]["first"].append(load(file))
                found[way]["again"].append(load(file))
    return [_speed(way, used, FEW if "by row" in way else count) for way, used in found.items()]


def _speed(way: str, used: dict[str, list[Used]], count: int) -> Row:
    start = middle(used["start"]) if used["start"] else None
    first, again = middle(used["first"], start), middle(used["again"], start)
    return {
        "way": way,
        "records/s": count / first.seconds,
        "over the same rows": count / again.seconds,
        "µs of processor time a record": first.processor / count * 1e6,
        "start-up s": start.seconds if start else None,
        "memory MiB": first.memory_mib or None,
    }


def compared(rows: list[Row]) -> list[Row]:
    """How many times as fast ours is."""
    ours = rows[0]["records/s"]
    return [{**row, "ours is so many times": ours / row["records/s"]} for row in rows]


def memory(counts: list[int]) -> list[Row]:
    """What loads of growing size take, by pipe and by file, into a new table and again."""
    rows: list[Row] = []
    for count in counts:
        for way in ("by pipe", "BATCH file"):
            with tempfile.TemporaryDirectory() as name:
                rows += _memory(Path(name), count, way)
    return rows


def _memory(folder: Path, count: int, way: str) -> list[Row]:
    file = folder / "w.duckdb"
    command = [OURS, "--config", configured(folder, "ours", file)]
    rows = []
    for table in ("new", "the same rows"):
        source: Path | subprocess.Popen[bytes]
        if way == "by pipe":
            source = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.lines", str(count)], stdout=subprocess.PIPE
            )
        else:
            batch = lines.write(folder / "batch.jsonl", lines.bare(count))
            told = [lines.schema_line(), lines.batch_line(batch), lines.state_line(count)]
            source = lines.write(folder / "by-file.jsonl", iter(told))
        used = run(command, source)
        if isinstance(source, subprocess.Popen):
            source.wait()
        rows.append(
            {
                "way": way,
                "records": count,
                "table": table,
                "memory MiB": used.memory_mib,
                "records/s": count / used.seconds,
                "µs of processor time a record": used.processor / count * 1e6,
                "file MB": file.stat().st_size / 1e6,
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--memory", default="", help="numbers of records, such as 200000,5000000")
    parser.add_argument("--peer", help="executable of another target for DuckDB")
    parser.add_argument("--json", type=Path, help="folder for the figures")
    options = parser.parse_args()
    folder: Path | None = options.json
    found: Any = compared(speeds(options.records, options.peer))
    show("Loading", found, folder and folder / "load.json")
    if options.memory:
        found = memory([int(count) for count in options.memory.split(",")])
        show("Memory of a load", found, folder and folder / "memory.json")


if __name__ == "__main__":
    main()
