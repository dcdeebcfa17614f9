"""A company of five orders: small enough to break it in many ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sandbox.world import Customer, Location, Order, OrderLine, Product, Stock, World

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
PEOPLE = (
    ("C1", "Ada", "Nowak", "ada.nowak@example.com", "Lindenweg 4", "Kraków", "30-001", "Poland"),
    ("C2", "Bruno", "Keller", "bruno@example.net", "Hauptstr. 12", "Berlin", "10115", "Germany"),
    ("C3", "Chloé", "Martin", None, "8 rue Nationale", "Lille", "59000", "France"),
)


def small_world(orders: int = 5) -> World:
    """Three customers, two products, one warehouse; every order ships a day later."""
    customers = [
        Customer(
            customer_id=key,
            first_name=first,
            last_name=last,
            email=email,
            phone=f"+4930{number}5550{number}1",
            line1=street,
            city=city,
            postal_code=code,
            country=country,
        )
        for number, (key, first, last, email, street, city, code, country) in enumerate(PEOPLE)
    ]
    products = [
        Product(sku=f"P-{n}", title=f"Thing {n}", unit_price=Decimal("9.50"), weight_g=Decimal(300))
        for n in (1, 2)
    ]
    placed = [_order(n, customers[n % len(customers)]) for n in range(orders)]
    lines = [
        OrderLine(
            order_id=order.order_id,
            line_number=1,
            sku=f"P-{1 + number % 2}",
            quantity=1 + number % 3,
            unit_price=Decimal("9.50"),
        )
        for number, order in enumerate(placed)
    ]
    return World(
        customers=customers,
        products=products,
        locations=[Location(location_id="MAIN", name="Main warehouse")],
        inventory=[Stock(location_id="MAIN", sku=p.sku, on_hand=50) for p in products],
        orders=placed,
        order_lines=lines,
        sku_map=[],
    )


def _order(number: int, customer: Customer) -> Order:
    return Order(
        order_id=str(7001 + number),
        customer_id=customer.customer_id,
        placed_at=START + timedelta(minutes=number),
        currency="EUR",
        shipping_price=Decimal("4.90"),
        carrier="DHL",
        shipped_at=START + timedelta(days=1),
        ship_name=f"{customer.first_name} {customer.last_name}",
        ship_line1=customer.line1,
        ship_city=customer.city,
        ship_postal_code=customer.postal_code,
        ship_country=customer.country,
    )
