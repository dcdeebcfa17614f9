"""What the stand-ins of all vendors share: the clock, the log of effects, the counters."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sandbox.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

    from sandbox.world import World

Actor = Literal["api", "person", "warehouse"]
Count = Literal["requests", "writes", "refusals"]


def iso(moment: datetime, *, milliseconds: bool = False) -> str:
    """Write a time as APIs do: UTC, ending in Z."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if milliseconds else "seconds")
    return text.replace("+00:00", "Z")


class Clock:
    """The world's time: begins at a given moment, runs with real time, jumps on `advance`."""

    def __init__(self, start: datetime, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._start = start.astimezone(UTC)
        self._monotonic = monotonic
        self._began = monotonic()
        self._jumped = timedelta()

    def now(self) -> datetime:
        return self._start + self._jumped + timedelta(seconds=self._monotonic() - self._began)

    def advance(self, hours: float) -> datetime:
        """Jump ahead and answer the new time."""
        self._jumped += timedelta(hours=hours)
        return self.now()


@dataclass(frozen=True)
class Effect:
    """One write that took effect at a vendor."""

    seq: int
    vendor: str
    actor: Actor
    object: str
    id: str
    external_id: str | None
    operation: str
    fields: Mapping[str, Any]
    idempotency_key: str | None
    request_id: str | None
    time: str


class Effects:
    """The log of every write that took effect, in order, numbered from 1."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._log: list[Effect] = []
        self._lock = threading.Lock()

    def record(
        self,
        *,
        vendor: str,
        actor: Actor,
        object: str,  # noqa: A002
        id: str,  # noqa: A002
        external_id: str | None,
        operation: str,
        fields: Mapping[str, Any],
        idempotency_key: str | None = None,
        request_id: str | None = None,
    ) -> Effect:
        """Append one effect."""
        with self._lock:
            effect = Effect(
                seq=len(self._log) + 1,
                vendor=vendor,
                actor=actor,
                object=object,
                id=id,
                external_id=external_id,
                operation=operation,
                fields=json.loads(json.dumps(dict(fields), default=_text)),
                idempotency_key=idempotency_key,
                request_id=request_id,
                time=iso(self._clock.now(), milliseconds=True),
            )
            self._log.append(effect)
        return effect

    @property
    def last(self) -> int:
        """The number of the newest effect; 0 when there is none."""
        return len(self._log)

    def since(self, seq: int = 0) -> list[dict[str, Any]]:
        """The effects with a number above `seq`."""
        return [asdict(effect) for effect in self._log[max(seq, 0) :]]


def _text(value: object) -> str:
    """What JSON has no type for: times and money."""
    return iso(value) if isinstance(value, datetime) else str(value)


class Vendor(Protocol):
    """One account of one vendor: its HTTP face, and what people and time do to it.

    A vendor keeps its state in memory behind one lock of its own.
    """

    @property
    def name(self) -> str:
        """`shiphero`; a further instance is `shopify:eu`. Its address is `/shopify/eu`."""
        ...

    def app(self) -> ASGIApp:
        """The vendor's API, mounted at its address."""
        ...

    def advance(self, now: datetime) -> int:
        """Do what is due by `now`; answer how many changes the passing of time made."""
        ...

    def next_event_at(self) -> datetime | None:
        """When time will change something next, or None if it never will by itself."""
        ...

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let a person or another app change something.

        Raises:
            EditError: There is no such record, or it cannot be changed so.
        """
        ...

    def state(self) -> dict[str, Any]:
        """What the vendor holds now, in brief."""
        ...


class EditError(Exception):
    """An edit that a person could not have made; the message says why in one line."""


class Counters:
    """How many requests each vendor saw, how many of them wrote, how many it refused.

    A request *writes* if it asks for a change, whether or not anything came of it. A
    *refusal* is an answer that the caller's rate limit forbade.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Count]] = Counter()
        self._lock = threading.Lock()

    def add(self, vendor: str, count: Count) -> None:
        with self._lock:
            self._counts[vendor, count] += 1

    def of(self, vendor: str) -> dict[str, int]:
        names: tuple[Count, ...] = ("requests", "writes", "refusals")
        with self._lock:
            return {name: self._counts[vendor, name] for name in names}


@dataclass
class Sandbox:
    """One world, and the vendors that play it."""

    world: World
    clock: Clock
    effects: Effects
    faults: Faults
    seed: int = 0
    vendors: dict[str, Vendor] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)

    @classmethod
    def of(cls, world: World, *, seed: int = 0, faults: Faults | None = None) -> Sandbox:
        """A sandbox without vendors whose clock begins at the world's last order."""
        clock = Clock(world.ends_at)
        return cls(world, clock, Effects(clock), faults or Faults(), seed)

    def add(self, vendor: Vendor) -> None:
        self.vendors[vendor.name] = vendor

    def advance(self, hours: float) -> tuple[datetime, int]:
        """Let time pass everywhere; answer the new time and the number of changes it made."""
        now = self.clock.advance(hours)
        return now, sum(vendor.advance(now) for vendor in self.vendors.values())

    def next_event_at(self) -> datetime | None:
        """When time will change something next at any vendor."""
        times = [vendor.next_event_at() for vendor in self.vendors.values()]
        return min((moment for moment in times if moment), default=None)
