"""What people at the WMS change: orders, stock, the catalogue, labels, returns, the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.core import EditError
from sandbox.shiphero.errors import ShipHeroError
from sandbox.shiphero.models import VOIDED, global_id
from sandbox.shiphero.shown import order_shown, return_shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.core import Effects
    from sandbox.shiphero.catalogue import Product, WarehouseProduct
    from sandbox.shiphero.models import Label, Order, Shipment
    from sandbox.shiphero.orders import Orders
    from sandbox.shiphero.returns import Return

_CANCELLED = ("cancelled", "canceled")
_PRODUCT = ("name", "barcode", "active", "kit", "tags")


class Edits:
    """Finds what an edit names, changes it, and writes it into the log of effects."""

    def __init__(self, orders: Orders, effects: Effects) -> None:
        self._orders = orders
        self._effects = effects
        self._kinds: dict[str, Callable[[dict[str, Any], dict[str, Any], datetime], Any]] = {
            "account": self._account,
            "label": self._label,
            "order": self._order,
            "product": self._product,
            "return": self._return,
            "warehouse_product": self._stock,
        }

    def apply(self, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Make one change.

        `{"object": ..., "id" | "number": ..., "set": {...}}`, where `number` is:

        - `order`: an order number or a partner_order_id. Sets fields (those of
          `shipping_address` also dotted), holds by name, `"cancelled": true`, `"deleted": true`,
          or `"merge": [numbers]` of orders that go into one parcel with it.
        - `label`: a tracking number. `"voided": true`, and `"reprinted": true` for a new one.
        - `return`: a return's id; `"received"` or `"restocked"`: `{sku: units}`; or `status`.
          Without an id, `number` names the order, and `"lines": {sku: units}` and `"reason"`
          announce a new one.
        - `warehouse_product`: a SKU (and `"warehouse"`). `on_hand` counts anew, for a `reason`;
          or `"deleted": true`.
        - `product`: a SKU. Name, barcode, active, kit, `"kit_components": {sku: units}`,
          `"deleted": true`; an unknown one with `"create": true` is new.
        - `account`: `positions` and `order` of paging.

        Raises:
            EditError: Nobody could change this.
        """
        changes = body.get("set")
        if not isinstance(changes, dict) or not changes:
            raise EditError('say what to change: {"set": {...}}')
        act = self._kinds.get(str(body.get("object")))
        if act is None:
            raise EditError(f"there is no object {body.get('object')!r} in the WMS")
        try:
            answer: dict[str, Any] = act(body, dict(changes), now)
        except (ShipHeroError, TypeError) as error:
            raise EditError(str(error)) from error
        return answer

    def _order(
        self, body: dict[str, Any], changes: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        order = self._find_order(body)
        self._change_order(order, _nested(changes), now)
        self._note("order", order.id, order.partner_order_id, body)
        return order_shown(order)

    def _change_order(self, order: Order, changes: dict[str, Any], now: datetime) -> None:
        if changes.pop("deleted", False):
            self._orders.remove(order)
            return
        if others := changes.pop("merge", None):
            self._merge([order, *(self._find_order({"number": n}) for n in others)], now)
        status = changes.pop("fulfillment_status", None)
        cancelled = [changes.pop(name, False) for name in _CANCELLED]
        holds = {name: changes.pop(name) for name in list(changes) if name.endswith("_hold")}
        if changes:
            self._orders.update(order, changes, now)
        if holds:
            self._orders.hold(order, holds, now)
        if any(cancelled) or status in _CANCELLED:
            self._orders.cancel(order, now)

    def _merge(self, orders: list[Order], now: datetime) -> None:
        merged = [{"order_id": o.id, "is_master": o is orders[0]} for o in orders]
        for order in orders:
            order.merged_orders, order.updated_at = merged, now

    def _label(
        self, body: dict[str, Any], changes: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        shipment, label = self._find_label(body)
        packer = self._orders.floor.packer
        if label.status == VOIDED or not changes.get("voided"):
            raise EditError("a label can be voided, once")
        packer.void(label)
        fresh = packer.print_again(shipment, label, now) if changes.get("reprinted") else None
        self._note("label", label.id, label.tracking_number, body, actor="warehouse")
        return {
            "id": label.id,
            "status": label.status,
            "shipment_id": shipment.id,
            "reprinted": fresh and fresh.tracking_number,
        }

    def _return(
        self, body: dict[str, Any], changes: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        returns = self._orders.returns
        if "id" in body:
            found: Return = returns.get(body["id"])
            returns.receive(found, changes.get("received") or {}, now)
            returns.restock(found, changes.get("restocked") or {}, now)
            found.status = changes.get("status", found.status)
        else:
            order = self._find_order(body)
            reason = str(changes.get("reason", "Changed their mind"))
            found = returns.announce(order, changes.get("lines") or {}, reason, now)
        if changes.get("restocked"):
            self._orders.floor.retry(now)
        self._note("return", found.id, found.order.partner_order_id, body)
        return return_shown(found)

    def _stock(
        self, body: dict[str, Any], changes: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        row = self._find_row(body)
        reason = str(changes.pop("reason", "Counted anew"))
        if changes == {"deleted": True}:
            self._orders.stock.remove(row)
        elif set(changes) == {"on_hand"} and isinstance(changes["on_hand"], int):
            self._orders.stock.adjust(row, changes["on_hand"] - row.on_hand, reason, now)
            self._orders.floor.retry(now)
        else:
            raise EditError("of stock, only on_hand can be set, to a number")
        self._note("warehouse_product", row.id, row.sku, body)
        return {"id": row.id, "sku": row.sku, "on_hand": row.on_hand}

    def _product(
        self, body: dict[str, Any], changes: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        stock = self._orders.stock
        if changes.pop("create", False):
            if str(body.get("number")) in stock.product_of:
                raise EditError(f"there is a product {body['number']!r} already")
            product = stock.add({**changes, "sku": str(body["number"])}, now)
        else:
            product = self._find_product(body)
        components = changes.pop("kit_components", None)
        if changes.pop("deleted", False):
            stock.remove_product(product)
        unknown = set(changes) - {*_PRODUCT, "price"}
        if unknown:
            raise EditError(f"a product has no {sorted(unknown)[0]} to set")
        for name, value in changes.items():
            setattr(product, name, value)
        if components is not None:
            product.kit, product.kit_components = True, _components(product, components)
        product.updated_at = now
        self._note("product", product.id, product.sku, body)
        return {"id": product.id, "sku": product.sku}

    def _account(
        self, body: dict[str, Any], changes: dict[str, Any], _now: datetime
    ) -> dict[str, Any]:
        paging = self._orders.paging
        if set(changes) - {"positions", "order"}:
            raise EditError("of the account, positions and order of paging can be set")
        paging.positions = bool(changes.get("positions", paging.positions))
        paging.order = changes.get("order", paging.order)
        return {"positions": paging.positions, "order": paging.order}

    def _find_order(self, body: dict[str, Any]) -> Order:
        wanted = str(body.get("id") or body.get("number"))
        for order in self._orders.all:
            if wanted in (order.id, str(order.legacy_id)):
                return order
            if "number" in body and wanted in (order.partner_order_id, order.order_number):
                return order
        raise EditError(f"there is no order {wanted!r} in the WMS")

    def _find_row(self, body: dict[str, Any]) -> WarehouseProduct:
        wanted = str(body.get("id") or body.get("number"))
        place = body.get("warehouse")
        product = self._orders.stock.product_of.get(wanted)
        for row in product.warehouse_products if product else self._orders.stock.rows:
            if wanted in (row.id, row.sku) and place in (None, row.warehouse_identifier):
                return row
        raise EditError(f"there is no stock of {wanted!r} in the WMS")

    def _find_product(self, body: dict[str, Any]) -> Product:
        wanted = str(body.get("id") or body.get("number"))
        if wanted in self._orders.stock.product_of:
            return self._orders.stock.product_of[wanted]
        for product in self._orders.stock.products:
            if wanted == product.id:
                return product
        raise EditError(f"there is no product {wanted!r} in the WMS")

    def _find_label(self, body: dict[str, Any]) -> tuple[Shipment, Label]:
        wanted = str(body.get("id") or body.get("number"))
        for shipment in self._orders.floor.shipments:
            for label in shipment.shipping_labels:
                if wanted in (label.id, label.tracking_number):
                    return shipment, label
        raise EditError(f"there is no label {wanted!r} in the WMS")

    def _note(
        self,
        kind: str,
        id_: str,
        external_id: str | None,
        body: dict[str, Any],
        actor: Any = "person",
    ) -> None:
        self._effects.record(
            vendor="shiphero",
            actor=actor,
            object=kind,
            id=id_,
            external_id=external_id,
            operation="update",
            fields=body["set"],
        )


def _components(product: Product, units: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "account_id": product.account_id,
            "id": global_id("KitComponent", product.legacy_id * 100 + n),
            "legacy_id": product.legacy_id * 100 + n,
            "sku": sku,
            "quantity": quantity,
        }
        for n, (sku, quantity) in enumerate(units.items())
    ]


def _nested(changes: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as nested objects."""
    nested: dict[str, Any] = {}
    for name, value in changes.items():
        head, _, tail = name.partition(".")
        if tail:
            nested.setdefault(head, {})[tail] = value
        else:
            nested[name] = dict(value) if isinstance(value, dict) else value
    return nested
