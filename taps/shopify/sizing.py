"""How many records a page asks for: as many as a query may cost, by what queries did cost.

Shopify does not publish how the price of a list grows with its length, and a catalog that
selects few fields makes records cheap. So the first page is a cautious guess, and each answer
says what the next one may hold.
https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

MOST = 1_000.0
"""Points that a single query may ask for."""

AIM = 900.0
"""What we ask for, so that a page that turns out a little dearer is not refused."""


class Sizing:
    """The size and the charge of one document's pages.

    Args:
        first: Records of the first page.
        cap: Records that a page never exceeds.
        points: What a page of that first size asks for, as measured.
    """

    def __init__(self, first: int, cap: int, points: float) -> None:
        self._lock = threading.Lock()
        self._cap = cap
        self._size = min(first, cap)
        self._each = points / first

    @property
    def size(self) -> int:
        """Records to ask for now."""
        with self._lock:
            return self._size

    def points(self, size: int) -> float:
        """What a page of that size is going to ask for."""
        with self._lock:
            return min(MOST, self._each * size)

    def learn(self, size: int, extensions: Mapping[str, Any]) -> None:
        """Take note of what a page was charged."""
        requested = (extensions.get("cost") or {}).get("requestedQueryCost")
        if not requested or size < 1:
            return
        with self._lock:
            self._each = float(requested) / size
            self._size = max(1, min(self._cap, int(AIM / self._each)))

    def shrink(self, size: int) -> bool:
        """A page of that size was too dear; False if it can be no smaller."""
        with self._lock:
            self._size = max(1, min(self._size, size // 2))
            return size > 1
