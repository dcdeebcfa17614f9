"""What is asked of ShipHero: as few nodes as the streams need, for each costs a credit."""

from __future__ import annotations

_PAGE = "pageInfo { hasNextPage endCursor }"


def _listing(name: str, root: str, dates: str, node: str) -> str:
    """A connection at the root, filtered by a span of time; `cursor` is where to read on."""
    return f"""
query {name}($first: Int!, $after: String, $since: ISODateTime, $until: ISODateTime) {{
  {root}({dates}_from: $since, {dates}_to: $until) {{
    request_id complexity
    data(first: $first, after: $after) {{
      {_PAGE}
      edges {{ cursor node {{ {node} }} }}
    }}
  }}
}}
"""


def _single(name: str, root: str, node: str) -> str:
    return f"""
query {name}($id: String!) {{
  {root}(id: $id) {{ request_id complexity data {{ {node} }} }}
}}
"""


def _lines(name: str, root: str, node: str) -> str:
    return f"""
query {name}($id: String!, $after: String) {{
  {root}(id: $id) {{
    request_id complexity
    data {{ line_items(first: 50, after: $after) {{ {_PAGE} edges {{ node {{ {node} }} }} }} }}
  }}
}}
"""


_ADDRESS = """
first_name last_name company address1 address2 city state state_code zip country country_code
email phone
"""

_ORDER_LINE = """
id legacy_id partner_line_item_id product_id sku barcode product_name option_title quantity
quantity_allocated quantity_pending_fulfillment quantity_shipped backorder_quantity
fulfillment_status price subtotal eligible_for_return warehouse warehouse_id
locked_to_warehouse_id created_at updated_at
tote_picks { id tote_id inventory_bin quantity picked_quantity created_at }
"""

_ORDER = f"""
id legacy_id account_id order_number partner_order_id shop_name source profile
fulfillment_status order_date updated_at email currency subtotal total_tax total_discounts
total_price tags flagged priority_flag ready_to_ship allocation_priority allow_partial allow_split
required_ship_date hold_until_date require_signature packing_note gift_note
shipping_address {{ {_ADDRESS} }}
billing_address {{ {_ADDRESS} }}
shipping_lines {{ title carrier method price }}
holds {{
  address_hold client_hold fraud_hold operator_hold payment_hold shipping_method_hold
}}
merged_orders {{ order_id is_master }}
allocations {{
  warehouse_id allocated_at allocation_reference
  line_items {{ line_item_id sku quantity_allocated is_kit_component }}
}}
line_items(first: 10) {{ {_PAGE} edges {{ node {{ {_ORDER_LINE} }} }} }}
"""

ORDERS = _listing("Orders", "orders", "updated", _ORDER)
ORDER_LINES = _lines("OrderLines", "order", _ORDER_LINE)
ORDER_IDS = _listing("OrderIds", "orders", "updated", "id updated_at")
ORDER_DATES = _listing("OrderDates", "orders", "order_date", "id order_date")

_SHIPMENT_LINE = "id line_item_id quantity shipping_label_id"

_SHIPMENT = f"""
id legacy_id order_id created_date completed delivered picked_up refunded needs_refund
dropshipment shipped_off_shiphero profile user_id warehouse_id total_packages
shipping_labels {{
  id legacy_id tracking_number tracking_url carrier shipping_method shipping_name status source
  cost created_date package_number box_name delivered picked_up refunded needs_refund
  dimensions {{ height width length weight }}
}}
order {{ fulfillment_status }}
line_items(first: 10) {{ {_PAGE} edges {{ node {{ {_SHIPMENT_LINE} }} }} }}
"""

SHIPMENTS = _listing("Shipments", "shipments", "date", _SHIPMENT)
SHIPMENT = _single("Shipment", "shipment", _SHIPMENT)
SHIPMENT_LINES = _lines("ShipmentLines", "shipment", _SHIPMENT_LINE)
SHIPMENT_DATES = _listing("ShipmentDates", "shipments", "date", "id created_date")

_RETURN = """
id legacy_id order_id partner_id status reason created_at label_type label_cost cost_to_customer
shipping_carrier shipping_method display_issue_refund
total_items_expected total_items_received total_items_restocked
line_items {
  id line_item_id product_id warehouse_id type reason condition quantity quantity_received restock
  is_component created_at updated_at line_item { sku }
}
labels { id tracking_number carrier shipping_method cost status created_date }
exchanges { id exchange_order_id }
"""

RETURNS = _listing("Returns", "returns", "date", _RETURN)
RETURN = _single("Return", "return", _RETURN)
RETURN_DATES = _listing("ReturnDates", "returns", "date", "id created_at")

PRODUCTS = _listing(
    "Products",
    "products",
    "updated",
    """
    id legacy_id sku name barcode active kit kit_build virtual price tags created_at updated_at
    dimensions { height width length weight }
    kit_components { sku quantity }
    """,
)
PRODUCT_IDS = _listing("ProductIds", "products", "updated", "id updated_at")

WAREHOUSE_PRODUCTS = _listing(
    "WarehouseProducts",
    "warehouse_products",
    "updated",
    """
    id legacy_id sku warehouse_id warehouse_identifier inventory_bin inventory_overstock_bin
    on_hand allocated available backorder reserve_inventory sell_ahead non_sellable_quantity
    reorder_level reorder_amount replenishment_level active created_at updated_at
    """,
)
WAREHOUSE_PRODUCT_IDS = _listing(
    "WarehouseProductIds", "warehouse_products", "updated", "id updated_at"
)

INVENTORY_CHANGES = _listing(
    "InventoryChanges",
    "inventory_changes",
    "date",
    """
    created_at sku warehouse_id location_id user_id previous_on_hand change_in_on_hand reason
    cycle_counted location { name }
    """,
)
INVENTORY_CHANGE_DATES = _listing(
    "InventoryChangeDates",
    "inventory_changes",
    "date",
    "created_at sku warehouse_id location_id previous_on_hand change_in_on_hand",
)

WAREHOUSES = """
query Warehouses {
  account {
    request_id complexity
    data {
      warehouses {
        id legacy_id identifier profile company_name company_alias
        address { name address1 address2 city state zip country phone }
      }
    }
  }
}
"""

QUOTA = """
query Quota {
  user_quota { credits_remaining max_available increment_rate }
}
"""
