"""ShipHero's API over HTTP: tokens, credits and GraphQL, refusals with status 200."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLSyntaxError, OperationType, execute_sync, parse, validate
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.shiphero.auth import RefusedError, Tokens
from sandbox.shiphero.credits import Credits, Estimate, operation_of, response_key
from sandbox.shiphero.errors import INVALID_INPUT, CreditsError, ShipHeroError
from sandbox.shiphero.resolvers import NAME, Request, schema

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from graphql import DocumentNode, OperationDefinitionNode
    from starlette.requests import Request as HttpRequest

    from sandbox.core import Sandbox
    from sandbox.shiphero.orders import Orders


class Api:
    """Tokens and credits before every operation, one lock around it."""

    def __init__(self, sandbox: Sandbox, orders: Orders, lock: threading.RLock) -> None:
        self._sandbox = sandbox
        self._orders = orders
        self._lock = lock
        self._tokens = Tokens()
        self._credits = Credits(sandbox.clock.now())
        self._schema = schema()
        self._read = lru_cache(maxsize=500)(self._parse)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/graphql", self._graphql, methods=["POST"]),
                Route("/auth/token", self._auth(self._tokens.login), methods=["POST"]),
                Route("/auth/refresh", self._auth(self._tokens.refresh), methods=["POST"]),
            ]
        )

    @property
    def credits_consumed(self) -> int:
        """What all operations did cost so far."""
        return self._credits.consumed

    def _auth(self, grant: Callable[..., dict[str, Any]]) -> Any:
        async def endpoint(request: HttpRequest) -> Response:
            body = _object(await request.body())
            try:
                with self._lock:
                    return JSONResponse(grant(body or {}, self._sandbox.clock.now()))
            except RefusedError as error:
                body = {"error": "invalid_grant", "error_description": str(error)}
                return JSONResponse(body, 401)

        return endpoint

    async def _graphql(self, http: HttpRequest) -> Response:
        body = _object(await http.body())
        with self._lock:
            now = self._sandbox.clock.now()
            request = Request(self._orders, self._sandbox.effects, self._credits, now)
            refusal = self._tokens.refusal(http.headers.get("authorization"), now)
            if refusal:
                return JSONResponse(_plain_error(refusal, request), 401)
            if self._credits.too_many(now):
                self._sandbox.counters.add(NAME, "refusals")
                return JSONResponse(_plain_error("Too many requests", request), 429)
            if body is None or not isinstance(body.get("query"), str):
                return JSONResponse(_plain_error("Must provide query string.", request), 400)
            return self._run(body, request)

    def _run(self, body: dict[str, Any], request: Request) -> Response:
        try:
            document = self._read(body["query"])
        except GraphQLError as error:
            return JSONResponse({"errors": [_entry(error, request)]}, 400)
        operation = operation_of(document, body.get("operationName"))
        if operation is None:
            return JSONResponse(_plain_error("Must provide operation name.", request), 400)
        if operation.operation is OperationType.MUTATION:
            self._sandbox.counters.add(NAME, "writes")
        variables = body.get("variables") or {}
        estimate = Estimate(document, operation, variables)
        asked = [field for field in estimate.fields if not estimate.analyzes(field)]
        try:
            self._credits.require(sum(map(estimate.of, asked)), request.now)
        except CreditsError as error:
            self._sandbox.counters.add(NAME, "refusals")
            return JSONResponse(_throttled(error, estimate, request))
        return JSONResponse(self._execute(document, operation, variables, estimate, request))

    def _execute(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        estimate: Estimate,
        request: Request,
    ) -> dict[str, Any]:
        name = operation.name.value if operation.name else None
        result = execute_sync(
            self._schema,
            document,
            context_value=request,
            variable_values=variables,
            operation_name=name,
        )
        answer: dict[str, Any] = {}
        if result.errors:
            answer["errors"] = [_entry(error, request) for error in result.errors]
        answer["data"] = result.data
        self._settle(result.data or {}, estimate)
        return answer

    def _settle(self, data: dict[str, Any], estimate: Estimate) -> None:
        """Charge each root field, and write the charge where the caller asked for it."""
        for field in estimate.fields:
            answered = data.get(response_key(field))
            analyzes = estimate.analyzes(field)
            cost = estimate.of(field) if analyzes else estimate.actual(field, answered)
            if not analyzes:
                self._credits.charge(cost)
            key = estimate.complexity_key(field)
            if key and isinstance(answered, dict):
                answered[key] = cost

    def _parse(self, query: str) -> DocumentNode:
        document = parse(query)
        errors = validate(self._schema, document)
        if errors:
            raise errors[0]
        return document


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _plain_error(message: str, request: Request) -> dict[str, Any]:
    return {"errors": [{"message": message, "request_id": request.request_id}]}


def _entry(error: GraphQLError, request: Request) -> dict[str, Any]:
    """One error as the API words it; its own refusals carry operation, field and code."""
    cause = error.original_error
    entry: dict[str, Any] = {"message": error.message, "request_id": request.request_id}
    if error.path:
        entry |= {"operation": str(error.path[0]), "field": str(error.path[-1])}
    if isinstance(cause, ShipHeroError):
        entry |= {"message": cause.message, "code": cause.code}
    elif error.path is None and not isinstance(error, GraphQLSyntaxError):
        entry["code"] = INVALID_INPUT
    if error.locations:
        entry["locations"] = [place.formatted for place in error.locations]
    return entry


def _throttled(error: CreditsError, estimate: Estimate, request: Request) -> dict[str, Any]:
    """Too few credits; the vendor's keys stand in the entry and, for others, in extensions."""
    told = {
        "code": error.code,
        "required_credits": error.required,
        "remaining_credits": error.remaining,
        "time_remaining": f"{error.seconds} seconds",
    }
    names = [response_key(field) for field in estimate.fields]
    entry = {
        "message": error.message,
        "operation": names[0],
        "field": names[0],
        "request_id": request.request_id,
        **told,
        "extensions": told,
    }
    return {"errors": [entry], "data": dict.fromkeys(names)}
