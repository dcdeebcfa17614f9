"""The streams of one shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from crossdock.tap import IdPage, Page, Part, Reading, record
from taps.shopify import queries
from taps.shopify.base import ShopifyStream
from taps.shopify.order_streams import Fulfillments, Orders, Refunds, Returns
from taps.shopify.reader import Nested, Turn
from taps.shopify.windows import Window
from taps.shopify.withheld import FIELD

LOCATIONS_PAGE = 100


class Customers(ShopifyStream):
    """People who have an account or have ordered."""

    name = "customers"
    root = ("customers",)
    query = queries.CUSTOMERS
    first_page = 150
    points = 752
    windowed = True
    size_field = count_field = "customersCount"
    ids_query = queries.ids_of("customers", ", sortKey: ID")
    kind = "Customer"
    bulk_shell = "{ customers(query: $query) { nodes { ...Record } } }"
    personal = (
        *("firstName", "lastName", "defaultEmailAddress", "defaultPhoneNumber", "defaultAddress"),
    )
    schema = record(
        "id",
        text="legacyResourceId firstName lastName displayName note state locale numberOfOrders",
        time="createdAt updatedAt",
        boolean="taxExempt verifiedEmail",
        obj="defaultEmailAddress defaultPhoneNumber defaultAddress amountSpent",
        array=f"tags {FIELD}",
    )


class FulfillmentOrders(ShopifyStream):
    """What one location should ship of an order, with its holds; closed ones too."""

    name = "fulfillment_orders"
    root = ("fulfillmentOrders",)
    query = queries.FULFILLMENT_ORDERS
    first_page = 40
    points = 722
    windowed = True
    size_field = "ordersCount"
    ids_query = queries.ids_of("fulfillmentOrders", ", includeClosed: true, sortKey: ID")
    kind = "FulfillmentOrder"
    bulk_shell = "{ fulfillmentOrders(query: $query, includeClosed: true) { nodes { ...Record } } }"
    personal = ("destination",)
    nested = (
        Nested(
            "lineItems",
            "fulfillmentOrder",
            queries.FULFILLMENT_ORDER_LINES,
            203,
            ("FulfillmentOrderLineItem",),
        ),
    )
    schema = record(
        "id",
        text="status requestStatus orderId orderName",
        time="createdAt updatedAt fulfillAt fulfillBy",
        obj="assignedLocation deliveryMethod destination",
        array=f"fulfillmentHolds lineItems {FIELD}",
    )


class Products(ShopifyStream):
    """Products with their variants."""

    name = "products"
    root = ("products",)
    query = queries.PRODUCTS
    first_page = 20
    points = 862
    windowed = True
    size_field = count_field = "productsCount"
    ids_query = queries.ids_of("products", ", sortKey: ID")
    kind = "Product"
    bulk_shell = "{ products(query: $query) { nodes { ...Record } } }"
    nested = (Nested("variants", "product", queries.PRODUCT_VARIANTS_OF, 403, ("ProductVariant",)),)
    schema = record(
        "id",
        text="legacyResourceId title handle status vendor productType",
        time="createdAt updatedAt",
        array=f"tags variants {FIELD}",
    )


class ProductVariants(ShopifyStream):
    """What is sold, one record for each variant; read by id, for the API sorts by no change."""

    name = "product_variants"
    awaited = False
    root = ("productVariants",)
    query = queries.PRODUCT_VARIANTS
    first_page = 150
    points = 752
    size_field = count_field = "productVariantsCount"
    # https://shopify.dev/docs/api/admin-graphql/latest/queries/productVariantsCount
    count_searches = False
    ids_query = queries.ids_of("productVariants", ", sortKey: ID")
    kind = "ProductVariant"
    bulk_shell = "{ productVariants(query: $query) { nodes { ...Record } } }"
    schema = record(
        "id",
        text="legacyResourceId sku barcode title displayName price compareAtPrice inventoryPolicy",
        time="createdAt updatedAt",
        integer="position inventoryQuantity",
        boolean="taxable",
        obj="product inventoryItem",
        array=FIELD,
    )


class InventoryItems(ShopifyStream):
    """What is stocked: the goods behind the variants."""

    name = "inventory_items"
    awaited = False
    root = ("inventoryItems",)
    query = queries.INVENTORY_ITEMS
    first_page = 150
    points = 602
    size_field = "productVariantsCount"
    ids_query = queries.ids_of("inventoryItems")
    kind = "InventoryItem"
    bulk_shell = "{ inventoryItems(query: $query) { nodes { ...Record } } }"
    schema = record(
        "id",
        text="legacyResourceId sku countryCodeOfOrigin provinceCodeOfOrigin harmonizedSystemCode",
        time="createdAt updatedAt",
        boolean="tracked requiresShipping",
        obj="unitCost measurement",
        array=FIELD,
    )


class Locations(ShopifyStream):
    """Places that hold stock; always read in full, for the API has no filter on their changes."""

    name = "locations"
    root = ("locations",)
    query = queries.LOCATIONS
    first_page = LOCATIONS_PAGE
    points = 202
    replication_key = None  # type: ignore[assignment]
    essential = frozenset({"id"})
    schema = record(
        "id",
        text="legacyResourceId name",
        time="createdAt updatedAt",
        boolean="isActive fulfillsOnlineOrders shipsInventory",
        obj="address",
        array=FIELD,
    )

    def read(self, since: datetime | None) -> Reading:
        """All locations."""
        return Reading([Part(self.pages(Window()))], full=True)


class InventoryLevels(ShopifyStream):
    """Stock of each item at each location; locations are read beside each other."""

    name = "inventory_levels"
    root = ("location", "inventoryLevels")
    query = queries.INVENTORY_LEVELS
    first_page = 80
    points = 883
    size_field = "productVariantsCount"
    ids_query = queries.INVENTORY_LEVEL_IDS
    kind = "InventoryLevel"
    bulk_shell = """{
      locations(includeInactive: true, includeLegacy: true) {
        nodes { id inventoryLevels(query: $query, includeInactive: true) { nodes { ...Record } } }
      }
    }"""
    schema = record(
        "id",
        time="createdAt updatedAt",
        boolean="isActive",
        obj="item location",
        array=f"quantities {FIELD}",
    )

    def windows(self, window: Window) -> Iterator[Part]:
        """One part for each location."""
        for location in self._locations():
            yield Part(self._until(self._at(location, window), None))

    def pages(self, window: Window) -> Iterator[Page]:
        """The levels of all locations, one after the other."""
        for location in self._locations():
            yield from self._until(self._at(location, window), None)

    def sweep(self) -> Iterator[IdPage] | None:
        """The ids of all levels, location by location."""
        return (
            page
            for location in self._locations()
            for page in self.ids(
                queries.INVENTORY_LEVEL_IDS, self.root, {"location": location}, 253
            )
        )

    def _at(self, location: str, window: Window) -> Iterator[Turn]:
        self.reader.sized(self.query, self.first_page, self.page_size, self.points)
        variables = {"location": location, "query": window.search}
        return self.reader.scan(self.query, self.root, variables)

    def _locations(self) -> Iterator[str]:
        """The ids of all locations."""
        root = ("locations",)
        self.reader.sized(queries.LOCATION_IDS, LOCATIONS_PAGE, LOCATIONS_PAGE, 102)
        for turn in self.reader.scan(queries.LOCATION_IDS, root, {}):
            yield from (location["id"] for location in turn.nodes)


STREAMS = (
    Customers,
    Orders,
    FulfillmentOrders,
    Fulfillments,
    Refunds,
    Returns,
    Products,
    ProductVariants,
    InventoryItems,
    Locations,
    InventoryLevels,
)
