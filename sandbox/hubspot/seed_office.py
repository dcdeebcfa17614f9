"""What else an account holds: its customers' companies, some tickets, the notes of its sellers.

None of it comes from the shop, and none of it is about orders, which the account has none of.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.hubspot.definitions import OBJECT_TYPES, OWNERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.hubspot.crm import Crm
    from sandbox.hubspot.store import Record
    from sandbox.world import World

MOST = 40
"""Companies, tickets and notes that there are at most, of each."""

_COMPANY_FIELDS = ("phone", "address", "city", "state", "zip", "country")
_SUBJECTS = ("Where is my parcel?", "Wrong size", "Invoice missing", "Damaged on arrival")
_NOTES = ("Called, wants a quote in spring.", "Prefers e-mail.", "Asked for a catalogue.")


def seed_office(crm: Crm, world: World, seed: int, now: datetime) -> None:
    """Add what people in the office made, all of it older than the world's first order."""
    chance = random.Random(f"hubspot office {seed}")
    first = min((order.placed_at for order in world.orders), default=now)
    contacts = list(crm.store.records(OBJECT_TYPES["contacts"]))
    times = _times(chance, first)
    _companies(crm, contacts, times)
    some = contacts[:: max(1, len(contacts) // MOST)][:MOST]
    for number, contact in enumerate(some):
        owner = OWNERS[number % len(OWNERS)]["id"]
        if number % 2 == 0:
            values = {
                "subject": _SUBJECTS[number // 2 % len(_SUBJECTS)],
                "hs_pipeline": "0",
                "hs_pipeline_stage": str(1 + number // 2 % 4),
                "hubspot_owner_id": owner,
            }
            _add(crm, "tickets", values, next(times), contact)
        at = next(times)
        values = {
            "hs_note_body": _NOTES[number % len(_NOTES)],
            "hs_timestamp": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "hubspot_owner_id": owner,
        }
        _add(crm, "notes", values, at, contact)


def _times(chance: random.Random, first: datetime) -> Iterator[datetime]:
    """Times before the first order, each later than the one before."""
    at = first - timedelta(days=700)
    while True:
        at += (first - at) * chance.uniform(0.005, 0.02)
        yield at


def _companies(crm: Crm, contacts: list[Record], times: Iterator[datetime]) -> None:
    """The firms that contacts name, each with its people."""
    made: dict[str, Record] = {}
    for contact in contacts:
        name = contact.properties.get("company")
        if not name:
            continue
        if name not in made and len(made) < MOST:
            held = contact.properties
            values = {n: held[n] for n in _COMPANY_FIELDS if n in held}
            made[name] = _add(crm, "companies", {"name": name, **values}, next(times))
        if name in made:
            crm.associations.link(contact, made[name])


def _add(crm: Crm, name: str, values: dict[str, str], at: datetime, *joined: Record) -> Record:
    kind = OBJECT_TYPES[name]
    record = crm.store.create(kind, crm.store.check(kind, values), at)
    for other in joined:
        crm.associations.link(record, other)
    return record
