"""What a connector can do and needs, as data: for people, and for `crossdock check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from crossdock.operation import Action

ANY = "any object with a unique property"
"""As the only object of `writes`: the vendor's own schema says which there are."""


@dataclass(frozen=True)
class Capabilities:
    """One connector's facts. A text says how; an empty one says that there is nothing.

    Attributes:
        system: Name of the system in instances, such as `shopify`.
        role: Which way the data goes.
        protocol: How the other side is spoken to, such as `GraphQL over HTTPS`.
        auth: Kinds of credentials.
        token_life: How long a token lives, and how it is renewed.
        limits: The vendor's limits that are kept before they are hit.
        webhooks: Whether the vendor tells of changes by itself.
        incremental: How changes are found.
        writes: Object to what can be done with its records; anything else is refused before the
            first write.
        partial_update: Whether a write may name some fields only.
        idempotency: What keeps a repeated write from being done twice.
        read_back: How the outcome of a write is found out after a lost answer.
        deletes: How deletions are seen, or done.
        counts: The source's own figures that are held against the loaded rows.
        scopes: The least rights that the credentials need.
        api_version: The version that is asked for, where the API has versions.
        api_version_ends: The last day on which the vendor serves it, where that is known.
        links: The vendor's pages that say so.
    """

    system: str
    role: Literal["source", "destination"]
    protocol: str
    auth: str = ""
    token_life: str = ""
    limits: tuple[str, ...] = ()
    webhooks: str = ""
    incremental: str = ""
    writes: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)
    partial_update: str = ""
    idempotency: str = ""
    read_back: str = ""
    deletes: str = ""
    counts: str = ""
    scopes: tuple[str, ...] = ()
    api_version: str = ""
    api_version_ends: date | None = None
    links: tuple[str, ...] = ()

    def can(self, object_name: str, action: Action) -> bool:
        """Whether a target can do this with records of this object."""
        found = self.writes.get(object_name, self.writes.get(ANY, ()))
        # To adopt a record is to know it from now on; what is set there is an update.
        return action in found or (action == "adopt" and bool(found))

    @property
    def all_writes(self) -> tuple[str, ...]:
        """What it can write, a line for each object."""
        return tuple(f"{name}: {', '.join(does)}" for name, does in self.writes.items())
