"""Stands before one vendor and breaks what the rules say."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.connections import close, cut, gone
from sandbox.faults import records, wording
from sandbox.faults.rules import OF_RECORDS, Applied, Faults, Rule
from sandbox.faults.shifting import shift

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sandbox.core import Vendor

HTML = b"<html>Bad gateway</html>"
_NAME = re.compile(r"\b(?:query|mutation)\s+(\w+)")
_ROOT_FIELD = re.compile(r"\b(?:query|mutation)\b[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)")
_SIGNED = (b"x-shopify-access-token", b"authorization")


@dataclass
class _Call:
    """One request, read whole."""

    scope: Scope
    receive: Receive
    send: Send
    body: bytes
    replay: Receive = field(init=False)

    def __post_init__(self) -> None:
        self.replay = _again(self.body, self.receive)

    @property
    def root_field(self) -> str:
        found = _ROOT_FIELD.search(_query(self.body))
        return found[1] if found else ""

    @property
    def names(self) -> str:
        """The path, the names of the GraphQL operations and of the first root field."""
        return " ".join([self.scope["path"], *_NAME.findall(_query(self.body)), self.root_field])

    @property
    def token(self) -> str | None:
        """What the request is signed with."""
        headers = dict(self.scope["headers"])
        found = next((headers[name] for name in _SIGNED if name in headers), None)
        return None if found is None else found.decode("latin-1")

    @property
    def identity(self) -> str:
        """The same for the same request when it is sent again."""
        parts = (self.scope["method"], self.scope["path"])
        place = " ".join(parts).encode() + b"?" + self.scope["query_string"]
        return hashlib.sha256(place + b"\n" + self.body).hexdigest()


class FaultMiddleware:
    """Stands before one vendor and breaks what the rules say."""

    def __init__(self, app: ASGIApp, vendor: Vendor, faults: Faults) -> None:
        self._app = app
        self._vendor = vendor
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._faults.rules:
            await self._app(scope, receive, send)
            return
        call = _Call(scope, receive, send, await _whole(receive))
        applied = self._faults.pick(
            self._vendor.name, call.names, request=call.identity, token=call.token
        )
        if applied is None:
            await self._app(scope, call.replay, send)
        elif applied.rule.kind in OF_RECORDS:
            await self._break_records(call, applied)
        else:
            await self._break(call, applied.rule)

    async def _break(self, call: _Call, rule: Rule) -> None:
        match rule.kind:
            case "slow":
                await asyncio.sleep(rule.wait)
                await self._app(call.scope, call.replay, call.send)
            case "timeout":
                await self._app(call.scope, call.replay, _ignore)
                await gone(call.receive, rule.wait)
                await cut(call.scope, call.receive)
            case "reset" | "short" | "truncated":
                await self._half(call, rule)
            case _:
                await self._answer(call, rule)

    async def _answer(self, call: _Call, rule: Rule) -> None:
        """An answer that is not the vendor's, or none."""
        if rule.kind in ("lost_answer", "garbage"):
            await self._app(call.scope, call.replay, _ignore)
        answer = _answer_of(rule, self._vendor.name, call.root_field)
        if answer is None:
            await cut(call.scope, call.receive)
        else:
            await _send(call.send, answer)

    async def _half(self, call: _Call, rule: Rule) -> None:
        """Half of the vendor's answer."""
        kept = await self._kept(call)
        half = kept.body[: len(kept.body) // 2]
        if rule.kind == "truncated":
            await kept.send(call.send, half)
            return
        await call.send(kept.start)
        await call.send({"type": "http.response.body", "body": half, "more_body": True})
        await close(call.scope, call.receive, reset=rule.kind == "reset")

    async def _break_records(self, call: _Call, applied: Applied) -> None:
        """The vendor's answer with its records broken; an answer without records passes."""
        kept = await self._kept(call)
        body = _json(kept.body)
        if applied.rule.kind == "shift":
            fit = records.holds_records(body) and shift(
                self._vendor, applied.rule.edit, applied.broken - 1
            )
            changed = None
        else:
            changed = records.broken(body, applied.rule)
            fit = changed is not None
        if not fit:
            self._faults.missed(applied, call.identity)
        content = kept.body if changed is None else json.dumps(changed).encode()
        await kept.send(call.send, content)

    async def _kept(self, call: _Call) -> _Kept:
        kept = _Kept()
        await self._app(call.scope, call.replay, kept)
        return kept


class _Kept:
    """An answer that is held back."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    async def send(self, send: Send, body: bytes) -> None:
        """Send it with another body, as if it were the whole one."""
        headers = [(k, v) for k, v in self.start["headers"] if k.lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**self.start, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _answer_of(rule: Rule, vendor: str, root_field: str) -> wording.Answer | None:
    """What the caller gets instead of the vendor's answer; None cuts the connection."""
    html = {"Content-Type": "text/html"}
    match rule.kind:
        case "limited":
            told = rule.retry_after
            return wording.limited(vendor, root_field, status=rule.status, retry_after=told)
        case "revoked":
            return wording.unauthorized(vendor)
        case "garbage":
            return wording.Answer(rule.status or 200, HTML, html)
        case "status":
            told_headers = {} if rule.retry_after is None else _wait_header(rule.retry_after)
            return wording.Answer(rule.status or 503, b"", html | told_headers)
    return wording.Answer(rule.status, b"", html) if rule.status else None


def _wait_header(seconds: float) -> dict[str, str]:
    return {"Retry-After": f"{seconds:g}"}


async def _whole(receive: Receive) -> bytes:
    """Read the whole body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read, and then what comes after it.

    A file that is being sent looks out for the caller going away meanwhile.
    """
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay


def _query(body: bytes) -> str:
    """The document of a GraphQL request; else nothing."""
    content = _json(body)
    query = content.get("query") if isinstance(content, dict) else None
    return query if isinstance(query, str) else ""


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


async def _send(send: Send, answer: wording.Answer) -> None:
    content = answer.content
    headers = {"Content-Type": "application/json", **answer.headers}
    listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    listed.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": listed})
    await send({"type": "http.response.body", "body": content})


async def _ignore(message: Message) -> None:
    """Take an answer that nobody will see."""
