"""Orders and shipments. Attributes are named as the API's fields, which read them directly."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.shiphero.catalogue import Product, Warehouse
    from sandbox.shiphero.returns import Return

ACCOUNT_ID = b64encode(b"Account:7001").decode()
PENDING = "pending"
PARTIAL = "partially_fulfilled"
FULFILLED = "fulfilled"
CANCELED = "canceled"
VALID = "valid"
VOIDED = "voided"


def global_id(entity: str, legacy_id: int) -> str:
    """ShipHero's opaque id of a record."""
    return b64encode(f"{entity}:{legacy_id}".encode()).decode()


def legacy_id(entity: str, given: str | None) -> int | None:
    """The number in an opaque id of this entity; None for any other text."""
    try:
        kind, _, number = b64decode(str(given), validate=True).decode().partition(":")
    except ValueError:
        return None
    return int(number) if kind == entity and number.isdigit() else None


@dataclass(kw_only=True, eq=False)
class Entity:
    """A record with both of the vendor's ids."""

    entity: ClassVar[str]
    legacy_id: int
    account_id: str = ACCOUNT_ID

    @property
    def id(self) -> str:
        return global_id(self.entity, self.legacy_id)


@dataclass
class Address:
    """An order's address."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    state_code: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.first_name, self.last_name)))

    def merge(self, given: dict[str, Any]) -> None:
        """Take the given fields over, leave the others."""
        for name, value in given.items():
            setattr(self, name, value)


@dataclass
class Holds:
    """Why nobody may pick an order now."""

    address_hold: bool = False
    client_hold: bool = False
    fraud_hold: bool = False
    operator_hold: bool = False
    payment_hold: bool = False
    shipping_method_hold: bool = False

    @property
    def any(self) -> bool:
        return any(getattr(self, item.name) for item in fields(self))


@dataclass(kw_only=True, eq=False)
class TotePick(Entity):
    """Units of a line that somebody took from a bin into a tote."""

    entity = "TotePick"
    sku: str
    quantity: int
    inventory_bin: str
    tote_id: str
    created_at: datetime

    @property
    def picked_quantity(self) -> int:
        return self.quantity

    @property
    def current(self) -> int:
        return self.quantity

    @property
    def updated_at(self) -> datetime:
        return self.created_at


@dataclass(kw_only=True, eq=False)
class LineItem(Entity):
    entity = "LineItem"
    order_id: str
    partner_line_item_id: str
    sku: str
    product_name: str | None
    price: str
    quantity: int
    warehouse_id: str
    warehouse: str
    product: Product | None
    created_at: datetime
    updated_at: datetime
    barcode: str | None = None
    option_title: str | None = None
    eligible_for_return: bool | None = None
    fulfillment_status: str = PENDING
    quantity_allocated: int = 0
    quantity_shipped: int = 0
    allocated_at: datetime | None = None
    locked_to_warehouse_id: str | None = None
    tote_picks: list[TotePick] = field(default_factory=list)

    def allocate(self, quantity: int, now: datetime) -> None:
        """Set how much of the stock is this line's."""
        self.quantity_allocated, self.allocated_at = quantity, now

    @property
    def product_id(self) -> str | None:
        return self.product.id if self.product else None

    @property
    def open(self) -> int:
        """Units still to ship."""
        return 0 if self.fulfillment_status == CANCELED else self.quantity - self.quantity_shipped

    @property
    def quantity_pending_fulfillment(self) -> int:
        return self.open

    @property
    def backorder_quantity(self) -> int:
        return self.open - self.quantity_allocated


@dataclass(kw_only=True, eq=False)
class Order(Entity):
    entity = "Order"
    order_number: str | None
    partner_order_id: str | None
    shop_name: str | None
    order_date: datetime
    accepted_at: datetime
    updated_at: datetime
    shipping_address: Address
    billing_address: Address
    holds: Holds
    fulfillment_status: str = PENDING
    lines: list[LineItem] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    shipping_lines: dict[str, Any] | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    source: str = "api"
    flagged: bool = False
    tags: list[str] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    merged_orders: list[dict[str, Any]] = field(default_factory=list)

    @property
    def allocations(self) -> list[dict[str, Any]]:
        """What lies ready for it, by warehouse."""
        found: dict[str, list[LineItem]] = {}
        for line in self.lines:
            if line.quantity_allocated > 0:
                found.setdefault(line.warehouse_id, []).append(line)
        return [_allocation(self, place, lines) for place, lines in found.items()]

    def __getattr__(self, name: str) -> Any:
        """Fields that the WMS only keeps, and does nothing with."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self.extra.get(name)

    @property
    def done(self) -> bool:
        """Whether the floor has nothing more to do with it."""
        return self.fulfillment_status in (FULFILLED, CANCELED)


def _allocation(order: Order, warehouse_id: str, lines: list[LineItem]) -> dict[str, Any]:
    shared = {"order_id": order.id, "warehouse_id": warehouse_id}
    return shared | {
        "allocated_at": max(line.allocated_at for line in lines if line.allocated_at),
        "line_items": [
            shared
            | {
                "allocated_at": line.allocated_at,
                "is_kit_component": False,
                "line_item_id": line.id,
                "quantity_allocated": line.quantity_allocated,
                "sku": line.sku,
            }
            for line in lines
        ],
    }


@dataclass(kw_only=True, eq=False)
class Label(Entity):
    """The label of one parcel."""

    entity = "ShippingLabel"
    shipment_id: str
    order_id: str
    order_number: str | None
    package_number: int
    carrier: str
    shipping_method: str
    tracking_number: str
    tracking_url: str
    created_date: datetime
    warehouse: str
    warehouse_id: str
    address: Address
    shipping_name: str | None = None
    box_name: str | None = None
    status: str = VALID
    cost: str = "0.00"
    source: str = "shiphero"
    delivered: bool = False
    needs_refund: bool = False
    picked_up: bool = False
    refunded: bool = False


@dataclass(kw_only=True, eq=False)
class ShipmentLine(Entity):
    """Units of one line that lie in one parcel."""

    entity = "ShippedLineItem"
    line_item: LineItem
    quantity: int
    shipment_id: str
    shipping_label_id: str

    @property
    def line_item_id(self) -> str:
        return self.line_item.id


@dataclass(kw_only=True, eq=False)
class Shipment(Entity):
    entity = "Shipment"
    order: Order
    warehouse: Warehouse
    created_date: datetime
    completed: bool = False
    shipping_labels: list[Label] = field(default_factory=list)
    lines: list[ShipmentLine] = field(default_factory=list)
    delivered: bool = False
    dropshipment: bool = False
    needs_refund: bool = False
    picked_up: bool = False
    refunded: bool = False
    shipped_off_shiphero: bool = False
    profile: str = "default"

    @property
    def order_id(self) -> str:
        return self.order.id

    @property
    def warehouse_id(self) -> str:
        return self.warehouse.id

    @property
    def address(self) -> Address:
        return self.order.shipping_address

    @property
    def total_packages(self) -> int:
        return len({label.package_number for label in self.shipping_labels})
