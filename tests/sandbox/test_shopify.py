from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world_files import load
from tests.sandbox.shop import Shop, shop, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"


@pytest.fixture(scope="module")
def main() -> Iterator[Shop]:
    with shop() as running:
        yield running


def one(running: Shop, number: str, selection: str) -> Any:
    query = f'{{ orders(first: 5, query: "name:{number}") {{ nodes {{ {selection} }} }} }}'
    (node,) = running.ask(query)["orders"]["nodes"]
    return node


@pytest.mark.parametrize("size", [1, 3, 250])
def test_pages_to_the_end_are_the_world(main: Shop, size: int) -> None:
    names = [node["name"] for node in main.all("orders", "name", size=size)]
    assert names == [f"#{o.order_id}" for o in world().orders if o.instance == "main"]
    assert len(main.all("customers", "id", size=size)) == 2
    assert len(main.all("fulfillmentOrders", "id", size=size)) == 10
    assert len(main.all("fulfillmentOrders", "id", ", includeClosed: true", size)) == 12


def test_pages_backwards_and_reversed(main: Shop) -> None:
    query = """query($before: String) { orders(last: 4, before: $before) {
        edges { cursor node { name } } pageInfo { hasPreviousPage startCursor } } }"""
    names: list[str] = []
    before = None
    while True:
        page = main.ask(query, before=before)["orders"]
        names = [edge["node"]["name"] for edge in page["edges"]] + names
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    forwards = [node["name"] for node in main.all("orders", "name")]
    assert names == forwards
    backwards = main.all("orders", "name", ", reverse: true, sortKey: CREATED_AT")
    assert [node["name"] for node in backwards] == forwards[::-1]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("updated_at:>='2026-03-02T09:00:00Z'", ["WEB-5"]),
        ("updated_at:>2026-03-01T02:00:00Z AND updated_at:<'2026-03-02T09:00:00+00:00'", ["1006"]),
        ('created_at:<="2026-02-28T08:00:00Z"', ["1001", "1002"]),
        ("created_at:2026-03-02", ["WEB-5"]),
        ("id:1003", ["1003"]),
        ("id:>=1009 id:<1011", ["1009", "1010"]),
        ("id:gid://shopify/Order/1002", ["1002"]),
        ("name:#1004 OR name:1005", ["1004", "1005"]),
        ("status:cancelled", ["1005"]),
        ("status:closed", ["1006"]),
        ("(name:1004 OR name:1008) AND financial_status:pending", ["1008"]),
        ("NOT status:open", ["1005", "1006"]),
        ("-status:open -status:closed", ["1005"]),
        ("email:guest*", ["1002"]),
        ("test:true", ["1010"]),
        ("sku:GHOST", ["WEB-5"]),
        ("fulfillment_status:on_hold", ["1004"]),
        ("customer_id:7 id:<1003", ["1001"]),
        ("guest@example", ["1002"]),
    ],
)
def test_search(main: Shop, query: str, numbers: list[str]) -> None:
    data = main.ask(
        "query($q: String) { orders(first: 20, query: $q) { nodes { name } } }", q=query
    )
    assert [node["name"][1:] for node in data["orders"]["nodes"]] == numbers


def test_a_field_that_cannot_be_searched_is_ignored_and_warned_of(main: Shop) -> None:
    body = main.post('{ orders(first: 20, query: "colour:red") { nodes { name } } }').json()
    assert len(body["data"]["orders"]["nodes"]) == 11
    (search,) = body["extensions"]["search"]
    assert search["warnings"][0]["field"] == "colour"


