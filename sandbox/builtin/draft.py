"""Orders while they are made: numbered last, so that numbers follow time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.world import MAIN, Customer, Order, OrderLine

if TYPE_CHECKING:
    from sandbox.world import Product

END = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""When the last order is placed: fixed, so that a seed says everything about a world."""
SPAN = timedelta(days=30)
GO_LIVE = END - SPAN
CARRIERS = ("UPS", "USPS", "FedEx", "DHL")
METHODS = ("Standard (3–5 days)", "Standard (3–5 days)", "Express", "Economy")  # noqa: RUF001
CURRENCY = {MAIN: "USD", "eu": "EUR"}


@dataclass
class Draft:
    """One order with its lines, and the cases that it shows."""

    order: Order
    lines: list[OrderLine]
    cases: list[str] = field(default_factory=list)

    def with_order(self, **changes: Any) -> Draft:
        self.order = replace(self.order, **changes)
        return self

    def with_line(self, index: int, **changes: Any) -> Draft:
        self.lines[index] = replace(self.lines[index], **changes)
        return self

    def add_line(self, **changes: Any) -> Draft:
        last = self.lines[-1]
        fresh = OrderLine(
            order_id="", line_number=last.line_number + 1, sku=None, quantity=1,
            unit_price=Decimal(0), instance=last.instance,
        )  # fmt: skip
        self.lines.append(replace(fresh, **changes))
        return self

    def never_ships(self) -> Draft:
        return self.with_order(shipped_at=None)

    def numbered(self, order_id: str) -> Draft:
        self.order = replace(self.order, order_id=order_id)
        self.lines = [replace(line, order_id=order_id) for line in self.lines]
        return self


class Drafting:
    """Makes ordinary orders: paid, open, shipped within two days of the world's end."""

    def __init__(self, seed: int, products: list[Product]) -> None:
        self.random = random.Random(f"orders {seed}")
        self._products = [product for product in products if not product.discontinued]
        self.products_with_upc = (product for product in self._products if product.upc)

    def order(self, customer: Customer, *, instance: str = MAIN, lines: int | None = None) -> Draft:
        """An order of a customer, or of a guest whose id is `guest`."""
        chance = self.random
        guest = customer.customer_id == "guest"
        draft = Order(
            order_id="",
            placed_at=self.moment(),
            currency=CURRENCY[instance],
            customer_id=None if guest else customer.customer_id,
            shipping_price=Decimal(chance.choice(("0", "4.90", "7.50", "12.00"))),
            carrier=chance.choice(CARRIERS),
            shipped_at=END + timedelta(minutes=chance.randrange(120, 48 * 60)),
            ship_name=f"{customer.first_name} {customer.last_name}",
            ship_line1=customer.line1,
            ship_line2=customer.line2,
            ship_city=customer.city,
            ship_region=customer.region,
            ship_postal_code=customer.postal_code,
            ship_country=customer.country,
            instance=instance,
            shipping_method=chance.choice(METHODS),
            email=customer.email if guest else None,
            phone=customer.phone if guest else None,
        )
        count = lines or chance.choices((1, 2, 3, 4), (40, 30, 20, 10))[0]
        return Draft(draft, self._lines(count, instance))

    def moment(self) -> datetime:
        """Some minute of the last thirty days."""
        return END - timedelta(minutes=self.random.randrange(60, int(SPAN.total_seconds() // 60)))

    def _lines(self, count: int, instance: str) -> list[OrderLine]:
        chance = self.random
        return [
            OrderLine(
                order_id="",
                line_number=number,
                sku=product.sku,
                quantity=chance.choices((1, 2, 3, 6), (60, 25, 10, 5))[0],
                unit_price=product.unit_price,
                discount_rate=Decimal(chance.choice(("0", "0", "0", "0.1", "0.15", "0.333"))),
                instance=instance,
            )
            for number, product in enumerate(chance.sample(self._products, count), start=1)
        ]
