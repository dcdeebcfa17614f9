"""The routes of one shop."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.shopify.auth import UNAUTHORIZED
from sandbox.shopify.context import Context
from sandbox.shopify.execution import Throttled, run

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.shopify.access import Grant
    from sandbox.shopify.vendor import ShopifyVendor

VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10")
_VERSION = re.compile(r"^\d{4}-(01|04|07|10)$")


def app(vendor: ShopifyVendor) -> Starlette:
    """The shop's API."""
    face = _Face(vendor)
    return Starlette(
        routes=[
            Route("/admin/oauth/access_token", face.token, methods=["POST"]),
            Route("/admin/api/{version}/graphql.json", face.graphql, methods=["POST"]),
            Route("/admin/api/{version}/shop.json", face.shop, methods=["GET"]),
            Route("/bulk/{name}", face.bulk, methods=["GET", "HEAD"]),
        ]
    )


def served(version: str) -> str | None:
    """The version that serves a request: an expired one falls forward to the oldest.

    None if there is no such version.
    """
    if version == "unstable" or version in VERSIONS:
        return version
    return VERSIONS[0] if _VERSION.match(version) and version < VERSIONS[0] else None


class _Face:
    def __init__(self, vendor: ShopifyVendor) -> None:
        self._vendor = vendor

    async def token(self, request: Request) -> Response:
        content = await _content(request)
        with self._vendor.lock:
            status, body = self._vendor.tokens.issue(content)
        return self._answer(body, status)

    async def graphql(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        grant = self._grant(request)
        assert grant is not None  # noqa: S101 - a token without one is refused
        content = await _content(request)
        query, variables = content.get("query"), content.get("variables")
        if not isinstance(query, str) or not isinstance(variables, dict | None):
            return self._answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        vendor = self._vendor
        try:
            with vendor.lock:
                name = content.get("operationName")
                context = self._context(request, grant)
                vendor.bulk.expire(context.now)
                body = run(context, vendor.bucket, query, variables, name)
        except Throttled as throttled:
            vendor.sandbox.counters.add(vendor.name, "refusals")
            body = throttled.body
        return self._answer(body, version=request.path_params["version"])

    async def shop(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return refused
        shop = self._vendor.store.shop
        body = {
            "id": 1,
            "name": shop["name"],
            "email": shop["email"],
            "domain": shop["myshopifyDomain"],
            "myshopify_domain": shop["myshopifyDomain"],
            "currency": shop["currencyCode"],
            "iana_timezone": shop["ianaTimezone"],
            "plan_name": "shopify_plus",
            "created_at": shop["createdAt"],
            "updated_at": shop["updatedAt"],
        }
        return self._answer({"shop": body}, version=request.path_params["version"])

    def _refused(self, request: Request) -> Response | None:
        if served(request.path_params["version"]) is None:
            return self._answer({"errors": "Not Found"}, 404)
        if self._grant(request) is None:
            return self._answer(UNAUTHORIZED, 401)
        return None

    async def bulk(self, request: Request) -> Response:
        """The answer of a bulk operation: its link is enough to fetch it, for a week."""
        bulk, name = self._vendor.bulk, request.path_params["name"]
        if request.query_params.get("X-Goog-Signature") != bulk.signature(name):
            return _storage_error(403, "SignatureDoesNotMatch", "Access denied.")
        file = bulk.file(name, self._vendor.sandbox.clock.now())
        if file is None:
            return _storage_error(400, "ExpiredToken", "Invalid argument.")
        return FileResponse(file, media_type="application/jsonl", filename=name)

    def _grant(self, request: Request) -> Grant | None:
        return self._vendor.tokens.grant(request.headers.get("X-Shopify-Access-Token"))

    def _context(self, request: Request, grant: Grant) -> Context:
        vendor = self._vendor
        return Context(
            store=vendor.store,
            bulk=vendor.bulk,
            grant=grant,
            now=vendor.sandbox.clock.now(),
            effects=vendor.sandbox.effects,
            vendor=vendor.name,
            address=f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}",
            version=served(request.path_params["version"]) or "",
        )

    def _answer(self, body: Any, status: int = 200, version: str | None = None) -> Response:
        headers = {"X-Request-Id": str(uuid.uuid4())}
        if version:
            headers["X-Shopify-API-Version"] = served(version) or version
        return JSONResponse(body, status_code=status, headers=headers)


def _storage_error(status: int, code: str, message: str) -> Response:
    """An error of the storage that the files lie in, which is not the shop's own."""
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code>"
    return Response(f"{body}<Message>{message}</Message></Error>", status, media_type="text/xml")


async def _content(request: Request) -> dict[str, Any]:
    """The body as an object: JSON, a form, or a bare query; empty if it is none of them."""
    body = await request.body()
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    if kind == "application/graphql":
        return {"query": body.decode("utf-8", "replace")}
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
