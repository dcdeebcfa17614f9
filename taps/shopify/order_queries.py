"""What is asked about orders, and about what hangs on them: fulfillments, refunds, returns."""

from __future__ import annotations

from taps.shopify.queries import ADDRESS, PAGE

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

_TAX_LINES = "taxLines { title rate ratePercentage source channelLiable priceSet { ...Money } }"

_LINE_ITEM = f"""
id sku title name variantTitle vendor quantity currentQuantity unfulfilledQuantity
refundableQuantity nonFulfillableQuantity requiresShipping isGiftCard taxable restockable
originalUnitPriceSet {{ ...Money }}
discountedTotalSet {{ ...Money }}
totalDiscountSet {{ ...Money }}
discountAllocations {{
  allocatedAmountSet {{ ...Money }}
  discountApplication {{ index }}
}}
{_TAX_LINES}
duties {{
  id countryCodeOfOrigin harmonizedSystemCode
  price {{ ...Money }}
  {_TAX_LINES}
}}
customAttributes {{ key value }}
variant {{ id sku barcode }}
product {{ id }}
"""

_DISCOUNT = """
__typename index allocationMethod targetSelection targetType
value {
  ... on MoneyV2 { amount currencyCode }
  ... on PricingPercentageValue { percentage }
}
... on AutomaticDiscountApplication { title }
... on DiscountCodeApplication { code }
... on ManualDiscountApplication { title description }
... on ScriptDiscountApplication { title }
"""

_TRANSACTION = """
id kind status gateway test errorCode createdAt processedAt
amountSet { ...Money }
parentTransaction { id }
"""

_ORDER = f"""
fragment Order on Order {{
  id legacyResourceId name createdAt processedAt updatedAt cancelledAt cancelReason closedAt
  test confirmed edited currencyCode presentmentCurrencyCode displayFinancialStatus
  displayFulfillmentStatus returnStatus email phone note tags sourceName poNumber
  customerLocale taxesIncluded dutiesIncluded taxExempt paymentGatewayNames discountCodes
  customer {{ id }}
  customAttributes {{ key value }}
  shippingAddress {{ ...Address }}
  billingAddress {{ ...Address }}
  shippingLine {{
    title code carrierIdentifier source
    originalPriceSet {{ ...Money }}
    discountedPriceSet {{ ...Money }}
  }}
  subtotalPriceSet {{ ...Money }}
  totalShippingPriceSet {{ ...Money }}
  totalTaxSet {{ ...Money }}
  totalDiscountsSet {{ ...Money }}
  totalPriceSet {{ ...Money }}
  currentSubtotalPriceSet {{ ...Money }}
  currentTotalTaxSet {{ ...Money }}
  currentTotalDiscountsSet {{ ...Money }}
  currentTotalPriceSet {{ ...Money }}
  originalTotalDutiesSet {{ ...Money }}
  currentTotalDutiesSet {{ ...Money }}
  totalReceivedSet {{ ...Money }}
  totalRefundedSet {{ ...Money }}
  totalOutstandingSet {{ ...Money }}
  {_TAX_LINES}
  discountApplications(first: 2) {{ {PAGE} nodes {{ {_DISCOUNT} }} }}
  lineItems(first: 5) {{ {PAGE} nodes {{ {_LINE_ITEM} }} }}
  transactions {{ {_TRANSACTION} }}
  fulfillments {{ id status createdAt trackingInfo {{ company number url }} }}
}}
{ADDRESS}"""

_ORDERS = f"""
query Orders($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {PAGE}
    nodes {{ ...Order }}
  }}
}}
{_ORDER}"""

ORDERS = _ORDERS + _SHOP_MONEY
ORDERS_IN_BOTH_MONEYS = _ORDERS + _BOTH_MONEYS

FOREIGN_ORDERS = f"""
query ForeignOrders($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{ ...Order }} }}
}}
{_ORDER}{_BOTH_MONEYS}"""

ORDER_LINES = f"""
query OrderLines($id: ID!, $after: String) {{
  order(id: $id) {{
    lineItems(first: 30, after: $after) {{ {PAGE} nodes {{ {_LINE_ITEM} }} }}
  }}
}}
{_BOTH_MONEYS}"""

ORDER_DISCOUNTS = f"""
query OrderDiscounts($id: ID!, $after: String) {{
  order(id: $id) {{
    discountApplications(first: 50, after: $after) {{ {PAGE} nodes {{ {_DISCOUNT} }} }}
  }}
}}
"""

# What hangs on an order has no list of its own: orders are searched for its ids, which costs
# hardly more than there are, and then it is asked for by id.
FULFILLMENT_IDS = f"""
query FulfillmentIds($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {PAGE}
    nodes {{ id updatedAt fulfillments {{ id }} }}
  }}
}}
"""

