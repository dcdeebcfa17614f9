"""Credits: reserved before, corrected after; and what the catalog leaves out is not paid for."""

from __future__ import annotations

import httpx
import pytest
from played import TapShipHero
from shiphero_account import account, grant, world

from crossdock.http.errors import AuthError
from crossdock.tap import prune
from sandbox.shiphero.credits import Estimate
from taps.shiphero.client import ShipHeroClient
from taps.shiphero.streams import STREAMS

ORDERS = "query Orders { orders { complexity data { edges { node { id } } } } }"


class Vendor:
    """Answers with the complexities, or refusals, that it is given."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def __call__(self, request):
        return httpx.Response(200, json=self.answers.pop(0))


def client(*answers):
    made = ShipHeroClient.from_config(
        {"access_token": "x", "share": 1},
        connector="tap-shiphero",
        transport=httpx.MockTransport(Vendor(*answers)),
    )
    made._sleep = lambda seconds: None
    return made


def complexity(cost):
    return {"data": {"orders": {"complexity": cost, "data": {"edges": []}}}}


def charged(monkeypatch, made):
    """How much is taken from the bucket on balance."""
    taken = []
    monkeypatch.setattr(made.limiter, "acquire", lambda cost=1.0: taken.append(cost))
    monkeypatch.setattr(made.limiter, "refund", lambda cost: taken.append(-cost))
    return taken


def test_too_much_is_given_back(monkeypatch):
    made = client(complexity(12))
    taken = charged(monkeypatch, made)
    made.query(ORDERS, stream="orders", cost=made.estimate(ORDERS, 100))
    assert sum(taken) == 12
    assert made.estimate(ORDERS, 100) == 102


def test_too_little_is_charged_and_learned(monkeypatch):
    made = client(complexity(250), complexity(250))
    taken = charged(monkeypatch, made)
    for _ in range(2):
        made.query(ORDERS, stream="orders", cost=made.estimate(ORDERS, 100))
    assert sum(taken) == 500
    assert taken[2] >= 250
    assert made.estimate("query Products { products { complexity } }", 100) == 102


def test_a_refusal_says_what_to_reserve(monkeypatch):
    refusal = {
        "message": "There are not enough credits to perform the requested operation, which "
        "requires 300 credits, but there are only 120 left. In 3 seconds you will have enough",
        "code": 30,
        "required_credits": 300,
        "remaining_credits": 120,
        "time_remaining": "3 seconds",
    }
    made = client({"errors": [refusal], "data": {"orders": None}}, complexity(20))
    monkeypatch.setattr(made.limiter, "_sleep", lambda seconds: None)
    made.query(ORDERS, stream="orders", cost=made.estimate(ORDERS, 100))
    assert 300 <= made.estimate(ORDERS, 100) <= 305


def test_a_missing_scope_is_named():
    error = {"message": "Missing required scope(s): view:orders", "code": 7, "operation": "orders"}
    made = client({"errors": [error], "data": {"orders": None}})
    with pytest.raises(AuthError, match="view:orders") as caught:
        made.query(ORDERS, stream="orders")
    assert "scope" in str(caught.value.hint)


@pytest.mark.parametrize("factor", [0.5, 3, 10])
def test_all_is_read_where_the_vendor_counts_otherwise(monkeypatch, factor):
    """The formula of the estimate is not documented: it may be more or less than ours."""
    # Enough a second for a quick test.
    grant(monkeypatch, 4004, 5000)
    actual, estimate = Estimate.actual, Estimate.of
    monkeypatch.setattr(Estimate, "of", lambda *a: int(estimate(*a) * factor) or 1)
    monkeypatch.setattr(Estimate, "actual", lambda *a: int(actual(*a) * factor) or 1)
    with account(world(700)) as running:
        read = running.read(TapShipHero)
        refused = running.counters("shiphero")["refusals"]
    assert len(read.tables["products"]) == len(read.tables["warehouse_products"]) == 700
    assert refused <= len(STREAMS), "each stream learns it once"


def test_what_is_not_selected_is_not_asked_for():
    with account(world(3, orders=2)) as running:
        running.send(1000, "SKU-00000")
        whole = running.read(TapShipHero, only="orders")
        made = running.make(TapShipHero)
        orders = made.streams["orders"]
        for path in list(orders.metadata):
            if path and path[-1] not in ("id", "updated_at", "order_number"):
                orders.metadata[path].selected = False
        assert "line_items" not in orders.document
        assert "order_number" in orders.document
        (record,) = orders.get_records(None)
    assert set(record) == {"id", "updated_at", "order_number", "_crossdock_read_at"}
    assert whole.records("orders")[0]["line_items"]


@pytest.mark.reference
@pytest.mark.parametrize("kind", STREAMS, ids=lambda kind: kind.name)
def test_each_field_alone_makes_a_query_that_shiphero_takes(reference, kind):
    from graphql import build_schema, parse, validate

    text = (reference / "vendor" / "shiphero" / "schema_2023-02.graphql").read_text()
    schema = build_schema(text, assume_valid=True)
    below = ("warehouses",) if kind.root == "account" else ("edges", "node")
    for field in kind.schema["properties"]:
        if field.startswith("_crossdock") or (field == "id" and "id" not in kind.needs):
            continue
        document = prune(kind.query, (kind.root, "data", *below), {field, *kind.needs})
        assert validate(schema, parse(document)) == []
        assert field in document
