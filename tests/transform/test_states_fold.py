"""The fold of claims into states, by the models' own SQL: a function of the set of events."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transform.conftest import Warehouse
from tests.transform.raw import PROJECT

ORDER = UUID(int=1)
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
BASES = ("1 units ordered", "2 units ordered")
STATUSES = (
    "placed", "paid", "held", "sent_to_wms", "backordered", "picked", "packed",
    "cancel_requested", "partially_shipped", "shipped", "delivered", "returned", "cancelled",
)  # fmt: skip
GONE = ("shipped", "delivered", "returned")
TABLES = """
create schema canonical; create schema intermediate; create schema seeds;
create table canonical.events (
  event_id uuid primary key, event_type varchar, order_id uuid, source_instance varchar,
  status varchar, detail varchar, occurred_at timestamptz
);
create table intermediate.int_order_status (
  order_id uuid, status varchar, basis varchar, since timestamptz
);
"""

Event = tuple[UUID, str, UUID, str, str, str | None, datetime]


@st.composite
def claims(draw: st.DrawFn) -> list[Event]:
    """Claims of one order: counted ones and words, of all kinds of systems, some at one time."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["order.status", "order.claimed", "tracking.update"]),
                st.sampled_from(["shopify:main", "shiphero:main", "easypost:main", "hubspot:main"]),
                st.sampled_from(STATUSES),
                st.sampled_from(BASES),
                st.integers(0, 6),
            ),
            min_size=1,
            max_size=12,
        )
    )
    return [
        (UUID(int=number), kind, ORDER, source, status, basis, BEGIN + timedelta(hours=hour))
        for number, (kind, source, status, basis, hour) in enumerate(drawn, 1)
    ]


@dataclass
class Fold:
    """The models' SQL over a database of its own."""

    connection: duckdb.DuckDBPyConnection
    claims_sql: str
    states_sql: str

    def feed(self, events: list[Event]) -> None:
        """What a run does: what it knows already it does not take again."""
        for event in events:
            self.connection.execute(
                "insert or ignore into canonical.events values (?, ?, ?, ?, ?, ?, ?)", event
            )

    def state(self, counted: str, basis: str) -> tuple[list[tuple[object, ...]], str]:
        """The history, and the status with what is counted now."""
        self.connection.execute("delete from intermediate.int_order_status")
        self.connection.execute(
            "insert into intermediate.int_order_status values (?, ?, ?, ?)",
            (ORDER, counted, basis, BEGIN),
        )
        self.connection.execute(
            f"create or replace table intermediate.int_order_claims as {self.claims_sql}"
        )
        history = self.connection.execute(
            "select sequence, event_id, rank_before, rank_after, verdict "
            "from intermediate.int_order_claims order by sequence"
        ).fetchall()
        found = self.connection.execute(f"select status from ({self.states_sql})").fetchone()
        assert found is not None
        return history, str(found[0])

    def empty(self) -> None:
        self.connection.execute("delete from canonical.events")


@pytest.fixture(scope="module")
def fold(warehouse: Callable[..., Warehouse]) -> Iterator[Fold]:
    """Compiled by dbt, run over tables that the test fills."""
    made = warehouse()
    made.dbt("compile", "--select", "int_order_claims", "int_order_states")
    compiled = made.target / "compiled" / "crossdock" / "models" / "intermediate" / "orders"
    statements = [
        re.sub(r'"\w+"\."(\w+)"\."(\w+)"', r"\1.\2", (compiled / f"{name}.sql").read_text())
        for name in ("int_order_claims", "int_order_states")
    ]
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        for path in (
            "orders/order_statuses.csv",
            "authority.csv",
            "status_transitions.csv",
        ):
            name = path.split("/")[-1].removesuffix(".csv")
            file = PROJECT / "seeds" / path
            connection.execute(f"create table seeds.{name} as from read_csv('{file}')")
        yield Fold(connection, *statements)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    events=claims(),
    counted=st.sampled_from(STATUSES),
    basis=st.sampled_from(BASES),
    seed=st.integers(0, 2**32),
)
def test_the_state_is_a_function_of_the_set_of_events(
    fold: Fold, events: list[Event], counted: str, basis: str, seed: int
) -> None:
    """In any order, some twice, over any number of runs: the same history, the same status."""
    fold.empty()
    fold.feed(events)
    history, status = fold.state(counted, basis)

    fold.empty()
    chance = random.Random(seed)
    shuffled = events + chance.choices(events, k=chance.randrange(len(events) + 1))
    chance.shuffle(shuffled)
    while shuffled:
        size = chance.randrange(1, len(shuffled) + 1)
        fold.feed(shuffled[:size])
        shuffled = shuffled[size:]
        if chance.random() < 0.2:
            fold.state(counted, basis)  # a run in between leaves no trace
    assert fold.state(counted, basis) == (history, status)

    # What moved, moved along the seed, and nothing that had left came back.
    ranks = {rank: name for name, rank in fold.connection.execute(
        "select status, rank from seeds.order_statuses").fetchall()}  # fmt: skip
    legal = set(fold.connection.execute("from seeds.status_transitions").fetchall())
    for _, _, before, after, _ in history:
        if before and before != after:
            assert (ranks[before], ranks[after]) in legal
    left = [ranks[after] in GONE for _, _, _, after, _ in history if after]
    assert left == sorted(left)
    assert not (any(left) and status not in GONE)


def test_a_late_word_of_another_system_moves_nothing(fold: Fold) -> None:
    """Delivered; then the CRM says picked, the carrier in transit, the shop paid."""

    def at(number: int, kind: str, source: str, status: str, hour: int) -> Event:
        when = BEGIN + timedelta(hours=hour)
        return UUID(int=number), kind, ORDER, source, status, BASES[0], when

    events = [
        at(1, "order.created", "shopify:main", "placed", 0),
        at(2, "order.status", "shiphero:main", "sent_to_wms", 1),
        at(3, "order.status", "shiphero:main", "shipped", 2),
        at(4, "order.status", "easypost:main", "delivered", 3),
        at(5, "order.claimed", "hubspot:main", "picked", 4),
        at(6, "order.status", "shiphero:main", "shipped", 5),
        at(7, "order.status", "shopify:main", "paid", 6),
    ]
    fold.empty()
    fold.feed(events[::-1])
    history, status = fold.state("delivered", BASES[0])
    assert status == "delivered"
    assert [row[-1] for row in history] == [
        "moved", "moved", "moved", "moved", "no_authority", "late", "late",
    ]  # fmt: skip
