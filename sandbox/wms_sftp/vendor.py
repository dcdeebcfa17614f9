"""The SFTP warehouse of a sandbox."""

from __future__ import annotations

import shutil
import tempfile
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.core import EditError
from sandbox.wms_sftp import records
from sandbox.wms_sftp.floor import WAREHOUSE, Accepted, Floor
from sandbox.wms_sftp.folder import ARCHIVE, IN, NAME, OUT, Folder

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from sandbox.core import Actor, Sandbox
    from sandbox.wms_sftp.door import Door
    from sandbox.wms_sftp.floor import Sent
    from sandbox.wms_sftp.records import OrderFile, OrderLine

DAY = timedelta(days=1)
#: Days whose snapshots are written when much time passes at once.
MOST_DAYS = 3
USER, PASSWORD = "crossdock", "sandbox-files"


class WmsSftpVendor:
    """Takes order files in `in/`; puts its answers into `out/`.

    Nothing is written before somebody has opened the door: a world played over HTTP alone
    needs no folder. So a snapshot of stock is no event that time brings: it is written on the
    way, and never keeps a demo from coming to rest.
    """

    name = NAME

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._clock = sandbox.clock
        self._lock = threading.RLock()
        self._opened: Floor | None = None
        self._folder: Folder | None = None
        self._snapshot_at: datetime | None = None
        self._sequences: set[str] = set()
        self._rmas = 0
        self.door: Door | None = None
        """Where the SFTP server listens; None while it is closed."""
        self.keys: list[str] = []
        """Public keys, in OpenSSH's format, that let the user in beside the password."""

    def app(self) -> ASGIApp:
        """Over HTTP it only tells where its door is."""
        return Starlette(routes=[Route("/", self._status), Route("/{path:path}", self._status)])

    async def _status(self, request: Request) -> JSONResponse:
        told = await run_in_threadpool(self.door.told) if self.door else {}
        return JSONResponse({"speaks": "sftp", "username": USER, **told})

    @property
    def _floor(self) -> Floor:
        """Order lines and stock; counted when somebody first asks."""
        if self._opened is None:
            self._opened = Floor(self._sandbox.world, self._sandbox.seed)
        return self._opened

    @property
    def folder(self) -> Folder:
        """What the server shows; made when it is first needed."""
        with self._lock:
            if self._folder is None:
                root = Path(tempfile.mkdtemp(prefix="crossdock-wms-"))
                self._folder = Folder(root, self._sandbox.faults)
                self._snapshot_at = self._clock.now()
                self._snapshot(self._snapshot_at)
            return self._folder

    def remove_folder(self) -> None:
        """Throw everything away that lies on the server."""
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder.root, ignore_errors=True)
                self._folder = None

    def counted(self, *, writes: bool = False) -> None:
        """Count one request, and let time catch up."""
        counters = self._sandbox.counters
        counters.add(NAME, "requests")
        if writes:
            counters.add(NAME, "writes")
        self.advance(self._clock.now())

    def advance(self, now: datetime) -> int:
        """Ship what is due, and count the stock once a day."""
        with self._lock:
            if self._folder is not None:
                self._folder.complete(now)
            sent = self._opened.ship(now) if self._opened else []
            for hour in sorted({_hour(each.at) for each in sent}):
                self._confirm([each for each in sent if _hour(each.at) == hour])
            if self._snapshot_at is not None:
                missed = (now - self._snapshot_at) // DAY
                for back in reversed(range(min(missed, MOST_DAYS))):
                    self._snapshot(self._snapshot_at + (missed - back) * DAY)
                self._snapshot_at += missed * DAY
            return len(sent)

    def next_event_at(self) -> datetime | None:
        with self._lock:
            return self._opened.next_due() if self._opened else None

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let a person at the warehouse do something.

        `{"object": "return", "number": order, "set": {"quantity": 1, "line": "1",
        "condition": "damaged", "rma": text}}` books a return and sends its receipt;
        `{"object": "stock", "number": sku, "set": {"on_hand": n}}` counts anew and sends a
        snapshot.
        """
        changes = body.get("set")
        if not isinstance(changes, dict) or not changes:
            raise EditError('say what to change: {"set": {...}}')
        number = str(body.get("number") or body.get("id"))
        with self._lock:
            if body.get("object") == "stock":
                return self._count(number, changes)
            if body.get("object") == "return":
                return self._return(number, changes)
        raise EditError(f"there is no object {body.get('object')!r} in this warehouse")

    def state(self) -> dict[str, Any]:
        """The files, the order lines and the stock."""
        with self._lock:
            folder, floor = self._folder, self._opened
            lines = floor.lines.values() if floor else ()
            stock = floor.stock if floor else {}
            return {
                "port": self.door and self.door.port,
                "files": {name: folder.names(name) if folder else [] for name in (OUT, ARCHIVE)},
                "order_lines": [
                    {
                        "order_number": line.order_number,
                        "line": line.line,
                        "sku": line.sku,
                        "quantity": line.quantity,
                        "shipped": line.shipped,
                    }
                    for line in lines
                ],
                "stock": {WAREHOUSE: dict(sorted(stock.items()))},
            }

    def arrived(self, path: str) -> None:
        """A file has been put into `in/` under its final name: take the orders."""
        name = Path(path).name
        with self._lock:
            if Path(path).parent.name != IN or not name.startswith(f"{records.ORDER}_"):
                return
            if not name.endswith(".csv"):
                return
            self._take(name, records.read_orders(self.folder.taken(name)))

    def _take(self, name: str, orders: OrderFile) -> None:
        now = self._clock.now()
        refused = (orders.refused.code, str(orders.refused)) if orders.refused else None
        if refused is None and orders.sequence in self._sequences:
            refused = ("TWICE", "the sequence number was used before")
        details: list[list[object]] = []
        for line in orders.lines:
            reason = refused or self._floor.refusal(line)
            if reason is None:
                self._accept(line, name, now)
            said = ["R", *reason] if reason else ["A", "", ""]
            details.append([line.order_number, line.line, line.sku, line.quantity, *said])
        if refused is None:
            self._sequences.add(orders.sequence)
        bad = sum(cells[4] == "R" for cells in details)
        verdict = "ACCEPTED" if not bad else "PARTIAL" if bad < len(details) else "REJECTED"
        verdict = "REJECTED" if refused else verdict
        total = sum(int(line.quantity) for line in orders.lines if line.quantity.isdigit())
        self.folder.send(records.ACK, now, details, total, [name, orders.sequence, verdict])

    def _accept(self, line: OrderLine, name: str, now: datetime) -> None:
        accepted = self._floor.accept(line, now)
        fields = {"sku": line.sku, "quantity": accepted.quantity, "file": name}
        id_ = f"{line.order_number}/{line.line}"
        self._note("api", "order_line", id_, line.order_number, "create", fields, name)

    def _confirm(self, sent: list[Sent]) -> None:
        for each in sent:
            line = each.line
            fields = {"quantity": each.quantity, "tracking_numbers": [each.tracking]}
            id_ = f"{each.shipment}/{line.line}"
            self._note("warehouse", "shipment", id_, line.order_number, "create", fields)
        details = [_shipped(each) for each in sent]
        total = sum(each.quantity for each in sent)
        self.folder.send(records.SHIPPED, sent[-1].at, details, total)

    def _snapshot(self, at: datetime) -> None:
        open_lines = [line for line in self._floor.lines.values() if line.shipped is None]
        details = [
            [WAREHOUSE, sku, units, sum(o.quantity for o in open_lines if o.sku == sku), 0]
            for sku, units in sorted(self._floor.stock.items())
        ]
        total = sum(self._floor.stock.values())
        self.folder.send(records.STOCK, at, details, total, [records.local(at)])

    def _count(self, sku: str, changes: dict[str, Any]) -> dict[str, Any]:
        units = changes.get("on_hand")
        if set(changes) != {"on_hand"} or not isinstance(units, int):
            raise EditError("of stock, only on_hand can be set, to a number")
        if sku not in self._floor.stock:
            raise EditError(f"there is no stock of {sku!r} in this warehouse")
        self._floor.stock[sku] = units
        self._note("person", "stock", sku, sku, "update", changes)
        self._snapshot(self._clock.now())
        return {"sku": sku, "on_hand": units}

    def _return(self, number: str, changes: dict[str, Any]) -> dict[str, Any]:
        line = self._shipped_line(number, str(changes.get("line", "")))
        units = changes.get("quantity", line.quantity)
        left = (line.shipped or 0) - line.returned
        if not isinstance(units, int) or not 1 <= units <= left:
            raise EditError(f"at most {left} units of that line can come back")
        condition = str(changes.get("condition", "good"))
        self._rmas += 1
        rma = str(changes.get("rma") or f"RMA{self._rmas:06d}")
        line.returned += units
        restocked = condition == "good"
        if restocked:
            self._floor.stock[line.sku] += units
        now = self._clock.now()
        detail = [rma, number, line.line, line.sku, units, condition[:1].upper()]
        detail += ["R" if restocked else "S", records.local(now)]
        self._note("person", "return", rma, number, "create", {"sku": line.sku, "quantity": units})
        name = self.folder.send(records.RETURNED, now, [detail], units)
        return {"rma": rma, "file": name}

    def _shipped_line(self, number: str, line: str) -> Accepted:
        for found in self._floor.lines.values():
            if found.order_number == number and line in ("", found.line) and found.shipped:
                return found
        raise EditError(f"nothing of {number!r} has been shipped")

    def _note(
        self,
        actor: Actor,
        object_name: str,
        id_: str,
        external_id: str,
        operation: str,
        fields: dict[str, Any],
        request_id: str | None = None,
    ) -> None:
        self._sandbox.effects.record(
            vendor=NAME,
            actor=actor,
            object=object_name,
            id=id_,
            external_id=external_id,
            operation=operation,
            fields=fields,
            request_id=request_id,
        )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _shipped(each: Sent) -> list[object]:
    line = each.line
    status = "S" if each.quantity == line.quantity else "C"
    return [
        *(line.order_number, line.line, line.sku, line.quantity, each.quantity, status),
        *(line.carrier, line.method, each.tracking, 1, records.local(each.at), each.shipment),
    ]
