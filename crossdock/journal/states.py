"""The life of an operation: its states, and which change may follow which."""

from __future__ import annotations

PLANNED = "planned"
IN_FLIGHT = "in_flight"
ACKNOWLEDGED = "acknowledged"
REJECTED = "rejected"
UNKNOWN = "unknown"
SUPERSEDED = "superseded"
AUDITED = "audited"
SKIPPED = "skipped"
PARKED = "parked"
DEAD_LETTER = "dead_letter"
DISCARDED = "discarded"

#: How often a record may be refused before it waits for a person.
REFUSAL_CAP = 5

#: A decision that is over: it counts into the version of its (sync, key).
ENDED = (ACKNOWLEDGED, AUDITED, SUPERSEDED, DISCARDED)
#: A decision that is not over.
OPEN = (PLANNED, IN_FLIGHT, REJECTED, UNKNOWN, SKIPPED, PARKED, DEAD_LETTER)
#: Waits for a person.
STUCK = (DEAD_LETTER, PARKED)
#: Must not be left behind when the books close.
UNSETTLED = (PLANNED, IN_FLIGHT)
#: The next plan may take these up again under the same op key, or supersede them.
RETRIABLE = (PLANNED, REJECTED, SKIPPED)

TRANSITIONS: dict[str, frozenset[str]] = {
    PLANNED: frozenset({IN_FLIGHT, SUPERSEDED, AUDITED, SKIPPED}),
    IN_FLIGHT: frozenset({ACKNOWLEDGED, REJECTED, UNKNOWN, DEAD_LETTER}),
    UNKNOWN: frozenset({ACKNOWLEDGED, PLANNED, PARKED}),
    REJECTED: frozenset({PLANNED, SUPERSEDED, DEAD_LETTER}),
    SKIPPED: frozenset({PLANNED, SUPERSEDED}),
    DEAD_LETTER: frozenset({PLANNED, ACKNOWLEDGED, DISCARDED}),
    PARKED: frozenset({PLANNED, ACKNOWLEDGED, DISCARDED}),
    ACKNOWLEDGED: frozenset(),
    AUDITED: frozenset(),
    SUPERSEDED: frozenset(),
    DISCARDED: frozenset(),
}


def allowed(before: str, after: str) -> bool:
    """Whether an operation may go from one state to the other."""
    return after in TRANSITIONS[before]
