"""The stand-in answers as EasyPost did when its own client's tests were recorded."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.parcels import Carrier, carrier

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = os.environ.get("CROSSDOCK_REFERENCE")
RECORDED = Path(REFERENCE or ".") / "vendor" / "easypost" / "recorded"
NAMES = (
    *("tracker_create", "tracker_retrieve", "tracker_retrieve_batch", "tracker_delete"),
    *("tracker_all", "tracker_get_next_page"),
    *("address_create", "address_create_verify", "address_create_verify_strict"),
    *("address_create_and_verify", "address_verify", "address_verify_invalid_address"),
    *("address_all", "address_get_next_page", "address_retrieve"),
    *("parcel_create", "parcel_retrieve", "rate_retrieve"),
    *("shipment_create", "shipment_create_empty_objects", "shipment_create_tax_identifier"),
    *("shipment_create_with_ids", "shipment_retrieve", "shipment_buy", "shipment_refund"),
    *("shipment_all", "shipment_get_next_page", "event_all", "event_retrieve", "error"),
)
#: What younger answers of the vendor hold and these recordings do not yet.
YOUNGER = {"delivery_evidence", "est_delivery_date", "fees", "finalized", "updated_at"}
YOUNGER |= {"previous_attributes", "pending_urls", "completed_urls"}
#: Objects with whatever keys the caller gave.
FREE = {"options"}

pytestmark = pytest.mark.reference


@pytest.fixture
def easypost() -> Iterator[Carrier]:
    with carrier() as running:
        for number in range(12):
            running.track(f"9400100208303109500{number:03}")
        for number in range(11):
            running.post("/addresses", address={"street1": f"{number} Main St", "zip": "94107"},
                         verify=True)  # fmt: skip
            running.shipment(service="GroundAdvantage")
        running.advance(hours=300)
        yield running


@pytest.mark.skipif(REFERENCE is None, reason="CROSSDOCK_REFERENCE names no folder")
@pytest.mark.parametrize("name", NAMES)
def test_answers_have_the_recorded_shape(easypost: Carrier, name: str) -> None:
    ids: dict[str, str] = {}
    for number, exchange in enumerate(json.loads((RECORDED / f"test_{name}.json").read_text())):
        asked, answered = exchange["request"], exchange["response"]
        body = asked["body"] or None
        path = replaced(asked["uri"].split("/v2")[1], ids)
        easypost.advance(seconds=1)
        response = easypost.easypost.request(
            asked["method"], path, json=None if body is None else replaced(body, ids)
        )
        expected = answered["status"]["code"]
        # The vendor had kept the tracker of an earlier run.
        allowed = {expected} | ({200, 201} if name.startswith("tracker") else set())
        assert response.status_code in allowed, response.text
        place = f"{name} {number}"
        agree(response.json(), answered["body"], place)
        same_ids(response.json(), answered["body"], ids)


def agree(ours: Any, theirs: Any, place: str) -> None:
    """Every key of theirs is in ours with the same kind of value, and none but younger ones more.

    Raises:
        AssertionError: They differ; the message says where.
    """
    if None in (theirs, ours) or {} in (theirs, ours) or theirs == "<REDACTED>":
        return
    kinds = [float if isinstance(v, int) and type(v) is not bool else type(v)
             for v in (ours, theirs)]  # fmt: skip
    assert kinds[0] is kinds[1], f"{place}: {ours!r} instead of {theirs!r}"
    if isinstance(theirs, dict):
        assert set(theirs) - set(ours) <= {"fees"} & set(theirs), f"{place} lacks keys of {theirs}"
        more = set(ours) - set(theirs) - YOUNGER
        assert not more or place.split(".")[-1] in FREE, f"{place} has also {more}"
        for key in set(theirs) & set(ours):
            agree(ours[key], theirs[key], f"{place}.{key}")
    elif isinstance(theirs, list):
        for mine, other in zip(ours, theirs, strict=False):
            agree(mine, other, f"{place}[]")


def same_ids(ours: Any, theirs: Any, ids: dict[str, str]) -> None:
    """Learn which of our ids stands for which recorded one."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if "id" in ours and "id" in theirs:
            ids[theirs["id"]] = ours["id"]
        for key in set(ours) & set(theirs):
            same_ids(ours[key], theirs[key], ids)
    elif isinstance(ours, list) and isinstance(theirs, list):
        for mine, other in zip(ours, theirs, strict=False):
            same_ids(mine, other, ids)


def replaced(value: Any, ids: dict[str, str]) -> Any:
    text = json.dumps(value)
    for theirs, ours in ids.items():
        text = text.replace(theirs, ours)
    return json.loads(text)
