"""A loop in small: dbt says who is who, the plan is made, the CRM does it, and is read again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crossdock.journal import Journal, states
from crossdock.journal.intents import Change
from crossdock.operation import Operation
from crossdock.plan.definition import load_syncs
from crossdock.plan.plan import plan
from crossdock.warehouse import connect
from tests.transform import raw
from tests.transform.conftest import Warehouse
from tests.transform.people import START, Key, People
from tests.transform.records import gid

EAGER = ("--indirect-selection", "buildable")
SYNC = "sync_hubspot__contacts"
CRM = "hubspot:main"
SHOP = "shopify:main"
MODELS = (
    "--select", f"+{SYNC}_moves", f"+{SYNC}", "+customer_merge_proposals",
    "decisions_about_customers_are_heard",
)  # fmt: skip
RUN = "run-1"


@dataclass
class Loop:
    """Runs over and over, from people that a test changes in between."""

    warehouse: Warehouse
    journal: Journal
    people: People = field(default_factory=People)
    blocked: dict[str, int] = field(default_factory=dict)
    created: int = 500

    def __call__(self) -> list[Operation]:
        """One run; what it wrote."""
        self.build(self.warehouse)
        (sync,) = (s for s in load_syncs(self.warehouse.target / "manifest.json") if s.name == SYNC)
        with connect(self.warehouse.path, read_only=True) as opened:
            found = plan(sync, CRM, opened, self.journal, run_id=RUN)
        assert found.balanced
        self.journal.operations.follow(RUN, SYNC, CRM, found.moves)
        self.journal.operations.write_plan(RUN, found.planned, found.superseded)
        self.blocked = dict(found.blocked)
        for operation in found.operations:
            self._take_effect(operation)
        return found.operations

    def build(self, warehouse: Warehouse, *, tests: bool = False) -> None:
        """Have dbt say who is who, from what the systems hold now."""
        for instance, streams in self.people.records.items():
            raw.write(warehouse.path, instance, streams)
        leave_out = ("unit_test",) if tests else ("unit_test", "test")
        warehouse.dbt("build", *MODELS, "--exclude-resource-type", *leave_out, *EAGER)

    def decide(self, *rows: str) -> None:
        """Write down what people decided."""
        folder = self.warehouse.path.parent / "decisions"
        folder.mkdir(exist_ok=True)
        (folder / "customers.csv").write_text(
            "\n".join(["action,left,right,who,when,why", *rows]) + "\n"
        )

    def held(self) -> dict[str, str]:
        """Key to contact, as the journal has it."""
        rows = self.journal.operations.acknowledged(SYNC, CRM)
        return {row["key"]: row["destination_id"] for row in rows}

    # What people and systems do

    def customer(self, number: str) -> dict[str, Any]:
        """A shop's customer, to be changed."""
        return self._record(SHOP, "customers", gid("Customer", number))

    def order(self, number: str) -> dict[str, Any]:
        """An order, to be changed."""
        return self._record(SHOP, "orders", gid("Order", number))

    def contact(self, number: str) -> dict[str, Any]:
        """A contact, to be changed."""
        return self._record(CRM, "contacts", number)

    def merge_contacts(self, first: str, second: str, into: str) -> None:
        """As HubSpot does: a new record, and of the old ones nothing but where they went."""
        given = self.contact(first)["properties"] | {
            "hs_additional_emails": self.contact(second)["properties"]["email"]
        }
        self.people.contact(into, **given)
        for number in (first, second):
            contact = self.contact(number)
            contact.clear()
            contact |= {"id": number, "archived": True, "mergedInto": into}

    def _record(self, instance: str, stream: str, number: str) -> dict[str, Any]:
        (found,) = (r for r in self.people.records[instance][stream] if r["id"] == number)
        return found

    def _take_effect(self, operation: Operation) -> None:
        number = operation.destination_id
        if number is None:
            self.created += 1
            number = str(self.created)
            self.people.contact(number, created_at=START, **dict(operation.set))
        else:
            self.contact(number)["properties"] |= dict(operation.set)
        self.journal.leases.take([operation.op_key], RUN)
        change = Change(operation.op_key, states.ACKNOWLEDGED, "test", destination_id=number)
        self.journal.operations.settle(RUN, [change])


@dataclass
class Seen:
    """What the canonical tables said after a run."""

    customers: dict[Key, str]
    rules: dict[Key, str]
    changes: list[tuple[Key, str, str, str]]

    @classmethod
    def of(cls, warehouse: Warehouse) -> Seen:
        """Read them."""
        xref = warehouse.rows(
            "select source_instance, source_object, source_id, cast(customer_id as varchar), rule"
            " from canonical.customer_xref"
        )
        changes = warehouse.rows(
            "select source_instance, source_object, source_id, cast(from_customer_id as varchar),"
            " cast(to_customer_id as varchar), kind from canonical.customer_id_history"
            " order by source_id, sequence"
        )
        return cls(
            {Key(*row[:3]): row[3] for row in xref},
            {Key(*row[:3]): row[4] for row in xref},
            [(Key(*row[:3]), *row[3:]) for row in changes],
        )

    def of_shop(self, number: str) -> str:
        """The customer of a shop's account."""
        return self.customers[Key(SHOP, "customer", number)]

    def of_crm(self, number: str) -> str:
        """The customer of a contact."""
        return self.customers[Key(CRM, "contact", number)]

    def since(self, before: Seen) -> Iterator[tuple[Key, str, str]]:
        """Records that were of another customer then."""
        for key, customer in self.customers.items():
            if before.customers.get(key, customer) != customer:
                yield key, before.customers[key], customer
