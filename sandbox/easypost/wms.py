"""What the WMS tells of its parcels: labels that it printed, parcels that have left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.easypost import carriers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.core import Sandbox

_NAME = "shiphero"
_KINDS = ("shipment", "label")


@dataclass(frozen=True)
class News:
    """A label was printed, or its parcel has left."""

    at: datetime
    code: str
    carrier: str
    left: bool


class Wms:
    """Follows the log of effects, and looks up what it says nothing of."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._seen = 0
        self._told: set[tuple[str, bool]] = set()

    def news(self) -> list[News]:
        """What has happened since the last time, in its order; unknown carriers are left out."""
        effects = self._sandbox.effects.since(self._seen)
        self._seen += len(effects)
        wms = self._sandbox.vendors.get(_NAME)
        ours = [e for e in effects if e["vendor"] == _NAME and e["object"] in _KINDS]
        if wms is None or not ours:
            return []
        times = _times(ours)
        newest = datetime.fromisoformat(ours[-1]["time"])
        found = []
        for code, carrier, left in _parcels(wms.state()):
            if (code, left) not in self._told:
                self._told.add((code, left))
                found.append(News(times.get((code, left), newest), code, carrier, left))
        return sorted(found, key=lambda news: (news.at, news.left))


def _times(effects: list[dict[str, Any]]) -> dict[tuple[str, bool], datetime]:
    """When each code was printed, and when its parcel left."""
    return {
        (code, effect["operation"] == "complete"): datetime.fromisoformat(effect["time"])
        for effect in effects
        for code in effect["fields"].get("tracking_numbers", ())
    }


def _parcels(state: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Code, carrier and whether it has left, of each parcel: first printed, then left."""
    for order in state["orders"]:
        for shipment in order["shipments"]:
            carrier = carriers.known(shipment["carrier"] or "")
            for code in shipment["tracking"] if carrier else ():
                yield code, carrier or "", False
                if shipment["completed"]:
                    yield code, carrier or "", True
