"""What an answer means: a table of rows, the vendor's own rows first.

A row matches a status, a range of statuses, or whatever a callable finds in the response (a
GraphQL error arrives with status 200). The first row that matches decides.
"""

from __future__ import annotations

import decimal
import email.utils
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import httpx
import msgspec


class Action(Enum):
    """What to do about an answer, or about the want of one."""

    OK = "ok"
    RETRY = "retry"
    """Try again after a pause; a write that may have taken effect becomes unknown instead."""
    WAIT = "wait"
    """The limit is reached and nothing took effect: wait as told, then try again."""
    REFRESH = "refresh"
    """The token is not accepted and nothing took effect: fetch another, once."""
    REJECT = "reject"
    """This record or request is refused; the others go on."""
    FAIL = "fail"
    """Nothing of this connector will work: stop."""


When = int | range | Callable[[httpx.Response], bool]


@dataclass(frozen=True)
class Rule:
    """One row: when it matches, and what to do then.

    Attributes:
        when: A status, a range of statuses, or a question to the response.
        action: What to do.
        no_effect: The vendor promises that a request answered so had no effect, so that even
            a write may be sent again. Implied by WAIT, REFRESH, REJECT and FAIL.
        hint: What a person should do next, where the vendor's answer does not say.
        auth: A FAIL is about credentials or scopes.
    """

    when: When
    action: Action
    no_effect: bool = False
    hint: str | None = None
    auth: bool = False

    def matches(self, response: httpx.Response) -> bool:
        """Whether this row speaks of that response."""
        if isinstance(self.when, int):
            return response.status_code == self.when
        if isinstance(self.when, range):
            return response.status_code in self.when
        return self.when(response)


@dataclass(frozen=True)
class Verdict:
    """What an answer means; the words in it name no secret and no person.

    Attributes:
        action: What to do.
        reason: What the vendor, or the network, says.
        code: The vendor's own code or category.
        wait: Seconds that the vendor told us to wait.
        no_effect: Nothing took effect, so a write may be sent again.
        hint: What a person should do next.
        auth: A FAIL is about credentials or scopes.
    """

    action: Action
    reason: str = ""
    code: str | None = None
    wait: float | None = None
    no_effect: bool = False
    hint: str | None = None
    auth: bool = False


CHECK_CREDENTIALS = "put valid credentials of this connector into .env"
CHECK_SCOPES = "grant the missing scope; `crossdock check` lists what is needed"
CHECK_URL = "check the connector's api_url"

COMMON: tuple[Rule, ...] = (
    Rule(lambda response: response.is_success and not is_json(response), Action.RETRY),
    Rule(range(200, 300), Action.OK),
    Rule(range(300, 400), Action.FAIL, hint=CHECK_URL),
    Rule(401, Action.REFRESH, hint=CHECK_CREDENTIALS),
    Rule(403, Action.FAIL, hint=CHECK_SCOPES, auth=True),
    Rule(408, Action.RETRY),
    Rule(423, Action.RETRY, no_effect=True),
    Rule(425, Action.RETRY, no_effect=True),
    Rule(429, Action.WAIT),
    Rule(range(400, 500), Action.REJECT),
    Rule(range(500, 600), Action.RETRY),
)
"""Rows that hold where a vendor says nothing else."""

# The request cannot have left: no connection was made, or none was free.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_OUR_FAULT = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects)

Explain = Callable[[httpx.Response], tuple[str, str | None]]
Wait = Callable[[httpx.Response], float | None]


