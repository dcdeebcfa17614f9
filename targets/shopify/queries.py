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

# What an order is to ship from one place, and what was told of it so far.
FIND = (
    """
query FulfillmentOrder($id: ID!) {
  fulfillmentOrder(id: $id) {
    id
    lineItems(first: 250) { nodes { id lineItem { id } } }
    fulfillments(first: 50) {
      pageInfo { hasNextPage }
      nodes {
        ...Told
        fulfillmentLineItems(first: 250) { nodes { quantity lineItem { id } } }
      }
    }
  }
}
"""
    + _FULFILLMENT
)
FIND_COST = 60.0

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
