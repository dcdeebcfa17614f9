"""How often and how long to try."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Retry:
    """Exponential back-off with full jitter, capped in tries and in time.

    Attributes:
        tries: Number of tries of one request that failed, waits for a limit not counted.
        first: Upper bound of the first pause, in seconds.
        cap: Upper bound of any pause.
        patience: Total seconds that one request may spend waiting for a limit to lift.
    """

    tries: int = 5
    first: float = 0.5
    cap: float = 30.0
    patience: float = 600.0

    def pause(self, failures: int, rand: Callable[[], float] = random.random) -> float:
        """Seconds to wait after the given number of failures (1 or more)."""
        return rand() * min(self.cap, self.first * 2.0 ** (failures - 1))
