"""One record's story: what the models say of it, and what the journal did about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from crossdock.errors import CrossdockError
from crossdock.journal import Journal, moves
from crossdock.journal.schema import acknowledged, operations, runs, transitions
from crossdock.plan.definition import Sync
from crossdock.warehouse import Warehouse, ident

#: The dbt models that know which words mean which record, and what there is to tell of it.
TERMS = ("reconciliation", "report_why_terms")
FACTS = ("reconciliation", "report_why")
#: The section of `FACTS` with the ids under which syncs know the record.
KEYS = "key"

_CLOSE = 0.86  # below this two words have little in common
_GUESSES = 5


@dataclass(frozen=True)
class Record:
    """Something that a word stands for: an order, a customer, a SKU."""

    kind: str
    record_id: str
    label: str


@dataclass(frozen=True)
class Fact:
    """One thing that the models say of a record."""

    section: str
    at: datetime | None
    label: str
    text: str
    next_step: str | None


@dataclass(frozen=True)
class Step:
    """An operation entered a state."""

    state: str
    at: datetime
    detail: str | None


@dataclass(frozen=True)
class Story:
    """Everything that is known of a record.

    Attributes:
        operations: Rows of the journal, the oldest first.
        steps: Op key to the states that it went through.
        confirmed: What the destinations acknowledged.
    """

    record: Record
    facts: Sequence[Fact]
    operations: Sequence[Mapping[str, Any]]
    steps: Mapping[str, Sequence[Step]]
    confirmed: Sequence[Mapping[str, Any]]
    sections: Sequence[str] = field(default_factory=tuple)


def find(warehouse: Warehouse, word: str) -> list[Record]:
    """The records that go by this word.

    Raises:
        CrossdockError: The models that know were never built.
    """
    for relation in (TERMS, FACTS):
        if not warehouse.table_exists(*relation):
            raise CrossdockError(
                f"{'.'.join(relation)} is not in the warehouse",
                hint="run `meltano run reconcile`, which builds it",
            )
    rows = warehouse.fetchall(
        f"select distinct kind, record_id, label from {ident(*TERMS)} where term = $word"
        " order by kind = 'customer', kind, label",
        {"word": word.strip().lower()},
    )
    return [Record(*row) for row in rows]


def close(warehouse: Warehouse, word: str) -> list[str]:
    """Words that look like this one; those of people are masked."""
    rows = warehouse.fetchall(
        f"select term, min(kind) from {ident(*TERMS)}"
        " where jaro_winkler_similarity(term, $word) >= $close"
        " group by term order by jaro_winkler_similarity(term, $word) desc, term limit $guesses",
        {"word": word.strip().lower(), "close": _CLOSE, "guesses": _GUESSES},
    )
    return [_masked(term) if kind == "customer" else term for term, kind in rows]


def tell(record: Record, warehouse: Warehouse, journal: Journal, syncs: Iterable[Sync]) -> Story:
    """Put together what the models and the journal know of a record."""
    rows = warehouse.fetchall(
        "select section, happened_at, label, text, next_step"
        f" from {ident(*FACTS)} where kind = $kind and record_id = $record_id"
        " order by section, happened_at, place, label",
        {"kind": record.kind, "record_id": record.record_id},
    )
    facts = [
        Fact(section, at, label or "", text or "", step) for section, at, label, text, step in rows
    ]
    keys: dict[str, list[str]] = {}
    for fact in facts:
        if fact.section == KEYS:
            keys.setdefault(fact.label, []).append(fact.text)
    clocks = _clocks(journal)
    done, confirmed = _written(journal, syncs, keys, clocks)
    steps = _steps(journal, [row["op_key"] for row in done], clocks)
    return Story(record, [f for f in facts if f.section != KEYS], done, steps, confirmed)


def _written(
    journal: Journal,
    syncs: Iterable[Sync],
    keys: Mapping[str, Sequence[str]],
    clocks: Mapping[str | None, timedelta],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    done: list[dict[str, Any]] = []
    confirmed: list[dict[str, Any]] = []
    for sync in syncs:
        if not (ids := keys.get(sync.key)):
            continue
        ids = [*ids, *moves.former_keys(journal, sync.name, ids)]
        for table, found in ((operations, done), (acknowledged, confirmed)):
            mine = (table.c.sync == sync.name, table.c.key.in_(ids))
            found += journal.rows(select(table).where(*mine))
    run_of = {row["op_key"]: row["run_id"] for row in done}
    for row in done:
        row["at"] = _business(row["planned_at"], row["run_id"], clocks)
    for row in confirmed:
        row["at"] = _business(row["acknowledged_at"], run_of.get(row["op_key"]), clocks)
    return sorted(done, key=lambda row: str(row["planned_at"])), confirmed


def _steps(
    journal: Journal, op_keys: Sequence[str], clocks: Mapping[str | None, timedelta]
) -> dict[str, list[Step]]:
    statement = select(transitions).where(transitions.c.op_key.in_(op_keys))
    found: dict[str, list[Step]] = {}
    for row in journal.rows(statement.order_by(transitions.c.seq)):
        at = _business(row["at"], row["run_id"], clocks)
        found.setdefault(row["op_key"], []).append(Step(row["to_state"], at, row["detail"]))
    return found


def _clocks(journal: Journal) -> dict[str | None, timedelta]:
    """Run to what its business time was ahead of real time, in which the journal keeps its log."""
    return {
        row["run_id"]: datetime.fromisoformat(row["business_at"])
        - datetime.fromisoformat(row["started_at"])
        for row in journal.rows(select(runs))
    }


def _business(at: str, run_id: str | None, clocks: Mapping[str | None, timedelta]) -> datetime:
    return datetime.fromisoformat(at) + clocks.get(run_id, timedelta())


def _masked(term: str) -> str:
    name, sign, domain = term.partition("@")
    return f"{name[:1]}…{sign}{domain}" if sign else f"{term[:3]}…{term[-2:]}"
