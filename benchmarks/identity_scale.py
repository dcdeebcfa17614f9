"""How long the identity models take: built at once, and after some records changed.

    python -m benchmarks.identity_scale [--customers 400000] [--contacts 300000] [--guests 100000]
                                        [--changed 1000] [--json FOLDER]

A made-up register of people is landed as a shop's customers, a CRM's contacts and guests' orders.
DuckDB has two threads and 2 GB. Telephone numbers are parsed once and stand in a row of their own;
seconds are dbt's own for each model, without its start.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.identity_dbt import COLUMNS, IDENTITY, Models
from benchmarks.identity_people import CONTACTS, CUSTOMERS, GUESTS, changes, register
from benchmarks.identity_score import score
from benchmarks.measuring import show

if TYPE_CHECKING:
    from benchmarks.measuring import Row

PHONES, REVIEW = "int_identity__phones", ("int_identity__review", "customer_review")


def _row(build: str, seconds: dict[str, float]) -> Row:
    own = {name: took for name, took in seconds.items() if name.startswith("int_identity__")}
    review = sum(took for name, took in seconds.items() if name.startswith(REVIEW))
    phones = own.pop(PHONES, 0.0)
    merge = sum(took for name, took in own.items() if not name.startswith(REVIEW))
    slowest = sorted(own, key=lambda name: -own[name])[:3]
    return {
        "build": build,
        "identity s": round(merge, 1),
        "phones s": round(phones, 1),
        "review s": round(review, 1),
        "slowest": ", ".join(f"{n.removeprefix('int_identity__')} {own[n]:.1f}" for n in slowest),
    }


def measured(folder: Path, sizes: tuple[int, int, int], changed: int) -> list[Row]:
    """A row for the first build and one for the build after changes."""
    people = register(*sizes)
    models = Models(folder)
    models.land(people.select(COLUMNS))
    rows = [_row(f"{people.num_rows:,} records at once", models.build(IDENTITY))]
    found = dict(
        models.rows(
            "select source_id, cast(customer_id as varchar)"
            " from intermediate.int_identity__records"
            " inner join intermediate.int_identity__members using (record_id)"
        )
    )
    truth = dict(zip(people["id"].to_pylist(), people["truth"].to_pylist(), strict=True))
    agreed = score(truth, found)
    rows[0] |= {"precision": round(agreed.precision, 4), "recall": round(agreed.recall, 3)}
    models.land(changes(people, changed * 3 // 5, new=changed * 2 // 5).select(COLUMNS), add=True)
    rows.append(_row(f"{changed:,} changed", models.build(IDENTITY)))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--guests", type=int, default=GUESTS)
    parser.add_argument("--changed", type=int, default=1_000)
    parser.add_argument("--json", type=Path, help="a folder to write the table to, as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = (options.customers, options.contacts, options.guests)
        rows = measured(Path(folder), sizes, options.changed)
    to = options.json / "identity_scale.json" if options.json else None
    show("Identity at scale", rows, to)


if __name__ == "__main__":
    main()
