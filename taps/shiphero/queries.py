"""What is asked of ShipHero: as few nodes as the streams need, for each costs a credit."""

from __future__ import annotations

_PAGE = "pageInfo { hasNextPage endCursor }"

_ORDER_LINE = """
id partner_line_item_id sku product_name quantity quantity_allocated
quantity_pending_fulfillment quantity_shipped backorder_quantity fulfillment_status price
"""

ORDERS = f"""
query Orders($first: Int!, $after: String, $since: ISODateTime) {{
  orders(updated_from: $since) {{
    request_id complexity
    data(first: $first, after: $after) {{
      {_PAGE}
      edges {{ node {{
        id legacy_id order_number partner_order_id shop_name fulfillment_status order_date
        updated_at email currency subtotal total_tax total_discounts total_price
        shipping_address {{
          first_name last_name company address1 address2 city state state_code zip country
          country_code email phone
        }}
        shipping_lines {{ title carrier method price }}
        holds {{
          address_hold client_hold fraud_hold operator_hold payment_hold shipping_method_hold
        }}
        line_items(first: 10) {{ {_PAGE} edges {{ node {{ {_ORDER_LINE} }} }} }}
      }} }}
    }}
  }}
}}
"""

ORDER_LINES = f"""
query OrderLines($id: String!, $after: String) {{
  order(id: $id) {{
    request_id complexity
    data {{
      line_items(first: 50, after: $after) {{ {_PAGE} edges {{ node {{ {_ORDER_LINE} }} }} }}
    }}
  }}
}}
"""

_SHIPMENT_LINE = "id line_item_id quantity shipping_label_id"

_SHIPMENT = f"""
id legacy_id order_id created_date completed warehouse_id total_packages
shipping_labels {{
  id tracking_number tracking_url carrier shipping_method status created_date package_number
}}
line_items(first: 10) {{ {_PAGE} edges {{ node {{ {_SHIPMENT_LINE} }} }} }}
"""

SHIPMENTS = f"""
query Shipments($first: Int!, $after: String, $since: ISODateTime) {{
  shipments(date_from: $since) {{
    request_id complexity
    data(first: $first, after: $after) {{
      {_PAGE}
      edges {{ node {{ {_SHIPMENT} }} }}
    }}
  }}
}}
"""

SHIPMENT = f"""
query Shipment($id: String!) {{
  shipment(id: $id) {{
    request_id complexity
    data {{ {_SHIPMENT} }}
  }}
}}
"""

SHIPMENT_LINES = f"""
query ShipmentLines($id: String!, $after: String) {{
  shipment(id: $id) {{
    request_id complexity
    data {{
      line_items(first: 50, after: $after) {{ {_PAGE} edges {{ node {{ {_SHIPMENT_LINE} }} }} }}
    }}
  }}
}}
"""

PRODUCTS = f"""
query Products($first: Int!, $after: String, $since: ISODateTime) {{
  products(updated_from: $since) {{
    request_id complexity
    data(first: $first, after: $after) {{
      {_PAGE}
      edges {{ node {{
        id legacy_id sku name barcode active kit updated_at
        kit_components {{ sku quantity }}
      }} }}
    }}
  }}
}}
"""

WAREHOUSE_PRODUCTS = f"""
query WarehouseProducts($first: Int!, $after: String, $since: ISODateTime) {{
  warehouse_products(updated_from: $since) {{
    request_id complexity
    data(first: $first, after: $after) {{
      {_PAGE}
      edges {{ node {{
        id sku warehouse_id on_hand allocated available backorder reserve_inventory sell_ahead
        non_sellable_quantity reorder_level active updated_at
      }} }}
    }}
  }}
}}
"""

WAREHOUSES = """
query Warehouses {
  account {
    request_id complexity
    data { warehouses { id legacy_id identifier profile } }
  }
}
"""

QUOTA = """
query Quota {
  user_quota { credits_remaining max_available increment_rate }
}
"""