class Rules:
    """The table of one vendor.

    Args:
        rows: The vendor's rows; they come before the common ones.
        explain: Reads (message, code) out of an error's body.
        wait: Reads how long to wait, in seconds, where `Retry-After` does not say it.
    """

    def __init__(
        self, rows: Sequence[Rule] = (), *, explain: Explain | None = None, wait: Wait | None = None
    ) -> None:
        self.rows = (*rows, *COMMON)
        self._explain = explain
        self._wait = wait

    def classify(self, response: httpx.Response) -> Verdict:
        """What this response means."""
        rule = next((row for row in self.rows if row.matches(response)), None)
        if rule is None:
            return Verdict(Action.REJECT, reason=f"HTTP {response.status_code}")
        if rule.action is Action.OK:
            return Verdict(Action.OK)
        reason, code = self._reason(response)
        return Verdict(
            action=rule.action,
            reason=clean(reason),
            code=code,
            wait=self._told(response),
            no_effect=rule.no_effect or rule.action is not Action.RETRY,
            hint=rule.hint,
            auth=rule.auth,
        )

    def classify_error(self, error: httpx.HTTPError) -> Verdict:
        """What the want of a response means."""
        name = _in_words(type(error).__name__)
        if isinstance(error, _OUR_FAULT):
            return Verdict(Action.FAIL, reason=name, no_effect=True, hint=CHECK_URL)
        never_left = isinstance(error, _NEVER_LEFT)
        return Verdict(Action.RETRY, reason=name, no_effect=never_left)

    def _reason(self, response: httpx.Response) -> tuple[str, str | None]:
        """The vendor's words; a body that is not as promised has none."""
        if response.is_success and not is_json(response):
            return "the answer is not JSON", None
        fallback = f"HTTP {response.status_code} {response.reason_phrase}".strip()
        if self._explain is None or not is_json(response):
            return fallback, None
        reason, code = self._explain(response)
        return reason or fallback, code

    def _told(self, response: httpx.Response) -> float | None:
        told = retry_after(response)
        if told is None and self._wait is not None and is_json(response):
            told = self._wait(response)
        return None if told is None else max(0.0, told)


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of the `Retry-After` header, given as a number or as a date."""
    text = response.headers.get("Retry-After")
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        date = parse_date(text)
    if date is None:
        return None
    base = parse_date(response.headers.get("Date", "")) or datetime.now(UTC)
    return (date - base).total_seconds()


def parse_date(text: str) -> datetime | None:
    """An HTTP date, or None if it is none."""
    try:
        value = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return value.replace(tzinfo=value.tzinfo or UTC)


_JSON = "crossdock_json"
_NOT_JSON = object()


def body(response: httpx.Response) -> Any:
    """The decoded JSON of a response, decoded once; None if it is empty or not JSON."""
    value = _decoded(response)
    return None if value is _NOT_JSON else value


def is_json(response: httpx.Response) -> bool:
    """Whether the body is JSON, or rightly empty."""
    return _decoded(response) is not _NOT_JSON


def mapping(response: httpx.Response) -> Mapping[str, Any]:
    """The decoded JSON object of a response; empty if the body is anything else."""
    value = body(response)
    return value if isinstance(value, dict) else {}


def _decoded(response: httpx.Response) -> Any:
    if _JSON not in response.extensions:
        response.extensions[_JSON] = _decode(response.content)
    return response.extensions[_JSON]


# Numbers keep their digits: nothing of money or ids may pass through a float.
_decoder = msgspec.json.Decoder(float_hook=decimal.Decimal)


def _decode(content: bytes) -> Any:
    if not content:
        return None
    try:
        return _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:  # slower, but lets a lone surrogate through for the loader to judge
        return json.loads(content, parse_float=decimal.Decimal)
    except (ValueError, UnicodeDecodeError):
        return _NOT_JSON


_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_PERSONAL = (
    (re.compile(r"[^\s@\"'<>:,\[\](){}]+@[^\s@\"'<>,\[\](){}]+\.[a-zA-Z]{2,}"), "<e-mail>"),
    (re.compile(r"\+\d[\d ().-]{6,}\d"), "<phone>"),
    (re.compile(r"\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b"), "<phone>"),
    (re.compile(r"\b(?:shp(?:at|ca|pa|ss|rt)_|pat-[a-z]{2}\d-|Bearer\s+)[\w.~+/=-]+"), "<secret>"),
)


def clean(text: str, limit: int = 300) -> str:
    """One line without e-mail addresses, phone numbers and tokens."""
    line = " ".join(text.split())
    for pattern, replacement in _PERSONAL:
        line = pattern.sub(replacement, line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def without_values(text: str, limit: int = 200) -> str:
    """A vendor's refusal without what it quotes: that is often a value of the record."""
    return clean(_QUOTED.sub("…", text), limit)


def _in_words(name: str) -> str:
    """`ConnectTimeout` as `connect timeout`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()
