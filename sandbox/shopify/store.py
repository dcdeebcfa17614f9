"""The records of one shop, each a dict with the field names of its GraphQL type.

Connections are kept as plain lists, references as the record referred to. Keys that begin with
an underscore are the sandbox's own and have no field.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sandbox.core import iso
from sandbox.shopify.ids import kind_of

Record = dict[str, Any]


class Store:
    """Every record of one shop by type and id, in the order of creation."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, Record]] = defaultdict(dict)
        self._committed: Counter[tuple[str, str | None]] = Counter()
        self.shop: Record = {}

    def add(self, record: Record) -> Record:
        """Keep a record under its own id."""
        table = self._tables[kind_of(record["id"]) or ""]
        if record["id"] in table:
            raise ValueError(f"{record['id']} exists already")
        table[record["id"]] = record
        return record

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
        level = self._level(location, line)
        if change and level:
            level["updatedAt"] = max(level["updatedAt"], at)

    def _level(self, location: Record, line: Record) -> Record | None:
        levels = line["variant"]["inventoryItem"]["inventoryLevels"] if line["variant"] else []
        return next((level for level in levels if level["location"] is location), None)


stamp = iso
"""Times as Shopify writes them: UTC, to the second."""
