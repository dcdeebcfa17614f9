"""Bulk operations: what they answer, how they end, what is refused."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sandbox.shopify.many import world as many
from tests.sandbox.shop import Shop, shop

if TYPE_CHECKING:
    from collections.abc import Iterator

MONEY = "{ shopMoney { amount } }"
LINE = f"id sku quantity discountedTotalSet {MONEY} variant {{ id product {{ title }} }}"
FIELDS = f"""id name __typename createdAt test tags customer {{ displayName }}
  total: totalPriceSet {MONEY} shippingAddress {{ city countryCodeV2 }}
  transactions {{ kind amountSet {MONEY} }} discountApplications_: discountCodes
  fulfillments(first: 5) {{ name displayStatus trackingInfo {{ number }} }}"""
ORDERS = f"""{{ orders {{ edges {{ node {{ {FIELDS}
  lineItems {{ edges {{ node {{ {LINE} }} }} }}
  fulfillmentOrders {{ edges {{ node {{ id status
    lineItems {{ edges {{ node {{ id totalQuantity }} }} }} }} }} }} }} }} }} }}"""
PLAIN = "{ orders { edges { node { id } } } }"
DOWN = {"kind": "down", "match": "bulk.run"}
SLOW = {"kind": "slow", "match": "bulk.run", "seconds": 0.5}


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop() as served:
        yield served


def tree(lines: list[Any]) -> list[Any]:
    """The objects at the root, each with its own by their type; parents come first."""
    by_id: dict[str, Any] = {}
    roots: list[Any] = []
    for each in lines:
        parent = each.pop("__parentId", None)
        by_id[each["id"]] = each
        siblings = by_id[parent].setdefault("_", []) if parent else roots
        siblings.append(each)
    return roots


def paged(running: Shop) -> list[Any]:
    """The same, read page by page."""
    orders = running.all(
        "orders",
        f"{FIELDS} lineItems(first: 9) {{ nodes {{ {LINE} }} }} fulfillmentOrders(first: 9) "
        "{ nodes { id status lineItems(first: 9) { nodes { id totalQuantity } } } }",
    )
    for each in orders:
        requests = each.pop("fulfillmentOrders")["nodes"]
        for request in requests:
            request["_"] = request.pop("lineItems")["nodes"]
        each["_"] = each.pop("lineItems")["nodes"] + requests
    return orders


@pytest.mark.parametrize("grouped", [True, False])
def test_it_answers_what_the_pages_answer(running: Shop, grouped: bool) -> None:
    running.edit("1001", fulfilled={"number": "1Z"})
    assert tree(running.lines(ORDERS, grouped)) == paged(running)


def test_it_answers_a_search_in_its_order(running: Shop) -> None:
    query = """{ orders(query: "id:>=1003 AND id:<1006", sortKey: CREATED_AT, reverse: false) {
        edges { cursor node { name lineItems: name } } } }"""
    found = running.lines(query)
    assert found == [{"name": f"#{n}", "lineItems": f"#{n}"} for n in (1003, 1004, 1005)]
    assert served_names(running, "reverse: true") == ["#1005", "#1004", "#1003"]
    assert served_names(running, "first: 1") == ["#1003", "#1004", "#1005"]  # of no concern


def served_names(running: Shop, arguments: str) -> list[str]:
    query = '{ orders(query: "id:>=1003 AND id:<1006", %s) { edges { node { name } } } }'
    return [each["name"] for each in running.lines(query % arguments)]


def test_grouped_objects_stand_below_their_parents(running: Shop) -> None:
    grouped = running.lines(ORDERS, grouped=True)
    parent = None
    for each in grouped:
        if "__parentId" not in each:
            parent = each["id"]
        elif "/LineItem/" in each["id"]:
            assert each["__parentId"] == parent
    loose = running.lines(ORDERS)
    assert loose != grouped
    assert sorted(map(str, loose)) == sorted(map(str, grouped))


def test_stock_by_location_and_abstract_types(running: Shop) -> None:
    found = running.lines(
        """{ locations { edges { node { id name inventoryLevels { edges { node { id
        item { sku } quantities(names: ["on_hand"]) { name quantity } } } } } } } }"""
    )
    assert {each["name"] for each in found if "name" in each} == {"Main", "Elsewhere"}
    levels = [each for each in found if "__parentId" in each]
    assert len(levels) == 3
    assert levels[0]["quantities"][0]["name"] == "on_hand"
    running.edit("1006", **{"return": {"lines": {"1": 1}}})
    found = running.lines(
        """{ orders(query: "name:1006") { edges { node { id returns { edges { node { id name
        returnLineItems { edges { node { id quantity ... on ReturnLineItem {
            fulfillmentLineItem { lineItem { sku } } } } } } } } } } } } }"""
    )
    assert found[-1]["fulfillmentLineItem"] == {"lineItem": {"sku": "A-1"}}


def test_a_query_that_finds_nothing_has_no_file(running: Shop) -> None:
    operation = running.finished(
        running.bulk('{ orders(query: "name:no") { edges { node { id }}}}')
    )
    assert (operation["status"], operation["objectCount"]) == ("COMPLETED", "0")
    assert operation["url"] is None


def test_it_is_created_runs_and_ends(running: Shop) -> None:
    running.control("faults", {"rules": [{**SLOW, "count": 1}]})
    started = running.bulk(PLAIN)
    assert started["bulkOperation"]["status"] == "CREATED"
    current = running.ask("{ currentBulkOperation { id status completedAt url } }")
    assert current["currentBulkOperation"]["status"] in ("CREATED", "RUNNING")
    assert current["currentBulkOperation"]["url"] is None
    ended = running.finished(started)
    assert (ended["status"], ended["type"], ended["query"]) == ("COMPLETED", "QUERY", PLAIN)
    assert (ended["objectCount"], ended["rootObjectCount"]) == ("11", "11")
    assert ended["completedAt"] >= ended["createdAt"]
    second = running.finished(running.bulk(PLAIN))
    listed = running.ask("{ bulkOperations(first: 5) { nodes { id status } } }")
    assert [each["id"] for each in listed["bulkOperations"]["nodes"]] == [second["id"], ended["id"]]
    node = running.ask("query($id: ID!) { node(id: $id) { __typename } }", id=ended["id"])
    assert node["node"] == {"__typename": "BulkOperation"}


def test_its_file_can_be_read_in_parts_by_whoever_has_the_link(running: Shop) -> None:
    url = running.finished(running.bulk(PLAIN))["url"]
    whole = httpx.get(url)
    assert whole.headers["content-type"].startswith("application/jsonl")
    part = httpx.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    forged = httpx.get(url[:-4] + "0000")
    assert (forged.status_code, "SignatureDoesNotMatch" in forged.text) == (403, True)


def test_its_file_is_kept_for_a_week(running: Shop) -> None:
    operation = running.finished(running.bulk(PLAIN))
    running.pass_time(6 * 24 * 3600)
    assert httpx.get(operation["url"]).status_code == 200
    running.pass_time(2 * 24 * 3600)
    expired = httpx.get(operation["url"])
    assert (expired.status_code, "ExpiredToken" in expired.text) == (400, True)
    query = "query($id: ID!) { bulkOperation(id: $id) { status url } }"
    found = running.ask(query, id=operation["id"])["bulkOperation"]
    assert found == {"status": "EXPIRED", "url": None}


def test_at_most_five_run_at_once(running: Shop) -> None:
    running.control("faults", {"rules": [{**SLOW, "count": 5}]})
    started = [running.bulk(PLAIN) for _ in range(6)]
    assert [bool(each["bulkOperation"]) for each in started] == [True] * 5 + [False]
    (error,) = started[5]["userErrors"]
    assert (error["code"], error["field"]) == ("LIMIT_REACHED", None)
    old = running.bulk(PLAIN, version="2025-10")  # one at a time, then
    assert old["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"
    assert started[0]["bulkOperation"]["id"] in old["userErrors"][0]["message"]
    for each in started[:5]:
        assert running.finished(each)["status"] == "COMPLETED"
    assert running.finished(running.bulk(PLAIN, version="2025-10"))["status"] == "COMPLETED"


CANCEL = """mutation($id: ID!) { bulkOperationCancel(id: $id) {
  bulkOperation { status } userErrors { field message } } }"""


def test_beginning_costs_ten_points(running: Shop) -> None:
    query = 'mutation { bulkOperationRunQuery(query: "{ a }") { userErrors { message } } }'
    assert running.post(query).json()["extensions"]["cost"]["requestedQueryCost"] == 10


def test_cancelling(running: Shop) -> None:
    running.control("faults", {"rules": [{**SLOW, "count": 1}]})
    started = running.bulk(PLAIN)
    answer = running.ask(CANCEL, id=started["bulkOperation"]["id"])["bulkOperationCancel"]
    assert answer == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    ended = running.finished(started)
    assert (ended["status"], ended["url"], ended["errorCode"]) == ("CANCELED", None, None)
    again = running.ask(CANCEL, id=ended["id"])["bulkOperationCancel"]
    assert again["userErrors"] == [
        {"field": None, "message": "A bulk operation cannot be canceled when it is canceled"}
    ]
    unknown = running.ask(CANCEL, id="gid://shopify/BulkOperation/99")["bulkOperationCancel"]
    assert unknown["userErrors"] == [{"field": ["id"], "message": "Bulk operation does not exist"}]


def test_a_run_that_breaks_leaves_what_it_had() -> None:
    with shop(many(300)) as served:
        served.control("faults", {"rules": [{**DOWN, "count": 1}]})
        failed = served.finished(served.bulk(PLAIN))
        assert (failed["status"], failed["errorCode"]) == ("FAILED", "INTERNAL_SERVER_ERROR")
        assert (failed["url"], failed["completedAt"]) == (None, None)
        partial = httpx.get(failed["partialDataUrl"]).text.splitlines()
        assert len(partial) == int(failed["objectCount"]) == 100
        assert served.vendor.sandbox.faults.kinds() == {"down": 1}
        assert len(served.lines(PLAIN)) == 300


def test_records_that_change_meanwhile_harm_nothing() -> None:
    with shop(many(1500)) as served:
        stop = threading.Event()

        def meddle() -> None:
            for number in range(1, 700):
                if stop.is_set():
                    return
                served.vendor.edit({"object": "order", "id": str(number), "set": {"note": "x"}})
                served.vendor.edit({"object": "order", "id": str(1500 - number), "delete": True})

        meddler = threading.Thread(target=meddle)
        meddler.start()
        found = served.lines("{ orders { edges { node { id lineItems { edges { node { id }}}}}}}")
        stop.set()
        meddler.join()
        roots = [each["id"] for each in found if "__parentId" not in each]
        assert len(roots) == len(set(roots))
        assert {each["__parentId"] for each in found if "__parentId" in each} <= set(roots)


NESTED = "{ orders { edges { node { id %s } } } }"
LEVELS = "fulfillments { edges { node { id %s } } }"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "syntax error"),
        ("{ orders {", "syntax error"),
        ("{ orders { edges { node { colour } } } }", "Invalid bulk query: "),
        ("mutation { bulkOperationCancel(id: 1) { bulkOperation { id } } }", "Only `query`"),
        ("{ shop { name } }", "at least one connection"),
        ('{ node(id: "gid://shopify/Order/1") { id } }', "top level `node` field"),
        ("{ orders { nodes { id } } }", "Invalid connection fields: 'orders'"),
        ("{ orders { edges { node { name lineItems { edges { node { id } } } } } } }",
         "Connection fields without 'id': orders"),
        (NESTED % "x: id refunds { refundLineItems { edges { node { quantity } } } }",
         "within a list field"),
        (NESTED % ("fulfillmentOrders { edges { node { id " + LEVELS % (
            "fulfillmentLineItems { edges { node { id } } }") + " } } }"),
         "nesting depth greater than 2"),
        (NESTED % " ".join(f"l{n}: lineItems {{ edges {{ node {{ id }} }} }}" for n in range(5)),
         "more than 5 connections"),
    ],
)  # fmt: skip
def test_what_cannot_run_in_bulk(running: Shop, query: str, message: str) -> None:
    answer = running.bulk(query)
    assert answer["bulkOperation"] is None
    assert all(each["code"] == "INVALID" for each in answer["userErrors"])
    assert all(each["field"] == ["query"] for each in answer["userErrors"])
    assert any(message in each["message"] for each in answer["userErrors"]), answer


def test_two_levels_below_the_root_are_allowed(running: Shop) -> None:
    allowed = NESTED % ("fulfillmentOrders { edges { node { id " + LEVELS % "" + " } } }")
    assert running.finished(running.bulk(allowed))["status"] == "COMPLETED"


def test_the_shop_answers_while_an_operation_runs() -> None:
    with shop(many(3000)) as served:
        started = served.bulk("{ orders { edges { node { id lineItems { edges { node { id }}}}}}}")
        assert served.ask("{ ordersCount { count } }")["ordersCount"]["count"] == 3000
        assert served.finished(started)["objectCount"] == "9000"
