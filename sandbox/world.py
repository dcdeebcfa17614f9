"""A world: the records of one small company that the vendors play.

The attributes of each record are the columns of its CSV file. An empty value is None, money
is Decimal, times are aware, ids stay strings. `sandbox.world_files` reads and writes folders.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from crossdock.errors import CrossdockError

CENT = Decimal("0.01")
MAIN = "main"


class WorldError(CrossdockError):
    """A world cannot be read or makes no sense; the message names file, line and column."""


@dataclass(frozen=True)
class Customer:
    customer_id: str
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Product:
    sku: str
    upc: str | None = None
    title: str | None = None
    weight_g: Decimal | None = None
    unit_price: Decimal = Decimal(0)
    reorder_point: int | None = None
    discontinued: bool = False


@dataclass(frozen=True)
class Location:
    """A place with stock; `wms` says whether the WMS serves it."""

    location_id: str
    name: str
    wms: bool = True


@dataclass(frozen=True)
class Stock:
    """Units on hand at the world's end."""

    location_id: str
    sku: str
    on_hand: int


@dataclass(frozen=True)
class Order:
    """An order of one shop instance; its id is unique in that instance only.

    The buyer pays in `presentment_currency`, of which a unit of `currency` buys `exchange_rate`.
    Taxes of `tax_rate` come on top of lines and shipping.
    """

    order_id: str
    placed_at: datetime
    currency: str
    customer_id: str | None = None
    shipping_price: Decimal = Decimal(0)
    carrier: str | None = None
    shipped_at: datetime | None = None
    ship_name: str | None = None
    ship_line1: str | None = None
    ship_line2: str | None = None
    ship_city: str | None = None
    ship_region: str | None = None
    ship_postal_code: str | None = None
    ship_country: str | None = None
    instance: str = MAIN
    financial_status: str = "PAID"
    cancelled_at: datetime | None = None
    test: bool = False
    location_id: str | None = None
    shipping_method: str | None = None
    hold_reason: str | None = None
    delivery_method: str = "SHIPPING"
    fulfilled_at: datetime | None = None
    refunded_at: datetime | None = None
    email: str | None = None
    phone: str | None = None
    parcels: int = 1
    note: str | None = None
    presentment_currency: str | None = None
    exchange_rate: Decimal = Decimal(1)
    tax_rate: Decimal = Decimal(0)

    @property
    def key(self) -> tuple[str, str]:
        return self.instance, self.order_id


@dataclass(frozen=True)
class OrderLine:
    """One line; `sku` is the channel's and need not be a product of the world.

    `duty` is what customs ask for the whole line, on top of its price.
    """

    order_id: str
    line_number: int
    sku: str | None
    quantity: int
    unit_price: Decimal
    discount_rate: Decimal = Decimal(0)
    instance: str = MAIN
    requires_shipping: bool = True
    current_quantity: int | None = None
    location_id: str | None = None
    shipped_at: datetime | None = None
    duty: Decimal = Decimal(0)

    @property
    def current(self) -> int:
        """Units that are still ordered."""
        return self.quantity if self.current_quantity is None else self.current_quantity

    @property
    def gross(self) -> Decimal:
        return cents(self.quantity * self.unit_price)

    @property
    def net(self) -> Decimal:
        """Line total after discount, rounded half up."""
        return cents(self.quantity * self.unit_price * (1 - self.discount_rate))


@dataclass(frozen=True)
class SkuMap:
    """One component of a channel SKU; an empty channel stands for every one."""

    channel_sku: str
    sku: str
    channel: str | None = None
    quantity: int = 1

    def applies_to(self, instance: str) -> bool:
        return self.channel in (None, "shopify", f"shopify:{instance}")


