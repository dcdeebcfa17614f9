"""The routes under `/_sandbox`: look at what happened, change something, let time pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from crossdock.errors import CrossdockError
from sandbox.core import EditError, Sandbox, iso
from sandbox.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

MAX_HOURS = 24 * 365 * 10


class ControlError(Exception):
    """A control request that makes no sense; the message says why in one line."""


def routes(sandbox: Sandbox) -> list[Route]:
    """The control routes of a sandbox."""
    control = _Control(sandbox)
    return [
        Route("/_sandbox/effects", _answered(control.effects), methods=["GET"]),
        Route("/_sandbox/state", _answered(control.state), methods=["GET"]),
        Route("/_sandbox/edit", _answered(control.edit), methods=["POST"]),
        Route("/_sandbox/advance", _answered(control.advance), methods=["POST"]),
        Route("/_sandbox/faults", _answered(control.faults), methods=["GET", "POST"]),
    ]


def _answered(handle: Callable[[Request, Any], dict[str, Any]]) -> Any:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            body = await request.json() if request.method == "POST" else None
            return JSONResponse(handle(request, body))
        except (ControlError, EditError, CrossdockError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except json.JSONDecodeError as error:
            return JSONResponse({"error": f"the body is no JSON: {error}"}, status_code=400)

    return endpoint


class _Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def effects(self, request: Request, _: Any) -> dict[str, Any]:
        text = request.query_params.get("since", "0")
        if not text.isdigit():
            raise ControlError(f"since={text!r} is no number")
        log = self._sandbox.effects
        return {"effects": log.since(int(text)), "last": log.last}

    def state(self, request: Request, _: Any) -> dict[str, Any]:
        """Everything that the vendors hold; with `brief`, only the clock and the counts."""
        sandbox, world = self._sandbox, self._sandbox.world
        brief = "brief" in request.query_params
        counted = (
            "customers", "products", "locations", "inventory", "orders", "order_lines", "sku_map"
        )  # fmt: skip
        return {
            "now": iso(sandbox.clock.now()),
            "go_live_at": iso(world.go_live_at) if world.go_live_at else None,
            "faults": sandbox.faults.kinds(),
            "world": {name: len(getattr(world, name)) for name in counted},
            "vendors": {
                name: sandbox.counters.of(name) | ({} if brief else vendor.state())
                for name, vendor in sandbox.vendors.items()
            },
        }

    def edit(self, _: Request, body: Any) -> dict[str, Any]:
        if not isinstance(body, dict) or "vendor" not in body:
            raise ControlError('write {"vendor": ..., "object": ..., "id": ..., "set": {...}}')
        instance = body.get("instance", "main")
        name = body["vendor"] if instance == "main" else f"{body['vendor']}:{instance}"
        if name not in self._sandbox.vendors:
            known = ", ".join(self._sandbox.vendors)
            raise ControlError(f"there is no vendor {name!r}; there are {known}")
        return self._sandbox.vendors[name].edit(body)

    def advance(self, _: Request, body: Any) -> dict[str, Any]:
        hours = body.get("hours") if isinstance(body, dict) else None
        if isinstance(hours, bool) or not isinstance(hours, int | float):
            raise ControlError('write {"hours": 24}')
        if not 0 <= hours <= MAX_HOURS:
            raise ControlError(f"time passes forwards, by at most {MAX_HOURS} hours")
        now, changed = self._sandbox.advance(hours)
        due = self._sandbox.next_event_at()
        return {"now": iso(now), "changed": changed, "next_event_at": iso(due) if due else None}

    def faults(self, request: Request, body: Any) -> dict[str, Any]:
        """Put rules in force; or tell which are, and what each has broken."""
        if request.method == "GET":
            return self._sandbox.faults.report()
        rules = Faults.parse(body).rules
        self._sandbox.faults.replace(rules)
        return {"rules": len(rules)}
