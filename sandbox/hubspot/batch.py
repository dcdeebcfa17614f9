"""Many records in one request, with an outcome for each where the caller can tell them apart.

Inputs that carry an `objectWriteTraceId` succeed and fail one by one (207). Without it a
batch is refused as a whole at its first error, and nothing of it takes effect.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.call import Call, Reply, property_values
from sandbox.hubspot.errors import ApiError, invalid, some_not_found
from sandbox.hubspot.objects import by_api, full
from sandbox.hubspot.store import Claims, Record, shown
from sandbox.hubspot.values import stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.hubspot.crm import Crm

TRACE = "objectWriteTraceId"


def read(crm: Crm, call: Call) -> Reply:
    """Records by id or by a unique property; the missing ones are one error together."""
    inputs, kind = call.inputs(), call.kind
    id_property = call.body.get("idProperty")
    if id_property and id_property != "hs_object_id":
        crm.store.require_unique(kind, id_property)
    found: dict[str, Record] = {}
    missing: list[str] = []
    for key in dict.fromkeys(_id(item) for item in inputs):
        record = crm.store.find(kind, key, id_property, archived=call.flag("archived"))
        if record:
            found[record.id] = record
        else:
            missing.append(key)
    names, defined = call.body.get("properties") or (), crm.store.definitions.of(kind)
    results = [shown(found[id_], names, defined) for id_ in sorted(found, key=int)]
    errors = [some_not_found(kind.singular, missing).entry()] if missing else []
    return reply(call, 200, results, errors)


def create(crm: Crm, call: Call) -> Reply:
    kind = call.kind

    def prepare(item: dict[str, Any], claims: Claims) -> Callable[[], dict[str, Any]]:
        accepted = crm.store.check(kind, property_values(item), claims=claims)
        targets = crm.associations.targets(kind, item.get("associations") or ())
        return lambda: full(crm.create(kind, accepted, targets, by_api(call)))

    return _write(call, 201, prepare)


def update(crm: Crm, call: Call) -> Reply:
    """Update by id or unique property; a missing record never spoils the others."""
    kind = call.kind
    _refuse_doubles(call.inputs())

    def prepare(item: dict[str, Any], claims: Claims) -> Callable[[], dict[str, Any]]:
        record = crm.store.find(kind, _id(item), item.get("idProperty"))
        if record is None:
            raise some_not_found(kind.singular, [_id(item)])
        accepted = crm.store.check(kind, property_values(item), record, claims)
        return lambda: _updated(crm, call, record, accepted)

    return _write(call, 200, prepare)


def upsert(crm: Crm, call: Call) -> Reply:
    """Create or update by a unique property; each result says whether it is `new`."""
    kind = call.kind
    _refuse_doubles(call.inputs())

    def prepare(item: dict[str, Any], claims: Claims) -> Callable[[], dict[str, Any]]:
        name = item.get("idProperty")
        if not name:
            raise invalid("Some required fields were not set: [idProperty]")
        record = crm.store.find(kind, _id(item), name)
        values = property_values(item)
        if record:
            accepted = crm.store.check(kind, values, record, claims)
            return lambda: {**_updated(crm, call, record, accepted), "new": False}
        accepted = crm.store.check(kind, {name: _id(item), **values}, claims=claims)
        return lambda: {**full(crm.create(kind, accepted, [], by_api(call))), "new": True}

    return _write(call, 200, prepare)


def archive(crm: Crm, call: Call) -> Reply:
    for item in call.inputs():
        record = crm.store.find(call.kind, _id(item))
        if record:
            crm.archive(record, by_api(call))
    return Reply(204)


def _updated(crm: Crm, call: Call, record: Record, accepted: dict[str, str]) -> dict[str, Any]:
    crm.update(record, accepted, by_api(call))
    return full(record)


def _write(
    call: Call,
    status: int,
    prepare: Callable[[dict[str, Any], Claims], Callable[[], dict[str, Any]]],
) -> Reply:
    """Check every input, then write those that may be written."""
    inputs, claims = call.inputs(), set[tuple[str, str]]()
    traced = all(TRACE in item for item in inputs)
    ready: list[tuple[dict[str, Any], Callable[[], dict[str, Any]]]] = []
    errors: list[dict[str, Any]] = []
    for item in inputs:
        try:
            ready.append((item, prepare(item, claims)))
        except ApiError as error:
            if not traced and "ids" not in error.context:
                raise
            errors.append(error.entry(item.get(TRACE)))
    results = []
    for item, write in ready:
        result = write()
        if TRACE in item:
            result[TRACE] = item[TRACE]
        results.append(result)
    return reply(call, status, results, errors)


def _refuse_doubles(inputs: list[dict[str, Any]]) -> None:
    counts = Counter((item.get("idProperty"), _id(item)) for item in inputs)
    doubled = [key for (_, key), count in counts.items() if count > 1]
    if doubled:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(doubled)}]")


def _id(item: dict[str, Any]) -> str:
    if item.get("id") in (None, ""):
        raise invalid("Some required fields were not set: [id]")
    return str(item["id"])


def reply(
    call: Call, status: int, results: list[dict[str, Any]], errors: list[dict[str, Any]]
) -> Reply:
    """The outcome of a batch, which is partial if anything of it failed."""
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": stamp(call.now),
        "completedAt": stamp(call.now),
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
        status = 207
    return Reply(status, body)