@dataclass
class World:
    """Everything that the vendors play.

    Attributes:
        story: What people do between loops: `{"after_loop": 1, "edit" | "map": {...}}`.
        go_live_at: Orders placed before are not ours to send.
        strangers: How many people the CRM knows who have nothing to do with the shops.
        cases: Name of a case to the (instance, order id) that show it.
    """

    customers: list[Customer] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    locations: list[Location] = field(default_factory=list)
    inventory: list[Stock] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    order_lines: list[OrderLine] = field(default_factory=list)
    sku_map: list[SkuMap] = field(default_factory=list)
    story: list[dict[str, Any]] = field(default_factory=list)
    go_live_at: datetime | None = None
    strangers: int = 0
    cases: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def instances(self) -> list[str]:
        """The shop instances, `main` first."""
        return sorted(
            {MAIN, *(order.instance for order in self.orders)}, key=lambda i: (i != MAIN, i)
        )

    @property
    def ends_at(self) -> datetime:
        """When the last order was placed; the sandbox's clock begins here."""
        return max((order.placed_at for order in self.orders), default=datetime.now(UTC))

    @cached_property
    def order_of(self) -> dict[tuple[str, str], Order]:
        """(instance, order id) to order."""
        return {order.key: order for order in self.orders}

    @cached_property
    def lines_of(self) -> dict[tuple[str, str], list[OrderLine]]:
        """(instance, order id) to its lines, in order; empty for an order without any."""
        lines: dict[tuple[str, str], list[OrderLine]] = defaultdict(list)
        for line in sorted(self.order_lines, key=lambda line: line.line_number):
            lines[line.instance, line.order_id].append(line)
        return lines

    @cached_property
    def customer_of(self) -> dict[str, Customer]:
        return {customer.customer_id: customer for customer in self.customers}

    @cached_property
    def product_of(self) -> dict[str, Product]:
        return {product.sku: product for product in self.products}

    @cached_property
    def location_of(self) -> dict[str, Location]:
        return {location.location_id: location for location in self.locations}

    def add_order(self, order: Order, lines: list[OrderLine]) -> None:
        """Let one more order be placed."""
        self.orders.append(order)
        self.order_lines += lines
        self.order_of[order.key] = order
        self.lines_of[order.key] = lines

    def add_customer(self, customer: Customer) -> None:
        """Let one more person be known."""
        self.customers.append(customer)
        self.customer_of[customer.customer_id] = customer

    def customers_in(self, instance: str) -> list[Customer]:
        """Who a shop knows: whoever ordered there; people without any order are in `main`."""
        shops: dict[str, set[str]] = defaultdict(set)
        for order in self.orders:
            if order.customer_id:
                shops[order.customer_id].add(order.instance)
        return [c for c in self.customers if instance in (shops.get(c.customer_id) or {MAIN})]

    def location_for(self, order: Order, line: OrderLine) -> Location:
        """Where a line ships from: its own location, its order's, or the world's first."""
        named = line.location_id or order.location_id
        return self.location_of[named] if named else self.locations[0]

    def ships_at(self, order: Order, line: OrderLine) -> datetime | None:
        """When the warehouse ships a line, if it ever does."""
        return line.shipped_at or order.shipped_at

    def components(self, instance: str, channel_sku: str | None) -> list[tuple[str, int]]:
        """The world's SKUs and quantities behind a channel's SKU; none if it stays unmapped."""
        if channel_sku is None:
            return []
        mapped = [
            m for m in self.sku_map if m.channel_sku == channel_sku and m.applies_to(instance)
        ]
        if mapped:
            return [(m.sku, m.quantity) for m in mapped]
        if channel_sku in self.product_of:
            return [(channel_sku, 1)]
        if channel_sku in self._sku_of_upc:
            return [(self._sku_of_upc[channel_sku], 1)]
        told = [SkuMap(**step["map"]) for step in self.story if "map" in step]
        return [
            (m.sku, m.quantity)
            for m in told
            if m.channel_sku == channel_sku and m.applies_to(instance)
        ]

    @cached_property
    def _sku_of_upc(self) -> dict[str, str]:
        return {product.upc: product.sku for product in self.products if product.upc}

    def start_stock(self) -> dict[tuple[str, str], int]:
        """(location, SKU) to units at the world's start: its end, plus what is still to ship."""
        stock = {(row.location_id, row.sku): row.on_hand for row in self.inventory}
        for order in self.orders:
            for line in self.lines_of[order.key]:
                place = self.location_for(order, line)
                if not (self.ships_at(order, line) and line.requires_shipping and place.wms):
                    continue
                for sku, quantity in self.components(order.instance, line.sku):
                    key = place.location_id, sku
                    stock[key] = stock.get(key, 0) + quantity * line.current
        return stock


def cents(amount: Decimal) -> Decimal:
    """Round half up to two digits."""
    return amount.quantize(CENT, ROUND_HALF_UP)
