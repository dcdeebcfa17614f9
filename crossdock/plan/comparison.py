"""Runs the comparison of one sync: what is put in place, in which order, and what comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.journal import Journal
from crossdock.journal.moves import Moves
from crossdock.plan import compare, follow, inputs, memo
from crossdock.plan.definition import Sync
from crossdock.plan.memo import Memo
from crossdock.warehouse import Warehouse, ident

_SETTLED = """
    insert into settled
    select "$key", "$id", "$ack_at", "$fresh", "$dh", "$oh" from decided
    where "$block" is null and not "$wanted" and "$has_ack"
"""
_COUNTS = """
    select count(*), count(*) filter ("$has_ack"),
        count(*) filter ("$block" is null and not "$wanted")
    from decided
"""


@dataclass
class Compared:
    """What came out.

    Attributes:
        rows: Rows of the sync.
        held: Those that the destination has acknowledged before.
        unchanged: Those that need nothing.
        blocked: Reason to number of rows that must not be touched now.
        needing: Rows with an operation, by key, as `compare.selection` gives them.
        moves: Keys that became others.
        journal_open: Operations without an outcome, by the keys that they have now.
    """

    rows: int = 0
    held: int = 0
    unchanged: int = 0
    blocked: Counter[str] = field(default_factory=Counter)
    needing: list[dict[str, Any]] = field(default_factory=list)
    moves: Moves = field(default_factory=Moves)
    journal_open: list[dict[str, Any]] = field(default_factory=list)


class Comparison:
    """One sync at one destination.

    Args:
        memos: Folder of memos; without one every row is compared.
    """

    def __init__(
        self,
        sync: Sync,
        destination: str,
        warehouse: Warehouse,
        journal: Journal,
        memos: Path | None = None,
    ) -> None:
        self._sync, self._destination = sync, destination
        self._warehouse, self._journal = warehouse, journal
        self._path = memo.place(memos, sync, destination) if memos else None
        self._memo: Memo | None = None
        self._touched: set[str] = set()
        self._found = Compared()

    def run(self) -> Compared:
        """Compare.

        Raises:
            PlanError: The sync has a key twice or none.
            SyncDefinitionError: Sync and observed model do not fit together.
        """
        inputs.see_relations(self._sync, self._warehouse)
        mark = self._journal.operations.mark()
        found = self._found
        found.journal_open = self._journal.operations.open(self._sync.name, self._destination)
        self._remember()
        self._recall()
        self._match()
        self._decide()
        (total,) = self._one(
            f"select count(*) from {ident(*self._sync.relation)}"
            " where destination_instance = $instance"
        )
        settled = total - found.rows  # what the memo speaks for
        if self._path and memo.is_worn(total, found.rows):
            where = (self._path, self._sync, self._warehouse, mark)
            memo.save(*where, kept=self._memo, touched="touched")
        found.rows, found.held = total, found.held + settled
        found.unchanged += settled
        return found

    # What an earlier plan knew

    def _remember(self) -> None:
        """Find the memo, if it speaks for the present."""
        if self._path is None:
            return
        known = memo.load(self._path, self._sync, self._warehouse)
        if known is None or self._is_seen_twice():
            return
        names = (self._sync.name, self._destination)
        touched = self._journal.operations.touched_since(known.mark, *names)
        if touched is not None:
            self._memo = known
            self._touched = {*touched, *(row["key"] for row in self._found.journal_open)}

    def _is_seen_twice(self) -> bool:
        """Whether a record of the destination was read twice: the newer counts."""
        (doubled,) = self._one(
            "select count(*) - count(distinct destination_id)"
            f" from {ident(*self._sync.observed)} where destination_instance = $instance"
        )
        return bool(doubled)

    # What the journal knows

    def _recall(self) -> None:
        """Let the warehouse read the journal, by the keys that records have now."""
        found, warehouse = self._found, self._warehouse
        inputs.clear_acknowledged(warehouse)
        inputs.register_open(warehouse, found.journal_open)
        if self._memo is None:
            names = (self._sync.name, self._destination)
            for portion in self._journal.operations.acknowledged_text(*names):
                inputs.add_acknowledged(warehouse, portion)
        else:
            self._add(self._touched | self._moving())
        found.moves = follow.find(self._sync, self._destination, warehouse)
        if found.moves:
            found.journal_open = found.moves.of_open(found.journal_open)
            inputs.register_open(warehouse, found.journal_open)
            leaving = [move.key for move in found.moves.acknowledged]
            rows = found.moves.of_acknowledged(self._acknowledged(leaving))
            inputs.move_acknowledged(warehouse, leaving, rows)
            self._touched |= {*leaving, *(move.to_key for move in found.moves.acknowledged)}
            self._touched |= {*found.moves.open, *found.moves.open.values()}

    def _moving(self) -> set[str]:
        """Every key that may have become another one, and what it may have become."""
        if self._sync.key_moves is None:
            return set()
        rows = self._warehouse.fetchall(
            f"select from_key, to_key from {ident(*self._sync.key_moves)}"
            " where destination_instance is null or destination_instance = $instance",
            {"instance": self._destination},
        )
        return {key for row in rows for key in row if key is not None}

    def _add(self, keys: Iterable[str]) -> None:
        """What the journal says of further records, but of those that have left their keys."""
        have = {row[0] for row in self._warehouse.fetchall("select key from journal_acknowledged")}
        have |= {move.key for move in self._found.moves.acknowledged}
        rows = self._acknowledged(sorted(set(keys) - have))
        inputs.add_acknowledged(self._warehouse, inputs.as_text(rows))

    def _acknowledged(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        return self._journal.operations.acknowledged_of(self._sync.name, self._destination, keys)

    # The comparison

    def _match(self) -> None:
        """Fill `matched`, and see that nobody else has what its rows mean."""
        while True:
            inputs.register_keys(self._warehouse, "touched", self._touched)
            self._execute(compare.desired(self._sync, self._memo))
            inputs.see_keys(self._sync, self._destination, self._warehouse)
            if self._memo is not None:
                self._add(row[0] for row in self._warehouse.fetchall('select "$key" from desired'))
            self._execute(compare.observed(self._sync, self._memo))
            for statement in compare.matched(self._sync):
                self._execute(statement)
            rivals = set(self._rivals()) - self._touched
            if not rivals:
                return
            self._touched |= rivals

    def _rivals(self) -> list[str]:
        """Settled rows whose records others were found to mean, too."""
        if self._memo is None:
            return []
        ids = 'select "$id" from matched where "$id" is not null and not "$has_ack"'
        (some,) = self._one(f"select count(*) from ({ids})")
        return self._memo.holders(self._warehouse, ids) if some else []

    def _decide(self) -> None:
        self._execute(
            "create or replace temp table settled (key varchar, id varchar, ack_at timestamptz,"
            " fresh boolean, dh ubigint, oh ubigint)"
        )
        (rows,) = self._one("select count(*) from matched")
        for first in range(0, max(rows, 1), compare.PORTION):
            for statement in compare.decided(self._sync, first, first + compare.PORTION - 1):
                self._execute(statement)
            self._count()
            if self._path:
                self._execute(_SETTLED)
        self._found.needing.sort(key=lambda row: str(row["key"]))

    def _count(self) -> None:
        found = self._found
        rows, held, idle = self._one(_COUNTS)
        found.rows += rows
        found.held += held
        found.unchanged += idle
        for reason, number in self._warehouse.fetchall(
            'select "$block", count(*) from decided where "$block" is not null group by 1'
        ):
            found.blocked[str(reason)] += int(number)
        needing = self._warehouse.fetch_arrow(compare.selection(self._sync))
        found.needing += needing.to_pylist()

    def _execute(self, sql: str) -> None:
        self._warehouse.execute(sql, self._given(sql))

    def _one(self, sql: str) -> tuple[Any, ...]:
        return self._warehouse.fetchall(sql, self._given(sql))[0]

    def _given(self, sql: str) -> Mapping[str, Any] | None:
        return {"instance": self._destination} if "$instance" in sql else None
