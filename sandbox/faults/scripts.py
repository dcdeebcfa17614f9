"""Named scripts of faults: under each, a reader that tries again ends with every record.

A request breaks at most twice in a row, so five tries are always enough.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.faults.rules import Kind, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Nullable fields of each vendor's records that a reader can do without.
_SPARE = {
    "shopify": "note|barcode|fulfillAt|cancelReason",
    "hubspot": "phone|company|hs_external_order_status|url",
    "shiphero": "email|barcode|tracking_url|reorder_level",
    "easypost": "signed_by|public_url|email|reference",
}
#: Answers hold what was asked for, and no field more.
_GRAPHQL = ("shopify", "shiphero")
#: Where a reader can renew its token; of other vendors' keys only a person can make new ones.
_RENEWED = ("shopify", "hubspot", "shiphero")


def _each(kind: Kind, vendor: str, *, count: int = 8, status: int | None = None) -> list[Rule]:
    """Every other request breaks, any one of them twice at most."""
    return [Rule(kind, vendor=vendor, every=2, per_request=2, count=count, status=status)]


def _limited_retry_after(vendor: str) -> list[Rule]:
    # A ticket that says when to come back stops everybody, so a few are enough.
    return [Rule("limited", vendor=vendor, every=2, per_request=1, count=3, status=429,
                 retry_after=1.0)]  # fmt: skip


def _timeout(vendor: str) -> list[Rule]:
    return [Rule("timeout", vendor=vendor, after=1, count=1)]


def _truncated(vendor: str) -> list[Rule]:
    return [
        Rule("truncated", vendor=vendor, every=2, per_request=1, count=6),
        Rule("short", vendor=vendor, every=2, per_request=1, count=6),
    ]


def _revoked(vendor: str) -> list[Rule]:
    renewed = vendor.split(":")[0] in _RENEWED
    return [Rule("revoked", vendor=vendor, after=1, count=1)] if renewed else []


def _shifting(vendor: str) -> list[Rule]:
    return [Rule("shift", vendor=vendor, count=3)]


def _doubled(vendor: str) -> list[Rule]:
    return [Rule("doubled", vendor=vendor)]


def _new_field(vendor: str) -> list[Rule]:
    graphql = vendor.split(":")[0] in _GRAPHQL
    return [] if graphql else [Rule("new_field", vendor=vendor)]


def _vanished(vendor: str) -> list[Rule]:
    return [Rule("vanished", vendor=vendor, field=_SPARE.get(vendor.split(":")[0], "note"))]


def _slow(vendor: str) -> list[Rule]:
    return [Rule("slow", vendor=vendor, every=2, count=8, seconds=0.3)]


#: Name of a script → what makes its rules for a vendor. No rules: it does not apply there.
#: The script `revoked` needs a token that the reader can renew by itself, and `timeout` a
#: reader that waits for less than a minute.
SCRIPTS: Mapping[str, Callable[[str], list[Rule]]] = {
    "limited": partial(_each, "limited", count=4),
    "limited_retry_after": _limited_retry_after,
    "error_before": partial(_each, "status", status=503),
    "error_after": partial(_each, "lost_answer", status=502),
    "dropped": partial(_each, "drop_before"),
    "lost": partial(_each, "lost_answer"),
    "timeout": _timeout,
    "reset": partial(_each, "reset"),
    "truncated": _truncated,
    "html": partial(_each, "garbage"),
    "revoked": _revoked,
    "shifting": _shifting,
    "doubled": _doubled,
    "new_field": _new_field,
    "vanished": _vanished,
    "slow": _slow,
}
#: Scripts after which records have other values than without, though they are the same ones.
OTHER_VALUES = frozenset({"shifting", "new_field", "vanished"})
