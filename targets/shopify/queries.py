"""The GraphQL documents that the target sends."""

from __future__ import annotations

_FULFILLMENT = """
fragment Told on Fulfillment {
  id status
  trackingInfo { company number url }
}
"""

READ = (
    """
query Fulfillment($id: ID!) { fulfillment(id: $id) { ...Told } }
"""
    + _FULFILLMENT
)

# What was told so far of what an order is to ship from one place.
FIND = (
    """
query FulfillmentOrder($id: ID!) {
  fulfillmentOrder(id: $id) {
    id
    fulfillments(first: 50) { pageInfo { hasNextPage } nodes { ...Told } }
  }
}
"""
    + _FULFILLMENT
)
FIND_COST = 110.0

# The same with units, by which a shipment without a number is known again.
FIND_UNITS = (
    """
query FulfillmentOrderUnits($id: ID!) {
  fulfillmentOrder(id: $id) {
    id
    lineItems(first: 50) { pageInfo { hasNextPage } nodes { id lineItem { id } } }
    fulfillments(first: 10) {
      pageInfo { hasNextPage }
      nodes {
        ...Told
        fulfillmentLineItems(first: 30) {
          pageInfo { hasNextPage }
          nodes { quantity lineItem { id } }
        }
      }
    }
  }
}
"""
    + _FULFILLMENT
)
FIND_UNITS_COST = 800.0

CREATE = """
mutation FulfillmentCreate($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id }
    userErrors { field message }
  }
}
"""

UPDATE = """
mutation TrackingInfoUpdate($id: ID!, $tracking: FulfillmentTrackingInput!) {
  fulfillmentTrackingInfoUpdate(
    fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: false
  ) {
    fulfillment { id }
    userErrors { field message }
  }
}
"""

# https://shopify.dev/docs/api/usage/limits#cost-calculation
MUTATION_COST = 10.0
