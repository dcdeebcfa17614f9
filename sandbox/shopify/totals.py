"""The sums of an order and of its lines: each follows from quantities, refunds, transactions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.shopify.money import ZERO
from sandbox.world import OrderLine, cents

if TYPE_CHECKING:
    from sandbox.shopify.store import Record

_IN = ("SALE", "CAPTURE")


def net(line: Record, quantity: int) -> Decimal:
    """The discounted price of some units of a line, rounded as the line itself is."""
    world: OrderLine = line["_world"]
    return cents(quantity * world.unit_price * (1 - world.discount_rate))


def gross(line: Record, quantity: int) -> Decimal:
    """Their price before discounts."""
    return cents(quantity * line["_world"].unit_price)


def tax(line: Record, quantity: int) -> Decimal:
    """The tax on some units of a line."""
    return cents(net(line, quantity) * line["_order"]["_world"].tax_rate)


def duty(line: Record, quantity: int) -> Decimal:
    """Their part of the line's duty."""
    world: OrderLine = line["_world"]
    return cents(world.duty * quantity / world.quantity) if world.quantity else ZERO


def shipping(order: Record) -> Decimal:
    """The price of shipping as ordered."""
    price: Decimal = order["_world"].shipping_price
    return cents(price)


def shipping_tax(order: Record, current: bool = False) -> Decimal:
    """The tax on shipping."""
    gone = order["_shipping_gone"] if current else ZERO
    return cents((shipping(order) - gone) * order["_world"].tax_rate)


def subtotal(order: Record, current: bool = False) -> Decimal:
    """The discounted price of all lines."""
    return sum((net(line, _units(line, current)) for line in order["lineItems"]), ZERO)


def discounts(order: Record, current: bool = False) -> Decimal:
    """What all discounts take off."""
    units = ((line, _units(line, current)) for line in order["lineItems"])
    return sum((gross(line, count) - net(line, count) for line, count in units), ZERO)


def taxes(order: Record, current: bool = False) -> Decimal:
    """The tax on lines and shipping."""
    lines = (tax(line, _units(line, current)) for line in order["lineItems"])
    return sum(lines, shipping_tax(order, current))


def duties(order: Record, current: bool = False) -> Decimal:
    """The duties of all lines."""
    return sum((duty(line, _units(line, current)) for line in order["lineItems"]), ZERO)


def total(order: Record) -> Decimal:
    """The price of the order before returns."""
    return subtotal(order) + shipping(order) + taxes(order) + duties(order)


def current_total(order: Record) -> Decimal:
    """The price of what is left of it."""
    remaining: Decimal = shipping(order) - order["_shipping_gone"]
    return subtotal(order, True) + remaining + taxes(order, True) + duties(order, True)


def received(order: Record) -> Decimal:
    """What the buyer has paid."""
    return _sum(order, _IN)


def refunded(order: Record) -> Decimal:
    """What the buyer got back."""
    return _sum(order, ("REFUND",))


def _units(line: Record, current: bool) -> int:
    count: int = line["currentQuantity"] if current else line["quantity"]
    return count


def _sum(order: Record, kinds: tuple[str, ...]) -> Decimal:
    total = ZERO
    for each in order["transactions"]:
        if each["kind"] in kinds and each["status"] == "SUCCESS":
            total += each["amountSet"].amount
    return total
