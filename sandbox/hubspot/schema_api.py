"""Property definitions, association routes and account details over HTTP."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.associations import HUBSPOT_DEFINED, kind_of, type_between
from sandbox.hubspot.call import Call, Reply
from sandbox.hubspot.crm import Crm
from sandbox.hubspot.errors import PORTAL_ID, ApiError, invalid, some_not_found
from sandbox.hubspot.objects import by_api
from sandbox.hubspot.store import Record
from sandbox.hubspot.values import stamp


def list_properties(crm: Crm, call: Call) -> Reply:
    defined = crm.store.definitions.of(call.kind).values()
    return Reply(200, {"results": [prop.shown() for prop in defined]})


def read_property(crm: Crm, call: Call) -> Reply:
    return Reply(200, crm.store.definitions.get(call.kind, call.path["name"]).shown())


def create_property(crm: Crm, call: Call) -> Reply:
    return Reply(201, crm.create_property(call.kind, _object(call.body), by_api(call)).shown())


def update_property(crm: Crm, call: Call) -> Reply:
    body, name = _object(call.body), call.path["name"]
    return Reply(200, crm.store.definitions.update(call.kind, name, body, call.now).shown())


def archive_property(crm: Crm, call: Call) -> Reply:
    crm.store.definitions.archive(call.kind, call.path["name"])
    return Reply(204)


def batch_create_properties(crm: Crm, call: Call) -> Reply:
    results, errors = [], []
    for item in call.inputs():
        try:
            results.append(crm.create_property(call.kind, item, by_api(call)).shown())
        except ApiError as error:
            errors.append(error.entry())
    return _batch(call, results, errors)


def batch_read_properties(crm: Crm, call: Call) -> Reply:
    defined = crm.store.definitions.of(call.kind)
    names = [str(item.get("name")) for item in call.inputs()]
    missing = [name for name in names if name not in defined]
    errors = [some_not_found("property", missing).entry()] if missing else []
    return _batch(call, [defined[name].shown() for name in names if name in defined], errors)


def list_groups(crm: Crm, call: Call) -> Reply:
    return Reply(200, {"results": crm.store.definitions.groups(call.kind)})


def read_group(crm: Crm, call: Call) -> Reply:
    for group in crm.store.definitions.groups(call.kind):
        if group["name"] == call.path["name"]:
            return Reply(200, group)
    raise ApiError(404, "OBJECT_NOT_FOUND", f"No property group named {call.path['name']}")


def create_group(crm: Crm, call: Call) -> Reply:
    return Reply(201, crm.store.definitions.create_group(call.kind, _object(call.body)))


def associate_default(crm: Crm, call: Call) -> Reply:
    source, target = _ends(crm, call)
    type_id = crm.link(source, target, by_api(call))
    pairs = ((source, target, type_id), (target, source, type_between(target.kind, source.kind)))
    return _batch(call, [_default(*pair) for pair in pairs], [])


def associate(crm: Crm, call: Call) -> Reply:
    """Join two records by named types; only HubSpot's own unlabelled ones exist here."""
    source, target = _ends(crm, call)
    specs = call.body if isinstance(call.body, list) else []
    if not specs:
        raise invalid("At least one association type is required")
    for spec in specs:
        if kind_of(source.kind, spec) is not target.kind:
            raise invalid(f"{spec.get('associationTypeId')} does not lead to {target.kind.name}")
    crm.link(source, target, by_api(call))
    return Reply(201, _labels(source, target))


def dissociate(crm: Crm, call: Call) -> Reply:
    source, target = _ends(crm, call)
    crm.unlink(source, target, by_api(call))
    return Reply(204)


def list_associations(crm: Crm, call: Call) -> Reply:
    source = crm.store.get(call.kind_at("from"), call.path["id"])
    others = crm.associations.of(source, call.kind_at("to"))
    return Reply(200, {"results": [_joined(source, other) for other in others]})


