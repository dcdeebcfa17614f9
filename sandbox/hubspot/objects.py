"""Single records: list, read, create, update, archive, merge."""

from __future__ import annotations

from itertools import islice
from typing import Any

from sandbox.hubspot.associations import listed
from sandbox.hubspot.call import Call, Reply, named_kind
from sandbox.hubspot.crm import By, Crm
from sandbox.hubspot.definitions import MERGEABLE
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.store import Record, envelope, shown

MAX_PAGE = 100
DEFAULT_PAGE = 10


def by_api(call: Call) -> By:
    """A write by whoever calls the API."""
    return By("api", call.now, call.correlation_id)


def read_list(crm: Crm, call: Call) -> Reply:
    """A page of all records, oldest id first."""
    limit = call.number("limit", DEFAULT_PAGE, MAX_PAGE)
    after = call.query.get("after", "0")
    if not after.isdigit():
        raise invalid(f"after is no cursor: {after}")
    records = crm.store.records(call.kind, archived=call.flag("archived"), after=int(after))
    page = list(islice(records, limit + 1))
    more, page = len(page) > limit, page[:limit]
    body: dict[str, Any] = {"results": [_read(crm, call, record) for record in page]}
    if more:
        last = page[-1].id
        body["paging"] = {"next": {"after": last, "link": f"{call.url}?after={last}"}}
    return Reply(200, body)


def read_one(crm: Crm, call: Call) -> Reply:
    record = crm.store.get(
        call.kind,
        call.path["id"],
        call.query.get("idProperty"),
        archived=call.flag("archived"),
    )
    return Reply(200, _read(crm, call, record))


def create(crm: Crm, call: Call) -> Reply:
    accepted = crm.store.check(call.kind, call.properties())
    targets = crm.associations.targets(call.kind, call.body.get("associations") or ())
    record = crm.create(call.kind, accepted, targets, by_api(call))
    return Reply(201, full(record))


def update(crm: Crm, call: Call) -> Reply:
    record = crm.store.get(call.kind, call.path["id"], call.query.get("idProperty"))
    crm.update(record, crm.store.check(call.kind, call.properties(), record), by_api(call))
    return Reply(200, full(record))


def archive(crm: Crm, call: Call) -> Reply:
    """Archive one record; an unknown one is no error."""
    record = crm.store.find(call.kind, call.path["id"])
    if record:
        crm.archive(record, by_api(call))
    return Reply(204)


def merge(crm: Crm, call: Call) -> Reply:
    """Fold two records into a new one, which the answer shows."""
    if call.kind.name not in MERGEABLE:
        raise invalid(f"Objects of type {call.kind.type_id} cannot be merged")
    body = call.body if isinstance(call.body, dict) else {}
    ids = [str(body.get(key, "")) for key in ("primaryObjectId", "objectIdToMerge")]
    if not all(ids):
        raise invalid("Some required fields were not set: [primaryObjectId, objectIdToMerge]")
    primary, other = (crm.store.get(call.kind, id_) for id_ in ids)
    if primary is other:
        raise invalid("Cannot merge an object with itself")
    return Reply(200, full(crm.merge(primary, other, by_api(call))))


def gdpr_delete(crm: Crm, call: Call) -> Reply:
    """Delete for good, also from the recycling bin; what is unknown is gone already."""
    body = call.body if isinstance(call.body, dict) else {}
    key = str(body.get("objectId") or "")
    if not key:
        raise invalid("Some required fields were not set: [objectId]")
    id_property = body.get("idProperty")
    for archived in (False, True):
        record = crm.store.find(call.kind, key, id_property, archived=archived)
        if record:
            crm.gdpr_delete(record, by_api(call))
    return Reply(204)


def full(record: Record) -> dict[str, Any]:
    """A record with every value that it has, as writes answer it."""
    return envelope(record, dict(sorted(record.properties.items())))


def _read(crm: Crm, call: Call, record: Record) -> dict[str, Any]:
    body = shown(record, call.names("properties"), crm.store.definitions.of(record.kind))
    joined = {}
    for name in call.names("associations"):
        kind = named_kind(name)
        entry = listed(crm.associations, record, kind)
        if entry["results"]:
            # The API writes this one kind with a space where its paths have an underscore.
            joined[kind.name.replace("_", " ")] = entry
    if joined:
        body["associations"] = joined
    return body
