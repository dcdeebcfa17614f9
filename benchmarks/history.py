"""A merchant's history as the taps and the loader leave it, of any size, made by SQL alone.

Nobody in it is real. What is drawn is a function of the record's number, so that two files of one
size are equal. Orders spread over a year that ends at `NOW`; the last of them are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).parents[1] / "transform" / "dbt"
NOW = "2026-11-20 12:00:00+00"
SHOP, CRM, WMS, JOURNAL = "shopify", "hubspot", "shiphero", "journal"
SKUS = 5_000
_LOADER = {
    "_crossdock_read_at": "timestamptz",
    "_sdc_loaded_at": "timestamptz",
    "_sdc_deleted_at": "timestamptz",
}

# Macros of one connection: draws, and the parts of records.
_MACROS = f"""
create or replace macro draw(number, salt, sides) as
    cast(hash(number, salt) % cast(sides as ubigint) as bigint);
create or replace macro choose(number, salt, choices) as
    choices[draw(number, salt, len(choices)) + 1];
create or replace macro gid(kind, number) as concat('gid://shopify/', kind, '/', number);
create or replace macro price(cents) as printf('%d.%02d', cents // 100, cents % 100);
create or replace macro money(cents) as {{
    shopMoney: {{amount: price(cents), currencyCode: 'USD'}},
    presentmentMoney: {{amount: price(cents), currencyCode: 'USD'}}
}};
create or replace macro sku_of(number, line) as
    concat('SKU-', draw(number * 8 + line, 'sku', {SKUS}));
create or replace macro lines_of(number) as
    1 + [0, 1, 1, 1, 2, 2, 2, 4][draw(number, 'lines', 8) + 1];
create or replace macro units_of(number, line) as 1 + draw(number * 8 + line, 'units', 3) // 2;
create or replace macro placed_at(number, orders) as
    timestamptz '{NOW}' - to_seconds(cast((orders - number) * (31536000.0 / orders) as bigint));
create or replace macro given_name(number) as choose(number, 'given', getvariable('given_names'));
create or replace macro surname(number) as concat(
    choose(number, 'begin', ['Har', 'Mil', 'Bren', 'Cor', 'Dal', 'Fen', 'Gar', 'Lang', 'Mor', 'Nor',
        'Old', 'Per', 'Quin', 'Ros', 'Sher', 'Thorn', 'Under', 'Vand', 'West', 'Yard']),
    choose(number, 'middle', ['ing', 'er', 'all', 'en', 'ow', 'im', 'ar', 'ell', 'os', 'um']),
    choose(number, 'end', ['ton', 'ley', 'man', 'field', 'ford', 'wood', 'well', 'by', 'son', 'ham',
        'berg', 'dale', 'sky', 'stein', 'ski', 'sen', 'more', 'croft', 'gate', 'worth'])
);
create or replace macro mailbox(person) as
    lower(concat(given_name(person), '.', surname(person), person % 9973, '@example.com'));
create or replace macro phone(person) as
    concat('+1212', printf('%07d', 2000000 + person % 7999999));
create or replace macro address(person) as {{
    firstName: given_name(person), lastName: surname(person),
    name: concat(given_name(person), ' ', surname(person)), company: cast(null as varchar),
    address1: concat(1 + draw(person, 'house', 9800), ' ', surname(person + 7), ' ',
        choose(person, 'street', ['Street', 'Avenue', 'Road', 'Lane', 'Drive'])),
    address2: if(person % 5 = 0, concat('Apt ', 1 + person % 40), null),
    city: concat(surname(person % 4001), 'ville'), province: 'New York', provinceCode: 'NY',
    zip: printf('1%04d', person % 4001), country: 'United States', countryCodeV2: 'US',
    phone: phone(person)
}};
-- Four of ten orders are an account's second and later ones; every tenth is a guest's.
create or replace macro is_guest(number) as number % 10 = 3;
create or replace macro buyer_of(number, customers) as 1 + draw(number, 'buyer', customers);
create or replace macro request_line(number, line) as number * 8 + line;
"""

_ORDERS = """
select
    gid('Order', number) as id, number as "legacyResourceId", '#' || number as "name",
    placed as "createdAt", placed as "processedAt", changed as "updatedAt", false as test,
    'USD' as "currencyCode", 'USD' as "presentmentCurrencyCode",
    if(number % 97 = 0, 'PENDING', 'PAID') as "displayFinancialStatus",
    'UNFULFILLED' as "displayFulfillmentStatus", mailbox(person) as email, [] as tags,
    'web' as "sourceName", if(guest, null, {id: gid('Customer', person)}) as customer,
    address(person) as "shippingAddress", address(person) as "billingAddress",
    {title: 'Standard'} as "shippingLine",
    money(2000 * lines) as "subtotalPriceSet", money(500) as "totalShippingPriceSet",
    money(0) as "totalTaxSet", money(0) as "totalDiscountsSet",
    money(2000 * lines + 500) as "totalPriceSet",
    money(2000 * lines + 500) as "currentTotalPriceSet",
    list_transform(range(1, lines + 1), lambda line: {
        id: gid('LineItem', request_line(number, line)), sku: sku_of(number, line),
        title: 'Thing ' || sku_of(number, line), quantity: units_of(number, line),
        currentQuantity: units_of(number, line), unfulfilledQuantity: units_of(number, line),
        requiresShipping: true, isGiftCard: false, originalUnitPriceSet: money(2000),
        discountedTotalSet: money(2000), totalDiscountSet: money(0), taxLines: [],
        variant: {id: gid('ProductVariant', draw(request_line(number, line), 'sku', 5000)),
            sku: sku_of(number, line), barcode: null}
    }) as "lineItems",
    [] as fulfillments
from numbered
"""
_FULFILLMENT_ORDERS = """
select
    gid('FulfillmentOrder', number) as id, 'OPEN' as status, 'UNSUBMITTED' as "requestStatus",
    placed as "createdAt", changed as "updatedAt", placed as "fulfillAt",
    gid('Order', number) as "orderId",
    {name: 'Main warehouse', location: {id: gid('Location', 1)}} as "assignedLocation",
    {methodType: 'SHIPPING'} as "deliveryMethod", [] as "fulfillmentHolds",
    list_transform(range(1, lines + 1), lambda line: {
        id: gid('FulfillmentOrderLineItem', request_line(number, line)),
        totalQuantity: units_of(number, line), remainingQuantity: units_of(number, line),
        requiresShipping: true, sku: sku_of(number, line),
        lineItem: {id: gid('LineItem', request_line(number, line))}
    }) as "lineItems"
from numbered
"""
_WMS_ORDERS = """
select
    'O-' || number as id, number as legacy_id, '#' || number as order_number,
    'shop_' || number as partner_order_id, 'crossdock-main' as shop_name,
    if(shipped, 'fulfilled', 'pending') as fulfillment_status, placed as order_date,
    changed as updated_at, mailbox(person) as email, 'USD' as currency,
    {first_name: given_name(person), last_name: surname(person), address1: address(person).address1,
        address2: address(person).address2, city: address(person).city, state: 'NY',
        zip: address(person).zip, country: 'US', phone: phone(person)} as shipping_address,
    {title: 'Standard', carrier: 'Generic', method: 'Standard', price: '5.00'} as shipping_lines,
    list_transform(range(1, lines + 1), lambda line: {
        id: concat('L-', request_line(number, line)),
        partner_line_item_id: cast(request_line(number, line) as varchar),
        sku: sku_of(number, line), quantity: units_of(number, line), quantity_allocated: 0,
        backorder_quantity: 0,
        quantity_shipped: if(shipped, units_of(number, line), 0),
        price: '20.00', product_name: 'Thing ' || sku_of(number, line)
    }) as line_items
from numbered
where number % 97 <> 0
"""
_SHIPMENTS = """
select
    'H-' || number as id, number as legacy_id, 'O-' || number as order_id,
    changed as created_date, true as completed, 'W1' as warehouse_id, 1 as total_packages,
    [{id: concat('B-', number), tracking_number: concat('1Z', number), carrier: 'UPS',
        shipping_method: 'Ground', status: 'valid', created_date: changed, package_number: 1}]
        as shipping_labels,
    list_transform(range(1, lines + 1), lambda line: {
        id: concat('I-', request_line(number, line)),
        line_item_id: concat('L-', request_line(number, line)), quantity: units_of(number, line),
        shipping_label_id: concat('B-', number)
    }) as line_items
from numbered
where shipped and number % 97 <> 0
"""
_ACKNOWLEDGED = """
select
    'sync_shiphero__orders' as sync, 'shiphero:main' as destination,
    cast(cast(md5('fulfillment_request/shopify:main/' || number) as uuid) as varchar) as "key",
    'O-' || number as destination_id, 1 as version, placed as acknowledged_at,
    {partner_order_id: 'shop_' || number} as fields
from numbered
where number % 97 <> 0
union all
select
    'sync_hubspot__orders', 'hubspot:main',
    cast(cast(md5('order/shopify:main/' || number) as uuid) as varchar), '7' || number, 1, placed,
    {partner_order_id: null}
from numbered
"""
_CRM_ORDERS = """
select
    '7' || number as id, placed as "createdAt", changed as "updatedAt", false as archived,
    {crossdock_order_id: cast(cast(md5('order/shopify:main/' || number) as uuid) as varchar),
        hs_order_name: '#' || number, hs_external_order_id: 'shop_' || number,
        hs_fulfillment_status: if(shipped, 'shipped', 'sent_to_wms'), hs_currency_code: 'USD',
        hs_shipping_tracking_number: if(shipped, concat('1Z', number), ''),
        hs_total_price: price(2000 * lines + 500)} as properties
from numbered
"""
_CUSTOMERS = """
select
    gid('Customer', number) as id, number as "legacyResourceId", joined as "createdAt",
    joined as "updatedAt", given_name(number) as "firstName", surname(number) as "lastName",
    {emailAddress: mailbox(if(number % 40 = 0, number - 1, number))} as "defaultEmailAddress",
    {phoneNumber: phone(number)} as "defaultPhoneNumber", address(number) as "defaultAddress"
from people
"""
_CONTACTS = """
select
    '5' || number as id, joined as "createdAt", joined as "updatedAt", false as archived,
    {email: if(number % 20 = 0, null, mailbox(number)), firstname: given_name(number),
        lastname: surname(number), phone: phone(number), address: address(number).address1,
        city: address(number).city, state: 'NY', zip: address(number).zip,
        country: 'United States'} as properties
from people
where number % 4 <> 0
"""
_PRODUCTS = """
select
    gid('Product', number) as id, 'Thing SKU-' || number as title, 'ACTIVE' as status,
    timestamptz '2025-01-01' as "createdAt", timestamptz '2025-01-01' as "updatedAt",
    [{id: gid('ProductVariant', number), sku: 'SKU-' || number, title: 'Default', price: '20.00',
        barcode: printf('4%011d', number)}] as variants
from things
"""
_WMS_PRODUCTS = """
select
    'P-' || number as id, number as legacy_id, 'SKU-' || number as sku,
    'Thing SKU-' || number as name, printf('4%011d', number) as barcode,
    true as active, false as kit, [] as kit_components,
    timestamptz '2025-01-01' as updated_at
from things
"""
_STOCK = """
select
    'S-' || number as id, 'SKU-' || number as sku, 'W1' as warehouse_id, 1000 as on_hand,
    10 as allocated, 990 as available, 0 as backorder, 0 as reserve_inventory, 0 as sell_ahead,
    0 as non_sellable_quantity, 50 as reorder_level, true as active,
    timestamptz '2026-11-01' as updated_at
from things
"""
_ORDER_TABLES: Mapping[tuple[str, str], str] = {
    (SHOP, "orders"): _ORDERS,
    (SHOP, "fulfillment_orders"): _FULFILLMENT_ORDERS,
    (WMS, "orders"): _WMS_ORDERS,
    (WMS, "shipments"): _SHIPMENTS,
    (JOURNAL, "acknowledged"): _ACKNOWLEDGED,
    (CRM, "orders"): _CRM_ORDERS,
}
_OTHER_TABLES: Mapping[tuple[str, str], str] = {
    (SHOP, "customers"): _CUSTOMERS,
    (CRM, "contacts"): _CONTACTS,
    (SHOP, "products"): _PRODUCTS,
    (WMS, "products"): _WMS_PRODUCTS,
    (WMS, "warehouse_products"): _STOCK,
    (WMS, "warehouses"): "select 'W1' as id, 1 as legacy_id, 'Main warehouse' as identifier",
}
_KEYS = {(JOURNAL, "acknowledged"): ("sync", "destination", "key")}


@dataclass(frozen=True)
class History:
    """The warehouse file of one merchant.

    Args:
        path: The DuckDB file, which is made.
        orders: Orders over the whole year; 2.6 lines each, and 0.4 customers.
        fresh: So many of them come later, with `change`; as many of those before are shipped then.
    """

    path: Path
    orders: int
    fresh: int

    def write(self) -> None:
        """Everything but the newest orders."""
        with _connect(self.path) as connection:
            self._people(connection)
            for (system, stream), select in _OTHER_TABLES.items():
                _make(connection, system, stream)
                _insert(connection, system, stream, select, "2026-11-20 10:00:00+00")
            for system, stream in _ORDER_TABLES:
                _make(connection, system, stream)
            self._load(connection, 1, self.orders - self.fresh, "2026-11-20 11:00:00+00")

    def change(self) -> None:
        """New orders, and as many older ones that were shipped."""
        with _connect(self.path) as connection:
            self._people(connection)
            stamp = "2026-11-20 12:00:00+00"
            first = self.orders - self.fresh + 1
            self._load(connection, first, self.orders, stamp)
            self._load(connection, first - self.fresh, first - 1, stamp, shipped=True)

    def _people(self, connection: duckdb.DuckDBPyConnection) -> None:
        names = PROJECT / "seeds" / "identity" / "given_names.csv"
        connection.execute(
            "set variable given_names = (select list(given_name order by given_name)"
            f" from read_csv('{names}', header = true))"
        )
        connection.execute(_MACROS)
        connection.execute(
            "create or replace temp view people as select range as number,"
            f" timestamptz '2024-01-01' + to_minutes(range) as joined"
            f" from range(1, {self._customers + 1})"
        )
        connection.execute(
            f"create or replace temp view things as select range as number from range({SKUS})"
        )

    @property
    def _customers(self) -> int:
        return max(self.orders * 2 // 5, 10)

    def _load(
        self,
        connection: duckdb.DuckDBPyConnection,
        first: int,
        last: int,
        stamp: str,
        *,
        shipped: bool = False,
    ) -> None:
        """The records of orders `first` to `last`; without `shipped` the newest are still open."""
        closed = "true" if shipped else f"number <= {self.orders - 2 * self.fresh}"
        connection.execute(
            f"create or replace temp view numbered as select range as number,"
            f" placed_at(range, {self.orders}) as placed,"
            f" least(placed_at(range, {self.orders}) + interval '2 days', timestamptz '{NOW}')"
            f" as changed, lines_of(range) as lines, is_guest(range) as guest,"
            f" buyer_of(range, {self._customers}) as person, {closed} as shipped"
            f" from (select range, range as number from range({first}, {last + 1}))"
        )
        for (system, stream), select in _ORDER_TABLES.items():
            if first > self.orders - self.fresh and system != SHOP:
                continue  # nobody downstream has heard of a new order
            _insert(connection, system, stream, select, stamp)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path))
    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    return connection


def _schema(system: str) -> str:
    return "raw_journal" if system == JOURNAL else f"raw_{system}_main"


def _columns(system: str, stream: str) -> dict[str, str]:
    """The columns that the models' sources declare, and the loader's own."""
    file = PROJECT / "models" / "staging" / system / f"_{system}__sources.yml"
    (source,) = yaml.safe_load(file.read_text())["sources"]
    (table,) = [each for each in source["tables"] if each["name"] == stream]
    return {column["name"]: column["data_type"] for column in table["columns"]} | _LOADER


def _make(connection: duckdb.DuckDBPyConnection, system: str, stream: str) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in _columns(system, stream).items())
    connection.execute(
        f"create schema if not exists {_schema(system)};"
        f"create or replace table {_schema(system)}.{stream} ({columns})"
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, system: str, stream: str, select: str, stamp: str
) -> None:
    """Add records, or put them in the place of those with their key."""
    table = f"{_schema(system)}.{stream}"
    connection.execute(f"create or replace temp view incoming as {select}")
    kinds = _columns(system, stream)
    names = [row[0] for row in connection.execute("describe incoming").fetchall()]
    values = ", ".join(
        f'to_json("{name}")' if kinds[name] == "json" else f'"{name}"' for name in names
    )
    keys = ", ".join(f'"{key}"' for key in _KEYS.get((system, stream), ("id",)))
    connection.execute(f"delete from {table} where ({keys}) in (select ({keys}) from incoming)")
    quoted = ", ".join(f'"{name}"' for name in names)
    connection.execute(
        f"insert into {table} ({quoted}, _crossdock_read_at, _sdc_loaded_at)"
        f" select {values}, timestamptz '{stamp}', timestamptz '{stamp}' from incoming"
    )