def test_money_of_an_order(main: Shop) -> None:
    order = one(
        main,
        "1001",
        f"subtotalPriceSet {MONEY} totalDiscountsSet {MONEY} totalShippingPriceSet {MONEY} "
        f"totalPriceSet {MONEY} currentTotalPriceSet {MONEY} totalTaxSet {MONEY} "
        f"lineItems(first: 9) {{ nodes {{ discountedTotalSet {MONEY} "
        f"totalDiscountSet {MONEY} }} }}",
    )
    amounts = {k: v["shopMoney"]["amount"] for k, v in order.items() if "shopMoney" in v}
    # 10.50 + 28.33 (33.33 less 15 %, rounded half up) + 21.00 removed + 5.25
    assert amounts == {
        "subtotalPriceSet": "65.08",
        "totalDiscountsSet": "5.00",
        "totalShippingPriceSet": "4.90",
        "totalPriceSet": "69.98",
        "currentTotalPriceSet": "48.98",
        "totalTaxSet": "0.00",
    }
    kit = order["lineItems"]["nodes"][1]
    assert kit["discountedTotalSet"]["presentmentMoney"] == {
        "amount": "28.33",
        "currencyCode": "USD",
    }
    assert kit["totalDiscountSet"]["shopMoney"]["amount"] == "5.00"


def test_lines_and_their_quantities(main: Shop) -> None:
    lines = one(
        main,
        "1001",
        "lineItems(first: 9) { nodes { sku quantity currentQuantity unfulfilledQuantity "
        "requiresShipping variant { sku barcode } } }",
    )["lineItems"]["nodes"]
    assert [line["sku"] for line in lines] == ["A-1", "KIT", "B-2", None]
    assert [line["quantity"] for line in lines] == [2, 1, 4, 1]
    assert [line["currentQuantity"] for line in lines] == [2, 1, 0, 1]
    assert [line["requiresShipping"] for line in lines] == [True, True, True, False]
    assert lines[0]["variant"] == {"sku": "A-1", "barcode": "850001000017"}
    assert lines[3]["variant"] is None


def test_what_each_location_is_to_ship(main: Shop) -> None:
    found = main.all(
        "fulfillmentOrders",
        "orderName status requestStatus deliveryMethod { methodType } fulfillmentHolds { reason } "
        "assignedLocation { name location { id } } destination { city countryCode } "
        "lineItems(first: 9) { nodes { sku totalQuantity remainingQuantity lineItem { id } } }",
        ", includeClosed: true",
    )
    by_name: dict[str, list[Any]] = {}
    for each in found:
        by_name.setdefault(each["orderName"], []).append(each)
    (plain,) = by_name["#1001"]
    assert [line["sku"] for line in plain["lineItems"]["nodes"]] == ["A-1", "KIT", None]
    assert plain["destination"] == {"city": "Köln", "countryCode": "DE"}
    assert [f["assignedLocation"]["name"] for f in by_name["#1003"]] == ["Main", "Elsewhere"]
    (held,) = by_name["#1004"]
    assert (held["status"], held["fulfillmentHolds"]) == (
        "ON_HOLD",
        [{"reason": "HIGH_RISK_OF_FRAUD"}],
    )
    (cancelled,) = by_name["#1005"]
    assert cancelled["status"] == "CANCELLED"
    assert cancelled["lineItems"]["nodes"][0]["remainingQuantity"] == 0
    (closed,) = by_name["#1006"]
    assert (closed["status"], closed["requestStatus"]) == ("CLOSED", "CLOSED")
    (pickup,) = by_name["#1007"]
    assert pickup["deliveryMethod"]["methodType"] == "PICK_UP"
    assert pickup["destination"] is None


@pytest.mark.parametrize(
    ("number", "financial", "fulfillment"),
    [
        ("1001", "PAID", "UNFULFILLED"),
        ("1004", "PAID", "ON_HOLD"),
        ("1005", "REFUNDED", "UNFULFILLED"),
        ("1006", "PAID", "FULFILLED"),
        ("1008", "PENDING", "UNFULFILLED"),
    ],
)
def test_statuses(main: Shop, number: str, financial: str, fulfillment: str) -> None:
    order = one(main, number, "displayFinancialStatus displayFulfillmentStatus")
    assert order == {"displayFinancialStatus": financial, "displayFulfillmentStatus": fulfillment}


