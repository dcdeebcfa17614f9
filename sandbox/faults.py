"""Faults on purpose: rules that break a vendor's answers, and the middleware that applies them."""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from crossdock.errors import CrossdockError
from sandbox.connections import cut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kind = Literal["down", "status", "lost_answer", "drop_before", "slow", "garbage"]
_NAME = re.compile(r"\b(?:query|mutation)\s+(\w+)")
_ROOT_FIELD = re.compile(r"\b(?:query|mutation)\b[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)")


class FaultError(CrossdockError):
    """A fault rule is wrong."""


@dataclass(frozen=True)
class Rule:
    """When a request breaks, and how.

    Attributes:
        vendor: `shopify` (all instances), `shopify:eu` (one); empty for every vendor.
        match: Part of the path, or of the name of the GraphQL operation or root field.
        kind: `down` and `drop_before` cut the connection before anything happens; `status`
            answers `status` and nothing happens; `lost_answer` lets it happen, then cuts
            the connection (or answers `status`); `slow` waits `seconds` first; `garbage`
            lets it happen and answers no JSON.
        probability: Share of the matching requests that break.
        every: Only every n-th matching request breaks.
        after: The first n matching requests pass.
        count: At most n requests break.
    """

    kind: Kind
    vendor: str = ""
    match: str = ""
    probability: float = 1.0
    every: int = 1
    after: int = 0
    count: int | None = None
    status: int | None = None
    seconds: float = 1.0
    seed: int = 0

    @classmethod
    def parse(cls, body: dict[str, Any]) -> Rule:
        """Read a rule.

        Raises:
            FaultError: A key is unknown, or `kind` is none of the known ones.
        """
        unknown = set(body) - {field.name for field in fields(cls)}
        if unknown or body.get("kind") not in get_args(Kind):
            wrong = f"key {sorted(unknown)[0]!r}" if unknown else f"kind {body.get('kind')!r}"
            raise FaultError(
                f"a fault rule has the unknown {wrong}",
                hint=f"kinds are {', '.join(get_args(Kind))}",
            )
        try:
            rule = cls(**body)
            sane = 0 <= rule.probability <= 1 and rule.every >= 1 and rule.seconds >= 0
            sane = sane and rule.after >= 0 and (rule.count or 0) >= 0
        except TypeError:
            sane = False
        if not sane or not isinstance(rule.status, int | None):
            raise FaultError("a fault rule has a value that makes no sense", hint=str(body))
        return rule

    @property
    def answer(self) -> tuple[int, bytes] | None:
        """The status and body that the caller gets; None cuts the connection."""
        if self.kind == "garbage":
            return self.status or 200, b"<html>Bad gateway</html>"
        if self.kind == "status":
            return self.status or 503, b""
        return (self.status, b"") if self.status else None

    def concerns(self, vendor: str, names: str) -> bool:
        """Whether the rule is about this vendor and this request."""
        return self.vendor in ("", vendor, vendor.split(":")[0]) and self.match in names


class _Applied:
    """A rule with the count of what it has seen and broken."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._random = random.Random(rule.seed)
        self._seen = 0
        self._broken = 0

    def hits(self) -> bool:
        rule = self.rule
        self._seen += 1
        if self._seen <= rule.after or (self._seen - rule.after) % rule.every:
            return False
        if rule.count is not None and self._broken >= rule.count:
            return False
        if self._random.random() >= rule.probability:
            return False
        self._broken += 1
        return True


class Faults:
    """The set of rules in force."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._lock = threading.Lock()
        self._applied: list[_Applied] = []
        self.replace(rules)

    @classmethod
    def parse(cls, body: Any) -> Faults:
        """Read `{"rules": [...]}`.

        Raises:
            FaultError: It is something else.
        """
        rules = body.get("rules") if isinstance(body, dict) else None
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise FaultError("no fault rules", hint='write {"rules": [{"kind": "down", ...}]}')
        return cls(Rule.parse(rule) for rule in rules)

    def replace(self, rules: Iterable[Rule]) -> None:
        applied = [_Applied(rule) for rule in rules]
        with self._lock:
            self._applied = applied

    @property
    def rules(self) -> list[Rule]:
        with self._lock:
            return [applied.rule for applied in self._applied]

    def pick(self, vendor: str, names: str) -> Rule | None:
        """The first rule that breaks this request, if any does."""
        with self._lock:
            for applied in self._applied:
                if applied.rule.concerns(vendor, names) and applied.hits():
                    return applied.rule
        return None


class FaultMiddleware:
    """Stands before one vendor and breaks what the rules say."""

    def __init__(self, app: ASGIApp, vendor: str, faults: Faults) -> None:
        self._app = app
        self._vendor = vendor
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._faults.rules:
            await self._app(scope, receive, send)
            return
        body, replay = await _buffer(receive)
        rule = self._faults.pick(self._vendor, f"{scope['path']} {_graphql_names(body)}")
        if rule is None:
            await self._app(scope, replay, send)
            return
        if rule.kind == "slow":
            await asyncio.sleep(rule.seconds)
            await self._app(scope, replay, send)
            return
        if rule.kind in ("lost_answer", "garbage"):
            await self._app(scope, replay, _ignore)
        answer = rule.answer
        if answer:
            await _answer(send, *answer)
        else:
            await cut(scope, receive)


async def _buffer(receive: Receive) -> tuple[bytes, Receive]:
    """Read the whole body, and answer it with a `receive` that gives it again."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else {"type": "http.disconnect"}

    return body, replay


def _graphql_names(body: bytes) -> str:
    """The names of the operations and the first root field of a GraphQL request; else nothing."""
    try:
        query = str(json.loads(body)["query"])
    except (ValueError, KeyError, TypeError):
        return ""
    field = _ROOT_FIELD.search(query)
    return " ".join([*_NAME.findall(query), field[1] if field else ""])


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"text/html"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _ignore(message: Message) -> None:
    """Take an answer that nobody will see."""
