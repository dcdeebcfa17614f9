"""Documents are cut down to what the catalog selects, and stay valid."""

from __future__ import annotations

import pytest
from graphql import build_schema, parse, validate

from crossdock.tap import prune

SCHEMA = build_schema(
    """
    type Query { orders(first: Int!, after: String, names: [String!]): Orders }
    type Orders { pageInfo: Info nodes: [Order] edges: [Edge] }
    type Edge { node: Order }
    type Info { hasNextPage: Boolean endCursor: String }
    type Order {
      id: ID updatedAt: String note: String total: Money tax: Money
      lines(first: Int): [Line] customer: Customer levels(names: [String!]): [Int]
    }
    type Money { amount: String }
    type Line { sku: String price: Money }
    type Customer { id: ID email: String }
    """
)
DOCUMENT = """
query Orders($first: Int!, $after: String, $inner: Int, $names: [String!]) {
  orders(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { ...Order levels(names: $names) }
  }
}
fragment Order on Order {
  id updatedAt note
  total { ...Money }
  tax { ...Money }
  goods: lines(first: $inner) { sku price { ...Money } }
  customer { ...Person }
}
fragment Money on Money { amount }
fragment Person on Customer { id email }
"""


def cut(*keep: str) -> str:
    text = prune(DOCUMENT, ("orders", "nodes"), {"id", "updatedAt", *keep})
    assert validate(SCHEMA, parse(text)) == []
    return text


def test_what_is_selected_stays_whole():
    text = cut("goods", "customer", "note", "total", "tax", "levels")
    for part in ("sku", "price", "email", "note", "amount", "$inner", "$names", "pageInfo"):
        assert part in text


def test_what_is_not_selected_goes_with_all_that_only_it_needed():
    text = cut("note")
    assert "note" in text
    for part in ("email", "Person", "Money", "amount", "goods", "$inner", "$names", "levels"):
        assert part not in text


def test_fragment_that_something_else_needs_stays():
    text = cut("tax")
    assert "fragment Money" in text
    assert "total" not in text


def test_fields_are_known_by_their_response_key():
    assert "lines(first: $inner)" in cut("goods")
    assert "lines" not in cut("lines")


def test_nothing_but_the_key():
    text = cut()
    assert "fragment Order" in text
    assert "pageInfo" in text


def test_path_through_edges():
    document = "{ orders(first: 1) { edges { node { id note } } } }"
    text = prune(document, ("orders", "edges", "node"), {"id"})
    assert "note" not in text
    assert validate(SCHEMA, parse(text)) == []


def test_wrong_path_is_named():
    with pytest.raises(KeyError, match="edges"):
        prune(DOCUMENT, ("orders", "edges"), {"id"})
