"""ShipHero as a destination: orders, which are changed only until the floor has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.http.errors import Rejected
from crossdock.http.rules import without_values
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused
from targets.shiphero import queries

if TYPE_CHECKING:
    from taps.shiphero.client import ShipHeroClient

ORDERS = "orders"
NOT_FOUND = "5"
TOO_LATE = "too_late"
AMBIGUOUS = "ambiguous"
_CANCELLED = {"canceled", "cancelled"}
_DONE = {"fulfilled", *_CANCELLED}
STATUS = "fulfillment_status"
HOLD = "client_hold"
# The top-level names of UpdateOrderInput that a sync may own. Lines and holds have mutations
# of their own; currency, e-mail and shop stay as they were when the order was created.
_CHANGEABLE = {
    "billing_address",
    "gift_note",
    "hold_until_date",
    "order_date",
    "order_number",
    "packing_note",
    "partner_order_id",
    "priority_flag",
    "profile",
    "require_signature",
    "required_ship_date",
    "shipping_address",
    "shipping_lines",
    "subtotal",
    "tags",
    "tax_id",
    "total_discounts",
    "total_price",
    "total_tax",
}


class ShipHeroDestination:
    """One ShipHero account.

    ShipHero has no idempotency key and takes a second order with the same partner_order_id,
    so a create looks first, and what was lost is found by partner_order_id and shop.
    """

    concurrency = 8

    def __init__(self, client: ShipHeroClient) -> None:
        self._client = client

    def batch_size(self, object_name: str, action: Action) -> int:
        """One mutation changes one order."""
        return 1

    def reads_before_create(self, object_name: str) -> bool:
        """Nothing but a look keeps a second order from being picked."""
        return True

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Create or change orders, one by one."""
        return [self._send(item.operation) for item in batch]

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """Read an order by its id, or by partner_order_id within our shop.

        Raises:
            Rejected: Several orders fit, or there is nothing to find it by.
        """
        if operation.destination_id:
            order = self._order(operation.destination_id)
        else:
            order = self._by_partner_id(operation)
        return None if order is None else flat(order)

    # Reading

    def _order(self, order_id: str) -> dict[str, Any] | None:
        try:
            data = self._client.execute(queries.READ, {"id": order_id}, stream=ORDERS)
        except Rejected as error:
            if error.code == NOT_FOUND:
                return None
            raise
        return (data.get("order") or {}).get("data")

    def _by_partner_id(self, operation: Operation) -> dict[str, Any] | None:
        known = {**operation.set, **operation.match}
        if not known.get("partner_order_id"):
            raise self._rejected("an order without partner_order_id cannot be found again", None)
        variables = {"partner_order_id": str(known["partner_order_id"])}
        if known.get("shop_name"):
            variables["shop_name"] = str(known["shop_name"])
        data = self._client.execute(queries.FIND, variables, stream=ORDERS, cost=queries.FIND_COST)
        edges = ((data.get("orders") or {}).get("data") or {}).get("edges") or []
        if len(edges) > 1:
            raise self._rejected(
                "several orders have this partner_order_id: a person must cancel all but one",
                AMBIGUOUS,
            )
        return edges[0]["node"] if edges else None

    def _rejected(self, reason: str, code: str | None) -> Rejected:
        return Rejected(
            reason,
            connector=self._client.connector,
            stream=ORDERS,
            path=self._client.graphql_path,
            code=code,
        )

    # Writing

    def _send(self, operation: Operation) -> Outcome:
        if operation.object != ORDERS or operation.action == "archive":
            return Refused(f"target-shiphero cannot {operation.action} {operation.object}")
        try:
            if operation.action == "create":
                return self._create(operation)
            return self._update(operation)
        except Rejected as error:
            words = without_values(error.reason)
            return Refused(f"ShipHero refused: {words}", error.code)

    def _create(self, operation: Operation) -> Outcome:
        data = nested({name: v for name, v in operation.set.items() if v is not None})
        answer = self._client.execute(
            queries.CREATE, {"data": data}, stream=ORDERS, cost=queries.MUTATION_COST, write=True
        )
        return Acknowledged(answer["order_create"]["order"]["id"])

    def _update(self, operation: Operation) -> Outcome:
        if operation.set.keys() & {STATUS, HOLD}:
            return self._stop(operation)
        order_id = str(operation.destination_id)
        # What is empty in the shop has to become empty here; null would leave it as it is.
        data = nested({name: "" if v is None else v for name, v in operation.set.items()})
        if fixed := sorted(data.keys() - _CHANGEABLE):
            return Refused(f"ShipHero cannot change {', '.join(fixed)} of an order", "fixed")
        held = self._order(order_id)
        if held is None:
            return Refused("the order is not at ShipHero any more", "gone")
        if late := why_too_late(held):
            return Refused(f"{late}: a person must see to it", TOO_LATE)
        answer = self._client.execute(
            queries.UPDATE,
            {"data": {"order_id": order_id, **data}},
            stream=ORDERS,
            cost=queries.MUTATION_COST,
            write=True,
        )
        return Acknowledged(answer["order_update"]["order"]["id"])

    def _stop(self, operation: Operation) -> Outcome:
        """Cancel or hold an order, or let it go on, if the floor does not have it yet."""
        wanted = dict(operation.set)
        if len(wanted) > 1 or str(wanted.get(STATUS, "canceled")).lower() not in _CANCELLED:
            return Refused(f"ShipHero cannot set {', '.join(sorted(wanted))} to that", "fixed")
        order_id = str(operation.destination_id)
        held = self._order(order_id)
        if held is None:
            return Refused("the order is not at ShipHero any more", "gone")
        if STATUS in wanted and str(held.get(STATUS) or "").lower() in _CANCELLED:
            return Acknowledged(order_id)
        if late := why_too_late(held):
            return Refused(f"{late}: a person must see to it", TOO_LATE)
        return self._cancel(order_id) if STATUS in wanted else self._hold(order_id, wanted[HOLD])

    def _cancel(self, order_id: str) -> Outcome:
        data = {
            "order_id": order_id,
            "reason": "cancelled in the shop",
            "void_on_platform": False,
            "force": False,
        }
        answer = self._client.execute(
            queries.CANCEL, {"data": data}, stream=ORDERS, cost=queries.MUTATION_COST, write=True
        )["order_cancel"]["order"]
        if str(answer.get(STATUS) or "").lower() not in _CANCELLED:
            return Refused("ShipHero did not cancel it: a person must see to it", TOO_LATE)
        return Acknowledged(order_id)

    def _hold(self, order_id: str, value: Any) -> Outcome:
        data = {"order_id": order_id, HOLD: str(value).lower() == "true"}
        self._client.execute(
            queries.HOLD, {"data": data}, stream=ORDERS, cost=queries.MUTATION_COST, write=True
        )
        return Acknowledged(order_id)


def why_too_late(order: Mapping[str, Any]) -> str:
    """Why the floor is beyond a change; empty while it is not."""
    status = str(order.get("fulfillment_status") or "").lower()
    if status in _DONE:
        return f"the order is already {status}"
    if order.get("shipments"):
        return "a label of the order is already printed"
    lines = (order.get("floor") or {}).get("edges") or ()
    if any(pick["picked_quantity"] for e in lines for pick in e["node"]["tote_picks"] or ()):
        return "the order is being picked"
    return ""


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """`shipping_address__city` as `{"shipping_address": {"city": ...}}`."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        *parents, last = name.split("__")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return result


def flat(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order with the fields of its address named as in a sync."""
    nested_ones = ("shipping_address", "holds", "floor")
    found = {name: value for name, value in order.items() if name not in nested_ones}
    if order.get("holds"):
        found[HOLD] = order["holds"][HOLD]
    address = order.get("shipping_address") or {}
    return found | {f"shipping_address__{name}": value for name, value in address.items()}
