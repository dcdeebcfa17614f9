"""The HTTP client of every tap and target."""

from __future__ import annotations

import logging
import random as _random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn, Self

import httpx

from crossdock import __version__, clock
from crossdock.http import rules as table
from crossdock.http.auth import TokenAuth
from crossdock.http.errors import (
    ApiError,
    AuthError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    VendorDown,
)
from crossdock.http.limits import DayCap, Limiter
from crossdock.http.retry import Retry
from crossdock.http.rules import Action, Rules, Verdict

logger = logging.getLogger("crossdock.http")
# httpx logs whole URLs, whose queries may hold a person's data.
logging.getLogger("httpx").setLevel(logging.WARNING)

SENT_AT = "crossdock_sent_at"
TOOK = "crossdock_took"


@dataclass
class _Call:
    """One request on its way through its tries."""

    method: str
    path: str
    stream: str
    cost: float
    write: bool
    bucket: str | None
    options: Mapping[str, Any]
    attempt: int = 0
    failures: int = 0
    waited: float = 0.0
    renewed: bool = False
    sent_token: str = field(default="", repr=False)


class ApiClient:
    """Sends requests to one account of one vendor: within its limits, and again where it may.

    Args:
        connector: Name for messages, such as `tap-shopify`.
        base_url: What all paths are relative to.
        auth: How requests are signed; a `TokenAuth` can also renew its token.
        rules: The vendor's table of answers.
        limiter: The account's bucket, asked before each try.
        buckets: Further buckets by name, for requests that count twice (`bucket=`).
        day_cap: How many requests may leave in a day.
        retry: How often and how long to try.
        transport: Where requests go; tests inject their own.
        headers: Sent with every request.
        timeout: Seconds for connecting, and for each read and write.
        sleep: Waits; by default until the client is closed.
        monotonic: Clock of the token bucket; injected by tests.
        random: Source of jitter; injected by tests.
    """

    def __init__(
        self,
        *,
        connector: str,
        base_url: str,
        auth: httpx.Auth | None = None,
        rules: Rules,
        limiter: Limiter | None = None,
        buckets: Mapping[str, Limiter] | None = None,
        day_cap: DayCap | None = None,
        retry: Retry = Retry(),  # noqa: B008 - frozen
        transport: httpx.BaseTransport | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        sleep: Callable[[float], object] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self.connector = connector
        self.rules = rules
        self._auth = auth
        self._limiter = limiter
        self._buckets = dict(buckets or {})
        self._day_cap = day_cap
        self._retry = retry
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._monotonic = monotonic
        self._random = random
        self._vendor_now: datetime | None = None
        self._lock = threading.Lock()
        self._http = httpx.Client(
            base_url=base_url,
            auth=auth,
            transport=transport,
            headers={"User-Agent": f"crossdock/{__version__}", **(headers or {})},
            timeout=timeout,
            trust_env=transport is None and not _is_loopback(base_url),
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        stream: str,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        cost: float = 1.0,
        write: bool = False,
        bucket: str | None = None,
    ) -> httpx.Response:
        """Send a request until it is answered.

        Args:
            method: HTTP method.
            path: Path below the base URL.
            stream: Stream or object that the request is for; it stands in messages.
            json: Body, sent as JSON.
            params: Query of the URL.
            data: Body, sent as a form.
            headers: Further headers.
            cost: What the request is charged in the account's bucket.
            write: The request changes something, so it is sent again only where nothing of
                it can have taken effect.
            bucket: Name of a further bucket that the request counts in, at 1.

        Raises:
            AuthError: The credentials are wrong or lack a scope.
            RateLimited: The limit did not lift within our patience.
            VendorDown: No usable answer after all tries; nothing took effect.
            Rejected: The vendor understood and refused.
            OutcomeUnknown: A write left us and no answer came back.
        """
        options = {"json": json, "params": params, "data": data, "headers": headers}
        given = {name: value for name, value in options.items() if value is not None}
        call = _Call(method, path, stream, cost, write, bucket, given)
        while True:
            response, verdict = self._try(call)
            if verdict.action is Action.OK and response is not None:
                return response
            self._recover(call, response, verdict)

    def _try(self, call: _Call) -> tuple[httpx.Response | None, Verdict]:
        call.attempt += 1
        if self._day_cap is not None and not self._day_cap.take():
            what = f"the day's {self._day_cap.limit:.0f} requests are used up"
            told = Verdict(Action.WAIT, what, hint="it goes on after midnight UTC")
            self._raise(RateLimited, call, told, None)
        if self._limiter is not None:
            self._limiter.acquire(call.cost)
        if call.bucket is not None:
            # The narrower limit last: requests that wait elsewhere after it leave in a bunch.
            self._buckets[call.bucket].acquire(1.0)
        if self._closed.is_set():
            self._raise(VendorDown, call, Verdict(Action.FAIL, "the client is closed"), None)
        sent_at = clock.real_now()
        try:
            response = self._http.request(call.method, call.path, **call.options)
        except httpx.HTTPError as error:
            return None, self.rules.classify_error(error)
        response.extensions[SENT_AT] = sent_at
        response.extensions[TOOK] = clock.real_now() - sent_at
        if isinstance(self._auth, TokenAuth):
            call.sent_token = self._auth.sent(response.request)
        self._note_date(response)
        self.on_response(response, call.cost)
        return response, self.rules.classify(response)

    def _recover(self, call: _Call, response: httpx.Response | None, verdict: Verdict) -> None:
        """Wait or renew for another try, or raise."""
        action = verdict.action
        if action is Action.RETRY and call.write and not verdict.no_effect:
            self._raise(OutcomeUnknown, call, verdict, response)
        elif action is Action.RETRY:
            self._back_off(call, response, verdict)
        elif action is Action.WAIT:
            self._wait(call, response, verdict)
        elif action is Action.REFRESH:
            self._renew(call, response, verdict)
        elif action is Action.REJECT:
            self._raise(Rejected, call, verdict, response)
        else:
            self._raise(AuthError if verdict.auth else ApiError, call, verdict, response)

    def _back_off(self, call: _Call, response: httpx.Response | None, verdict: Verdict) -> None:
        call.failures += 1
        if call.failures >= self._retry.tries:
            hint = verdict.hint or "the vendor does not answer; the next run tries again"
            self._raise(VendorDown, call, verdict, response, hint=hint)
        # No answer tells what this try did cost; the next one tells what is left.
        self._give_back(call, keep=min(1.0, call.cost))
        pause = max(self._retry.pause(call.failures, self._random), verdict.wait or 0.0)
        self._pause(call, verdict, pause, response)

    def _wait(self, call: _Call, response: httpx.Response | None, verdict: Verdict) -> None:
        call.failures += 1 if verdict.wait is None else 0
        pause = (
            self._retry.pause(call.failures, self._random) + 0.1
            if verdict.wait is None
            else verdict.wait
        )
        if self._limiter is not None and verdict.wait:
            self._limiter.pause(verdict.wait)
        # The charge that did not count is given back, or the wait would be paid twice.
        self._give_back(call)
        self._pause(call, verdict, pause, response)

    def _give_back(self, call: _Call, keep: float = 0.0) -> None:
        if self._limiter is not None:
            self._limiter.refund(call.cost - keep)

    def _pause(
        self, call: _Call, verdict: Verdict, pause: float, response: httpx.Response | None
    ) -> None:
        call.waited += pause
        if call.waited > self._retry.patience:
            limited = verdict.action is Action.WAIT
            self._raise(RateLimited if limited else VendorDown, call, verdict, response)
        logger.info(
            "%s: %s: %s; next try of %s in %.1f s",
            self.connector,
            call.stream,
            verdict.reason,
            call.path,
            pause,
        )
        self._sleep(pause)

    def _renew(self, call: _Call, response: httpx.Response | None, verdict: Verdict) -> None:
        auth = self._auth
        if call.renewed or not isinstance(auth, TokenAuth) or not auth.renew(call.sent_token):
            self._raise(AuthError, call, verdict, response)
        call.renewed = True

    def _raise(
        self,
        kind: type[ApiError],
        call: _Call,
        verdict: Verdict,
        response: httpx.Response | None,
        *,
        hint: str | None = None,
    ) -> NoReturn:
        error = kind(
            verdict.reason or "no answer",
            connector=self.connector,
            stream=call.stream,
            path=call.path.partition("?")[0],
            attempt=call.attempt,
            hint=hint or verdict.hint,
            status=None if response is None else response.status_code,
            code=verdict.code,
        )
        error.body = None if response is None else table.body(response)
        raise error

    def on_response(self, response: httpx.Response, cost: float) -> None:
        """Learn from a response, whatever it says; vendors correct their buckets here."""

    @property
    def limiter(self) -> Limiter | None:
        """The account's bucket."""
        return self._limiter

    @property
    def day_cap(self) -> DayCap | None:
        """The account's allowance for a day."""
        return self._day_cap

    @property
    def vendor_now(self) -> datetime | None:
        """The newest time that the vendor's clock has told; None before any answer."""
        return self._vendor_now

    def _note_date(self, response: httpx.Response) -> None:
        date = vendor_time(response)
        if date is not None:
            with self._lock:
                if self._vendor_now is None or date > self._vendor_now:
                    self._vendor_now = date

    def close(self) -> None:
        """Close the connections, and end every wait."""
        self._closed.set()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()


def sent_at(response: httpx.Response) -> datetime:
    """Real time just before the request of this response left."""
    value: datetime = response.extensions[SENT_AT]
    return value


def vendor_time(response: httpx.Response) -> datetime | None:
    """The vendor's clock when the request of this response left: its `Date`, less the wait."""
    date = table.parse_date(response.headers.get("Date", ""))
    return None if date is None else date - response.extensions[TOOK]


def _is_loopback(url: str) -> bool:
    """A sandbox is never behind a proxy."""
    return httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")