def batch_read_associations(crm: Crm, call: Call) -> Reply:
    source_kind, target_kind = call.kind_at("from"), call.kind_at("to")
    results, errors = [], []
    for item in call.inputs():
        source = crm.store.find(source_kind, str(item.get("id")))
        others = crm.associations.of(source, target_kind) if source else []
        if source and others:
            to = [_joined(source, other) for other in others]
            results.append({"from": {"id": source.id}, "to": to})
        else:
            errors.append(_no_association(str(item.get("id")), call).entry())
    return _batch(call, results, errors)


def batch_associate_default(crm: Crm, call: Call) -> Reply:
    results, errors = [], []
    for item in call.inputs():
        try:
            source = crm.store.get(call.kind_at("from"), str(item["from"]["id"]))
            target = crm.store.get(call.kind_at("to"), str(item["to"]["id"]))
        except ApiError as error:
            errors.append(error.entry())
            continue
        results.append(_default(source, target, crm.link(source, target, by_api(call))))
    return _batch(call, results, errors)


def batch_associate(crm: Crm, call: Call) -> Reply:
    results, errors = [], []
    for item in call.inputs():
        try:
            source = crm.store.get(call.kind_at("from"), str(item["from"]["id"]))
            target = crm.store.get(call.kind_at("to"), str(item["to"]["id"]))
            for spec in item.get("types") or ():
                kind_of(source.kind, spec)
        except ApiError as error:
            errors.append(error.entry())
            continue
        crm.link(source, target, by_api(call))
        results.append(_labels(source, target))
    return _batch(call, results, errors, 201)


def batch_dissociate(crm: Crm, call: Call) -> Reply:
    for item in call.inputs():
        source = crm.store.find(call.kind_at("from"), str(item["from"]["id"]))
        for end in item["to"]:
            target = crm.store.find(call.kind_at("to"), str(end["id"]))
            if source and target:
                crm.unlink(source, target, by_api(call))
    return Reply(204)


def labels(_crm: Crm, call: Call) -> Reply:
    type_id = type_between(call.kind_at("from"), call.kind_at("to"))
    entry = {"category": HUBSPOT_DEFINED, "typeId": type_id, "label": None}
    return Reply(200, {"results": [entry]})


def account(_crm: Crm, _call: Call) -> Reply:
    return Reply(
        200,
        {
            "portalId": PORTAL_ID,
            "accountType": "SANDBOX",
            "timeZone": "UTC",
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": "+00:00",
            "utcOffsetMilliseconds": 0,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        },
    )


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON: an object is required")
    return body


def _ends(crm: Crm, call: Call) -> tuple[Record, Record]:
    source = crm.store.get(call.kind_at("from"), call.path["id"])
    return source, crm.store.get(call.kind_at("to"), call.path["to_id"])


def _default(source: Record, target: Record, type_id: int) -> dict[str, Any]:
    spec = {"associationCategory": HUBSPOT_DEFINED, "associationTypeId": type_id}
    return {"from": {"id": source.id}, "to": {"id": target.id}, "associationSpec": spec}


def _labels(source: Record, target: Record) -> dict[str, Any]:
    return {
        "fromObjectTypeId": source.kind.type_id,
        "fromObjectId": source.id,
        "toObjectTypeId": target.kind.type_id,
        "toObjectId": target.id,
        "labels": [],
    }


def _joined(source: Record, other: Record) -> dict[str, Any]:
    type_id = type_between(source.kind, other.kind)
    spec = {"category": HUBSPOT_DEFINED, "typeId": type_id, "label": None}
    return {"toObjectId": other.id, "associationTypes": [spec]}


def _no_association(record_id: str, call: Call) -> ApiError:
    source, target = call.kind_at("from").singular, call.kind_at("to").singular
    return ApiError(
        404,
        "OBJECT_NOT_FOUND",
        f"No {target} is associated with {source} {record_id}.",
        context={"fromObjectId": [record_id]},
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
    )


def _batch(
    call: Call, results: list[dict[str, Any]], errors: list[dict[str, Any]], status: int = 200
) -> Reply:
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": stamp(call.now),
        "completedAt": stamp(call.now),
    }
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Reply(207 if errors else status, body)
