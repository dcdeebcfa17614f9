"""A clock that only moves when somebody sleeps, and a vendor that answers from a script."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from crossdock.http.client import ApiClient
from crossdock.http.graphql import GraphQLClient, graphql_rules
from crossdock.http.limits import Bucket, MemoryStore
from crossdock.http.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossdock.http.auth import TokenAuth

Reply = httpx.Response | Exception


@dataclass
class FakeClock:
    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class FakeVendor:
    """Answers each request with the next reply; the last one for ever."""

    replies: list[Reply | Callable[[httpx.Request], Reply]]
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if callable(reply) and not isinstance(reply, httpx.Response):
            reply = reply(request)
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)


def ok(body: Any = None, **headers: str) -> httpx.Response:
    return answer(200, {"ok": True} if body is None else body, **headers)


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, content=content)


def client_of(
    *replies: Any,
    rules: Rules | None = None,
    auth: TokenAuth | None = None,
    limiter: Bucket | None = None,
    clock: FakeClock | None = None,
    kind: type[ApiClient] = ApiClient,
    **options: Any,
) -> tuple[Any, FakeVendor, FakeClock]:
    vendor, clock = FakeVendor(list(replies)), clock or FakeClock()
    default = graphql_rules() if issubclass(kind, GraphQLClient) else Rules()
    client = kind(
        connector="tap-test",
        base_url="http://vendor.test/base",
        auth=auth,
        rules=rules or default,
        limiter=limiter,
        transport=vendor.transport,
        sleep=clock.sleep,
        random=lambda: 1.0,
        **options,
    )
    return client, vendor, clock


def bucket(clock: FakeClock, capacity: float, rate: float, share: float = 1.0) -> Bucket:
    return Bucket(
        "test",
        capacity=capacity,
        rate=rate,
        share=share,
        store=MemoryStore(),
        clock=clock,
        sleep=clock.sleep,
    )
