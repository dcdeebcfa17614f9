"""A shop with very many orders, for load runs: `python -m sandbox.shopify.many --orders 100000`.

The orders are plain, paid and unfulfilled; they depend on the seed only.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.app import build
from sandbox.core import Sandbox
from sandbox.server import address, listen, server
from sandbox.shopify.vendor import ShopifyVendor
from sandbox.world import Customer, Location, Order, OrderLine, Product, Stock, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=30)
CITIES = (
    ("Köln", "50667", "Germany"),
    ("Lyon", "69001", "France"),
    ("Graz", "8010", "Austria"),
    ("Gent", "9000", "Belgium"),
)
RATES = (Decimal(0), Decimal(0), Decimal("0.05"), Decimal("0.15"))


def world(orders: int, lines: int = 2, seed: int = 0) -> World:
    """A world of so many orders; each has so many lines, and each fifth a new buyer."""
    chance = random.Random(f"many {seed}")
    people = [_customer(number) for number in range(1, max(1, orders // 5) + 1)]
    products = [
        Product(f"SKU-{n:04}", f"85000{n:07}", f"Thing {n}", Decimal(100 + n), Decimal(n) / 4 + 1)
        for n in range(500)
    ]
    placed = [_order(number, chance.choice(people)) for number in range(1, orders + 1)]
    return World(
        customers=people,
        products=products,
        locations=[Location("1", "Main")],
        inventory=[Stock("1", product.sku, 10 * orders) for product in products],
        orders=placed,
        order_lines=[
            _line(order, position, chance.choice(products), chance)
            for order in placed
            for position in range(1, lines + 1)
        ],
    )


def _customer(number: int) -> Customer:
    city, code, country = CITIES[number % len(CITIES)]
    email = f"buyer{number}@example.com"
    street = f"Lange Straße {number % 200}"
    return Customer(
        str(number), email, None, "Ana", f"Buyer {number}", None, street, None, city, None, code,
        country,
    )  # fmt: skip


def _order(number: int, buyer: Customer) -> Order:
    return Order(
        order_id=str(number),
        placed_at=BEGAN + number * APART,
        currency="EUR",
        customer_id=buyer.customer_id,
        shipping_price=Decimal("4.90"),
        ship_name=f"{buyer.first_name} {buyer.last_name}",
        ship_line1=buyer.line1,
        ship_city=buyer.city,
        ship_postal_code=buyer.postal_code,
        ship_country=buyer.country,
    )


def _line(order: Order, position: int, product: Product, chance: random.Random) -> OrderLine:
    return OrderLine(
        order.order_id,
        position,
        product.sku,
        chance.randint(1, 4),
        product.unit_price,
        chance.choice(RATES),
    )


def app(orders: int, lines: int = 2, seed: int = 0) -> Starlette:
    """A sandbox that holds this shop and no other vendor."""
    with _no_collection():
        sandbox = Sandbox.of(world(orders, lines, seed), seed=seed)
        sandbox.add(ShopifyVendor(sandbox))
        return build(sandbox)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of records are made that all stay: looking for garbage among them is in vain."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def main() -> int:
    """Serve until somebody ends it; the address is the first line of the output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=2)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    played = app(told.orders, told.lines, told.seed)
    listener = listen(told.port)
    sys.stdout.write(f"{address(listener)}/shopify\n")
    sys.stdout.flush()
    server(played).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
