"""What Meltano's relay costs: the same records by pipe and by BATCH file under `meltano run`.

    python -m benchmarks.relay [--records 1000000] [--json FOLDER]

The tap is `cat`, so nothing but the relay and the loader is measured; the time of a run that
brings nothing is taken off.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import lines
from benchmarks.measuring import middle, run, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.measuring import Row, Used

PROGRAMS = Path(sys.executable).parent
ROUNDS = 3
_PANEL = """\
project_id: relay
default_environment: bench
send_anonymous_usage_stats: false
environments:
- name: bench
plugins:
  extractors:
  - name: tap-cat
    namespace: tap_cat
    executable: {tap}
    load_schema: raw_shop_main
  loaders:
  - name: target-duckdb
    namespace: target_duckdb
    executable: {target}
    settings:
    - {{name: path}}
    - {{name: default_target_schema, value: $MELTANO_EXTRACT__LOAD_SCHEMA}}
"""


def project(folder: Path) -> Path:
    """A Meltano project whose tap hands on the file that CROSSDOCK_BENCH_LINES names."""
    tap = folder / "tap-cat"
    tap.write_text('#!/bin/sh\nexec cat "$CROSSDOCK_BENCH_LINES"\n')
    tap.chmod(0o755)
    panel = _PANEL.format(tap=tap, target=PROGRAMS / "target-duckdb")
    (folder / "meltano.yml").write_text(panel)
    return folder


def intake(folder: Path, source: Path) -> Used:
    """One `meltano run` of the tap and the loader into a new warehouse."""
    (folder / ".crossdock" / "warehouse.duckdb").unlink(missing_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")}
    env |= {"CROSSDOCK_PROJECT": str(folder), "CROSSDOCK_BENCH_LINES": str(source)}
    env["PATH"] = f"{PROGRAMS}{os.pathsep}{env['PATH']}"
    command = [str(PROGRAMS / "meltano"), "run", "--force", "tap-cat", "target-duckdb"]
    return run(command, env=env, cwd=folder)


def measure(count: int) -> list[Row]:
    """Both ways, taking turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        batch = lines.write(folder / "batch.jsonl", lines.bare(count))
        told = [lines.schema_line(), lines.batch_line(batch), lines.state_line(count)]
        sources = {
            "nothing": lines.write(folder / "0.jsonl", iter([lines.schema_line()])),
            "by pipe, through the relay": lines.write(folder / "1.jsonl", lines.messages(count)),
            "BATCH file, round the relay": lines.write(folder / "2.jsonl", iter(told)),
        }
        found: dict[str, list[Used]] = {way: [] for way in sources}
        for _ in range(ROUNDS):
            for way, source in sources.items():
                found[way].append(intake(folder, source))
    return list(_rows(found, count))


def _rows(found: dict[str, list[Used]], count: int) -> Iterable[Row]:
    start = middle(found.pop("nothing"))
    for way, every in found.items():
        used = middle(every, start)
        yield {
            "way": way,
            "records": count,
            "records/s": count / used.seconds,
            "µs of processor time a record": used.processor / count * 1e6,
            "seconds of a run without records": start.seconds,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="folder for the figures")
    options = parser.parse_args()
    rows = measure(options.records)
    show("Intake under Meltano", rows, options.json and options.json / "relay.json")


if __name__ == "__main__":
    main()
