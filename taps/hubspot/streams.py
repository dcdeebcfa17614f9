"""The objects of a HubSpot account: contacts, companies, orders and their like.

A first reading lists all records. Later ones search for the ids of what changed and read
those records by id, because search answers from an index that lags and shows old values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from crossdock.tap import IdPage, Page, Part, Reading, Record, Total, format_time, record
from taps.hubspot.answers import next_page, results
from taps.hubspot.associations import Associations
from taps.hubspot.base import AccountStream
from taps.hubspot.changes import OBJECT_ID, filter_before, search
from taps.hubspot.listings import Owners, Pipelines, Properties
from taps.hubspot.lookups import described
from taps.hubspot.pairs import read_pairs

if TYPE_CHECKING:
    import httpx

    from taps.hubspot.changes import Changed

LIST_PAGE = 100
SEARCH_PAGE = 200
BATCH = 100
LONGEST_QUERY = 6_000
SINGULAR = {"contacts": "contact", "orders": "order", "tickets": "ticket"}
ARCHIVED_AT = "archived_read_at"
ARCHIVED = "archived_count"
MERGED = "hs_merged_object_ids"

Listed = tuple["httpx.Response", list[Record]]


class HubSpotStream(AccountStream):
    """One object type of the CRM, with all of its properties."""

    replication_key = "updatedAt"
    associated: tuple[str, ...] = ()
    fields = record(
        "id", text="url mergedInto", time="createdAt updatedAt archivedAt", boolean="archived",
        obj="properties associations",
    )  # fmt: skip

    @property
    def schema(self) -> dict[str, Any]:
        """The record, its properties described as far as the account was asked for them."""
        return described(self.fields, self.hubspot.known_properties(self.name))

    @property
    def effective_schema(self) -> dict[str, Any]:
        """The same where a catalog was given, which may be older than some properties."""
        return described(super().effective_schema, self.hubspot.known_properties(self.name))

    def announce(self) -> None:
        """Write the schema message, once the account was asked what its properties are."""
        self.hubspot.look_up()
        super().announce()

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that changed; archived ones now and then."""
        self._archived = 0
        if since is None:
            return Reading([Part(self._everything())], full=True, notes=self._notes)
        archived = self._archived_due()
        changed = self.hubspot.changed(self.name, self.name, since)
        return Reading(
            [Part(self._news(changed, archived=archived))],
            full=False,
            read_from=since,
            notes=self._notes if archived else None,
        )

    def totals(self, reading: Reading) -> Iterator[Total]:
        """How many living records the search index has that did not change just now."""
        began = self.hubspot.began
        if began is None:
            return
        until = began - self.lag
        response = search(self.client, self.name, [filter_before(self.name, until)], limit=1)
        total = str(rules.mapping(response)["total"])
        yield Total("count", total, window_to=until, note="archived records are not counted")

    def sweep(self) -> Iterator[IdPage]:
        """All ids: of living and archived records, and those that went into others."""
        for archived in (False, True):
            for response, records in self._pages(self._least, archived=archived):
                keys = [str(item["id"]) for item in records]
                keys += [old for item in records for old in _merged_ids(item)]
                yield IdPage(keys, sent_at(response), vendor_time(response))

    @cached_property
    def properties(self) -> list[str]:
        """Names of the properties to ask for: all that the catalog selects."""
        if "properties" not in self.selected_fields():
            return self._least
        chosen = [name for name in self._defined if self.mask[*(("properties",) * 3), name]]
        return list(dict.fromkeys([*chosen, *self._least]))

    @cached_property
    def _defined(self) -> list[str]:
        defined = self.hubspot.lookups.of(self.name, self.client.properties(self.name))
        return sorted(str(item["name"]) for item in defined.rows)

    @cached_property
    def _least(self) -> list[str]:
        """What we cannot do without."""
        return [OBJECT_ID, *([MERGED] if MERGED in self._defined else [])]

    @property
    def _beside(self) -> tuple[str, ...]:
        """The object types whose ids each record carries."""
        return self.associated if "associations" in self.selected_fields() else ()

    def _archived_due(self) -> bool:
        """The API lists archived records only in full: where they are many, not every time."""
        few = self.stream_state.get(ARCHIVED, 0) <= LIST_PAGE
        return few or self.overdue(ARCHIVED_AT, "archived_interval", 3600)

    def _notes(self) -> dict[str, Any]:
        now = self.client.vendor_now
        at = None if now is None else format_time(now.replace(microsecond=0))
        return {ARCHIVED_AT: at, ARCHIVED: self._archived}

    def _everything(self) -> Iterator[Page]:
        """Living records, then archived ones: what was archived meanwhile comes last."""
        yield from self._listing(archived=False)
        yield from self._listing(archived=True)

    def _news(self, changed: Changed, *, archived: bool) -> Iterator[Page]:
        """What was archived, then what changed: what was restored meanwhile comes last."""
        if archived:
            yield from self._listing(archived=True)
        for found in changed.pages():
            # An empty page still tells up to when we have looked.
            yield Page([], found.read_at, found.vendor_time)
            for start in range(0, len(found.ids), BATCH):
                response = self._read(found.ids[start : start + BATCH])
                records = results(self.client, response, stream=self.name)
                self._associate(records)
                yield Page(_with_merged(records), sent_at(response), found.vendor_time)

    def _listing(self, *, archived: bool) -> Iterator[Page]:
        for response, records in self._pages(self.properties, archived=archived):
            self._archived += len(records) if archived else 0
            yield Page(_with_merged(records), sent_at(response), vendor_time(response))

    def _pages(self, names: Sequence[str], *, archived: bool) -> Iterator[Listed]:
        """Every record, in pages that are followed by id."""
        # A portal may have so many properties that a URL cannot hold their names.
        fits = len(",".join(names)) <= LONGEST_QUERY
        params = {"limit": str(LIST_PAGE), "archived": str(archived).lower()}
        if fits:
            params["properties"] = ",".join(names)
        if self._beside:
            params["associations"] = ",".join(self._beside)
        after: str | None = ""
        while after is not None:
            asked = {**params, "after": after} if after else params
            response = self.get(self.client.objects(self.name), asked)
            answer = rules.mapping(response)
            records = list(answer["results"])
            if records and not fits:
                records = self._filled(records, archived)
            self._associate([item for item in records if _cut(item)])
            yield response, records
            after = next_page(answer)

    def _filled(self, listed: Sequence[Record], archived: bool) -> list[Record]:
        """Listed records with their properties."""
        response = self._read([item["id"] for item in listed], archived=archived)
        joined = {item["id"]: item.get("associations") for item in listed}
        filled = results(self.client, response, stream=self.name)
        for item in filled:
            if joined.get(item["id"]):
                item["associations"] = joined[item["id"]]
        return filled

    def _read(self, ids: Sequence[str], *, archived: bool = False) -> httpx.Response:
        """Records by id, with values that no index delays."""
        body = {"properties": self.properties, "inputs": [{"id": id_} for id_ in ids]}
        return self.client.request(
            "POST",
            self.client.objects(self.name, "batch", "read"),
            stream=self.name,
            json=body,
            params={"archived": str(archived).lower()},
        )

    def _associate(self, records: Sequence[Record]) -> None:
        """Add associations as a listing shows them, for a read by id has none."""
        ids = [str(item["id"]) for item in records]
        for other in self._beside if ids else ():
            found: dict[str, list[Record]] = {}
            label = f"{SINGULAR[self.name]}_to_{SINGULAR[other]}"
            for _, pairs in read_pairs(self.client, (self.name, other), ids, stream=self.name):
                for source, target in pairs:
                    entry = {"id": str(target["toObjectId"]), "type": label}
                    found.setdefault(source, []).append(entry)
            for item in records:
                if entries := found.get(str(item["id"])):
                    item.setdefault("associations", {})[other] = {"results": entries}