def test_a_fulfillment_from_before_has_its_tracking(main: Shop) -> None:
    order = one(
        main, "1006", "fulfillments(first: 5) { status createdAt trackingInfo { company number } }"
    )
    (fulfillment,) = order["fulfillments"]
    assert fulfillment["createdAt"] == "2026-03-01T03:00:00Z"
    assert fulfillment["trackingInfo"][0]["company"] == "UPS"
    assert len(fulfillment["trackingInfo"][0]["number"]) == 13


def test_people_and_guests(main: Shop) -> None:
    first, second = main.all(
        "customers",
        "legacyResourceId displayName defaultEmailAddress { emailAddress } numberOfOrders "
        "defaultPhoneNumber { phoneNumber } "
        "defaultAddress { address2 country countryCodeV2 provinceCode }",
        ", sortKey: ID",
    )
    assert first["legacyResourceId"] == "7"
    assert first["defaultEmailAddress"] == {"emailAddress": "ana@example.com"}
    assert first["numberOfOrders"] == "10"
    assert second["displayName"] == "Bo Li"
    assert second["defaultEmailAddress"] is None
    assert second["defaultPhoneNumber"] is None
    assert second["defaultAddress"] == {
        "address2": "Floor 3",
        "country": "United States",
        "countryCodeV2": "US",
        "provinceCode": "CA",
    }
    guest = one(
        main, "1002", "customer { id } email phone shippingAddress { firstName lastName phone }"
    )
    assert guest["customer"] is None
    assert guest["email"] == "guest@example.com"
    assert guest["shippingAddress"]["firstName"] == "Ana Lucía"
    assert guest["shippingAddress"]["phone"] == "+1 415 555 0123"


def test_products_hold_every_sku_of_the_shop(main: Shop) -> None:
    products = main.all(
        "products",
        "title status variants(first: 3) { nodes { sku barcode price "
        "inventoryItem { measurement { weight { unit value } } } } }",
    )
    by_sku = {product["variants"]["nodes"][0]["sku"]: product for product in products}
    assert set(by_sku) == {"A-1", "B-2", "KIT", "GHOST"}
    assert by_sku["B-2"]["status"] == "ARCHIVED"
    apple = by_sku["A-1"]["variants"]["nodes"][0]
    assert apple["inventoryItem"]["measurement"]["weight"] == {"unit": "GRAMS", "value": 150}
    assert apple["price"] == "5.25"


def test_stock_by_location(main: Shop) -> None:
    levels = main.ask(
        """{ locations(first: 5, sortKey: NAME, reverse: true) { nodes { name
            inventoryLevels(first: 9) { nodes { id item { sku }
                quantities(names: ["on_hand", "committed", "available"]) { name quantity }
        } } } } }"""
    )["locations"]["nodes"]
    stock = {
        (place["name"], level["item"]["sku"]): [q["quantity"] for q in level["quantities"]]
        for place in levels
        for level in place["inventoryLevels"]["nodes"]
    }
    # Committed are the open orders for the SKU itself: 2, 1, 3 and five single ones.
    assert stock == {
        ("Main", "A-1"): [14, 11, 3],
        ("Main", "B-2"): [1, 0, 1],
        ("Elsewhere", "A-1"): [7, 1, 6],
    }
    level_id = levels[0]["inventoryLevels"]["nodes"][0]["id"]
    again = main.ask("query($id: ID!) { inventoryLevel(id: $id) { item { sku } } }", id=level_id)
    assert again["inventoryLevel"]["item"]["sku"] in ("A-1", "B-2")


