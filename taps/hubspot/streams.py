"""The streams of a HubSpot account.

A first reading lists all records. Later ones search for the ids of what changed and read
those records by id, because search answers from an index that lags and shows old values.
The search goes on from the last id that it saw, so it neither meets the cap of 10,000
results nor loses its place when records change while it runs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from crossdock.tap import CrossdockStream, Page, Reading, Record, format_time, parse_time, record
from taps.hubspot.client import SEARCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import httpx

    from taps.hubspot.client import HubSpotClient

LIST_PAGE = 100
SEARCH_PAGE = 200
BATCH = 100
LONGEST_QUERY = 6_000
SINGULAR = {"contacts": "contact", "orders": "order"}
ARCHIVED_AT = "archived_read_at"
ARCHIVED = "archived_count"


class HubSpotStream(CrossdockStream):
    """One object type of the CRM, with all of its properties."""

    primary_keys = ("id",)
    replication_key = "updatedAt"
    modified = "hs_lastmodifieddate"
    associated: tuple[str, ...] = ()
    schema = record(
        "id", text="url", time="createdAt updatedAt archivedAt", boolean="archived",
        obj="properties associations",
    )  # fmt: skip

    @property
    def client(self) -> HubSpotClient:
        """The account."""
        return self._tap.client  # type: ignore[return-value]

    @property
    def lag(self) -> timedelta:  # type: ignore[override]
        """How far the search index may be behind."""
        return timedelta(seconds=float(self.config.get("index_lag", 60)))

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that changed; archived ones now and then."""
        _ = self.properties  # the answer also tells HubSpot's time
        parts = [iter(self._listing(archived=False))] if since is None else self._changed(since)
        archived = since is None or self._archived_due()
        self._archived = 0
        return Reading(
            self._with_archived(parts) if archived else parts,
            full=since is None,
            read_from=since,
            notes=self._notes if archived else None,
        )

    @cached_property
    def properties(self) -> list[str]:
        """Names of all properties, the portal's own ones too."""
        response = self._get(self.client.properties(self.name))
        return sorted(item["name"] for item in rules.mapping(response)["results"])

    def _with_archived(self, parts: Any) -> Iterator[Iterator[Page]]:
        yield from parts
        yield self._listing(archived=True)

    def _archived_due(self) -> bool:
        """The API lists archived records only in full: where they are many, not every time."""
        state = self.stream_state
        before, now = state.get(ARCHIVED_AT), self.client.vendor_now
        if before is None or now is None or state.get(ARCHIVED, 0) <= LIST_PAGE:
            return True
        every = timedelta(seconds=float(self.config.get("archived_interval", 3600)))
        return now - parse_time(before) >= every

    def _notes(self) -> dict[str, Any]:
        now = self.client.vendor_now
        at = None if now is None else format_time(now.replace(microsecond=0))
        return {ARCHIVED_AT: at, ARCHIVED: self._archived}

    def _listing(self, *, archived: bool) -> Iterator[Page]:
        """Every record, in pages that are followed by id."""
        # A portal may have so many properties that a URL cannot hold their names.
        fits = len(",".join(self.properties)) <= LONGEST_QUERY
        params = {"limit": str(LIST_PAGE), "archived": str(archived).lower()}
        if fits:
            params["properties"] = ",".join(self.properties)
        if self.associated:
            params["associations"] = ",".join(self.associated)
        while True:
            response = self._get(self.client.objects(self.name), params=params)
            records = rules.mapping(response)["results"]
            if not fits and records:
                response, records = self._filled(response, records, archived)
            self._archived += len(records) if archived else 0
            yield Page(records, sent_at(response), vendor_time(response))
            following = _after(response)
            if following is None:
                return
            params["after"] = following

    def _changed(self, since: datetime) -> Iterator[Iterator[Page]]:
        """What changed, as batches of ids that are read beside each other."""
        last = "0"
        while True:
            found = self._search(since, last)
            ids = [item["id"] for item in rules.mapping(found)["results"]]
            if not ids:
                # An empty page still tells up to when we have looked.
                yield iter((Page([], sent_at(found), vendor_time(found)),))
                return
            for start in range(0, len(ids), BATCH):
                yield self._batch(ids[start : start + BATCH], vendor_time(found))
            if len(ids) < SEARCH_PAGE:
                return
            last = ids[-1]

    def _search(self, since: datetime, last_id: str) -> httpx.Response:
        milliseconds = int(since.timestamp() * 1000)
        filters = [
            {"propertyName": self.modified, "operator": "GTE", "value": str(milliseconds)},
            {"propertyName": "hs_object_id", "operator": "GT", "value": last_id},
        ]
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["hs_object_id"],
            "limit": SEARCH_PAGE,
        }
        path = self.client.objects(self.name, "search")
        return self.client.request("POST", path, stream=self.name, json=body, bucket=SEARCH)

    def _batch(self, ids: Sequence[str], searched: datetime | None) -> Iterator[Page]:
        response = self._read(ids)
        records = list(rules.mapping(response)["results"])
        if self.associated:
            self._associate(records)
        yield Page(records, sent_at(response), searched)

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

    def _filled(
        self, listed: httpx.Response, records: Sequence[Record], archived: bool
    ) -> tuple[httpx.Response, list[Record]]:
        """Listed records with their properties; the cursor stays the listing's."""
        response = self._read([item["id"] for item in records], archived=archived)
        joined = {item["id"]: item.get("associations") for item in records}
        filled = [dict(item) for item in rules.mapping(response)["results"]]
        for item in filled:
            if joined.get(item["id"]):
                item["associations"] = joined[item["id"]]
        return listed, filled

    def _associate(self, records: Sequence[Record]) -> None:
        """Add associations as a listing shows them, for a read by id has none."""
        for other in self.associated:
            found = self._joined([item["id"] for item in records], other)
            label = f"{SINGULAR[self.name]}_to_{SINGULAR[other]}"
            for item in records:
                if ids := found.get(item["id"]):
                    results = [{"id": id_, "type": label} for id_ in ids]
                    item.setdefault("associations", {})[other] = {"results": results}

    def _joined(self, ids: Sequence[str], other: str) -> Mapping[str, list[str]]:
        if not ids:
            return {}
        response = self.client.request(
            "POST",
            self.client.associations(self.name, other, "batch", "read"),
            stream=self.name,
            json={"inputs": [{"id": id_} for id_ in ids]},
        )
        return {
            str(item["from"]["id"]): [str(to["toObjectId"]) for to in item["to"]]
            for item in rules.mapping(response).get("results", ())
        }

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        return self.client.request("GET", path, stream=self.name, params=params)


class Contacts(HubSpotStream):
    """People."""

    name = "contacts"
    # The one object type whose time of change has a name of its own.
    modified = "lastmodifieddate"


class Orders(HubSpotStream):
    """Orders, with the contacts that they belong to."""

    name = "orders"
    associated = ("contacts",)


STREAMS = (Contacts, Orders)


def _after(response: httpx.Response) -> str | None:
    """The cursor of the next page of a listing."""
    following = (rules.mapping(response).get("paging") or {}).get("next") or {}
    return following.get("after")
