"""What becomes of a customer over time: over several runs, and in a warehouse that is built anew.

All people live in one world, each with a number of their own; the loop runs once for all tests.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from crossdock.journal import Journal
from crossdock.operation import Operation
from tests.transform.conftest import Warehouse
from tests.transform.customers import CRM, SHOP, Loop, Seen
from tests.transform.people import START, Key

Make = Callable[..., Warehouse]


def id_of(instance: str, kind: str, number: str) -> str:
    """The id of a customer whose first record this is."""
    text = "/".join(["customer", instance, kind, number])
    return str(uuid.UUID(md5(text.encode(), usedforsecurity=False).hexdigest()))


def shop(number: str) -> str:
    return id_of(SHOP, "customer", number)


@dataclass
class Told:
    """The story of all of them, run by run."""

    loop: Loop
    seen: list[Seen] = field(default_factory=list)
    written: list[list[Operation]] = field(default_factory=list)
    held: list[dict[str, str]] = field(default_factory=list)
    orders: list[dict[str, str]] = field(default_factory=list)
    proposals: list[tuple[Any, ...]] = field(default_factory=list)
    anew: Seen | None = None
    anew_orders: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        self.written.append(self.loop())
        self.seen.append(Seen.of(self.loop.warehouse))
        self.held.append(self.loop.held())
        self.orders.append(orders(self.loop.warehouse))

    def creates(self, run: int) -> set[str]:
        return {o.key for o in self.written[run] if o.action == "create"}


def orders(warehouse: Warehouse) -> dict[str, str]:
    return {
        row[0]: row[1]
        for row in warehouse.rows(
            "select orders.source_id, cast(xref.customer_id as varchar)"
            " from intermediate.int_orders as orders inner join canonical.customer_xref as xref"
            " on orders.source_instance = xref.source_instance and xref.source_id ="
            " coalesce(orders.customer_source_id, orders.source_id) and xref.source_object ="
            " if(orders.customer_source_id is null, 'order', 'customer')"
        )
    }


def mail(number: str) -> dict[str, str]:
    return {"email": f"p{number}@post.example"}


@pytest.fixture(scope="module")
def told(warehouse: Make, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    path: Path = tmp_path_factory.mktemp("journal") / "journal.db"
    journal = Journal(f"sqlite:///{path}")
    loop = Loop(warehouse(), journal)
    story = Told(loop)
    _begin(loop)
    story.run()
    _change(loop)
    for _ in range(2):
        story.run()
    _change_again(loop)
    for _ in range(2):
        story.run()
    story.proposals = loop.warehouse.rows(
        "select cast(customer_id as varchar), survivor_id, source_id, survivor_link, rule"
        " from canonical.customer_merge_proposals order by survivor_id, source_id"
    )
    fresh = warehouse()
    (fresh.path.parent / "decisions").symlink_to(loop.warehouse.path.parent / "decisions")
    loop.build(fresh, tests=True)
    story.anew, story.anew_orders = Seen.of(fresh), orders(fresh)
    yield story
    journal.close()


def _begin(loop: Loop) -> None:
    people = loop.people
    people.contact("10", **mail("10"))  # a lead that buys later
    people.customer("20", **mail("20"))
    people.customer("21", **mail("20"))
    people.order("2100", customer="21")
    for number in ("30", "31", "40", "41", "42", "60", "61", "70", "71", "80", "81", "90"):
        people.customer(number, **mail(number))
    people.contact("50", **mail("50"))
    people.customer("50", **mail("50"))
    people.order("8100", customer="81")
    people.order("8101", customer="81")
    people.order("9100", **mail("91"))  # a guest


def _change(loop: Loop) -> None:
    people = loop.people
    people.customer("10", **mail("10"))
    loop.customer("21")["defaultEmailAddress"] = {"emailAddress": "other21@post.example"}
    loop.customer("31")["defaultEmailAddress"] = {"emailAddress": mail("30")["email"]}
    loop.customer("42")["defaultEmailAddress"] = {"emailAddress": mail("41")["email"]}
    held = loop.held()
    loop.merge_contacts(held[shop("70")], held[shop("71")], into="79")
    loop.customer("81")["_sdc_deleted_at"] = "2026-11-01T00:00:00Z"
    for number in ("8100", "8101"):
        loop.order(number)["customer"] = {"id": loop.customer("80")["id"]}
    people.contact("9", created_at=START - timedelta(days=99), **mail("90"))
    loop.decide(
        "keep_apart,shopify:main customer 50,hubspot:main contact 50,Ina,2026-11-02,a son",
        f"merge,{shop('60')},p61@post.example,Ina,2026-11-02,the same by phone",
        "merge,shopify:main customer 60,nobody@post.example,Ina,2026-11-02,typing error",
    )


def _change_again(loop: Loop) -> None:
    loop.customer("41")["defaultEmailAddress"] = {"emailAddress": mail("40")["email"]}
    loop.customer("42")["defaultEmailAddress"] = {"emailAddress": mail("40")["email"]}


def test_nothing_changes_hands_without_a_row_in_the_history(told: Told) -> None:
    for number, (before, after) in enumerate(zip(told.seen, told.seen[1:], strict=False), 1):
        moved = {(key, old, new) for key, old, new in after.since(before)}
        noted = {change[:3] for change in after.changes} - {c[:3] for c in before.changes}
        # Also the first sight of a record that the CRM remembers as another customer's.
        assert moved <= noted, f"run {number}"
        assert {key for key, _, _ in noted - moved} <= {
            key for key in after.customers if key not in before.customers
        }


def test_orders_stay_with_their_customer(told: Told) -> None:
    for before, after in zip(told.orders, told.orders[1:], strict=False):
        changed = {number for number in before if before[number] != after[number]}
        assert changed <= {"2100", "8100", "8101"}
    assert told.orders[0]["2100"] == shop("20")
    assert told.orders[-1]["2100"] == told.seen[-1].of_shop("21") == shop("21")


def test_a_warehouse_built_anew_has_the_same_ids(told: Told) -> None:
    assert told.anew is not None
    last = told.seen[-1].customers
    # Whose orders 81 had, only the old warehouse saw. Nothing hangs on it any more but a contact
    # that had been left alone.
    gone = {Key(SHOP, "customer", "81"), Key(CRM, "contact", told.held[0][shop("81")])}
    different = {key for key in last if told.anew.customers[key] != last[key]}
    assert different == gone
    assert told.anew.customers.keys() == last.keys()
    assert told.anew_orders == told.orders[-1]


def test_nothing_is_created_twice_and_an_idle_loop_writes_nothing(told: Told) -> None:
    made = [key for run in range(len(told.written)) for key in told.creates(run)]
    assert len(made) == len(set(made))
    assert told.written[-1] == []
    assert told.loop.blocked == {}
    assert set(told.held[-1]) >= {told.seen[-1].of_shop(n) for n in ("10", "20", "21", "30", "40")}


def test_a_lead_that_buys_gets_the_shop_s_id(told: Told) -> None:
    """An older contact gives no id: who has ordered does."""
    assert told.seen[0].of_crm("10") == id_of(CRM, "contact", "10")
    assert told.seen[1].of_crm("10") == told.seen[1].of_shop("10") == shop("10")
    assert (Key(CRM, "contact", "10"), id_of(CRM, "contact", "10"), shop("10"), "merge") in (
        told.seen[1].changes
    )
    assert told.held[1][shop("10")] == "10"


def test_who_parts_gets_a_contact_of_its_own(told: Told) -> None:
    assert told.seen[0].of_shop("21") == shop("20")
    assert told.seen[1].of_shop("21") == shop("21")
    assert (Key(SHOP, "customer", "21"), shop("20"), shop("21"), "split") in told.seen[1].changes
    assert shop("21") in told.creates(1)
    assert told.held[1][shop("20")] == told.held[0][shop("20")]


def test_of_two_synced_customers_one_survives(told: Told) -> None:
    """Both had a contact: the older customer's stays, the other's is left alone and proposed."""
    assert {shop("30"), shop("31")} <= told.creates(0)
    assert told.seen[1].of_shop("31") == told.seen[1].of_shop("30") == shop("30")
    survivor, other = told.held[0][shop("30")], told.held[0][shop("31")]
    assert told.held[1][shop("30")] == survivor
    assert shop("31") not in told.held[1]
    assert not any(o.destination_id == other for run in told.written[1:] for o in run)
    (proposal,) = (row for row in told.proposals if row[0] == shop("30"))
    assert proposal[1:3] == (survivor, other)
    assert proposal[3].endswith(f"/{survivor}")


def test_a_chain_of_merges_keeps_one_contact(told: Told) -> None:
    assert told.seen[1].of_shop("42") == shop("41")
    assert told.seen[3].of_shop("42") == told.seen[3].of_shop("41") == shop("40")
    assert told.held[-1][shop("40")] == told.held[0][shop("40")]
    assert not {shop("41"), shop("42")} & set(told.held[-1])
    chain = [c for c in told.seen[-1].changes if c[0] == Key(SHOP, "customer", "42")]
    assert [change[1:] for change in chain] == [
        (shop("42"), shop("41"), "merge"), (shop("41"), shop("40"), "merge"),
    ]  # fmt: skip


def test_kept_apart_though_the_e_mail_is_the_same(told: Told) -> None:
    assert told.seen[0].of_crm("50") == told.seen[0].of_shop("50") == shop("50")
    assert told.held[0][shop("50")] == "50"
    assert told.seen[1].of_crm("50") == id_of(CRM, "contact", "50")
    # Its contact gets the right id first; then the customer gets a contact of its own.
    (mended,) = (o for o in told.written[1] if o.destination_id == "50")
    assert dict(mended.set) == {"crossdock_customer_id": id_of(CRM, "contact", "50")}
    assert shop("50") in told.creates(2)
    assert told.held[-1][shop("50")] != "50"
    assert told.loop.contact("50")["properties"]["crossdock_customer_id"] == (
        id_of(CRM, "contact", "50")
    )


def test_merged_by_a_person_though_nothing_agrees(told: Told) -> None:
    assert told.seen[0].of_shop("61") == shop("61")
    assert told.seen[1].of_shop("61") == shop("60")
    assert told.seen[1].rules[Key(SHOP, "customer", "61")] == "person"
    assert told.loop.warehouse.rows(
        "select decision, decided_by, decided_at, decided_why from canonical.customer_xref"
        " where source_object = 'customer' and source_id = '61'"
    ) == [("merge", "Ina", "2026-11-02", "the same by phone")]
    assert told.loop.warehouse.rows(
        "select right_name, problem from intermediate.int_identity__decisions_judged"
        " where problem is not null"
    ) == [("nobody@post.example", "names_no_record")]


def test_contacts_that_the_crm_merged_are_one_customer(told: Told) -> None:
    first, second = told.held[0][shop("70")], told.held[0][shop("71")]
    seen = told.seen[1]
    assert {seen.of_shop("70"), seen.of_shop("71"), seen.of_crm("79")} == {shop("70")}
    assert seen.rules[Key(CRM, "contact", first)] == "vendor_merge"
    assert seen.rules[Key(CRM, "contact", second)] == "vendor_merge"
    assert told.held[1][shop("70")] == "79"
    assert shop("71") not in told.held[1]
    assert not {shop("70"), shop("71")} & told.creates(1)
    assert told.loop.warehouse.rows(
        "select bool_and(is_gone) from canonical.customer_xref where source_object = 'contact'"
        f" and source_id in ('{first}', '{second}')"
    ) == [(True,)]
    assert not any(row[0] == shop("70") for row in told.proposals)


def test_accounts_that_the_shop_merged_are_one_customer(told: Told) -> None:
    assert told.seen[0].of_shop("81") == shop("81")
    assert told.seen[1].of_shop("81") == told.seen[1].of_shop("80") == shop("80")
    assert told.seen[1].rules[Key(SHOP, "customer", "81")] == "vendor_merge"
    assert (told.orders[0]["8100"], told.orders[1]["8100"]) == (shop("81"), shop("80"))
    assert any(row[0] == shop("80") for row in told.proposals)


def test_an_older_contact_gives_no_id(told: Told) -> None:
    assert told.seen[-1].of_crm("9") == told.seen[-1].of_shop("90") == shop("90")
    assert told.held[-1][shop("90")] == told.held[0][shop("90")]
    assert (shop("90"), told.held[0][shop("90")], "9") in {row[:3] for row in told.proposals}


def test_a_guest_gives_an_id(told: Told) -> None:
    assert told.seen[-1].customers[Key(SHOP, "order", "9100")] == id_of(SHOP, "order", "9100")
    assert id_of(SHOP, "order", "9100") in told.creates(0)
