"""The GraphQL documents that the target sends."""

from __future__ import annotations

ADDRESS = (
    "first_name",
    "last_name",
    "company",
    "address1",
    "address2",
    "city",
    "state",
    "state_code",
    "zip",
    "country",
    "country_code",
    "email",
    "phone",
)

_ORDER = f"""
fragment Held on Order {{
  id order_number partner_order_id shop_name fulfillment_status order_date updated_at
  currency email packing_note required_ship_date tags
  shipping_address {{ {" ".join(ADDRESS)} }}
  shipping_lines {{ title carrier method price }}
  holds {{ client_hold }}
  shipments {{ id }}
}}
"""

READ = (
    """
query order($id: String!) {
  order(id: $id) {
    request_id complexity
    data {
      ...Held
      floor: line_items(first: 50) { edges { node { tote_picks { picked_quantity } } } }
    }
  }
}
"""
    + _ORDER
)

# Two are asked for, so that one too many is seen.
FIND = (
    """
query orders($partner_order_id: String, $shop_name: String) {
  orders(partner_order_id: $partner_order_id, shop_name: $shop_name) {
    request_id complexity
    data(first: 2) { edges { node { ...Held } } }
  }
}
"""
    + _ORDER
)
FIND_COST = 2.0

CREATE = """
mutation order_create($data: CreateOrderInput!) {
  order_create(data: $data) { request_id complexity order { id } }
}
"""

UPDATE = """
mutation order_update($data: UpdateOrderInput!) {
  order_update(data: $data) { request_id complexity order { id } }
}
"""

# Nothing is taken from the shop: it said so itself.
CANCEL = """
mutation order_cancel($data: CancelOrderInput!) {
  order_cancel(data: $data) { request_id complexity order { id fulfillment_status } }
}
"""

HOLD = """
mutation order_update_holds($data: UpdateOrderHoldsInput!) {
  order_update_holds(data: $data) { request_id complexity order { id } }
}
"""

# A mutation costs 5 credits and what it answers.
MUTATION_COST = 6.0

QUOTA = "query quota { user_quota { credits_remaining max_available increment_rate } }"

ACCOUNT = """
query account {
  account { request_id complexity data { warehouses { id identifier profile } } }
}
"""
