"""Parcels and labels; tracking numbers follow from the order's id and the seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from sandbox.shiphero.models import VALID, VOIDED, Label, LineItem, Order, Shipment, ShipmentLine

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.shiphero.catalogue import Warehouse
    from sandbox.shiphero.known_orders import Known

HOUSE_CARRIER = "House Carrier"
HOUSE_METHOD = "Standard"


class Packer:
    """Packs units into parcels and prints their labels."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._ids = count(310_001)
        self._packed: Counter[str] = Counter()

    def pack(
        self,
        order: Order,
        units: list[tuple[LineItem, int]],
        warehouse: Warehouse,
        known: Known | None,
        at: datetime,
    ) -> Shipment:
        """Make a shipment with one label per parcel."""
        shipment = Shipment(
            legacy_id=next(self._ids), order=order, warehouse=warehouse, created_date=at
        )
        first = not order.shipments
        parcels = known.parcels if known and first else 1
        shipment.shipping_labels = [
            self._label(shipment, known, number) for number in range(1, parcels + 1)
        ]
        self._fill(shipment, units)
        order.shipments.append(shipment)
        return shipment

    def void(self, label: Label) -> None:
        """Take a label back; its parcel waits for another one."""
        label.status, label.needs_refund = VOIDED, True

    def print_again(self, shipment: Shipment, old: Label, at: datetime) -> Label:
        """Another label for the same parcel, with a number of its own."""
        tracking = self._tracking_number(shipment.order)
        label = replace(
            old,
            legacy_id=next(self._ids),
            status=VALID,
            needs_refund=False,
            refunded=False,
            tracking_number=tracking,
            tracking_url=f"https://track.example/{tracking}",
            created_date=at,
        )
        shipment.shipping_labels.append(label)
        for line in shipment.lines:
            if line.shipping_label_id == old.id:
                line.shipping_label_id = label.id
        return label

    def _label(self, shipment: Shipment, known: Known | None, number: int) -> Label:
        order, warehouse = shipment.order, shipment.warehouse
        asked = order.shipping_lines or {}
        tracking = self._tracking_number(order)
        carrier = (known and known.carrier) or asked.get("carrier") or HOUSE_CARRIER
        method = (known and known.shipping_method) or asked.get("method") or HOUSE_METHOD
        return Label(
            legacy_id=next(self._ids),
            shipment_id=shipment.id,
            order_id=order.id,
            order_number=order.order_number,
            package_number=number,
            carrier=carrier,
            shipping_method=method,
            shipping_name=asked.get("title"),
            tracking_number=tracking,
            tracking_url=f"https://track.example/{tracking}",
            created_date=shipment.created_date,
            warehouse=warehouse.identifier,
            warehouse_id=warehouse.id,
            address=order.shipping_address,
        )

    def _tracking_number(self, order: Order) -> str:
        key = order.partner_order_id or order.id
        self._packed[key] += 1
        text = f"{self._seed}/{key}/{self._packed[key]}"
        digest = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
        return f"TRK{int(digest, 16):015d}"

    def _fill(self, shipment: Shipment, units: list[tuple[LineItem, int]]) -> None:
        """Spread the units evenly over the parcels, first lines first."""
        labels = shipment.shipping_labels
        total = sum(quantity for _, quantity in units)
        content: Counter[tuple[LineItem, Label]] = Counter()
        place = 0
        for line, quantity in units:
            for _ in range(quantity):
                content[line, labels[place * len(labels) // total]] += 1
                place += 1
        shipment.lines = [
            ShipmentLine(
                legacy_id=next(self._ids),
                line_item=line,
                quantity=quantity,
                shipment_id=shipment.id,
                shipping_label_id=label.id,
            )
            for (line, label), quantity in content.items()
        ]
