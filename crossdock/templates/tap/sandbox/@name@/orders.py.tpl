"""What the account holds when the world begins."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.core import iso

if TYPE_CHECKING:
    from sandbox.world import World

ORDERS = 12


def first_orders(world: World) -> list[dict[str, Any]]:
    """A dozen orders of the world's own goods, placed at the world's end."""
    products = [product for product in world.products if not product.discontinued][:ORDERS]
    return [_order(number, product, world) for number, product in enumerate(products, 1)]


def _order(number: int, product: Any, world: World) -> dict[str, Any]:
    quantity = 1 + number % 3
    total = product.unit_price * quantity + Decimal("4.90")
    return {
        "number": f"@NAME@-{1000 + number}",
        "status": "open",
        "payment_status": "paid",
        "test": False,
        "placed_at": iso(world.ends_at),
        "cancelled_at": None,
        "currency": "EUR",
        "email": f"buyer{number}@@kebab@.example",
        "note": None,
        "shipping_method": "Standard",
        "shipping": "4.90",
        "total": str(total),
        "ship_to": {
            "name": f"Robin Number {number}",
            "company": None,
            "street": f"Hafenstr. {number}",
            "city": "Hamburg",
            "region": None,
            "postal_code": "20457",
            "country_code": "DE",
            "phone": None,
        },
        "lines": [
            {
                "id": f"o{number}-1",
                "sku": product.sku,
                "title": product.title or product.sku,
                "quantity": quantity,
                "unit_price": str(product.unit_price),
            }
        ],
    }