class Contacts(HubSpotStream):
    """People."""

    name = "contacts"


class Companies(HubSpotStream):
    """Firms."""

    name = "companies"
    awaited = False


class Orders(HubSpotStream):
    """Orders, with the contacts that they belong to."""

    name = "orders"
    associated = ("contacts",)


class Products(HubSpotStream):
    """What is sold."""

    name = "products"
    awaited = False


class LineItems(HubSpotStream):
    """Lines of orders, quotes and deals."""

    name = "line_items"
    awaited = False


class Tickets(HubSpotStream):
    """Requests of customers, with the orders that they are about."""

    name = "tickets"
    associated = ("orders",)
    awaited = False


class Notes(HubSpotStream):
    """What people wrote down on a record."""

    name = "notes"
    awaited = False


OBJECTS = (Contacts, Companies, Orders, Products, LineItems, Tickets, Notes)
STREAMS = (*OBJECTS, Associations, Properties, Pipelines, Owners)


def _merged_ids(item: Record) -> list[str]:
    """Ids of records that were merged into this one."""
    text = (item.get("properties") or {}).get(MERGED) or ""
    return [old for old in text.split(";") if old and old != item["id"]]


def _with_merged(records: Sequence[Record]) -> list[Record]:
    """Records, and for each id that went into one of them a mark where to.

    Merged records are neither listed nor found any more, not even as archived.
    """
    gone = [{"id": old, "archived": True, "mergedInto": item["id"]}
            for item in records for old in _merged_ids(item)]  # fmt: skip
    return [*records, *gone]


def _cut(item: Record) -> bool:
    """Whether a listing holds only the first of a record's associations."""
    return any(found.get("paging") for found in (item.get("associations") or {}).values())
