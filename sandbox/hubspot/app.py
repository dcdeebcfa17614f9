"""HubSpot's API over HTTP: the dated paths and their v3 and v4 twins, over one store."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.hubspot import association_api, batch, objects, schema_api, search
from sandbox.hubspot.auth import Tokens
from sandbox.hubspot.call import Call, Reply
from sandbox.hubspot.crm import NAME, Crm
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.limits import Limits, refusal

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

    from sandbox.core import Sandbox

    Handler = Callable[[Crm, Call], Reply]

DATES = ("2026-09", "2026-03")
_OBJECTS = [f"/crm/objects/{date}" for date in DATES] + ["/crm/v3/objects"]
_PROPERTIES = [f"/crm/properties/{date}" for date in DATES] + ["/crm/v3/properties"]
_PAIRS = [f"/crm/associations/{date}" for date in DATES]
_PAIRS += ["/crm/v4/associations", "/crm/associations/v4"]
_JOINS = [f"/crm/objects/{date}" for date in DATES] + ["/crm/v4/objects"]
_ACCOUNT = [f"/account-info/{version}/details" for version in (*DATES, "v3")]
_PIPELINES = [f"/crm/pipelines/{date}" for date in DATES] + ["/crm/v3/pipelines"]
_OWNERS = [f"/crm/owners/{date}" for date in DATES] + ["/crm/v3/owners"]
_TOKEN = [f"/oauth/{version}/token" for version in (*DATES, "v3", "v1")]


class Api:
    """Authentication and limits before every handler, one lock around it."""

    def __init__(self, sandbox: Sandbox, crm: Crm, lock: threading.RLock) -> None:
        self._sandbox = sandbox
        self._crm = crm
        self._lock = lock
        self._tokens = Tokens()
        self._limits = Limits()

    def app(self) -> Starlette:
        return Starlette(
            routes=list(self._routes()),
            exception_handlers={404: _no_route, 405: _no_route},
        )

    def _routes(self) -> Iterator[Route]:
        for base in _TOKEN:
            yield Route(base, self._token, methods=["POST"])
        for base in _ACCOUNT:
            yield self._route("GET", base, schema_api.account)
        for base in _PIPELINES:
            yield self._route("GET", f"{base}/{{kind}}", schema_api.list_pipelines)
        for base in _OWNERS:
            yield self._route("GET", base, schema_api.list_owners)
            yield self._route("GET", f"{base}/{{id}}", schema_api.read_owner)
        for base in _OBJECTS:
            yield from self._object_routes(f"{base}/{{kind}}")
        for base in _PROPERTIES:
            yield from self._property_routes(f"{base}/{{kind}}")
        for base in _PAIRS:
            yield from self._pair_routes(f"{base}/{{from}}/{{to}}")
        for base in _JOINS:
            yield from self._join_routes(f"{base}/{{from}}/{{id}}/associations")

    def _object_routes(self, base: str) -> Iterator[Route]:
        yield self._route("POST", f"{base}/search", search.search, search=True)
        yield self._route("POST", f"{base}/merge", objects.merge, writes=True)
        yield self._route("POST", f"{base}/gdpr-delete", objects.gdpr_delete, writes=True)
        yield self._route("POST", f"{base}/batch/read", batch.read)
        for name in ("create", "update", "upsert", "archive"):
            yield self._route("POST", f"{base}/batch/{name}", getattr(batch, name), writes=True)
        yield self._route("GET", base, objects.read_list)
        yield self._route("POST", base, objects.create, writes=True)
        yield self._route("GET", f"{base}/{{id}}", objects.read_one)
        yield self._route("PATCH", f"{base}/{{id}}", objects.update, writes=True)
        yield self._route("DELETE", f"{base}/{{id}}", objects.archive, writes=True)

    def _property_routes(self, base: str) -> Iterator[Route]:
        create_many = schema_api.batch_create_properties
        yield self._route("POST", f"{base}/batch/create", create_many, writes=True)
        yield self._route("POST", f"{base}/batch/read", schema_api.batch_read_properties)
        yield self._route("GET", f"{base}/groups", schema_api.list_groups)
        yield self._route("POST", f"{base}/groups", schema_api.create_group, writes=True)
        yield self._route("GET", f"{base}/groups/{{name}}", schema_api.read_group)
        yield self._route("GET", base, schema_api.list_properties)
        yield self._route("POST", base, schema_api.create_property, writes=True)
        yield self._route("GET", f"{base}/{{name}}", schema_api.read_property)
        yield self._route("PATCH", f"{base}/{{name}}", schema_api.update_property, writes=True)
        yield self._route("DELETE", f"{base}/{{name}}", schema_api.archive_property, writes=True)

    def _pair_routes(self, base: str) -> Iterator[Route]:
        yield self._route("GET", f"{base}/labels", association_api.labels)
        yield self._route("POST", f"{base}/labels", association_api.create_label, writes=True)
        unlabel = association_api.batch_unlabel
        yield self._route("POST", f"{base}/batch/labels/archive", unlabel, writes=True)
        yield self._route("POST", f"{base}/batch/read", association_api.batch_read)
        default = association_api.batch_associate_default
        yield self._route("POST", f"{base}/batch/associate/default", default, writes=True)
        yield self._route(
            "POST", f"{base}/batch/create", association_api.batch_associate, writes=True
        )
        yield self._route(
            "POST", f"{base}/batch/archive", association_api.batch_dissociate, writes=True
        )

    def _join_routes(self, base: str) -> Iterator[Route]:
        default, one = f"{base}/default/{{to}}/{{to_id}}", f"{base}/{{to}}/{{to_id}}"
        yield self._route("PUT", default, association_api.associate_default, writes=True)
        yield self._route("PUT", one, association_api.associate, writes=True)
        yield self._route("DELETE", one, association_api.dissociate, writes=True)
        yield self._route("GET", f"{base}/{{to}}", association_api.list_associations)

    def _route(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        writes: bool = False,
        search: bool = False,
    ) -> Route:
        async def endpoint(request: Request) -> Response:
            content = await request.body()
            with self._lock:
                return self._answer(request, content, handler, writes=writes, search=search)

        return Route(path, endpoint, methods=[method])

    def _answer(
        self, request: Request, content: bytes, handler: Handler, *, writes: bool, search: bool
    ) -> Response:
        now, correlation_id = self._sandbox.clock.now(), str(uuid.uuid4())
        if writes:
            self._sandbox.counters.add(NAME, "writes")
        headers: dict[str, str] = {}
        try:
            oauth = self._tokens.check(request.headers.get("authorization"), now)
            refused = self._limits.take(now, search=search)
            headers = {} if search else self._limits.headers(oauth=oauth)
            if refused:
                self._sandbox.counters.add(NAME, "refusals")
                return JSONResponse(refusal(refused, correlation_id), 429, headers)
            url = str(request.url.replace(query=""))
            body = _json(content)
            call = Call(request.path_params, request.query_params, body, url, now, correlation_id)
            reply = handler(self._crm, call)
        except ApiError as error:
            return JSONResponse(error.body(correlation_id), error.status, headers)
        if reply.body is None:
            return Response(status_code=reply.status, headers=headers)
        return JSONResponse(reply.body, reply.status, headers)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        # Starlette's own form parser would need another package.
        form = {**dict(request.query_params), **form}
        try:
            with self._lock:
                return JSONResponse(self._tokens.exchange(form, self._sandbox.clock.now()))
        except ApiError as error:
            correlation_id = str(uuid.uuid4())
            body = {**error.body(correlation_id), "status": error.category}
            return JSONResponse(body, error.status)


def _json(content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError as error:
        raise invalid(f"Invalid input JSON: {error}") from error


async def _no_route(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return JSONResponse({"status": "error", "message": "resource not found"}, status)
