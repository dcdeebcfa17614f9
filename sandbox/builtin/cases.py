"""The orders that a warehouse must get right, each kind at least once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.builtin import goods
from sandbox.builtin.draft import END, GO_LIVE, Draft, Drafting
from sandbox.builtin.people import plain

if TYPE_CHECKING:
    from sandbox.builtin.people import People
    from sandbox.world import Customer

SPELLED_DIFFERENTLY = "same person in shop and CRM, spelled differently"
NEW_LINE_2 = "Suite 5"
LATER = END + timedelta(hours=90)
MAIN_PLACE, RETAIL = "MAIN", "RETAIL"
Case = Callable[[Drafting, "Customer"], Draft]


def case_orders(drafting: Drafting, people: People, customers: Iterator[Customer]) -> list[Draft]:
    """Every case as often as it is listed, each order by another customer."""
    drafts: list[Draft] = []
    for name, times, make in CASES:
        wanted = accented if name == SPELLED_DIFFERENTLY else any_one
        for _ in range(times):
            draft = make(drafting, next(filter(wanted, customers)))
            draft.cases.append(name)
            drafts.append(draft)
    return drafts + _guests(drafting, people)


def accented(customer: Customer) -> bool:
    """Whether the name cannot be written without accents."""
    name = f"{customer.first_name} {customer.last_name}"
    return plain(name) != name


def any_one(_: Customer) -> bool:
    return True


def _guests(drafting: Drafting, people: People) -> list[Draft]:
    known_by: dict[str, dict[str, Any]] = {
        "guest without e-mail": {"email": None, "phone": None},
        "guest with phone only": {"email": None},
        "guest with e-mail only": {"phone": None},
    }
    drafts = []
    for name, left_out in known_by.items():
        for _ in range(4):
            draft = drafting.order(replace(people.guest(), **left_out))
            draft.cases.append(name)
            drafts.append(draft)
    return drafts


def _plain(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer)


def _kit(drafting: Drafting, customer: Customer) -> Draft:
    sku = drafting.random.choice((goods.KIT, goods.KIT_2))
    draft = drafting.order(customer, lines=2)
    return draft.with_line(0, sku=sku, quantity=2, unit_price=Decimal("39.00"))


def _alias(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer, lines=1).with_line(0, sku=goods.ALIAS)


def _upc(drafting: Drafting, customer: Customer) -> Draft:
    product = next(drafting.products_with_upc)
    return drafting.order(customer, lines=1).with_line(
        0, sku=product.upc, unit_price=product.unit_price
    )


def _unmapped(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer, lines=2).never_ships()
    return draft.with_line(0, sku=goods.NEVER_MAPPED, unit_price=Decimal("24.90"))


def _mapped_later(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer, lines=2)
    return draft.with_line(1, sku=goods.MAPPED_LATER, unit_price=Decimal("27.40"))


def _test(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer).never_ships().with_order(test=True)


def _unpaid(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer).never_ships().with_order(financial_status="PENDING")


def _cancelled(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer).never_ships()
    return draft.with_order(cancelled_at=draft.order.placed_at + timedelta(minutes=45))


def _held(drafting: Drafting, customer: Customer) -> Draft:
    reason = drafting.random.choice(("HIGH_RISK_OF_FRAUD", "INCORRECT_ADDRESS"))
    return drafting.order(customer).never_ships().with_order(hold_reason=reason)


def _pickup(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer).never_ships()
    return draft.with_order(
        delivery_method="PICK_UP", shipping_method=None, shipping_price=Decimal(0), carrier=None
    )


def _fulfilled_before(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer).never_ships()
    placed = END - timedelta(days=drafting.random.randrange(8, 25))
    return draft.with_order(placed_at=placed, fulfilled_at=placed + timedelta(days=2))


def _before_go_live(drafting: Drafting, customer: Customer) -> Draft:
    early = GO_LIVE - timedelta(hours=drafting.random.randrange(20, 70))
    return drafting.order(customer).never_ships().with_order(placed_at=early)


def _no_shipping_line(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer, lines=1).add_line(
        sku=goods.GIFT_WRAP, unit_price=Decimal("3.50"), requires_shipping=False
    )


def _tip(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer, lines=2).add_line(
        unit_price=Decimal("5.00"), requires_shipping=False
    )


def _removed_line(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer, lines=2).with_line(1, current_quantity=0)


def _refunded(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer).with_order(refunded_at=END + timedelta(hours=120))


def _two_shipments(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer, lines=2).with_line(1, shipped_at=LATER)


def _parcels(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer, lines=2).with_line(0, quantity=6)
    return draft.with_order(parcels=3)


def _two_locations(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer, lines=2)
    return draft.with_line(0, location_id=MAIN_PLACE).with_line(1, location_id=RETAIL)


def _moved(drafting: Drafting, customer: Customer) -> Draft:
    draft = drafting.order(customer)
    return draft.with_order(shipped_at=END + timedelta(hours=72), ship_line2=None)


def _open(drafting: Drafting, customer: Customer) -> Draft:
    return drafting.order(customer).never_ships()


CASES: tuple[tuple[str, int, Case], ...] = (
    ("plain paid order", 3, _plain),
    (SPELLED_DIFFERENTLY, 3, _plain),
    ("kit", 4, _kit),
    ("SKU under an old name", 2, _alias),
    ("SKU that is a UPC", 2, _upc),
    ("unmapped SKU", 2, _unmapped),
    ("unmapped SKU, mapped before the second loop", 2, _mapped_later),
    ("test order", 2, _test),
    ("unpaid", 3, _unpaid),
    ("cancelled before sending", 3, _cancelled),
    ("on hold in the shop", 3, _held),
    ("pickup", 3, _pickup),
    ("fulfilled before we came", 3, _fulfilled_before),
    ("before go-live", 3, _before_go_live),
    ("a line that needs no shipping beside one that does", 3, _no_shipping_line),
    ("a tip without a SKU", 2, _tip),
    ("a line removed before sending", 2, _removed_line),
    ("refund after shipping", 2, _refunded),
    ("two shipments, the second later", 2, _two_shipments),
    ("three parcels at once", 2, _parcels),
    ("two locations, one of them served by no WMS of ours", 2, _two_locations),
    ("ship-to line 2 changed in the shop before picking", 1, _moved),
    ("never shipped", 12, _open),
)
