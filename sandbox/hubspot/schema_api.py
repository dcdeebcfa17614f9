"""Property definitions, pipelines, owners and account details over HTTP."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.batch import reply
from sandbox.hubspot.call import Call, Reply
from sandbox.hubspot.crm import Crm
from sandbox.hubspot.definitions import OWNERS, PIPELINES
from sandbox.hubspot.errors import PORTAL_ID, ApiError, invalid, not_found, some_not_found
from sandbox.hubspot.objects import by_api
from sandbox.hubspot.values import stamp


def list_properties(crm: Crm, call: Call) -> Reply:
    """The definitions in use, or with `archived` those that were removed."""
    definitions = crm.store.definitions
    kind, archived = call.kind, call.flag("archived")
    defined = definitions.archived(kind) if archived else definitions.of(kind).values()
    return Reply(200, {"results": [prop.shown() for prop in defined]})


def read_property(crm: Crm, call: Call) -> Reply:
    return Reply(200, crm.store.definitions.get(call.kind, call.path["name"]).shown())


def create_property(crm: Crm, call: Call) -> Reply:
    return Reply(201, crm.create_property(call.kind, _object(call.body), by_api(call)).shown())


def update_property(crm: Crm, call: Call) -> Reply:
    body, name = _object(call.body), call.path["name"]
    return Reply(200, crm.store.definitions.update(call.kind, name, body, call.now).shown())


def archive_property(crm: Crm, call: Call) -> Reply:
    crm.archive_property(call.kind, call.path["name"], by_api(call))
    return Reply(204)


def batch_create_properties(crm: Crm, call: Call) -> Reply:
    results, errors = [], []
    for item in call.inputs():
        try:
            results.append(crm.create_property(call.kind, item, by_api(call)).shown())
        except ApiError as error:
            errors.append(error.entry())
    return reply(call, 200, results, errors)


def batch_read_properties(crm: Crm, call: Call) -> Reply:
    defined = crm.store.definitions.of(call.kind)
    names = [str(item.get("name")) for item in call.inputs()]
    missing = [name for name in names if name not in defined]
    errors = [some_not_found("property", missing).entry()] if missing else []
    found = [defined[name].shown() for name in names if name in defined]
    return reply(call, 200, found, errors)


def list_groups(crm: Crm, call: Call) -> Reply:
    return Reply(200, {"results": crm.store.definitions.groups(call.kind)})


def read_group(crm: Crm, call: Call) -> Reply:
    for group in crm.store.definitions.groups(call.kind):
        if group["name"] == call.path["name"]:
            return Reply(200, group)
    raise ApiError(404, "OBJECT_NOT_FOUND", f"No property group named {call.path['name']}")


def create_group(crm: Crm, call: Call) -> Reply:
    return Reply(201, crm.store.definitions.create_group(call.kind, _object(call.body)))


def list_pipelines(crm: Crm, call: Call) -> Reply:
    """The pipelines of a kind with their stages; most kinds have none."""
    since = stamp(crm.store.began)
    results = [_dated(pipeline, since) for pipeline in PIPELINES.get(call.kind.name, ())]
    return Reply(200, {"results": results})


def list_owners(crm: Crm, call: Call) -> Reply:
    """The people who can own records."""
    limit, after = call.number("limit", 100, 500), call.query.get("after", "0")
    since = stamp(crm.store.began)
    left = [{**owner, "createdAt": since, "updatedAt": since} for owner in OWNERS
            if int(owner["id"]) > int(after)]  # fmt: skip
    left = [] if call.flag("archived") else left
    body: dict[str, Any] = {"results": left[:limit]}
    if len(left) > limit:
        last = left[limit - 1]["id"]
        body["paging"] = {"next": {"after": last, "link": f"{call.url}?after={last}"}}
    return Reply(200, body)


def read_owner(crm: Crm, call: Call) -> Reply:
    since = stamp(crm.store.began)
    for owner in OWNERS:
        if owner["id"] == call.path["id"]:
            return Reply(200, {**owner, "createdAt": since, "updatedAt": since})
    raise not_found("owner", call.path["id"])


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


def _dated(pipeline: dict[str, Any], since: str) -> dict[str, Any]:
    times = {"createdAt": since, "updatedAt": since, "archived": False}
    return {**pipeline, **times, "stages": [{**stage, **times} for stage in pipeline["stages"]]}


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON: an object is required")
    return body
