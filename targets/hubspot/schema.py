"""What an account's objects are like: unique properties, and how objects are associated."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.http import rules
from crossdock.http.errors import Rejected

if TYPE_CHECKING:
    from taps.hubspot.client import HubSpotClient

CATEGORY = "HUBSPOT_DEFINED"
# Used where an account does not answer for its labels:
# https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
_KNOWN_TYPES = {("orders", "contacts"): 507, ("orders", "companies"): 509}
_PLURALS = {
    "contact": "contacts",
    "company": "companies",
    "order": "orders",
    "product": "products",
    "line_item": "line_items",
    "note": "notes",
    "ticket": "tickets",
}


def object_type(name: str) -> str:
    """The object type that a reference means: `contact` is one of `contacts`."""
    return _PLURALS.get(name, name)


class Schema:
    """Definitions of one account, each read once."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._unique: dict[str, dict[str, bool]] = {}
        self._types: dict[tuple[str, str], dict[str, Any]] = {}

    def unique_name(self, object_name: str, match: Mapping[str, Any]) -> str | None:
        """The most trusted property of `match` whose values are unique.

        Returns:
            None if the property that would be it does not exist in the account.

        Raises:
            Rejected: All of them exist, and none is unique.
        """
        defined = self._properties(object_name)
        given = [name for name, value in match.items() if value not in (None, "")]
        for name in given:
            if defined.get(name):
                return name
        if any(name not in defined for name in given):
            return None
        raise Rejected(
            "no property to match on has unique values: it cannot be read back",
            connector=self._client.connector,
            stream=object_name,
            path=self._client.properties(object_name),
            hint="run `crossdock check --fix`, or match on a unique property",
        )

    def association(self, from_object: str, ref: str) -> dict[str, Any]:
        """The default association type from an object to what a reference means."""
        to_object = object_type(ref)
        with self._lock:
            known = self._types.get((from_object, to_object))
        if known is None:
            known = {
                "associationCategory": CATEGORY,
                "associationTypeId": self._default_type(from_object, to_object),
            }
            with self._lock:
                self._types[from_object, to_object] = known
        return known

    def _default_type(self, from_object: str, to_object: str) -> int:
        path = self._client.associations(from_object, to_object, "labels")
        try:
            answer = rules.mapping(self._client.request("GET", path, stream=from_object))
        except Rejected:
            if (from_object, to_object) in _KNOWN_TYPES:
                return _KNOWN_TYPES[from_object, to_object]
            raise
        for entry in answer.get("results") or ():
            if entry.get("category") == CATEGORY and entry.get("label") is None:
                return int(entry["typeId"])
        return _KNOWN_TYPES[from_object, to_object]

    def _properties(self, object_name: str) -> dict[str, bool]:
        """Property to whether its values are unique."""
        with self._lock:
            known = self._unique.get(object_name)
        if known is None:
            path = self._client.properties(object_name)
            answer = rules.mapping(self._client.request("GET", path, stream=object_name))
            known = {p["name"]: bool(p.get("hasUniqueValue")) for p in answer.get("results") or ()}
            with self._lock:
                self._unique[object_name] = known
        return known
