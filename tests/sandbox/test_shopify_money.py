"""What an order costs, how it was paid, and what goes back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world import World
from tests.sandbox.shop import Shop, line, order, shop, world

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER = "2026-03-02T10:00:00Z"
BAG = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
SUMS = (
    *("subtotalPriceSet", "totalPriceSet", "originalTotalPriceSet", "totalShippingPriceSet"),
    *("totalDiscountsSet", "totalTaxSet", "currentSubtotalPriceSet", "currentTotalPriceSet"),
    *("currentTotalTaxSet", "currentTotalDiscountsSet", "currentShippingPriceSet"),
    *("totalReceivedSet", "totalRefundedSet", "totalRefundedShippingSet", "netPaymentSet"),
    *("totalOutstandingSet", "totalCapturableSet", "refundDiscrepancySet"),
    *("originalTotalDutiesSet", "currentTotalDutiesSet"),
)
LINE = f"""sku quantity currentQuantity unfulfilledQuantity refundableQuantity
  nonFulfillableQuantity fulfillableQuantity originalTotalSet {BAG} discountedTotalSet {BAG}
  totalDiscountSet {BAG} taxLines {{ title rate priceSet {BAG} }}
  duties {{ id price {BAG} }} discountAllocations {{ allocatedAmountSet {BAG}
    discountApplication {{ index targetType ... on AutomaticDiscountApplication {{ title }}
      value {{ ... on PricingPercentageValue {{ percentage }} }} }} }}"""
ORDER = f"""displayFinancialStatus returnStatus updatedAt fullyPaid unpaid refundable
  {" ".join(f"{name} {BAG}" for name in SUMS)}
  taxLines {{ title ratePercentage priceSet {BAG} }}
  discountApplications(first: 5) {{ nodes {{ index allocationMethod }} }}
  transactions {{ id kind status createdAt gateway amountSet {BAG} parentTransaction {{ kind }} }}
  refunds {{ id note createdAt totalRefundedSet {BAG} transactions(first: 3) {{ nodes {{ kind }} }}
    duties {{ amountSet {BAG} originalDuty {{ id }} }}
    refundShippingLines(first: 2) {{ nodes {{ subtotalAmountSet {BAG} }} }}
    orderAdjustments(first: 2) {{ nodes {{ reason amountSet {BAG} }} }}
    refundLineItems(first: 9) {{ nodes {{ quantity restockType restocked location {{ name }}
      lineItem {{ sku }} subtotalSet {BAG} totalTaxSet {BAG} }} }} }}
  fulfillmentOrders(first: 5) {{ nodes {{ status
    lineItems(first: 9) {{ nodes {{ sku totalQuantity remainingQuantity }} }} }} }}
  lineItems(first: 9) {{ nodes {{ {LINE} }} }}"""


def read(running: Shop, number: str) -> Any:
    query = f'{{ order(id: "gid://shopify/Order/{number}") {{ {ORDER} }} }}'
    return running.ask(query)["order"]


def amount(bag: Any, money: str = "shopMoney") -> Decimal:
    return Decimal(bag[money]["amount"])


def sums(found: Any) -> dict[str, str]:
    return {name: found[name]["shopMoney"]["amount"] for name in SUMS if found[name]}


def taxed() -> World:
    played = world()
    played.orders.append(
        order(
            "1020", 1, tax_rate=Decimal("0.19"), presentment_currency="EUR",
            exchange_rate=Decimal("0.9"),
        )
    )  # fmt: skip
    played.order_lines += [
        line("1020", 1, "A-1", 3, discount_rate=Decimal("0.10"), duty=Decimal("2.00")),
        line("1020", 2, "B-2", 1, unit_price=Decimal("3.33")),
    ]
    return played


@pytest.fixture
def running() -> Iterator[Shop]:
    with shop(taxed()) as served:
        served.pass_time(3600)
        yield served


def test_the_sums_of_every_order_agree_with_each_other(running: Shop) -> None:
    nodes = running.all("orders", ORDER, size=1)
    assert len(nodes) == 12
    for found in nodes:
        lines = found["lineItems"]["nodes"]
        net = sum((amount(each["discountedTotalSet"]) for each in lines), Decimal(0))
        assert amount(found["subtotalPriceSet"]) == net
        duties = amount(found["originalTotalDutiesSet"]) if found["originalTotalDutiesSet"] else 0
        total = net + amount(found["totalShippingPriceSet"]) + amount(found["totalTaxSet"]) + duties
        assert amount(found["totalPriceSet"]) == total
        given = [a["allocatedAmountSet"] for each in lines for a in each["discountAllocations"]]
        assert sum(map(amount, given)) == amount(found["totalDiscountsSet"])
        paid, back = amount(found["totalReceivedSet"]), amount(found["totalRefundedSet"])
        assert amount(found["netPaymentSet"]) == paid - back
        owed = amount(found["currentTotalPriceSet"]) - paid + back
        assert amount(found["totalOutstandingSet"]) == owed
        for each in lines:
            assert 0 <= each["currentQuantity"] <= each["quantity"]
            assert each["nonFulfillableQuantity"] >= 0


def test_taxes_duties_and_the_buyers_own_money(running: Shop) -> None:
    found = read(running, "1020")
    # 14.18 (15.75 less 10 %) and 3.33; taxes 2.69, 0.63 and 0.93 on shipping; a duty of 2.00
    assert sums(found)["subtotalPriceSet"] == "17.51"
    assert sums(found)["totalTaxSet"] == "4.25"
    assert sums(found)["totalPriceSet"] == "28.66"
    assert sums(found)["originalTotalDutiesSet"] == "2.00"
    assert found["totalPriceSet"]["presentmentMoney"] == {"amount": "25.79", "currencyCode": "EUR"}
    first, second = found["lineItems"]["nodes"]
    assert first["taxLines"][0]["priceSet"]["shopMoney"]["amount"] == "2.69"
    assert first["duties"][0]["price"]["shopMoney"]["amount"] == "2.00"
    (allocation,) = first["discountAllocations"]
    assert allocation["discountApplication"]["value"] == {"percentage": 10.0}
    assert allocation["discountApplication"]["title"] == "10% off"
    assert (second["duties"], second["discountAllocations"]) == ([], [])
    plain = read(running, "1001")
    assert plain["taxLines"] == []
    assert plain["originalTotalDutiesSet"] is None


@pytest.mark.parametrize(
    ("status", "kinds", "received"),
    [
        ("PAID", [("SALE", "SUCCESS")], "10.15"),
        ("PENDING", [("SALE", "PENDING")], "0.00"),
        ("AUTHORIZED", [("AUTHORIZATION", "SUCCESS")], "0.00"),
        ("PARTIALLY_PAID", [("SALE", "SUCCESS")], "5.08"),
        ("VOIDED", [("AUTHORIZATION", "SUCCESS"), ("VOID", "SUCCESS")], "0.00"),
        ("REFUNDED", [("SALE", "SUCCESS"), ("REFUND", "SUCCESS")], "10.15"),
        ("PARTIALLY_REFUNDED", [("SALE", "SUCCESS"), ("REFUND", "SUCCESS")], "10.15"),
    ],
)
def test_transactions_say_how_an_order_was_paid(
    status: str, kinds: list[tuple[str, str]], received: str
) -> None:
    played = world()
    played.orders.append(order("1030", financial_status=status))
    played.order_lines.append(line("1030", 1, "A-1"))
    with shop(played) as served:
        found = read(served, "1030")
    assert found["displayFinancialStatus"] == status
    assert [(t["kind"], t["status"]) for t in found["transactions"]] == kinds
    assert sums(found)["totalReceivedSet"] == received


def test_a_capture_follows_an_authorization(running: Shop) -> None:
    running.edit("1008", financial_status="AUTHORIZED")
    running.edit("1008", financial_status="PAID")
    found = read(running, "1008")
    assert sums(found)["totalReceivedSet"] == sums(found)["totalPriceSet"]
    assert found["fullyPaid"] is True
    assert found["transactions"][-1]["createdAt"] == LATER


def test_some_units_are_refunded(running: Shop) -> None:
    running.edit("1020", refund={"lines": {"1": 1}, "note": "scratched", "shipping": "4.90"})
    found = read(running, "1020")
    assert found["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert found["updatedAt"] == LATER
    first = found["lineItems"]["nodes"][0]
    assert (first["quantity"], first["currentQuantity"], first["refundableQuantity"]) == (3, 2, 2)
    (refund,) = found["refunds"]
    (item,) = refund["refundLineItems"]["nodes"]
    assert (item["quantity"], item["restockType"], item["restocked"]) == (1, "NO_RESTOCK", False)
    # 14.18 - 9.45, its tax 2.69 - 1.80, a third of the duty; shipping with 0.93 of tax
    assert item["subtotalSet"]["shopMoney"]["amount"] == "4.73"
    assert item["totalTaxSet"]["shopMoney"]["amount"] == "0.89"
    assert refund["duties"][0]["amountSet"]["shopMoney"]["amount"] == "0.67"
    assert refund["totalRefundedSet"]["shopMoney"]["amount"] == "12.12"
    assert sums(found)["totalRefundedShippingSet"] == "4.90"
    assert sums(found)["totalOutstandingSet"] == "0.00"
    assert found["transactions"][-1]["parentTransaction"] == {"kind": "SALE"}
    (request,) = found["fulfillmentOrders"]["nodes"]
    assert request["lineItems"]["nodes"][0]["remainingQuantity"] == 3  # goes out all the same


def test_a_refund_may_take_units_out_of_what_is_to_be_shipped(running: Shop) -> None:
    running.edit("1003", refund={"lines": {"1": 2, "2": 1}, "restock": "CANCEL"})
    found = read(running, "1003")
    first, second = found["lineItems"]["nodes"]
    assert (first["currentQuantity"], first["unfulfilledQuantity"]) == (1, 1)
    assert first["nonFulfillableQuantity"] == 2
    assert second["unfulfilledQuantity"] == 0
    here, there = found["fulfillmentOrders"]["nodes"]
    assert here["lineItems"]["nodes"] == [
        {"sku": "A-1", "totalQuantity": 1, "remainingQuantity": 1}
    ]
    assert there["status"] == "CANCELLED"
    (item, _) = found["refunds"][0]["refundLineItems"]["nodes"]
    assert (item["restockType"], item["restocked"]) == ("CANCEL", True)


def test_an_amount_without_units_is_a_discrepancy(running: Shop) -> None:
    running.edit("1002", refund={"amount": "1.00"})
    found = read(running, "1002")
    (refund,) = found["refunds"]
    assert refund["refundLineItems"]["nodes"] == []
    (adjustment,) = refund["orderAdjustments"]["nodes"]
    assert adjustment["amountSet"]["shopMoney"]["amount"] == "-1.00"
    assert sums(found)["refundDiscrepancySet"] == "-1.00"
    assert sums(found)["totalRefundedSet"] == "1.00"


def test_cancelling_gives_the_money_back_or_voids_it(running: Shop) -> None:
    running.edit("1001", cancelled=True)
    found = read(running, "1001")
    assert (found["displayFinancialStatus"], found["refundable"]) == ("REFUNDED", False)
    assert sums(found)["totalRefundedSet"] == sums(found)["totalReceivedSet"] == "69.98"
    assert sums(found)["currentTotalPriceSet"] == "0.00"
    running.edit("1008", cancelled=True)
    unpaid = read(running, "1008")
    assert (unpaid["displayFinancialStatus"], unpaid["refunds"]) == ("VOIDED", [])


def test_a_refund_is_found_by_its_id(running: Shop) -> None:
    running.edit("1002", refund={"lines": {"1": 1}})
    (refund,) = read(running, "1002")["refunds"]
    query = (
        """query($id: ID!) { refund(id: $id) { order { name } } node(id: $id) { __typename } }"""
    )
    data = running.ask(query, id=refund["id"])
    assert data == {"refund": {"order": {"name": "#1002"}}, "node": {"__typename": "Refund"}}


@pytest.mark.parametrize(
    "wanted",
    [
        {"lines": {"1": 9}},
        {"lines": {"1": 0}},
        {"lines": {"7": 1}},
        {"lines": {"1": 1}, "restock": "BURN"},
        {"shipping": "99"},
        {"amount": "-1"},
        {"amount": "much"},
        {"colour": "red"},
        {"return": "#1001-R1"},
        "everything",
    ],
)
def test_a_refund_that_makes_no_sense(running: Shop, wanted: Any) -> None:
    assert "\n" not in running.refused("order", "1001", set={"refund": wanted})
    assert read(running, "1001")["refunds"] == []
