"""Associations over HTTP: one by one, in batches, and the labels that they may have."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.associations import HUBSPOT_DEFINED, PAGE, Type, type_between
from sandbox.hubspot.batch import reply
from sandbox.hubspot.call import Call, Reply
from sandbox.hubspot.crm import Crm
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.objects import by_api
from sandbox.hubspot.store import Record


def associate_default(crm: Crm, call: Call) -> Reply:
    source, target = _ends(crm, call)
    type_id = crm.link(source, target, by_api(call))
    pairs = ((source, target, type_id), (target, source, type_between(target.kind, source.kind)))
    return reply(call, 200, [_default(*pair) for pair in pairs], [])


def associate(crm: Crm, call: Call) -> Reply:
    """Join two records by named types, of which a label implies the one without."""
    source, target = _ends(crm, call)
    specs = call.body if isinstance(call.body, list) else []
    if not specs:
        raise invalid("At least one association type is required")
    types = [_towards(crm, source, target, spec) for spec in specs]
    for type_ in types:
        crm.link(source, target, by_api(call), type_)
    return Reply(201, _labels(source, target, types))


def dissociate(crm: Crm, call: Call) -> Reply:
    source, target = _ends(crm, call)
    crm.unlink(source, target, by_api(call))
    return Reply(204)


def list_associations(crm: Crm, call: Call) -> Reply:
    source = crm.store.get(call.kind_at("from"), call.path["id"])
    others = crm.associations.of(source, call.kind_at("to"))
    page = _page(crm, source, others, call.query.get("after"), call.number("limit", PAGE, PAGE))
    return Reply(200, {"results": page.pop("to"), **page})


def batch_read(crm: Crm, call: Call) -> Reply:
    """The associations of many records with one kind; each is paged for itself."""
    source_kind, target_kind = call.kind_at("from"), call.kind_at("to")
    type_between(source_kind, target_kind)
    results, errors = [], []
    for item in call.inputs():
        source = crm.store.find(source_kind, str(item.get("id")))
        others = crm.associations.of(source, target_kind) if source else []
        if source and others:
            page = _page(crm, source, others, item.get("after"), PAGE)
            results.append({"from": {"id": source.id}, **page})
        else:
            errors.append(_no_association(str(item.get("id")), call).entry())
    return reply(call, 200, results, errors)


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
    return reply(call, 200, results, errors)


def batch_associate(crm: Crm, call: Call) -> Reply:
    results, errors = [], []
    for item in call.inputs():
        try:
            source = crm.store.get(call.kind_at("from"), str(item["from"]["id"]))
            target = crm.store.get(call.kind_at("to"), str(item["to"]["id"]))
            specs = item.get("types") or ()
            types = [_towards(crm, source, target, spec) for spec in specs]
        except ApiError as error:
            errors.append(error.entry())
            continue
        crm.link(source, target, by_api(call))
        for type_ in types:
            crm.link(source, target, by_api(call), type_)
        results.append(_labels(source, target, types))
    return reply(call, 201, results, errors)


def batch_dissociate(crm: Crm, call: Call) -> Reply:
    for item in call.inputs():
        source = crm.store.find(call.kind_at("from"), str(item["from"]["id"]))
        for end in item["to"]:
            target = crm.store.find(call.kind_at("to"), str(end["id"]))
            if source and target:
                crm.unlink(source, target, by_api(call))
    return Reply(204)


def batch_unlabel(crm: Crm, call: Call) -> Reply:
    """Take labels off; the records stay joined."""
    for item in call.inputs():
        source = crm.store.find(call.kind_at("from"), str(item["from"]["id"]))
        target = crm.store.find(call.kind_at("to"), str(item["to"]["id"]))
        if source is None or target is None:
            continue
        for spec in item["types"]:
            crm.unlabel(source, target, _towards(crm, source, target, spec), by_api(call))
    return Reply(204)


def labels(crm: Crm, call: Call) -> Reply:
    source, target = call.kind_at("from"), call.kind_at("to")
    type_between(source, target)
    found = crm.associations.types(source, target)
    return Reply(200, {"results": [type_.shown() for type_ in found]})


def create_label(crm: Crm, call: Call) -> Reply:
    body = call.body if isinstance(call.body, dict) else {}
    if not body.get("label") or not body.get("name"):
        raise invalid("Some required fields were not set: [label, name]")
    made = crm.associations.add_label(call.kind_at("from"), call.kind_at("to"), body["label"])
    return Reply(200, {"results": [type_.shown() for type_ in made]})


def _ends(crm: Crm, call: Call) -> tuple[Record, Record]:
    source = crm.store.get(call.kind_at("from"), call.path["id"])
    return source, crm.store.get(call.kind_at("to"), call.path["to_id"])


def _towards(crm: Crm, source: Record, target: Record, spec: Any) -> Type:
    type_ = crm.associations.type_of(source.kind, spec if isinstance(spec, dict) else {})
    if type_.target != target.kind.name:
        raise invalid(f"{type_.id} does not lead to {target.kind.name}")
    return type_


def _page(
    crm: Crm, source: Record, others: list[Record], after: str | None, limit: int
) -> dict[str, Any]:
    """One record's associations, beginning after the other record that a cursor names."""
    text = str(after or "0")
    if not text.isdigit():
        raise invalid(f"after is no cursor: {text}")
    left = [other for other in others if int(other.id) > int(text)]
    page: dict[str, Any] = {
        "to": [
            {
                "toObjectId": other.id,
                "associationTypes": [t.shown() for t in crm.associations.between(source, other)],
            }
            for other in left[:limit]
        ]
    }
    if len(left) > limit:
        last = left[limit - 1].id
        page["paging"] = {"next": {"after": last, "link": f"?after={last}"}}
    return page


def _default(source: Record, target: Record, type_id: int) -> dict[str, Any]:
    spec = {"associationCategory": HUBSPOT_DEFINED, "associationTypeId": type_id}
    return {"from": {"id": source.id}, "to": {"id": target.id}, "associationSpec": spec}


def _labels(source: Record, target: Record, types: list[Type]) -> dict[str, Any]:
    return {
        "fromObjectTypeId": source.kind.type_id,
        "fromObjectId": source.id,
        "toObjectTypeId": target.kind.type_id,
        "toObjectId": target.id,
        "labels": [type_.label for type_ in types if type_.label],
    }


def _no_association(record_id: str, call: Call) -> ApiError:
    source, target = call.kind_at("from").singular, call.kind_at("to").singular
    return ApiError(
        404,
        "OBJECT_NOT_FOUND",
        f"No {target} is associated with {source} {record_id}.",
        context={"fromObjectId": [record_id]},
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
    )
