"""EasyPost's own client works against the stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.parcels import AWAY, HOME, PARCEL, Carrier, carrier

easypost = pytest.importorskip("easypost")

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def running() -> Iterator[Carrier]:
    with carrier() as made:
        yield made


@pytest.fixture
def client(running: Carrier) -> Any:
    return easypost.EasyPostClient("EZTKsandbox", api_base=f"{running.url}/easypost/v2")


def test_trackers(running: Carrier, client: Any) -> None:
    made = [client.tracker.create(tracking_code=f"9400100208303109500{n:03}") for n in range(5)]
    page = client.tracker.all(page_size=3)
    running.advance(seconds=2)
    rest = client.tracker.get_next_page(page, page_size=3)
    found = [row.id for row in [*page["trackers"], *rest["trackers"]]]
    assert found == [row.id for row in reversed(made)]
    assert client.tracker.retrieve(made[0].id).tracking_code == "9400100208303109500000"
    codes = ["9400100208303109500002"]
    assert client.tracker.retrieve_batch(tracking_codes=codes).trackers[0].id == made[2].id
    assert client.tracker.all(tracking_codes=codes)["trackers"][0].id == made[2].id
    client.tracker.delete(made[0].id)
    with pytest.raises(easypost.errors.NotFoundError):
        client.tracker.retrieve(made[0].id)


def test_shipments_and_addresses(client: Any) -> None:
    shipment = client.shipment.create(from_address=HOME, to_address=AWAY, parcel=PARCEL)
    bought = client.shipment.buy(shipment.id, rate=shipment.lowest_rate())
    assert bought.selected_rate.service == "GroundAdvantage"
    assert client.shipment.label(shipment.id, file_format="ZPL").postage_label.label_zpl_url
    with pytest.raises(easypost.errors.InvalidRequestError) as caught:
        client.shipment.buy(shipment.id, rate=shipment.lowest_rate())
    assert caught.value.code == "SHIPMENT.POSTAGE.EXISTS"
    assert client.shipment.refund(shipment.id).refund_status == "submitted"
    assert client.shipment.all(page_size=5)["shipments"][0].id == shipment.id
    verified = client.address.create_and_verify(**HOME)
    assert verified.verifications.delivery.success is True
    assert client.address.verify(client.address.create(**HOME).id).street1.isupper()


def test_events(client: Any) -> None:
    client.tracker.create(tracking_code="EZ1000000001")
    (event,) = client.event.all()["events"]
    assert client.event.retrieve(event.id).description == "tracker.created"
    assert client.event.retrieve_all_payloads(event.id)["payloads"] == []


def test_a_wrong_key(running: Carrier) -> None:
    stranger = easypost.EasyPostClient("EZTKother", api_base=f"{running.url}/easypost/v2")
    with pytest.raises(easypost.errors.UnauthorizedError):
        stranger.tracker.all()
