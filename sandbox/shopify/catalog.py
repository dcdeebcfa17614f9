"""What a shop sells and where it lies: locations, products with variants, inventory levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.shopify import money
from sandbox.shopify.ids import gid, number_for
from sandbox.shopify.store import Record, Store, stamp
from sandbox.world import Location, Product, World

if TYPE_CHECKING:
    from datetime import datetime

ADDRESS = (
    *("address1", "address2", "city", "province", "provinceCode", "zip"),
    *("country", "countryCode", "phone"),
)


def add_locations(store: Store, world: World, at: datetime) -> None:
    """One location for each of the world's."""
    for location in world.locations:
        number = number_for(location.location_id)
        record = store.add(
            {
                "id": location_gid(location),
                "legacyResourceId": str(number),
                "name": location.name,
                "isActive": True,
                "fulfillsOnlineOrders": True,
                "shipsInventory": True,
                "createdAt": stamp(at),
                "updatedAt": stamp(at),
                "address": dict.fromkeys(ADDRESS),
                "inventoryLevels": [],
            }
        )
        # What every fulfillment order that is assigned to this place says of it.
        record["_assigned"] = {
            **dict.fromkeys(["address1", "address2", "city", "phone", "province", "zip"]),
            "name": location.name,
            "countryCode": "US",
            "location": record,
        }


def location_gid(location: Location) -> str:
    return gid("Location", number_for(location.location_id))


def add_products(store: Store, world: World, instance: str, at: datetime) -> dict[str, Record]:
    """A product with one variant for each SKU of the world or of the shop's lines.

    Returns:
        SKU to variant.
    """
    prices = {
        line.sku: line.unit_price
        for line in world.order_lines
        if line.sku and line.instance == instance and line.sku not in world.product_of
    }
    foreign = [Product(sku, title=sku, unit_price=price) for sku, price in sorted(prices.items())]
    return {p.sku: add_product(store, p, stamp(at)) for p in [*world.products, *foreign]}


def add_product(store: Store, product: Product, at: str) -> Record:
    """Add a product with one variant, and answer the variant."""
    number, title = number_for(product.sku), product.title or product.sku
    common = {"legacyResourceId": str(number), "createdAt": at, "updatedAt": at}
    item: Record = {
        **common,
        "id": gid("InventoryItem", number),
        "sku": product.sku,
        "tracked": True,
        "requiresShipping": True,
        "inventoryLevels": [],
        "measurement": {
            "id": gid("InventoryItemMeasurement", number),
            "weight": {"unit": "GRAMS", "value": float(product.weight_g or 0)},
        },
    }
    variant: Record = {
        **common,
        "id": gid("ProductVariant", number),
        "sku": product.sku,
        "barcode": product.upc,
        "title": "Default Title",
        "displayName": f"{title} - Default Title",
        "price": money.text(product.unit_price),
        "inventoryItem": item,
    }
    record: Record = {
        **common,
        "id": gid("Product", number),
        "title": title,
        "handle": "-".join(title.lower().split()),
        "status": "ARCHIVED" if product.discontinued else "ACTIVE",
        "vendor": "",
        "productType": "",
        "tags": [],
        "variants": [variant],
    }
    variant["product"] = record
    item["variant"] = variant
    for each in (record, variant, item):
        store.add(each)
    return variant


def add_inventory(store: Store, world: World, variants: dict[str, Record], at: datetime) -> None:
    """A level for each location and SKU that the world has stock of, as it was at the start."""
    for (location_id, sku), on_hand in world.start_stock().items():
        if sku not in variants:
            continue
        location = store.get(location_gid(world.location_of[location_id]))
        item = variants[sku]["inventoryItem"]
        assert location is not None  # noqa: S101 - every location of the world was added
        number = f"{location['legacyResourceId']}?inventory_item_id={item['legacyResourceId']}"
        level = store.add(
            {
                "id": gid("InventoryLevel", number),
                "createdAt": stamp(at),
                "updatedAt": stamp(at),
                "isActive": True,
                "item": item,
                "location": location,
                "_on_hand": on_hand,
            }
        )
        location["inventoryLevels"].append(level)
        item["inventoryLevels"].append(level)


def quantities(store: Store, level: Record, names: list[str]) -> list[Record]:
    """The asked-for quantities of a level.

    Raises:
        KeyError: There is no quantity of that name.
    """
    on_hand, committed = level["_on_hand"], store.committed(level)
    known = {
        "available": on_hand - committed,
        "committed": committed,
        "damaged": 0,
        "incoming": 0,
        "on_hand": on_hand,
        "quality_control": 0,
        "reserved": 0,
        "safety_stock": 0,
    }
    base = level["id"].replace("/InventoryLevel/", "/InventoryQuantity/")
    return [
        {
            "id": f"{base}&name={name}",
            "name": name,
            "quantity": known[name],
            "updatedAt": level["updatedAt"],
        }
        for name in names
    ]


EDITABLE = ("barcode", "price", "sku", "status", "title", "vendor")


def set_field(product: Record, name: str, value: str, at: str) -> None:
    """Change one field of a product or its variant."""
    variant = product["variants"][0]
    item = variant["inventoryItem"]
    if name in ("barcode", "price", "sku"):
        variant[name] = value or None
        item["sku"] = variant["sku"]
    else:
        product[name] = value.upper() if name == "status" else value
    for each in (product, variant, item):
        each["updatedAt"] = at
