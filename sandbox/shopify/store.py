"""The records of one shop, each a dict with the field names of its GraphQL type.

Connections are kept as plain lists, references as the record referred to. Keys that begin with
an underscore are the sandbox's own and have no field.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from typing import Any

from sandbox.core import iso
from sandbox.shopify.ids import kind_of
from sandbox.shopify.schedule import Events

Record = dict[str, Any]
# How many sorted lists are kept between changes.
KEPT = 64


class Store:
    """Every record of one shop by type and id, in the order of creation.

    Attributes:
        version: Grows with every change, so that a sorted list can be kept until the next one.
        events: What time will change.
    """

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, Record]] = defaultdict(dict)
        self._committed: Counter[tuple[str, str | None]] = Counter()
        self.shop: Record = {}
        self.version = 0
        self.events = Events()
        self._kept: dict[Any, Any] = {}
        self._kept_at = 0

    def add(self, record: Record) -> Record:
        """Keep a record under its own id."""
        table = self._tables[kind_of(record["id"]) or ""]
        if record["id"] in table:
            raise ValueError(f"{record['id']} exists already")
        table[record["id"]] = record
        self.version += 1
        return record

    def remove(self, record: Record) -> None:
        """Forget a record; what still refers to it sees `_gone`."""
        del self._tables[kind_of(record["id"]) or ""][record["id"]]
        record["_gone"] = True
        self.version += 1

    def changed(self) -> None:
        """Say that some record is not what it was."""
        self.version += 1

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` answers, made anew only after a change."""
        if self._kept_at != self.version or len(self._kept) >= KEPT:
            self._kept.clear()
            self._kept_at = self.version
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def get(self, global_id: str) -> Record | None:
        return self._tables[kind_of(global_id) or ""].get(global_id)

    def all(self, kind: str) -> list[Record]:
        return list(self._tables[kind].values())

    def committed(self, level: Record) -> int:
        """Units of an inventory level that open fulfillment orders have spoken for."""
        return self._committed[level["location"]["id"], level["item"]["sku"]]

    def set_remaining(
        self, fulfillment_order: Record, line: Record, quantity: int, at: str
    ) -> None:
        """Set what is left to fulfil of a line, and with it the stock that it commits."""
        location = fulfillment_order["_location"]
        change = quantity - line["remainingQuantity"]
        line["remainingQuantity"] = quantity
        self._committed[location["id"], line["sku"]] += change
        level = self.level(location, line["variant"])
        if change and level:
            level["updatedAt"] = max(level["updatedAt"], at)

    def level(self, location: Record, variant: Record | None) -> Record | None:
        """The stock of a variant at a location, if it is kept there."""
        levels = variant["inventoryItem"]["inventoryLevels"] if variant else []
        return next((level for level in levels if level["location"] is location), None)


stamp = iso
"""Times as Shopify writes them: UTC, to the second."""
