"""What `crossdock check` asks of a HubSpot account, and puts right with `--fix`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock import clock
from crossdock.checks import Finding, version_age
from crossdock.errors import CrossdockError
from crossdock.http import rules
from crossdock.http.errors import AuthError, Rejected
from taps.hubspot.client import HubSpotClient

NAME = "target-hubspot"


@dataclass(frozen=True)
class Property:
    """A property that our syncs write."""

    object: str
    name: str
    label: str
    group: str
    unique: bool

    def body(self) -> dict[str, Any]:
        """The definition as the API takes it."""
        return {
            "name": self.name,
            "label": self.label,
            "groupName": self.group,
            "type": "string",
            "fieldType": "text",
            "hasUniqueValue": self.unique,
            "description": "Written by Crossdock",
        }


PROPERTIES = (
    Property(
        "contacts", "crossdock_customer_id", "Crossdock customer", "contactinformation", unique=True
    ),
    Property("orders", "crossdock_order_id", "Crossdock order", "orderinformation", unique=True),
    Property("orders", "crossdock_carrier", "Carrier", "orderinformation", unique=False),
)
SCOPES = {
    "contacts": "crm.objects.contacts.read, .write, crm.schemas.contacts.write",
    "orders": "crm.objects.orders.read, .write, crm.schemas.orders.write",
}
# What only the tap reads; no sync waits for it.
READ_ONLY = {
    "companies": "crm.objects.companies.read",
    "products": "crm.objects.products.read",
    "line_items": "crm.objects.line_items.read",
    "tickets": "tickets",
    "notes": "crm.objects.contacts.read",
}


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """Credentials, scopes, the properties that we write, and the age of the API version."""
    try:
        with HubSpotClient.from_config(config, connector=NAME) as client:
            yield version_age(client.version, clock.now().date(), lives=18)
            for name in SCOPES:
                yield from _object(client, name, fix)
            for name, scope in READ_ONLY.items():
                if name in (config.get("streams") or READ_ONLY):
                    yield _readable(client, name, scope)
    except CrossdockError as error:
        yield Finding("the account can be used", ok=False, advice=str(error))


def _object(client: HubSpotClient, name: str, fix: bool) -> Iterator[Finding]:
    what = f"{name} can be read"
    try:
        client.request("GET", client.objects(name), stream=name, params={"limit": 1})
    except AuthError as error:
        needs = f"the key needs the scopes {SCOPES[name]}" if error.status == 403 else str(error)
        yield Finding(what, ok=False, advice=needs)
        return
    yield Finding(what, ok=True)
    answer = rules.mapping(client.request("GET", client.properties(name), stream=name))
    defined = {p["name"]: p for p in answer.get("results") or ()}
    for wanted in (p for p in PROPERTIES if p.object == name):
        yield _property(client, wanted, defined.get(wanted.name), fix)


def _readable(client: HubSpotClient, name: str, scope: str) -> Finding:
    what = f"{name} can be read"
    try:
        client.request("GET", client.objects(name), stream=name, params={"limit": 1})
    except AuthError as error:
        lacks = f"give the key the scope {scope}, or leave {name} out of the tap's `streams`"
        return Finding(what, ok=False, advice=lacks if error.status == 403 else str(error))
    return Finding(what, ok=True)


def _property(
    client: HubSpotClient, wanted: Property, found: Mapping[str, Any] | None, fix: bool
) -> Finding:
    kind = "unique property" if wanted.unique else "property"
    what = f"{wanted.object} have the {kind} {wanted.name}"
    if found is not None:
        if wanted.unique and not found.get("hasUniqueValue"):
            # HubSpot sets this when a property is made, and never after.
            advice = (
                "its values are not unique: archive it in HubSpot, then `crossdock check --fix`"
            )
            return Finding(what, ok=False, advice=advice)
        return Finding(what, ok=True)
    if not fix:
        return Finding(what, ok=False, advice="run `crossdock check --fix`")
    try:
        client.request(
            "POST",
            client.properties(wanted.object),
            stream=wanted.object,
            json=wanted.body(),
            write=True,
        )
    except Rejected as error:
        if error.status != 409:  # somebody else made it just now
            return Finding(what, ok=False, advice=error.reason)
    except AuthError as error:
        if error.status != 403:
            raise
        return Finding(what, ok=False, advice=f"the key needs {SCOPES[wanted.object]}")
    return Finding(what, ok=True, fixed=True)
