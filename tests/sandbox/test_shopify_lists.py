"""Lists that change while somebody reads them, windows, counts, and what is gone."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.shopify.many import world as many
from tests.sandbox.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER = "2026-03-02T10:00:00Z"
PAGE = """query($after: String, $search: String, $size: Int!) {
  orders(first: $size, after: $after, query: $search, sortKey: UPDATED_AT) {
    nodes { id updatedAt note } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        served.pass_time(3600)
        yield served


def numbers(nodes: list[Any]) -> list[str]:
    return [node["id"].rsplit("/", 1)[1] for node in nodes]


def test_windows_meet_without_gap_or_overlap() -> None:
    with shop(many(200)) as served:
        ends = sorted({node["updatedAt"] for node in served.all("orders", "updatedAt", size=250)})
        borders = [ends[0], ends[37], ends[38], ends[150], ends[-1]]
        found = []
        for low, high in itertools.pairwise(borders):
            window = f"updated_at:>='{low}' AND updated_at:<'{high}'"
            found += served.all("orders", "id", f", query: {_quoted(window)}", size=7)
        last = f"updated_at:>='{borders[-1]}'"
        found += served.all("orders", "id", f", query: {_quoted(last)}")
        assert len(found) == len({node["id"] for node in found}) == 200
        after = f"updated_at:>{borders[-1]}"
        assert served.all("orders", "id", f", query: {_quoted(after)}") == []
        upto = f"updated_at:<={borders[0]}"
        assert len(served.all("orders", "id", f", query: {_quoted(upto)}")) == 1
        half = f"updated_at:>='{borders[0].replace('Z', '.5Z')}' AND updated_at:<='{ends[1]}'"
        assert len(served.all("orders", "id", f", query: {_quoted(half)}")) == 1


def _quoted(text: str) -> str:
    return f'"{text}"'


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_paged_read_in_the_order_of_change_misses_nothing(seed: int) -> None:
    """Records that change move to the end; those that do not keep their place."""
    chance = random.Random(seed)
    with shop(many(120)) as served:
        served.pass_time(3600)
        seen: dict[str, str] = {}
        after: str | None = None
        deleted: set[int] = set()
        while True:
            page = served.ask(PAGE, after=after, search=None, size=9)["orders"]
            seen |= {node["id"]: node["updatedAt"] for node in page["nodes"]}
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            served.pass_time(1)
            if chance.random() < 0.4:
                served.edit(str(chance.choice([n for n in range(1, 121) if n not in deleted])),
                            note=str(chance.random()))  # fmt: skip
            if chance.random() < 0.2:
                number = chance.choice([n for n in range(1, 121) if n not in deleted])
                deleted.add(number)
                served.change("order", str(number), delete=True)
            if chance.random() < 0.2:
                body = {"vendor": "shopify", "object": "order", "create": {"lines": []}}
                assert served.control("edit", body).status_code == 200
        now = {node["id"]: node["updatedAt"] for node in served.all("orders", "id updatedAt")}
        assert set(now) <= set(seen)
        assert {i for i in now if seen[i] != now[i]} == set()
        assert {int(i.rsplit("/", 1)[1]) for i in set(seen) - set(now)} <= deleted


def test_counts_are_capped_unless_told_otherwise(running: Shop) -> None:
    data = running.ask(
        """{ orders: ordersCount { count precision }
        few: ordersCount(limit: 10) { count precision } all: ordersCount(limit: null) { count }
        exact: ordersCount(limit: 11) { count precision }
        paid: ordersCount(query: "financial_status:paid") { count }
        customersCount { count } productsCount { count } productVariantsCount { count }
        locationsCount { count } }"""
    )
    assert data["orders"] == {"count": 11, "precision": "EXACT"}
    assert data["few"] == {"count": 10, "precision": "AT_LEAST"}
    assert data["exact"] == {"count": 11, "precision": "EXACT"}
    assert data["all"] == {"count": 11}
    assert data["paid"] == {"count": 9}
    counts = [data[f"{name}Count"]["count"] for name in ("customers", "products", "locations")]
    assert counts == [2, 4, 2]
    assert data["productVariantsCount"]["count"] == 4


def test_a_deleted_product_leaves_a_trace_and_its_lines(running: Shop) -> None:
    product = running.ask('{ products(first: 2, query: "sku:A-1") { nodes { id } } }')
    (gone,) = product["products"]["nodes"]
    running.change("product", "A-1", delete=True)
    query = """{ deletionEvents(first: 5, subjectTypes: [PRODUCT], query: "occurred_at:>'%s'") {
        nodes { occurredAt subjectId subjectType } }
        none: deletionEvents(first: 5, subjectTypes: [COLLECTION]) { nodes { subjectId } } }"""
    data = running.ask(query % "2026-03-02T09:30:00Z")
    assert data["deletionEvents"]["nodes"] == [
        {"occurredAt": LATER, "subjectId": gone["id"], "subjectType": "PRODUCT"}
    ]
    assert data["none"]["nodes"] == []
    assert running.ask(query % LATER)["deletionEvents"]["nodes"] == []
    for field, left in (("products", 3), ("productVariants", 3), ("inventoryItems", 3)):
        assert len(running.all(field, "id")) == left
    assert len(running.all("locations", "inventoryLevels(first: 9) { nodes { id } }")) == 2
    (line,) = running.ask(
        """{ order(id: "gid://shopify/Order/1002") { lineItems(first: 1) { nodes {
        sku title variant { id } product { id } restockable } } } }"""
    )["order"]["lineItems"]["nodes"]
    assert line == {
        "sku": "A-1", "title": "Apple", "variant": None, "product": None, "restockable": False
    }  # fmt: skip
    running.edit("1003", cancelled=True)  # what was sold of it can still be handled


def test_deleted_orders_and_customers_are_simply_gone(running: Shop) -> None:
    running.change("order", "1003", delete=True)
    assert running.ask('{ order(id: "gid://shopify/Order/1003") { id } }')["order"] is None
    assert "1003" not in numbers(running.all("orders", "id"))
    assert len(running.all("fulfillmentOrders", "id", ", includeClosed: true")) == 10
    assert "ordered" in running.refused("customer", "7", delete=True)
    running.change("customer", "BOLI", delete=True)
    assert numbers(running.all("customers", "id")) == ["7"]
    assert "deleted" in running.refused("inventory_level", "L1/A-1", delete=True)
    operations = [e["operation"] for e in running.vendor.sandbox.effects.since(0)]
    assert operations == ["delete", "delete"]


def test_customers_are_created_and_merged(running: Shop) -> None:
    create = {"email": "ana.m@example.com", "first_name": "Ana", "city": "Bonn"}
    body = {"vendor": "shopify", "object": "customer", "create": create}
    created = running.control("edit", body).json()
    assert created["updated_at"] == LATER
    assert running.control("edit", {**body, "create": {"moon": "x"}}).status_code == 400
    twin = {"customer_id": "7"}
    assert running.control("edit", {**body, "create": twin}).status_code == 400
    running.change("customer", created["id"], merge="7")
    (merged,) = running.all(
        "customers",
        "id numberOfOrders defaultEmailAddress { emailAddress } lastOrder { name }",
        ', query: "email:ana.m@example.com"',
    )
    assert merged["numberOfOrders"] == "10"
    assert merged["lastOrder"] == {"name": "#WEB-5"}
    assert running.ask('{ customer(id: "gid://shopify/Customer/7") { id } }')["customer"] is None
    owner = running.ask('{ order(id: "gid://shopify/Order/1001") { customer { id } updatedAt } }')
    assert owner["order"] == {"customer": {"id": created["id"]}, "updatedAt": LATER}
    assert "itself" in running.refused("customer", created["id"], merge=created["id"])


def test_products_are_created(running: Shop) -> None:
    body = {"vendor": "shopify", "object": "product", "create": {"sku": "C-3", "title": "Cherry"}}
    assert running.control("edit", body).status_code == 200
    assert running.control("edit", body).status_code == 400
    (variant,) = running.all("productVariants", "sku product { title }", ', query: "sku:C-3"')
    assert variant == {"sku": "C-3", "product": {"title": "Cherry"}}


def test_a_page_is_quick_however_long_the_list() -> None:
    with shop(many(5000)) as served:
        window = 'updated_at:>=2026-01-01T12:00:00Z AND updated_at:<"2026-01-02T06:00:00Z"'
        after, found = None, []
        while True:
            page = served.ask(PAGE, after=after, search=window, size=250)["orders"]
            found += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert len(found) == 18 * 120  # an order each half minute
        assert len(served.vendor.store._kept) == 2  # sorted once, searched once
        served.edit("1", note="x")
        assert len(served.all("orders", "id", size=250)) == 5000
