"""HubSpot as a destination: records of any CRM object in batches, and their associations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crossdock.http import rules
from crossdock.http.errors import Rejected
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused, Unknown
from targets.hubspot.refusals import missing_properties, no_such_property, refused
from targets.hubspot.schema import Schema, object_type

if TYPE_CHECKING:
    from taps.hubspot.client import HubSpotClient

BATCH = 100
TRACE = "objectWriteTraceId"
_ROUTES: Mapping[Action, str] = {
    "create": "create",
    "update": "update",
    "adopt": "update",
    "archive": "archive",
}


class HubSpotDestination:
    """One HubSpot account.

    Records are found again by a property with unique values of ours, which reads its own
    writes; HubSpot's search lags and is not asked.
    """

    concurrency = 4

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._schema = Schema(client)

    def batch_size(self, object_name: str, action: Action) -> int:
        """HubSpot takes 100 inputs in one request."""
        return BATCH

    def reads_before_create(self, object_name: str) -> bool:
        """Our unique property makes HubSpot refuse a second record by itself."""
        return False

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        """Write one batch; associations of existing records go before their properties.

        In that order an update that is read back as done has its associations, too.
        """
        first = batch[0].operation
        try:
            if first.action in ("update", "adopt"):
                self._associate(batch)
                with_values = [item for item in batch if item.operation.set]
                done = dict(zip(map(_key, with_values), self._write(with_values), strict=True))
                return [done.get(_key(item)) or _as_it_is(item) for item in batch]
            return self._write(batch)
        except Rejected as error:
            return self._refused(batch, error)

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        """Read a record by its id, or by our unique property.

        Raises:
            Rejected: The object has no unique property among those to match on.
        """
        if operation.destination_id:
            return self._read(operation, operation.destination_id, None)
        name = self._schema.unique_name(operation.object, operation.match)
        if name is None:
            return None  # the property does not exist, so no record can hold a value of it
        return self._read(operation, str(operation.match[name]), name)

    # Reading

    def _read(
        self, operation: Operation, value: str, id_property: str | None
    ) -> Mapping[str, Any] | None:
        names = list(dict.fromkeys([*operation.set, *operation.match]))
        params = {"properties": ",".join(names)}
        if id_property:
            params["idProperty"] = id_property
        path = self._client.objects(operation.object, quote(value, safe=""))
        try:
            response = self._client.request("GET", path, stream=operation.object, params=params)
        except Rejected as error:
            if error.status == 404:
                return None
            raise
        record = rules.mapping(response)
        return {**(record.get("properties") or {}), "id": str(record["id"])}

    # Writing

    def _write(self, batch: Sequence[Ready]) -> list[Outcome]:
        if not batch:
            return []
        first = batch[0].operation
        path = self._client.objects(first.object, "batch", _ROUTES[first.action])
        inputs = [self._input(item) for item in batch]
        response = self._client.request(
            "POST", path, stream=first.object, json={"inputs": inputs}, write=True
        )
        if first.action == "archive":
            return [Acknowledged(str(item.operation.destination_id)) for item in batch]
        return _outcomes(batch, rules.mapping(response))

    def _input(self, item: Ready) -> dict[str, Any]:
        operation = item.operation
        if operation.action == "archive":
            return {"id": operation.destination_id}
        values = {name: as_text(value) for name, value in operation.set.items()}
        body: dict[str, Any] = {"properties": values, TRACE: operation.op_key}
        if operation.action != "create":
            return {"id": operation.destination_id, **body}
        # What is absent needs no clearing, and HubSpot refuses some empty values.
        body["properties"] = {name: text for name, text in values.items() if text != ""}
        body["associations"] = [
            {"to": {"id": to_id}, "types": [self._schema.association(operation.object, ref)]}
            for ref, to_id in item.ref_ids.items()
        ]
        return body

    def _associate(self, batch: Sequence[Ready]) -> None:
        """Join records to others by the default association; joined ones stay as they are."""
        for ref in sorted({ref for item in batch for ref in item.ref_ids}):
            pairs = [
                {"from": {"id": item.operation.destination_id}, "to": {"id": item.ref_ids[ref]}}
                for item in batch
                if ref in item.ref_ids
            ]
            name = batch[0].operation.object
            path = self._client.associations(name, object_type(ref), "batch/associate/default")
            response = self._client.request(
                "POST", path, stream=name, json={"inputs": pairs}, write=True
            )
            errors = rules.mapping(response).get("errors") or ()
            if errors:
                raise _partly(self._client.connector, name, path, errors[0])

    def _refused(self, batch: Sequence[Ready], error: Rejected) -> Sequence[Outcome]:
        """HubSpot refused the request as a whole: nothing of it took effect."""
        body = error.body if isinstance(error.body, dict) else {"category": error.code}
        missing = missing_properties(body)
        rest = [item for item in batch if not missing & item.operation.set.keys()]
        if missing and len(rest) < len(batch):
            # That is wrong with every record that has the property: no need to bisect.
            done = dict(zip(map(_key, rest), self.send(rest) if rest else (), strict=True))
            return [done.get(_key(item), no_such_property(missing)) for item in batch]
        return [refused(body, whole_batch=True)] * len(batch)


def as_text(value: Any) -> str:
    """A value as HubSpot keeps it: text; nothing is empty text, several are joined by `;`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return ";".join(map(str, value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return str(value)


def _outcomes(batch: Sequence[Ready], answer: Mapping[str, Any]) -> list[Outcome]:
    """An outcome for each input, told apart by its trace id, else by id."""
    found: dict[str, Outcome] = {}
    by_id = {str(i.operation.destination_id): _key(i) for i in batch if i.operation.destination_id}
    for result in answer.get("results") or ():
        record_id = str(result["id"])
        key = result.get(TRACE) or by_id.get(record_id) or _by_match(batch, result)
        if key:
            found[str(key)] = Acknowledged(record_id)
    for error in answer.get("errors") or ():
        context = error.get("context") or {}
        ids = (by_id.get(str(i)) for i in context.get("ids") or context.get("id") or ())
        for key in context.get(TRACE) or ids:
            if key:
                found[str(key)] = refused(error)
    silent = Unknown("the answer does not name this record")
    return [found.get(_key(item), silent) for item in batch]


def _by_match(batch: Sequence[Ready], result: Mapping[str, Any]) -> str | None:
    """The input that a created record came from, by a value that is unique among them."""
    values = result.get("properties") or {}
    for item in batch:
        known = [(n, str(v)) for n, v in item.operation.match.items() if v not in (None, "")]
        if known and values.get(known[0][0]) == known[0][1]:
            return _key(item)
    return None


def _as_it_is(item: Ready) -> Outcome:
    return Acknowledged(str(item.operation.destination_id))


def _key(item: Ready) -> str:
    return item.operation.op_key


def _partly(connector: str, name: str, path: str, error: Mapping[str, Any]) -> Rejected:
    """Some associations were refused; to set the others again changes nothing."""
    outcome: Refused = refused(error)
    rejected = Rejected(outcome.reason, connector=connector, stream=name, path=path, status=207)
    rejected.body = dict(error)
    return rejected
