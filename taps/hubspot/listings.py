"""Short lists that are read whole: property definitions, pipelines, owners.

They are read in every run and handed on only when something in them changed.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossdock.errors import CrossdockError
from crossdock.tap import Page, Reading, Record, record
from taps.hubspot.base import AccountStream

if TYPE_CHECKING:
    from taps.hubspot.lookups import Listed

DIGEST = "digest"
WITH_PIPELINES = ("orders", "tickets")


class ListingStream(AccountStream):
    """A list that the account answers whole."""

    @abstractmethod
    def paths(self) -> dict[str, str]:
        """What is asked for, by object type; the owners have none."""

    def row(self, object_type: str, item: Record) -> Record:
        """The record of one entry."""
        return {**item, "object_type": object_type}

    def announce(self) -> None:
        """Write the schema message, and ask for the list beside all others."""
        super().announce()
        self.hubspot.look_up()

    def read(self, since: datetime | None) -> Reading:
        """All of it, if it is not what it was the last time."""
        try:
            lists = {name: self.hubspot.lookups.of(self.name, path)
                     for name, path in self.paths().items()}  # fmt: skip
        except CrossdockError as error:  # its turn comes with the first page
            return Reading([_raising(error)], full=False)
        rows = {name: [self.row(name, item) for item in listed.rows]
                for name, listed in lists.items()}  # fmt: skip
        digest = _digest(rows)
        if self.stream_state.get(DIGEST) == digest:
            return Reading([], full=False)
        parts = [iter([_page(rows[name], listed)]) for name, listed in lists.items()]
        return Reading(parts, full=True, notes=lambda: {DIGEST: digest})


class Properties(ListingStream):
    """What the properties of each object type are, the portal's own ones too."""

    name = "properties"
    awaited = False
    schema = record(
        "id object_type",
        text="name label type fieldType description groupName dataSensitivity referencedObjectType "
        "calculationFormula createdUserId updatedUserId dateDisplayHint numberDisplayHint "
        "textDisplayHint currencyPropertyName",
        time="createdAt updatedAt archivedAt",
        integer="displayOrder",
        boolean="archived calculated externalOptions formField hasUniqueValue hidden "
        "hubspotDefined showCurrencySymbol",
        obj="modificationMetadata",
        array="options sensitiveDataCategories",
    )

    def paths(self) -> dict[str, str]:
        """The definitions of the object types that are read."""
        return {name: self.hubspot.paths.properties(name) for name in self.hubspot.object_types()}

    def row(self, object_type: str, item: Record) -> Record:
        """A name is unique within its object type."""
        return {**super().row(object_type, item), "id": f"{object_type}/{item['name']}"}


class Pipelines(ListingStream):
    """The pipelines of orders and tickets, with their stages."""

    name = "pipelines"
    awaited = False
    schema = record(
        "id object_type",
        text="pipelineId label",
        time="createdAt updatedAt archivedAt",
        integer="displayOrder",
        boolean="archived",
        array="stages",
    )

    def paths(self) -> dict[str, str]:
        """Of the object types that are read, those that have pipelines."""
        kinds = [name for name in self.hubspot.object_types() if name in WITH_PIPELINES]
        return {name: self.hubspot.paths.pipelines(name) for name in kinds}

    def row(self, object_type: str, item: Record) -> Record:
        """An id is unique within its object type."""
        ids = {"id": f"{object_type}/{item['id']}", "pipelineId": item["id"]}
        return {**super().row(object_type, item), **ids}


class Owners(ListingStream):
    """The people who can own records."""

    name = "owners"
    awaited = False
    schema = record(
        "id",
        text="email type firstName lastName",
        time="createdAt updatedAt",
        integer="userId userIdIncludingInactive",
        boolean="archived",
        array="teams",
    )

    def paths(self) -> dict[str, str]:
        """One list for the account."""
        return {"": self.hubspot.paths.owners()}

    def row(self, object_type: str, item: Record) -> Record:
        """As the account answers it."""
        return dict(item)


def _page(rows: Sequence[Record], listed: Listed) -> Page:
    return Page([dict(row) for row in rows], listed.read_at, listed.vendor_time)


def _raising(error: CrossdockError) -> Iterator[Page]:
    raise error
    yield


def _digest(rows: Any) -> str:
    text = json.dumps(rows, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
