"""The account: its API, and what people do to its orders."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.core import EditError, iso
from sandbox.@name@.orders import first_orders
from sandbox.@name@.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from sandbox.core import Sandbox

NAME = "@name@"
TOKEN = "@name@-sandbox"  # noqa: S105
BURST = 40.0
PER_SECOND = 20.0
MOST = 100
WANTED = ("external_id", "order_id", "tracking_number")
TEXTS = (*WANTED, "carrier", "tracking_url", "shipped_at")


class @Class@Vendor:
    """One account of @title@."""

    name = NAME

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.RLock()
        self._level, self._filled_at = BURST, sandbox.clock.now()
        self._lists = {"orders": Store("o"), "parcels": Store("p")}
        self._keys: dict[str, str] = {}
        for order in first_orders(sandbox.world):
            self._lists["orders"].add(order, sandbox.clock.now())

    def app(self) -> ASGIApp:
        routes = [
            Route("/{kind}/count", self._answered(self._count), methods=["GET"]),
            Route("/{kind}", self._answered(self._list), methods=["GET"]),
            Route("/parcels", self._answered(self._create), methods=["POST"]),
        ]
        return Starlette(routes=routes)

    def advance(self, now: datetime) -> int:
        return 0

    def next_event_at(self) -> datetime | None:
        return None

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make a record (`create`), change one (`set`), or take one away (`delete`)."""
        kind = str(body.get("object"))
        with self._lock:
            held, now = self._lists.get(f"{kind}s"), self._sandbox.clock.now()
            if held is None:
                raise EditError(f"{NAME}: there are no {kind!r} here, only order and parcel")
            if "create" in body:
                changed = held.add(body["create"], now)
            elif (row := held.get(str(body.get("id")))) is None:
                raise EditError(f"{NAME}: there is no {kind} {body.get('id')!r}")
            elif body.get("delete"):
                changed = held.drop(row["id"])
            else:
                changed = held.put({**row, **body.get("set", {})}, now)
            self._record("person", kind, "edit", changed, None)
            return dict(changed)

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {kind: [dict(r) for r in held] for kind, held in self._lists.items()}

    def _answered(self, handle: Callable[[Request, Any], JSONResponse]) -> Any:
        async def endpoint(request: Request) -> JSONResponse:
            body = await request.json() if request.method == "POST" else None
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return _error(401, "bad_token", "the token is unknown")
            with self._lock:
                if (wait := self._limited()) > 0:
                    answer = _error(429, "too_many", "slow down")
                    answer.headers["Retry-After"] = f"{wait:.2f}"
                    return answer
                return handle(request, body)

        return endpoint

    def _limited(self) -> float:
        now = self._sandbox.clock.now()
        passed = (now - self._filled_at).total_seconds()
        self._level, self._filled_at = min(BURST, self._level + passed * PER_SECOND), now
        if self._level < 1:
            self._sandbox.counters.add(NAME, "refusals")
            return (1 - self._level) / PER_SECOND
        self._level -= 1
        return 0.0

    def _count(self, request: Request, _: Any) -> JSONResponse:
        held = self._lists.get(request.path_params["kind"])
        return _unknown() if held is None else JSONResponse({"count": len(held)})

    def _list(self, request: Request, _: Any) -> JSONResponse:
        held, asked = self._lists.get(request.path_params["kind"]), request.query_params
        if held is None:
            return _unknown()
        try:
            limit = min(MOST, int(asked.get("limit") or MOST))
            since = _since(asked.get("updated_since"))
        except ValueError as error:
            return _error(400, "bad_query", str(error))
        found = held.page(asked.get("after", ""), since, asked.get("external_id"), limit)
        if asked.get("fields"):
            names = asked["fields"].split(",")
            found = [{name: row.get(name) for name in names} for row in found]
        following = found[-1]["id"] if len(found) == limit else None
        return JSONResponse({"items": found, "next": following})

    def _create(self, request: Request, body: Any) -> JSONResponse:
        """Take a parcel once: the same key gets the same answer."""
        self._sandbox.counters.add(NAME, "writes")
        missing = [name for name in WANTED if not body.get(name)]
        if missing:
            return _error(422, "missing", f"{', '.join(missing)} is missing")
        key = request.headers.get("idempotency-key") or ""
        parcels = self._lists["parcels"]
        if key in self._keys:
            return JSONResponse(parcels.get(self._keys[key]), status_code=200)
        told = {name: body.get(name) for name in TEXTS}
        held = parcels.add(told, self._sandbox.clock.now())
        self._keys[key] = held["id"]
        self._record("api", "parcel", "create", held, key)
        return JSONResponse(held, status_code=201)

    def _record(self, actor: Any, kind: str, operation: str, row: Any, key: str | None) -> None:
        self._sandbox.effects.record(
            vendor=NAME,
            actor=actor,
            object=kind,
            id=row["id"],
            external_id=row.get("external_id"),
            operation=operation,
            fields={"at": iso(self._sandbox.clock.now()), **row},
            idempotency_key=key or None,
        )


def _since(text: str | None) -> datetime | None:
    """A time, if one is asked for."""
    return datetime.fromisoformat(text) if text else None


def _unknown() -> JSONResponse:
    return _error(404, "not_found", "there is no such list")


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status_code=status)