REFUND_IDS = f"""
query RefundIds($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {PAGE}
    nodes {{ id updatedAt refunds {{ id }} }}
  }}
}}
"""

RETURN_IDS = f"""
query ReturnIds($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    {PAGE}
    nodes {{ id updatedAt returns(first: 1) {{ {PAGE} nodes {{ id }} }} }}
  }}
}}
"""

MORE_RETURN_IDS = f"""
query MoreReturnIds($id: ID!, $after: String) {{
  order(id: $id) {{ returns(first: 100, after: $after) {{ {PAGE} nodes {{ id }} }} }}
}}
"""

_FULFILLMENT_LINE = "id quantity lineItem { id sku }"

_EVENT = """
id status message happenedAt createdAt estimatedDeliveryAt city province country zip
"""

FULFILLMENTS = f"""
query Fulfillments($ids: [ID!]!) {{
  nodes(ids: $ids) {{
    ... on Fulfillment {{
      id legacyResourceId name status displayStatus totalQuantity requiresShipping
      createdAt updatedAt deliveredAt inTransitAt estimatedDeliveryAt
      order {{ id updatedAt }}
      location {{ id }}
      trackingInfo {{ company number url }}
      fulfillmentLineItems(first: 5) {{ {PAGE} nodes {{ {_FULFILLMENT_LINE} }} }}
      events(first: 5) {{ {PAGE} nodes {{ {_EVENT} }} }}
    }}
  }}
}}
"""

FULFILLMENT_LINES = f"""
query FulfillmentLines($id: ID!, $after: String) {{
  fulfillment(id: $id) {{
    fulfillmentLineItems(first: 100, after: $after) {{ {PAGE} nodes {{ {_FULFILLMENT_LINE} }} }}
  }}
}}
"""

FULFILLMENT_EVENTS = f"""
query FulfillmentEvents($id: ID!, $after: String) {{
  fulfillment(id: $id) {{
    events(first: 100, after: $after) {{ {PAGE} nodes {{ {_EVENT} }} }}
  }}
}}
"""

_REFUND_LINE = """
id quantity restockType restocked
priceSet { ...Money }
subtotalSet { ...Money }
totalTaxSet { ...Money }
lineItem { id sku }
location { id }
"""

_ADJUSTMENT = "id reason amountSet { ...Money } taxAmountSet { ...Money }"

REFUNDS = f"""
query Refunds($ids: [ID!]!) {{
  nodes(ids: $ids) {{
    ... on Refund {{
      id legacyResourceId createdAt processedAt updatedAt note
      order {{ id updatedAt }}
      return {{ id }}
      totalRefundedSet {{ ...Money }}
      duties {{ amountSet {{ ...Money }} originalDuty {{ id }} }}
      refundLineItems(first: 5) {{ {PAGE} nodes {{ {_REFUND_LINE} }} }}
      orderAdjustments(first: 5) {{ {PAGE} nodes {{ {_ADJUSTMENT} }} }}
      transactions(first: 5) {{ {PAGE} nodes {{ {_TRANSACTION} }} }}
    }}
  }}
}}
{_BOTH_MONEYS}"""


def _more_of_refund(field: str, item: str) -> str:
    return f"""
query RefundRest($id: ID!, $after: String) {{
  refund(id: $id) {{ {field}(first: 50, after: $after) {{ {PAGE} nodes {{ {item} }} }} }}
}}
{_BOTH_MONEYS}"""


REFUND_LINES = _more_of_refund("refundLineItems", _REFUND_LINE)
REFUND_ADJUSTMENTS = _more_of_refund("orderAdjustments", _ADJUSTMENT)
REFUND_TRANSACTIONS = _more_of_refund("transactions", _TRANSACTION)

_RETURN_LINE = """
__typename id quantity processableQuantity processedQuantity refundableQuantity
refundedQuantity unprocessedQuantity customerNote returnReasonNote
returnReasonDefinition { handle name }
... on ReturnLineItem { fulfillmentLineItem { id lineItem { id sku } } }
"""

_RETURN = f"""
id name status totalQuantity createdAt closedAt requestApprovedAt
order {{ id updatedAt }}
decline {{ reason note }}
returnLineItems(first: 5) {{ {PAGE} nodes {{ {_RETURN_LINE} }} }}
"""

RETURNS = f"""
query Returns($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Return {{ {_RETURN} }} }}
}}
"""

RETURN_LINES = f"""
query ReturnRest($id: ID!, $after: String) {{
  return(id: $id) {{
    returnLineItems(first: 100, after: $after) {{ {PAGE} nodes {{ {_RETURN_LINE} }} }}
  }}
}}
"""
