"""Bulk operations: a query runs by itself, and its answer is a file to fetch.

https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.shopify.bulk_plan import Denied, Plan
from sandbox.shopify.bulk_query import Refused, read
from sandbox.shopify.ids import gid
from sandbox.shopify.schema import admin_schema
from sandbox.shopify.store import Record, Store, stamp

if TYPE_CHECKING:
    from sandbox.faults import Faults
    from sandbox.shopify.bulk_query import Bulk
    from sandbox.shopify.context import Context

LIFE = timedelta(days=7)
UNFINISHED = ("CREATED", "RUNNING", "CANCELING")
AT_ONCE = 5
ONE_AT_A_TIME = "2025-10"
"""Versions up to this one run a single query at a time."""
FAULT = "bulk.run"
"""What a fault rule must match to break a run (kind `down`) or to draw it out (`slow`)."""
BREATH = 0.0005


class BulkOperations:
    """The bulk operations of one shop.

    Attributes:
        seconds: How long a run takes at least.
    """

    def __init__(self, store: Store, lock: threading.RLock, faults: Faults, shop: str) -> None:
        self.seconds = 0.0
        self._store = store
        self._lock = lock
        self._faults = faults
        self._shop = shop
        self._secret = secrets.token_hex()
        self._folder: Path | None = None

    def run(self, query: str, grouped: bool, context: Context) -> Record:
        """Begin a query, or say why not."""
        try:
            bulk = read(admin_schema(), query)
        except Refused as refused:
            return _payload(None, *(_error(m, "INVALID", ["query"]) for m in refused.messages))
        running = [o for o in self._store.all("BulkOperation") if o["status"] in UNFINISHED]
        if running and context.version <= ONE_AT_A_TIME:
            message = (
                "A bulk query operation for this app and shop is already in progress: "
                f"{running[0]['id']}."
            )
            return _payload(None, _error(message, "OPERATION_IN_PROGRESS"))
        if len(running) >= AT_ONCE:
            message = "Bulk operations limit reached. Please try again later."
            return _payload(None, _error(message, "LIMIT_REACHED"))
        operation = self._add(query, context)
        answer = _payload(dict(operation))  # as it is now: created
        work = threading.Thread(
            target=self._work, args=(operation, bulk, grouped, context), daemon=True
        )
        work.start()
        return answer

    def cancel(self, global_id: str) -> Record:
        """Ask a run to stop."""
        operation = self._store.get(global_id)
        if operation is None or "objectCount" not in operation:
            return _payload(None, _error("Bulk operation does not exist", field=["id"]))
        if operation["status"] not in UNFINISHED:
            state = operation["status"].lower()
            message = f"A bulk operation cannot be canceled when it is {state}"
            return _payload(operation, _error(message))
        operation["status"] = "CANCELING"
        return _payload(operation)

    def expire(self, now: datetime) -> None:
        """Let go of answers that nobody may fetch any more."""
        for each in self._store.all("BulkOperation"):
            if each["status"] in ("COMPLETED", "FAILED") and each["_until"] < now:
                each["status"] = "EXPIRED" if each["status"] == "COMPLETED" else "FAILED"
                each["_file"].unlink(missing_ok=True)

    def link(self, operation: Record, status: str, context: Context) -> str | None:
        """Where the answer of an operation with this status can be fetched; None if nowhere."""
        file: Path = operation["_file"]
        if operation["status"] != status or operation["fileSize"] in (None, "0"):
            return None
        if operation["_until"] < context.now:
            return None
        seconds = int(LIFE.total_seconds())
        signed = f"X-Goog-Expires={seconds}&X-Goog-Signature={self.signature(file.name)}"
        return f"{context.address}/bulk/{file.name}?{signed}"

    def signature(self, name: str) -> str:
        """What a link to a file must carry."""
        return hashlib.sha256(f"{self._secret} {self._shop} {name}".encode()).hexdigest()

    def file(self, name: str, now: datetime) -> Path | None:
        """The file behind a link; None once it has expired."""
        for each in self._store.all("BulkOperation"):
            if each["_file"].name == name and now <= each["_until"] and each["_file"].exists():
                return each["_file"]  # type: ignore[no-any-return]
        return None

    def _add(self, query: str, context: Context) -> Record:
        number = len(self._store.all("BulkOperation")) + 1
        return self._store.add(
            {
                "id": gid("BulkOperation", number),
                "type": "QUERY",
                "status": "CREATED",
                "query": query,
                "createdAt": stamp(context.now),
                "completedAt": None,
                "errorCode": None,
                "objectCount": "0",
                "rootObjectCount": "0",
                "fileSize": None,
                "_file": self._place() / f"bulk-{number}.jsonl",
                "_until": context.now + LIFE,
            }
        )

    def _place(self) -> Path:
        """Where the files lie for as long as the shop is open."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="crossdock-bulk-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _work(self, operation: Record, bulk: Bulk, grouped: bool, context: Context) -> None:
        """Run a query to its end; what goes wrong is said by the operation, as in the shop."""
        began = time.monotonic()
        try:
            with self._lock:
                if operation["status"] == "CREATED":
                    operation["status"] = "RUNNING"
                plan = Plan(admin_schema(), bulk, context)
            broken = self._faults.pick(self._shop, FAULT, kinds=("down",))
            slow = self._faults.pick(self._shop, FAULT, kinds=("slow",))
            self._write(operation, plan, grouped, stop_early=broken is not None)
            wait = self.seconds + (slow.rule.wait if slow else 0.0)
            while time.monotonic() < began + wait and operation["status"] == "RUNNING":
                time.sleep(min(0.01, wait))
            self._end(operation, context, "INTERNAL_SERVER_ERROR" if broken else None, began)
        except Denied:
            self._end(operation, context, "ACCESS_DENIED", began)
        except Exception:
            self._end(operation, context, "INTERNAL_SERVER_ERROR", began)
            raise

    def _write(self, operation: Record, plan: Plan, grouped: bool, stop_early: bool) -> None:
        """Write the answer, some objects at a time, so that others get their turn."""
        objects = roots = 0
        chunks = plan.chunks(grouped)
        with operation["_file"].open("wb") as out:
            while operation["status"] == "RUNNING":
                with self._lock:  # also while the list at the root is made
                    chunk = next(chunks, None)
                    lines = None if chunk is None else list(chunk)
                if lines is None:
                    return
                out.write("".join(f"{_json(line)}\n" for line, _ in lines).encode())
                objects += len(lines)
                roots += sum(root for _, root in lines)
                operation |= {"objectCount": str(objects), "rootObjectCount": str(roots)}
                if stop_early:
                    return
                time.sleep(BREATH)

    def _end(self, operation: Record, context: Context, error: str | None, began: float) -> None:
        with self._lock:
            ended = context.now + timedelta(seconds=time.monotonic() - began)
            canceled = operation["status"] == "CANCELING"
            file: Path = operation["_file"]
            if canceled or error == "ACCESS_DENIED":
                file.unlink(missing_ok=True)
            size = file.stat().st_size if file.exists() else None
            operation |= {
                "status": "CANCELED" if canceled else "FAILED" if error else "COMPLETED",
                "errorCode": None if canceled else error,
                "completedAt": None if canceled or error else stamp(ended),
                "fileSize": None if size is None else str(size),
                "_until": ended + LIFE,
            }


def _payload(operation: Record | None, *errors: Record) -> Record:
    return {"bulkOperation": operation, "userErrors": list(errors)}


def _error(message: str, code: str | None = None, field: list[str] | None = None) -> Record:
    return {"code": code, "field": field, "message": message}


def _json(line: Any) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))
