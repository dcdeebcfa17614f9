"""EasyPost's API over HTTP: key and limit before every handler, one lock around it."""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.easypost.account import NAME
from sandbox.easypost.errors import TOO_MANY, UNKNOWN_KEY, ApiError, invalid, not_found
from sandbox.easypost.handlers import Call, Handlers
from sandbox.easypost.shipments import shown
from sandbox.easypost.trackers import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from starlette.requests import Request

    from sandbox.easypost.vendor import EasyPostVendor

    Handler = Callable[[Call], tuple[int, Any]]

API_KEY = "EZTKsandbox"
#: https://docs.easypost.com/guides/rate-limiting-guide: lists share five requests a second.
LISTS_PER_SECOND = 5
VERSION = "easypost-202611010000-sandbox-master"


class Limit:
    """At most five lists in any second; those that are refused do not count."""

    def __init__(self) -> None:
        self._times: deque[datetime] = deque()

    def take(self, now: datetime) -> bool:
        while self._times and self._times[0] <= now - timedelta(seconds=1):
            self._times.popleft()
        if len(self._times) >= LISTS_PER_SECOND:
            return False
        self._times.append(now)
        return True


class Api:
    """The routes of the account."""

    def __init__(self, vendor: EasyPostVendor, handlers: Handlers) -> None:
        self._vendor = vendor
        self._handlers = handlers
        self._limit = Limit()

    def app(self) -> Starlette:
        return Starlette(
            routes=list(self._routes()), exception_handlers={404: _no_route, 405: _no_route}
        )

    def _routes(self) -> Iterator[Route]:
        on = self._handlers
        yield self._route("GET", "/trackers", on.list_trackers, lists=True)
        yield self._route("POST", "/trackers", on.create_tracker, writes=True)
        yield self._route("POST", "/trackers/batch", on.batch_trackers)
        yield self._route("GET", "/trackers/{id}", on.retrieve("trk", listed))
        yield self._route("DELETE", "/trackers/{id}", on.delete_tracker, writes=True)
        yield self._route("GET", "/addresses", on.list_addresses, lists=True)
        yield self._route("POST", "/addresses", on.create_address, writes=True)
        yield self._route("POST", "/addresses/create_and_verify", on.verify_new, writes=True)
        yield self._route("GET", "/addresses/{id}", on.retrieve("adr"))
        yield self._route("GET", "/addresses/{id}/verify", on.verify_address, writes=True)
        yield self._route("POST", "/parcels", on.create_parcel, writes=True)
        yield self._route("GET", "/parcels/{id}", on.retrieve("prcl"))
        yield self._route("GET", "/shipments", on.list_shipments, lists=True)
        yield self._route("POST", "/shipments", on.create_shipment, writes=True)
        yield self._route("GET", "/shipments/{id}", on.retrieve("shp", shown))
        yield self._route("POST", "/shipments/{id}/buy", on.buy, writes=True)
        yield self._route("POST", "/shipments/{id}/refund", on.refund, writes=True)
        yield self._route("GET", "/shipments/{id}/label", on.label)
        yield self._route("GET", "/rates/{id}", on.retrieve("rate"))
        yield self._route("GET", "/events", on.list_events, lists=True)
        yield self._route("GET", "/events/{id}", on.retrieve_event)
        yield self._route("GET", "/events/{id}/payloads", on.payloads)

    def _route(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        lists: bool = False,
        writes: bool = False,
    ) -> Route:
        async def endpoint(request: Request) -> Response:
            content = await request.body()
            with self._vendor.lock:
                return self._answer(request, content, handler, lists=lists, writes=writes)

        return Route(f"/v2{path}", endpoint, methods=[method])

    def _answer(
        self, request: Request, content: bytes, handler: Handler, *, lists: bool, writes: bool
    ) -> Response:
        began, counters = time.monotonic(), self._vendor.sandbox.counters
        request_id = uuid.uuid4().hex
        if writes:
            counters.add(NAME, "writes")
        try:
            _check_key(request.headers.get("authorization"))
            if lists and not self._limit.take(self._vendor.sandbox.clock.now()):
                counters.add(NAME, "refusals")
                raise TOO_MANY
            self._vendor.catch_up(request_id)
            status, body = handler(Call(request.path_params, request.query_params, _json(content)))
        except ApiError as error:
            status, body = error.status, error.body
        headers = {
            "X-Ep-Request-Uuid": request_id,
            "X-Version-Label": VERSION,
            "X-Runtime": f"{time.monotonic() - began:.6f}",
        }
        return JSONResponse(body, status, headers)


def _check_key(authorization: str | None) -> None:
    """Let a caller in who has the key, as a bearer token or as the user of basic auth.

    Raises:
        ApiError: 401, it is another one.
    """
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            raise UNKNOWN_KEY from None
    if value != API_KEY:
        raise UNKNOWN_KEY


def _json(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise invalid("body", "is not valid JSON") from None


async def _no_route(request: Request, error: Exception) -> Response:
    return JSONResponse(not_found().body, 404)
