"""Products, their stock and its changes. Attributes are named as the API's fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.shiphero.models import Entity

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(kw_only=True, eq=False)
class Warehouse(Entity):
    entity = "Warehouse"
    identifier: str
    location_id: str
    profile: str = "default"
    company_name: str | None = None


@dataclass(kw_only=True, eq=False)
class Product(Entity):
    entity = "Product"
    sku: str
    name: str | None
    barcode: str | None
    price: str
    active: bool
    created_at: datetime
    updated_at: datetime
    dimensions: dict[str, str | None]
    kit: bool = False
    kit_build: bool = False
    virtual: bool = False
    kit_components: list[Any] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    warehouse_products: list[WarehouseProduct] = field(default_factory=list)


@dataclass(kw_only=True, eq=False)
class Location(Entity):
    """A bin."""

    entity = "Bin"
    name: str
    warehouse_id: str
    zone: str | None = None
    is_cart: bool = False
    pickable: bool = True
    sellable: bool = True


@dataclass(kw_only=True, eq=False)
class WarehouseProduct(Entity):
    """Stock of one product in one warehouse."""

    entity = "WarehouseProduct"
    product: Product
    warehouse: Warehouse
    on_hand: int
    reorder_level: int
    created_at: datetime
    updated_at: datetime
    allocated: int = 0
    backorder: int = 0
    reserve_inventory: int = 0
    sell_ahead: int = 0
    non_sellable_quantity: int = 0
    location: Location

    @property
    def inventory_bin(self) -> str:
        return self.location.name

    @property
    def sku(self) -> str:
        return self.product.sku

    @property
    def price(self) -> str:
        return self.product.price

    @property
    def active(self) -> bool:
        return self.product.active

    @property
    def available(self) -> int:
        """The vendor's own figure, which knows neither reserve nor sell-ahead."""
        return self.on_hand - self.allocated - self.backorder

    @property
    def warehouse_id(self) -> str:
        return self.warehouse.id

    @property
    def warehouse_identifier(self) -> str:
        return self.warehouse.identifier


@dataclass(kw_only=True, eq=False)
class InventoryChange(Entity):
    """One entry of the log of stock; the API shows neither of its ids."""

    entity = "InventoryChange"
    product: Product
    location: Location
    warehouse_id: str
    previous_on_hand: int
    change_in_on_hand: int
    reason: str
    user_id: str
    created_at: datetime
    cycle_counted: bool = False

    @property
    def sku(self) -> str:
        return self.product.sku

    @property
    def location_id(self) -> str:
        return self.location.id
