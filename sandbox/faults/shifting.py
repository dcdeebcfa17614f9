"""What somebody changes at a vendor while its pages are being read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.core import EditError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.core import Vendor

MARK = "touched while it was read"


def shift(vendor: Vendor, edit: dict[str, Any] | None, serial: int) -> bool:
    """Change a record, by default the one that was touched longest ago.

    Returns:
        Whether there was anything to change.
    """
    body = edit or _touch(vendor, serial)
    if body is None:
        return False
    try:
        vendor.edit(body)
    except EditError:
        return False
    return True


def _touch(vendor: Vendor, serial: int) -> dict[str, Any] | None:
    state = vendor.state()
    for key, touch in _TOUCHES.get(vendor.name.split(":")[0], _USUAL).items():
        rows = state.get(key)
        if rows:
            return touch(rows[serial % len(rows)], f"{MARK} {serial}")
    return None


def _order(row: dict[str, Any], text: str) -> dict[str, Any]:
    return {"object": "order", "id": row["id"], "set": {"note": text}}


def _contact(row: dict[str, Any], text: str) -> dict[str, Any]:
    return {"object": "contact", "id": row["id"], "set": {"jobtitle": text}}


def _stock(row: dict[str, Any], _: str) -> dict[str, Any]:
    place = {"number": row["sku"], "warehouse": row["warehouse"]}
    return {"object": "warehouse_product", **place, "set": {"on_hand": row["on_hand"]}}


def _tracker(row: dict[str, Any], text: str) -> dict[str, Any]:
    return {"object": "tracker", "id": row["id"], "set": {"signed_by": text}}


_TOUCHES: dict[str, dict[str, Callable[[dict[str, Any], str], dict[str, Any]]]] = {
    "shopify": {"orders": _order},
    "hubspot": {"contacts": _contact},
    "shiphero": {"stock": _stock},
    "easypost": {"trackers": _tracker},
}
#: A vendor that registers by itself has orders with a note.
_USUAL: dict[str, Callable[[dict[str, Any], str], dict[str, Any]]] = {"orders": _order}
