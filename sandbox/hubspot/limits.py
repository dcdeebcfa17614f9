"""The account's rate limits: HubSpot Professional."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

PER_DAY = 625_000
PER_TEN_SECONDS = 190
SEARCHES_PER_SECOND = 5


class Window:
    """At most so many requests in any stretch of time of this length."""

    def __init__(self, policy: str, limit: int, length: timedelta) -> None:
        self.policy = policy
        self.limit = limit
        self._length = length
        self._times: deque[datetime] = deque()

    def take(self, now: datetime) -> bool:
        """Count a request, unless it is one too many; refused ones do not count."""
        while self._times and self._times[0] <= now - self._length:
            self._times.popleft()
        if len(self._times) >= self.limit:
            return False
        self._times.append(now)
        return True

    @property
    def remaining(self) -> int:
        return self.limit - len(self._times)


class Limits:
    """The ten seconds and the day of one app, and the second that all searches share."""

    def __init__(self) -> None:
        self._day = Window("DAILY", PER_DAY, timedelta(days=1))
        self._burst = Window("TEN_SECONDLY_ROLLING", PER_TEN_SECONDS, timedelta(seconds=10))
        self._search = Window("SECONDLY", SEARCHES_PER_SECOND, timedelta(seconds=1))

    def take(self, now: datetime, *, search: bool) -> Window | None:
        """Count a request; answer the window that refuses it, if one does."""
        for window in (self._search,) if search else (self._burst, self._day):
            if not window.take(now):
                return window
        return None

    def headers(self, *, oauth: bool) -> dict[str, str]:
        """What a response tells about the limits; searches tell nothing."""
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self._burst.limit),
            "X-HubSpot-RateLimit-Remaining": str(self._burst.remaining),
            "X-HubSpot-RateLimit-Secondly": str(self._burst.limit // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(self._burst.limit // 10),
        }
        if not oauth:
            headers["X-HubSpot-RateLimit-Daily"] = str(self._day.limit)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(self._day.remaining)
        return headers


def refusal(window: Window, correlation_id: str) -> dict[str, Any]:
    """The body of a 429."""
    return {
        "status": "error",
        "message": f"You have reached your {window.policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": correlation_id,
        "policyName": window.policy,
        "requestId": correlation_id,
    }
