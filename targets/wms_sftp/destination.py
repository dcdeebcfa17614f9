"""A warehouse that speaks files: orders for it, whole files or none."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock import clock
from crossdock.errors import CrossdockError
from crossdock.files.sftp import SftpClient
from crossdock.http.errors import OutcomeUnknown
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused
from targets.wms_sftp.layout import OF_LINE, DoesNotFit, Order, OrderFiles
from targets.wms_sftp.ledger import File, Ledger

NAME = "target-wms-sftp"
ORDERS = "orders"


class WmsSftpDestination:
    """The folder for orders at one warehouse.

    A file is written under a temporary name, which the warehouse leaves alone, and then gets its
    own. The ledger knows before each step which one comes: a temporary file that is gone has
    got its name, and one that was never to get it yet never did. So no order goes twice, and no
    number of the sequence is used twice or left out.
    """

    concurrency = 1

    def __init__(
        self,
        client: SftpClient,
        files: OrderFiles,
        ledger: Ledger,
        *,
        directory: str,
        orders_per_file: int,
    ) -> None:
        self._client = client
        self._files = files
        self._ledger = ledger
        self._directory = directory.rstrip("/")
        self._per_file = orders_per_file
        self._turn = threading.RLock()

    def batch_size(self, object_name: str, action: Action) -> int:
        """Orders in one file."""
        return self._per_file

    def reads_before_create(self, object_name: str) -> bool:
        """Our own ledger tells at once, and for nothing, what was sent before."""
        return True

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Write one file.

        Raises:
            VendorDown: The server cannot be used; nothing was sent.
            OutcomeUnknown: The file may have its name, or not.
        """
        outcomes: dict[str, Outcome] = {}
        orders = []
        for item in batch:
            read = self._read(item.operation)
            if isinstance(read, Order):
                orders.append(read)
                outcomes[read.op_key] = Acknowledged(read.number)
            else:
                outcomes[item.operation.op_key] = read
        with self._turn:
            self._finish()
            if orders:
                self._put(orders)
        return [outcomes[item.operation.op_key] for item in batch]

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """What was sent by this operation, or of this order.

        Raises:
            VendorDown: What a cut-off run left behind cannot be looked at.
        """
        number = str({**operation.set, **operation.match}.get("partner_order_id") or "")
        number = operation.destination_id or number
        with self._turn:
            self._finish()
        if not self._ledger.was_sent(operation.op_key, number):
            return None
        return {"id": number, "partner_order_id": number}

    def _read(self, operation: Operation) -> Order | Outcome:
        if operation.object != ORDERS or operation.action not in ("create", "adopt"):
            return Refused(f"{NAME} cannot {operation.action} {operation.object}")
        if operation.action == "adopt":
            return Acknowledged(str(operation.destination_id))  # it has what it needs
        lines = operation.set.get("line_items") or ()
        if not lines:
            return Refused("the order has no line to ship", "empty")
        try:
            written = self._files.details([_values(operation, line) for line in lines])
        except DoesNotFit as error:
            return Refused(f"{error.message} -> {error.hint}", "does_not_fit")
        units = sum(int(line["quantity"]) for line in lines)
        return Order(operation.op_key, str(operation.set["partner_order_id"]), written, units)

    # The server

    def _put(self, orders: Sequence[Order]) -> None:
        moment = clock.now()
        sequence = self._ledger.next_sequence(self._files.first, self._files.last)
        name = self._files.file_name(sequence, moment)
        content = self._files.content(sequence, moment, orders)
        file = self._ledger.begin(sequence, name, orders, moment.isoformat())
        self._client.write(self._temporary(file), content)
        self._ledger.move(file, "naming")
        try:
            named = self._client.rename(self._temporary(file), self._path(file))
        except CrossdockError as error:
            raise self._unknown(file) from error
        if not named:
            raise self._unknown(file)
        self._ledger.move(file, "sent")

    def _finish(self) -> None:
        """Bring to its end what a run that was cut off has left half done."""
        for file in self._ledger.unfinished():
            waiting = self._client.find(self._temporary(file))
            if file.state == "writing":
                # It was never to get its name: its orders are sent anew, with its number.
                self._client.remove(self._temporary(file))
                self._ledger.forget(file)
            elif waiting is None or self._client.rename(self._temporary(file), self._path(file)):
                self._ledger.move(file, "sent")
            else:
                raise self._unknown(file)

    def _path(self, file: File) -> str:
        return f"{self._directory}/{file.name}"

    def _temporary(self, file: File) -> str:
        return f"{self._directory}/.{file.name}.tmp"

    def _unknown(self, file: File) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"whether {file.name} has its name is not known",
            connector=NAME,
            stream=ORDERS,
            path=self._directory,
            hint="the next run looks",
        )


def _values(operation: Operation, line: Mapping[str, Any]) -> dict[str, str]:
    told = operation.set
    return {
        **{name: str(told.get(name) or "") for name in OF_LINE},
        "order_number": str(told["partner_order_id"]),
        "shop_order_number": str(told.get("order_number") or ""),
        "line_number": str(line["partner_line_item_id"]),
        "sku": str(line["sku"]),
        "quantity": str(line["quantity"]),
    }
