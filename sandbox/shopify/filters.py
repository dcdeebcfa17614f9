"""The search language of `query:` arguments: `updated_at:>='2026-01-01' AND status:open`.

https://shopify.dev/docs/api/usage/search-syntax. A field that cannot be searched is ignored and
warned of, as there.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.shopify.computed_orders import ORDER
from sandbox.shopify.ids import numbers_of
from sandbox.shopify.store import Record

Predicate = Callable[[Record], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<paren>[()])
        |(?P<word>AND|OR|NOT)(?=[\s(]|$)
        |(?P<not>-)?(?:(?P<field>\w[\w.]*):)?(?P<op>>=|<=|>|<)?
         (?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>[^\s()]+))
        )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TIMES = {
    *("cancelled_at", "completed_at", "created_at", "occurred_at", "processed_at", "updated_at")
}
_TEXTS: dict[str, Callable[[Record], Any]] = {
    "barcode": lambda r: r.get("barcode"),
    "email": lambda r: r.get("email") or (r.get("defaultEmailAddress") or {}).get("emailAddress"),
    "financial_status": lambda r: r.get("displayFinancialStatus"),
    "first_name": lambda r: r.get("firstName"),
    "fulfillment_status": lambda r: r.get("displayFulfillmentStatus"),
    "last_name": lambda r: r.get("lastName"),
    "phone": lambda r: r.get("phone") or (r.get("defaultPhoneNumber") or {}).get("phoneNumber"),
    "operation_type": lambda r: r.get("type"),
    "return_status": lambda r: ORDER["returnStatus"](r) if "returns" in r else None,
    "test": lambda r: str(r.get("test")),
    "title": lambda r: r.get("title"),
}
_IDS: dict[str, Callable[[Record], str | None]] = {
    "id": lambda r: r["id"],
    "customer_id": lambda r: (r.get("customer") or {}).get("id"),
    "location_id": lambda r: (r.get("_location") or r.get("location") or {}).get("id"),
    "assigned_location_id": lambda r: (r.get("_location") or {}).get("id"),
    "product_id": lambda r: (r.get("product") or {}).get("id"),
}


@dataclass
class Search:
    """A parsed query, and the fields of it that cannot be searched."""

    matches: Predicate
    unknown: list[str] = field(default_factory=list)


def parse(query: str | None) -> Search:
    """Read a `query:` argument; nothing at all matches everything."""
    parser = _Parser(query or "")
    return Search(parser.any_of(), parser.unknown)


class _Parser:
    """Recursive descent: OR of ANDs of terms; a space is an AND."""

    def __init__(self, query: str) -> None:
        self._tokens = list(_TOKEN.finditer(query))
        self.unknown: list[str] = []

    def any_of(self) -> Predicate:
        options = [self._all_of()]
        while self._next_is("OR"):
            self._tokens.pop(0)
            options.append(self._all_of())
        return lambda record: any(matches(record) for matches in options)

    def _all_of(self) -> Predicate:
        terms: list[Predicate] = []
        while self._tokens and not self._next_is("OR") and not self._next_is(")"):
            token = self._tokens.pop(0)
            if token["word"] == "AND":
                continue
            terms.append(self._negated(token) if token["word"] == "NOT" else self._term(token))
        return lambda record: all(matches(record) for matches in terms)

    def _negated(self, token: re.Match[str]) -> Predicate:
        if not self._tokens:
            return lambda _: True
        matches = self._term(self._tokens.pop(0))
        return lambda record: not matches(record)

    def _term(self, token: re.Match[str]) -> Predicate:
        if token["paren"] == "(":
            inside = self.any_of()
            if self._next_is(")"):
                self._tokens.pop(0)
            return inside
        quoted = token["double"] if token["double"] is not None else token["single"]
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else token["bare"] or ""
        matches = self._field(token["field"], token["op"] or "", value)
        return (lambda record: not matches(record)) if token["not"] else matches

    def _next_is(self, text: str) -> bool:
        return bool(self._tokens) and text in (self._tokens[0]["word"], self._tokens[0]["paren"])

    def _field(self, name: str | None, comparison: str, value: str) -> Predicate:
        if name is None:
            return lambda record: _mentions(record, value)
        predicate = _predicate(name, comparison, value)
        if predicate is None:
            self.unknown.append(name)
            return lambda _: True
        return predicate


def _predicate(name: str, comparison: str, value: str) -> Predicate | None:
    if name in _TIMES:
        return _by_time(_camel(name), comparison, value)
    if name in _IDS:
        return _by_id(_IDS[name], comparison, value)
    if name in _TEXTS:
        return _by_text(_TEXTS[name], value)
    special: dict[str, Predicate] = {
        "name": lambda record: _same(str(record.get("name", "")).lstrip("#"), value.lstrip("#")),
        "sku": lambda record: any(_same(sku, value) for sku in _skus(record)),
        "status": lambda record: _has_status(record, value),
        "tag": lambda record: any(_same(tag, value) for tag in record.get("tags", ())),
    }
    return special.get(name)


def _by_time(field_name: str, comparison: str, value: str) -> Predicate | None:
    """Compare as text: all times of a shop are in UTC and of the same form."""
    try:
        wanted = _moment(value)
    except ValueError:
        return None
    first = _text(wanted)
    end = _text(wanted + timedelta(days=1))
    whole_day = not comparison and len(value) == len("2026-11-23")
    compare = _COMPARE[comparison]

    def matches(record: Record) -> bool:
        at = record.get(field_name)
        if at is None:
            return False
        at = at[:-1]  # its Z
        return first <= at < end if whole_day else compare(at, first)

    return matches


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def _by_id(read: Callable[[Record], str | None], comparison: str, value: str) -> Predicate:
    wanted = numbers_of(value)[:1]

    def matches(record: Record) -> bool:
        found = read(record)
        return found is not None and _COMPARE[comparison](numbers_of(found)[:1], wanted)

    return matches


def _by_text(read: Callable[[Record], Any], value: str) -> Predicate:
    return lambda record: _same(read(record), value)


def _same(found: Any, wanted: str) -> bool:
    """Equal but for case; a star at the end stands for anything."""
    if found is None:
        return False
    text, wanted = str(found).casefold(), wanted.casefold()
    return text.startswith(wanted[:-1]) if wanted.endswith("*") else text == wanted


def _skus(record: Record) -> list[str | None]:
    lines = record.get("lineItems") or record.get("variants") or []
    return [record.get("sku"), *(line.get("sku") for line in lines)]


def _has_status(record: Record, value: str) -> bool:
    """Orders are open, closed or cancelled; other records have a status of their own."""
    wanted = value.lower()
    if "displayFulfillmentStatus" not in record:
        return _same(record.get("status"), value)
    state = "cancelled" if record["cancelledAt"] else "closed" if record["closed"] else "open"
    return wanted == "any" or wanted == state or (wanted == "not_closed" and state != "closed")


def _mentions(record: Record, value: str) -> bool:
    names = ("name", "displayName", "title", "sku", "email")
    return any(value.casefold() in str(record.get(name) or "").casefold() for name in names)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _moment(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=value.tzinfo or UTC)