def test_nodes_by_id(main: Shop) -> None:
    order, nothing, product = (
        "gid://shopify/Order/1001", "gid://shopify/Order/1", main.all("products", "id")[0]["id"]
    )  # fmt: skip
    query = """query($ids: [ID!]!, $id: ID!) {
        nodes(ids: $ids) { __typename id ... on Order { name } }
        node(id: $id) { id } order(id: $id) { name } product(id: $id) { title } }"""
    data = main.ask(query, ids=[order, nothing, product], id=order)
    assert data["nodes"][0] == {"__typename": "Order", "id": order, "name": "#1001"}
    assert data["nodes"][1] is None
    assert data["nodes"][2]["__typename"] == "Product"
    assert data["order"] == {"name": "#1001"}
    assert data["product"] is None


def test_the_shop_the_counts_and_the_scopes(main: Shop) -> None:
    data = main.ask(
        """{ shop { name currencyCode plan { shopifyPlus } }
        ordersCount { count precision } few: ordersCount(limit: 3) { count precision }
        currentAppInstallation { accessScopes { handle } } }"""
    )
    assert data["shop"]["plan"] == {"shopifyPlus": True}
    assert data["ordersCount"] == {"count": 11, "precision": "EXACT"}
    assert data["few"] == {"count": 3, "precision": "AT_LEAST"}
    assert {"handle": "read_all_orders"} in data["currentAppInstallation"]["accessScopes"]


def test_a_second_shop_has_its_own_orders_under_the_same_numbers() -> None:
    with shop(instance="eu") as other:
        (order,) = other.all("orders", f"id name totalPriceSet {MONEY} customer {{ id }}")
        assert order["id"] == "gid://shopify/Order/1001"
        assert order["totalPriceSet"]["shopMoney"] == {"amount": "10.15", "currencyCode": "EUR"}
        assert other.ask("{ shop { currencyCode } }")["shop"]["currencyCode"] == "EUR"
        assert len(other.all("customers", "id")) == 1


def test_a_shop_that_has_not_opened_is_empty() -> None:
    with shop(instance="us") as other:
        for field in ("orders", "customers", "products", "locations", "fulfillmentOrders"):
            assert other.all(field, "id") == []


def test_an_id_that_is_no_number_gets_a_stable_one(main: Shop) -> None:
    order = one(main, "WEB-5", "name legacyResourceId number")
    assert order["name"] == "#WEB-5"
    assert order["legacyResourceId"].isdigit()
    with shop() as again:
        assert one(again, "WEB-5", "name legacyResourceId number") == order


@pytest.mark.parametrize(
    "query",
    [
        "{ orders { nodes { id } } }",
        "{ orders(first: 251) { nodes { id } } }",
        '{ orders(first: 5, after: "nonsense") { nodes { id } } }',
        "{ orders(first: 2) { nodes { colour } } }",
        "{ orders(first: 2) {",
        '{ order(id: "1001") { id } }',
    ],
)
def test_mistakes_are_errors_with_status_200(main: Shop, query: str) -> None:
    response = main.post(query)
    assert response.status_code == 200
    assert response.json()["errors"][0]["message"]


@pytest.mark.reference
def test_northwind_through_the_api(reference: Path) -> None:
    with shop(load(reference / "data" / "worlds" / "northwind")) as running:
        orders = running.all(
            "orders",
            "totalShippingPriceSet { shopMoney { amount } } "
            "lineItems(first: 30) { nodes { discountedTotalSet { shopMoney { amount } } } }",
            size=10,
        )
        lines = [line for order in orders for line in order["lineItems"]["nodes"]]
        assert (len(orders), len(lines)) == (830, 2155)
        assert _sum(lines, "discountedTotalSet") == Decimal("1265793.29")
        assert _sum(orders, "totalShippingPriceSet") == Decimal("64942.69")
        assert len(running.all("customers", "id", size=250)) == 91
        assert len(running.all("products", "id", size=250)) == 77


def _sum(records: list[Any], field: str) -> Decimal:
    return sum((Decimal(r[field]["shopMoney"]["amount"]) for r in records), Decimal(0))
