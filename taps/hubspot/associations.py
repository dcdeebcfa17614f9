"""Which record of the account belongs to which, one row for each pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from crossdock import clock
from crossdock.errors import SettingsError
from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from crossdock.tap import Page, Part, Reading, Record, format_time, parse_time, record
from crossdock.tap.progress import VALUE
from crossdock.tap.schema import SWEPT_AT
from taps.hubspot.answers import next_page
from taps.hubspot.base import AccountStream
from taps.hubspot.changes import OBJECT_ID
from taps.hubspot.pairs import read_pairs

if TYPE_CHECKING:
    from taps.hubspot.changes import Changed
    from taps.hubspot.pairs import Ends

LIST_PAGE = 100
# Read from the end whose own time moves when people join the two, as far as it does.
PAIRS = (
    "contacts:companies",
    "orders:contacts",
    "orders:companies",
    "orders:line_items",
    "tickets:contacts",
    "tickets:companies",
    "tickets:orders",
    "notes:contacts",
    "notes:companies",
    "notes:orders",
    "notes:tickets",
)


class Associations(AccountStream):
    """Pairs of records with all types and labels that join them.

    HubSpot tells no time of an association, and joining or parting two records does not surely
    move theirs. So pairs are read with the records that changed, which finds most of them at
    once, and all of them now and then: that finds the rest, and what was parted.
    """

    name = "associations"
    awaited = False
    schema = record("id from_type from_id to_type to_id", array="types")

    @property
    def since(self) -> datetime | None:
        """Where this reading begins; there is a bookmark, though the records have no time."""
        if self.forced_replication_method == REPLICATION_FULL_TABLE:
            return None
        text = self.stream_state.get(VALUE) or self.config.get("start_date")
        return parse_time(text) if text else None

    def remember(self, bookmark: datetime | None, notes: Mapping[str, Any]) -> None:
        """Keep the bookmark under the name that it has in other streams."""
        kept = {} if bookmark is None else {VALUE: format_time(bookmark)}
        super().remember(None, {**kept, **notes})

    def read(self, since: datetime | None) -> Reading:
        """All pairs, or those of the records that changed."""
        targets = wanted(self.config.get("associations") or PAIRS)
        if since is None or self._sweep_due():
            parts = [Part(self._listed(*entry)) for entry in targets.items()]
            return Reading(parts, full=True)
        parts = []
        for source, others in targets.items():
            changed = self.hubspot.changed(self.name, source, since)
            parts.append(Part(self._changed(source, others, changed)))
        return Reading(parts, full=False, read_from=since)

    def _sweep_due(self) -> bool:
        """A sweep of these ids would cost as much as reading it all, so it is just that."""
        before = self.stream_state.get(SWEPT_AT)
        if before is None:
            return True
        passed = clock.now() - parse_time(before)
        return passed.total_seconds() >= float(self.config.get("sweep_interval", 86_400))

    def _listed(self, source: str, others: Sequence[str]) -> Iterator[Page]:
        """All pairs of one object type.

        A listing tells cheaply who has any, but neither the types nor more than a few.
        """
        params = {
            "limit": str(LIST_PAGE),
            "properties": OBJECT_ID,
            "associations": ",".join(others),
        }
        after: str | None = ""
        while after is not None:
            asked = {**params, "after": after} if after else params
            response = self.get(self.client.objects(source), asked)
            answer = rules.mapping(response)
            yield Page([], sent_at(response), vendor_time(response))
            for other in others:
                ids = [item["id"] for item in answer["results"] if _has(item, other)]
                yield from self._pairs((source, other), ids, vendor_time(response))
            after = next_page(answer)

    def _changed(self, source: str, others: Sequence[str], changed: Changed) -> Iterator[Page]:
        for found in changed.pages():
            yield Page([], found.read_at, found.vendor_time)
            for other in others:
                yield from self._pairs((source, other), found.ids, found.vendor_time)

    def _pairs(self, ends: Ends, ids: Sequence[str], searched: datetime | None) -> Iterator[Page]:
        for response, pairs in read_pairs(self.client, ends, ids, stream=self.name):
            yield Page([_row(ends, *pair) for pair in pairs], sent_at(response), searched)


def wanted(pairs: Sequence[str]) -> dict[str, list[str]]:
    """The object types to read from, each with those to read towards.

    Raises:
        SettingsError: A pair is not of the form `from:to`.
    """
    targets: dict[str, list[str]] = {}
    for pair in pairs:
        source, colon, target = pair.partition(":")
        if not (source and colon and target):
            raise SettingsError(
                f"tap-hubspot: associations: {pair!r} is no pair of object types",
                hint="write them as orders:contacts in meltano.yml",
            )
        targets.setdefault(source, []).append(target)
    return targets


def _has(item: Record, other: str) -> bool:
    """Whether a listed record belongs to any of a type, whose name is spelt both ways."""
    found = item.get("associations") or {}
    return any(found.get(name, {}).get("results") for name in (other, other.replace("_", " ")))


def _row(ends: Ends, source_id: str, other: Record) -> Record:
    other_id = str(other["toObjectId"])
    types = sorted(other["associationTypes"], key=lambda item: (item["category"], item["typeId"]))
    return {
        "id": f"{ends[0]}/{source_id}/{ends[1]}/{other_id}",
        "from_type": ends[0],
        "from_id": source_id,
        "to_type": ends[1],
        "to_id": other_id,
        "types": types,
    }
