"""What is asked of Shopify: one document for each stream, one for each list inside its records.

Page sizes keep every document under the 1,000 points that a single query may ask for
(https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits); a list inside a record
that is longer than its first page is followed to its end.
"""

from __future__ import annotations

_ADDRESS = """
fragment Address on MailingAddress {
  firstName lastName name company address1 address2 city province provinceCode zip
  country countryCodeV2 phone
}
"""

# Each object in an answer is charged a point, and money is most of an order. An order in the
# shop's own currency has the same amount twice, so the second one is asked for only where
# the currencies differ: that saves a quarter of what orders cost.
_SHOP_MONEY = """
fragment Money on MoneyBag { shopMoney { amount currencyCode } }
"""

_BOTH_MONEYS = """
fragment Money on MoneyBag {
  shopMoney { amount currencyCode }
  presentmentMoney { amount currencyCode }
}
"""

_PAGE = "pageInfo { hasNextPage endCursor }"

CUSTOMERS = f"""
query Customers($first: Int!, $after: String, $query: String) {{
  customers(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {_PAGE}
    nodes {{
      id legacyResourceId createdAt updatedAt firstName lastName displayName note tags
      defaultEmailAddress {{ emailAddress }}
      defaultPhoneNumber {{ phoneNumber }}
      defaultAddress {{ ...Address }}
    }}
  }}
}}
{_ADDRESS}"""

_LINE_ITEM = """
id sku title name quantity currentQuantity unfulfilledQuantity requiresShipping isGiftCard
originalUnitPriceSet { ...Money }
discountedTotalSet { ...Money }
totalDiscountSet { ...Money }
variant { id sku barcode }
"""

_ORDER = f"""
fragment Order on Order {{
  id legacyResourceId name createdAt processedAt updatedAt cancelledAt cancelReason closedAt
  test confirmed currencyCode presentmentCurrencyCode displayFinancialStatus
  displayFulfillmentStatus email phone note tags sourceName
  customer {{ id }}
  shippingAddress {{ ...Address }}
  billingAddress {{ ...Address }}
  shippingLine {{
    title code carrierIdentifier
    originalPriceSet {{ ...Money }}
    discountedPriceSet {{ ...Money }}
  }}
  subtotalPriceSet {{ ...Money }}
  totalShippingPriceSet {{ ...Money }}
  totalTaxSet {{ ...Money }}
  totalDiscountsSet {{ ...Money }}
  totalPriceSet {{ ...Money }}
  currentTotalPriceSet {{ ...Money }}
  lineItems(first: 5) {{ {_PAGE} nodes {{ {_LINE_ITEM} }} }}
  fulfillments {{ id status createdAt trackingInfo {{ company number url }} }}
}}
{_ADDRESS}"""

ORDERS = f"""
query Orders($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {_PAGE}
    nodes {{ ...Order }}
  }}
}}
{_ORDER}{_SHOP_MONEY}"""

FOREIGN_ORDERS = f"""
query ForeignOrders($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ...Order }}
}}
{_ORDER}{_BOTH_MONEYS}"""

ORDER_LINES = f"""
query OrderLines($id: ID!, $after: String) {{
  order(id: $id) {{
    lineItems(first: 50, after: $after) {{ {_PAGE} nodes {{ {_LINE_ITEM} }} }}
  }}
}}
{_BOTH_MONEYS}"""

_FULFILLMENT_ORDER_LINE = "id totalQuantity remainingQuantity requiresShipping sku lineItem { id }"

FULFILLMENT_ORDERS = f"""
query FulfillmentOrders($first: Int!, $after: String, $query: String) {{
  fulfillmentOrders(
    first: $first, after: $after, query: $query, includeClosed: true, sortKey: UPDATED_AT
  ) {{
    {_PAGE}
    nodes {{
      id status requestStatus createdAt updatedAt fulfillAt orderId
      assignedLocation {{ name location {{ id }} }}
      deliveryMethod {{ methodType }}
      fulfillmentHolds {{ id reason reasonNotes }}
      destination {{
        firstName lastName company address1 address2 city province zip countryCode email phone
      }}
      lineItems(first: 10) {{ {_PAGE} nodes {{ {_FULFILLMENT_ORDER_LINE} }} }}
    }}
  }}
}}
"""

FULFILLMENT_ORDER_LINES = f"""
query FulfillmentOrderLines($id: ID!, $after: String) {{
  fulfillmentOrder(id: $id) {{
    lineItems(first: 100, after: $after) {{ {_PAGE} nodes {{ {_FULFILLMENT_ORDER_LINE} }} }}
  }}
}}
"""

_VARIANT = """
id sku barcode title price
inventoryItem { id measurement { weight { unit value } } }
"""

PRODUCTS = f"""
query Products($first: Int!, $after: String, $query: String) {{
  products(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {_PAGE}
    nodes {{
      id title status vendor createdAt updatedAt
      variants(first: 10) {{ {_PAGE} nodes {{ {_VARIANT} }} }}
    }}
  }}
}}
"""

PRODUCT_VARIANTS = f"""
query ProductVariants($id: ID!, $after: String) {{
  product(id: $id) {{
    variants(first: 100, after: $after) {{ {_PAGE} nodes {{ {_VARIANT} }} }}
  }}
}}
"""

LOCATIONS = f"""
query Locations($first: Int!, $after: String) {{
  locations(first: $first, after: $after, includeInactive: true, includeLegacy: true) {{
    {_PAGE}
    nodes {{
      id legacyResourceId name isActive fulfillsOnlineOrders
      address {{ address1 address2 city province provinceCode zip country countryCode phone }}
    }}
  }}
}}
"""

LOCATION_IDS = f"""
query LocationIds($first: Int!, $after: String) {{
  locations(first: $first, after: $after, includeInactive: true, includeLegacy: true) {{
    {_PAGE}
    nodes {{ id }}
  }}
}}
"""

INVENTORY_LEVELS = f"""
query InventoryLevels($location: ID!, $first: Int!, $after: String, $query: String) {{
  location(id: $location) {{
    inventoryLevels(first: $first, after: $after, query: $query, includeInactive: true) {{
      {_PAGE}
      nodes {{
        id updatedAt
        item {{ id sku }}
        location {{ id }}
        quantities(names: ["available", "on_hand", "committed", "incoming"]) {{ name quantity }}
      }}
    }}
  }}
}}
"""
