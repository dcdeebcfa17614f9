"""What is asked of Shopify: one document for each stream, one for each list inside its records.

Lists inside records ask for few items, so that a page does not reserve points for what most
records do not have; a list that is longer is followed to its end. How many records a page
holds is found out by what it costs (`sizing`).
"""

from __future__ import annotations

PAGE = "pageInfo { hasNextPage endCursor }"

ADDRESS = """
fragment Address on MailingAddress {
  firstName lastName name company address1 address2 city province provinceCode zip
  country countryCodeV2 phone
}
"""

CUSTOMERS = f"""
query Customers($first: Int!, $after: String, $query: String) {{
  customers(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {PAGE}
    nodes {{
      id legacyResourceId createdAt updatedAt firstName lastName displayName note tags state
      locale taxExempt verifiedEmail numberOfOrders
      amountSpent {{ amount currencyCode }}
      defaultEmailAddress {{ emailAddress marketingState }}
      defaultPhoneNumber {{ phoneNumber }}
      defaultAddress {{ ...Address }}
    }}
  }}
}}
{ADDRESS}"""

_FULFILLMENT_ORDER_LINE = """
id totalQuantity remainingQuantity requiresShipping sku inventoryItemId lineItem { id }
"""

FULFILLMENT_ORDERS = f"""
query FulfillmentOrders($first: Int!, $after: String, $query: String) {{
  fulfillmentOrders(
    first: $first, after: $after, query: $query, includeClosed: true, sortKey: UPDATED_AT
  ) {{
    {PAGE}
    nodes {{
      id status requestStatus createdAt updatedAt fulfillAt fulfillBy orderId orderName
      assignedLocation {{ name location {{ id }} }}
      deliveryMethod {{ methodType presentedName serviceCode }}
      fulfillmentHolds {{ id handle reason reasonNotes displayReason heldByRequestingApp }}
      destination {{
        firstName lastName company address1 address2 city province zip countryCode email phone
      }}
      lineItems(first: 5) {{ {PAGE} nodes {{ {_FULFILLMENT_ORDER_LINE} }} }}
    }}
  }}
}}
"""

FULFILLMENT_ORDER_LINES = f"""
query FulfillmentOrderLines($id: ID!, $after: String) {{
  fulfillmentOrder(id: $id) {{
    lineItems(first: 100, after: $after) {{ {PAGE} nodes {{ {_FULFILLMENT_ORDER_LINE} }} }}
  }}
}}
"""

_WEIGHT = "measurement { weight { unit value } }"

_VARIANT = f"""
id sku barcode title price
inventoryItem {{ id {_WEIGHT} }}
"""

PRODUCTS = f"""
query Products($first: Int!, $after: String, $query: String) {{
  products(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {PAGE}
    nodes {{
      id legacyResourceId title handle status vendor productType tags createdAt updatedAt
      variants(first: 10) {{ {PAGE} nodes {{ {_VARIANT} }} }}
    }}
  }}
}}
"""

PRODUCT_VARIANTS_OF = f"""
query ProductVariantsOf($id: ID!, $after: String) {{
  product(id: $id) {{
    variants(first: 100, after: $after) {{ {PAGE} nodes {{ {_VARIANT} }} }}
  }}
}}
"""

PRODUCT_VARIANTS = f"""
query ProductVariants($first: Int!, $after: String, $query: String) {{
  productVariants(first: $first, after: $after, query: $query, sortKey: ID) {{
    {PAGE}
    nodes {{
      id legacyResourceId sku barcode title displayName price compareAtPrice position taxable
      inventoryPolicy inventoryQuantity createdAt updatedAt
      product {{ id title status }}
      inventoryItem {{ id {_WEIGHT} }}
    }}
  }}
}}
"""

INVENTORY_ITEMS = f"""
query InventoryItems($first: Int!, $after: String, $query: String) {{
  inventoryItems(first: $first, after: $after, query: $query) {{
    {PAGE}
    nodes {{
      id legacyResourceId sku tracked requiresShipping countryCodeOfOrigin provinceCodeOfOrigin
      harmonizedSystemCode createdAt updatedAt
      unitCost {{ amount currencyCode }}
      {_WEIGHT}
    }}
  }}
}}
"""

LOCATIONS = f"""
query Locations($first: Int!, $after: String) {{
  locations(first: $first, after: $after, includeInactive: true, includeLegacy: true) {{
    {PAGE}
    nodes {{
      id legacyResourceId name isActive fulfillsOnlineOrders shipsInventory createdAt updatedAt
      address {{ address1 address2 city province provinceCode zip country countryCode phone }}
    }}
  }}
}}
"""

LOCATION_IDS = f"""
query LocationIds($first: Int!, $after: String) {{
  locations(first: $first, after: $after, includeInactive: true, includeLegacy: true) {{
    {PAGE}
    nodes {{ id }}
  }}
}}
"""

INVENTORY_LEVELS = f"""
query InventoryLevels($location: ID!, $first: Int!, $after: String, $query: String) {{
  location(id: $location) {{
    inventoryLevels(first: $first, after: $after, query: $query, includeInactive: true) {{
      {PAGE}
      nodes {{
        id isActive createdAt updatedAt
        item {{ id sku }}
        location {{ id }}
        quantities(names: [
          "available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock",
          "quality_control"
        ]) {{ name quantity }}
      }}
    }}
  }}
}}
"""

INVENTORY_LEVEL_IDS = f"""
query InventoryLevelIds($location: ID!, $first: Int!, $after: String) {{
  location(id: $location) {{
    inventoryLevels(first: $first, after: $after, includeInactive: true) {{
      {PAGE} nodes {{ id }}
    }}
  }}
}}
"""

PLAN = """
query Plan { shop { plan { publicDisplayName shopifyPlus partnerDevelopment } } }
"""


def ids_of(root: str, arguments: str = "") -> str:
    """A document that lists the ids of a connection at the root, and nothing else."""
    return f"""
query Ids($first: Int!, $after: String) {{
  {root}(first: $first, after: $after{arguments}) {{ {PAGE} nodes {{ id }} }}
}}
"""


def count_of(field: str) -> str:
    """A document that counts what a search finds; the API stops at 10,000 unless told not to."""
    return f"""
query Count($query: String) {{
  {field}(query: $query, limit: null) {{ count precision }}
}}
"""
