from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.parcels import AWAY, HOME, Carrier, carrier

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def easypost() -> Iterator[Carrier]:
    with carrier() as running:
        yield running


def test_a_key_is_needed(easypost: Carrier) -> None:
    url = f"{easypost.url}/easypost/v2/trackers"
    refused = httpx.get(url)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "APIKEY.INACTIVE")
    assert httpx.get(url, headers={"Authorization": "Bearer other"}).status_code == 401
    assert httpx.get(url, auth=("EZTKsandbox", "")).status_code == 200
    assert len(httpx.get(url, auth=("EZTKsandbox", "")).headers["x-ep-request-uuid"]) == 32


def test_the_same_code_is_the_same_tracker_for_three_months(easypost: Carrier) -> None:
    first = easypost.track("9400100208303109500782")
    again = easypost.track("9400100208303109500782", "usps", status=200)
    assert again["id"] == first["id"]
    other = easypost.track("9400100208303109500782", "UPS")
    assert other["id"] != first["id"]
    easypost.advance(hours=24 * 91)
    assert easypost.track("9400100208303109500782")["id"] != first["id"]
    costs = [(e["operation"], e["fields"]["cost"]) for e in easypost.effects()]
    assert costs == [("create", "0.02")] * 3


@pytest.mark.parametrize(
    ("code", "status"),
    [("EZ1000000001", "pre_transit"), ("EZ2000000002", "in_transit"),
     ("EZ3000000003", "out_for_delivery"), ("EZ4000000004", "delivered"),
     ("EZ5000000005", "return_to_sender"), ("EZ6000000006", "failure"),
     ("EZ7000000007", "unknown")],
)  # fmt: skip
def test_test_codes_have_their_status_at_once_and_keep_it(
    easypost: Carrier, code: str, status: str
) -> None:
    made = easypost.track(code)
    assert (made["status"], made["finalized"]) == (status, True)
    easypost.advance(hours=1000)
    read = easypost.get(f"/trackers/{made['id']}")
    assert read.items() <= made.items()


@pytest.mark.parametrize(
    ("body", "code"),
    [({"tracker": {}}, "PARAMETER.REQUIRED"), ({}, "PARAMETER.REQUIRED"),
     ({"tracker": {"tracking_code": "1", "carrier": "Speedy Express"}}, "PARAMETER.INVALID"),
     ({"tracker": {"tracking_code": "what"}}, "TRACKER.CARRIER.UNKNOWN")],
)  # fmt: skip
def test_a_tracker_that_cannot_be_made(easypost: Carrier, body: Any, code: str) -> None:
    assert easypost.post("/trackers", 422, **body)["error"]["code"] == code
    assert easypost.effects() == []


def test_several_trackers_by_their_codes(easypost: Carrier) -> None:
    made = [easypost.track(f"EZ{n}00000000{n}")["id"] for n in (1, 2, 3)]
    answer = easypost.post(
        "/trackers/batch", 200, tracking_codes=["EZ1000000001", "EZ3000000003", "nothing"]
    )
    assert [row["id"] for row in answer["trackers"]] == [made[2], made[0]]
    assert answer["has_more"] is False


def test_a_deleted_tracker_is_gone_but_pages_go_on_behind_it(easypost: Carrier) -> None:
    made = [easypost.track(f"9400100208303109500{n:03}")["id"] for n in range(6)]
    page = easypost.get("/trackers", page_size=2)
    assert [row["id"] for row in page["trackers"]] == [made[5], made[4]]
    assert easypost.easypost.delete(f"/trackers/{made[4]}").json() == {"success": True}
    assert easypost.easypost.get(f"/trackers/{made[4]}").status_code == 404
    rest = easypost.get("/trackers", page_size=9, before_id=made[4])
    assert [row["id"] for row in rest["trackers"]] == made[3::-1]
    assert (page["has_more"], rest["has_more"]) == (True, False)


def test_a_list_is_cut_by_time_and_ids(easypost: Carrier) -> None:
    times, made = [], []
    for number in range(6):
        made.append(easypost.track(f"9400100208303109500{number:03}")["id"])
        times.append(easypost.now)
        easypost.advance(hours=1)

    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in easypost.get("/trackers", **query)["trackers"]]

    window = {"start_datetime": times[2].isoformat(), "end_datetime": times[4].isoformat()}
    assert ids(**window) == made[4:1:-1]
    assert ids(after_id=made[2], page_size=2) == [made[4], made[3]]
    assert ids(**{"tracking_codes[]": ["9400100208303109500001", "9400100208303109500004"]}) == [
        made[4],
        made[1],
    ]
    assert ids(tracking_code="9400100208303109500001", carrier="UPS") == []
    for wrong in ({"page_size": 0}, {"start_datetime": "yesterday"}):
        assert easypost.easypost.get("/trackers", params=wrong).status_code == 422


def test_lists_share_five_requests_a_second(easypost: Carrier) -> None:
    paths = ("/trackers", "/addresses", "/shipments", "/events")
    answers = [easypost.easypost.get(paths[n % 4]) for n in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json()["error"]["code"] == "RATE_LIMITED"
    assert easypost.track("EZ1000000001")["status"] == "pre_transit"
    assert easypost.state("easypost")["refusals"] == 2
    easypost.advance(seconds=1.01)
    assert easypost.easypost.get("/trackers").status_code == 200


def test_an_address_is_verified_or_says_why_not(easypost: Carrier) -> None:
    plain = easypost.post("/addresses", address=HOME)
    assert (plain["street1"], plain["verifications"]) == ("388 Townsend St", {})
    good = easypost.post("/addresses", address=HOME, verify=True)
    assert (good["street1"], good["city"]) == ("388 TOWNSEND ST APT 20", "SAN FRANCISCO")
    assert good["zip"].startswith("94107-")
    assert good["verifications"]["delivery"]["success"] is True
    bad = easypost.post("/addresses", address={"street1": "nowhere"}, verify=True)
    assert bad["verifications"]["delivery"]["errors"][0]["code"] == "E.ADDRESS.NOT_FOUND"
    for path, body in (
        ("/addresses", {"address": {"street1": "nowhere"}, "verify_strict": True}),
        ("/addresses/create_and_verify", {"address": {"street1": "nowhere"}}),
    ):
        refused = easypost.post(path, 422, **body)
        assert refused["error"]["code"] == "ADDRESS.VERIFY.FAILURE"
    other = easypost.get(f"/addresses/{plain['id']}/verify")["address"]
    assert other["id"] != plain["id"]
    assert other["verifications"] == good["verifications"]
    assert easypost.get(f"/addresses/{plain['id']}")["verifications"] == {}


def test_a_label_is_bought_once_and_refunded_once(easypost: Carrier) -> None:
    made = easypost.shipment(reference="shop_1001")
    rates = {rate["service"]: rate for rate in made["rates"]}
    assert set(rates) == {"Express", "Priority", "GroundAdvantage"}
    path = f"/shipments/{made['id']}"
    assert easypost.post(f"{path}/refund", 422)["error"]["code"] == "SHIPMENT.REFUND.UNAVAILABLE"
    bought = easypost.post(f"{path}/buy", 200, rate={"id": rates["Priority"]["id"]})
    assert bought["tracking_code"] == bought["tracker"]["tracking_code"]
    assert bought["postage_label"]["label_url"].endswith(".png")
    assert bought["to_address"]["street1"] == "179 N HARBOR DR"
    again = easypost.post(f"{path}/buy", 422, rate={"id": rates["Priority"]["id"]})
    assert again["error"]["code"] == "SHIPMENT.POSTAGE.EXISTS"
    label = easypost.get(f"{path}/label", file_format="ZPL")["postage_label"]
    assert label["label_zpl_url"].endswith(".zpl")
    assert easypost.post(f"{path}/refund", 200)["refund_status"] == "submitted"
    assert easypost.post(f"{path}/refund", 422)["error"]["code"] == "SHIPMENT.REFUND.UNAVAILABLE"
    easypost.advance(hours=241)
    assert easypost.get(path)["refund_status"] == "refunded"
    effects = [(e["operation"], e["fields"].get("cost")) for e in easypost.effects()]
    assert effects == [("create", None), ("buy", "7.42"), ("refund", None)]


def test_lists_hold_only_shipments_that_were_bought(easypost: Carrier) -> None:
    quoted, bought = easypost.shipment(), easypost.shipment(service="GroundAdvantage")
    listed = easypost.get("/shipments")["shipments"]
    assert [row["id"] for row in listed] == [bought["id"]]
    both = easypost.get("/shipments", purchased="false")["shipments"]
    assert [row["id"] for row in both] == [bought["id"], quoted["id"]]


def test_a_bought_parcel_travels_and_its_shipment_knows(easypost: Carrier) -> None:
    bought = easypost.shipment(service="Priority")
    seen = []
    for _ in range(40):
        tracker = easypost.get(f"/trackers/{bought['tracker']['id']}")
        seen += [tracker["status"]] if tracker["status"] not in seen else []
        easypost.advance(hours=4)
    assert seen[:2] == ["pre_transit", "in_transit"]
    assert seen[-1] in ("delivered", "return_to_sender")
    assert easypost.get(f"/shipments/{bought['id']}")["status"] == seen[-1]
    described = [event["description"] for event in easypost.get("/events")["events"]]
    assert described[-1] == "tracker.created"
    assert described.count("tracker.updated") >= len(seen)


def ship(easypost: Carrier, number: str = "1002") -> list[str]:
    """Let the WMS ship an order; answers the codes of its parcels."""
    easypost.login()
    easypost.send(number, ("A-1", 4))
    easypost.advance(hours=48)
    (order,) = easypost.state("shiphero")["orders"]
    return [code for shipment in order["shipments"] for code in shipment["tracking"]]


def test_parcels_of_the_wms_have_trackers_that_move_with_time(easypost: Carrier) -> None:
    codes = ship(easypost)
    rows = easypost.get("/trackers")["trackers"]
    assert sorted(row["tracking_code"] for row in rows) == sorted(codes)
    assert {row["carrier"] for row in rows} == {"UPS"}
    before = {row["id"]: row["updated_at"] for row in rows}
    easypost.advance(hours=24 * 7)
    after = easypost.get("/trackers")["trackers"]
    assert {row["status"] for row in after} <= {"delivered", "return_to_sender"}
    assert all(row["updated_at"] > before[row["id"]] for row in after)
    for row in after:
        times = [detail["datetime"] for detail in row["tracking_details"]]
        assert times == sorted(times)
        assert datetime.fromisoformat(times[-1]) <= easypost.now
    assert easypost.track(codes[0], "UPS", status=200)["id"] in before
    assert easypost.effects() == []


def test_a_carrier_that_is_not_known_has_no_tracker() -> None:
    with carrier("Swift Post") as running:
        assert ship(running)
        assert running.get("/trackers")["trackers"] == []


def test_the_same_seed_tells_the_same_story() -> None:
    told = []
    for seed in (3, 3, 4):
        with carrier(seed=seed) as running:
            ship(running)
            running.advance(hours=24 * 7)
            told.append(running.get("/trackers")["trackers"])
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_a_carrier_reports_what_a_test_says(easypost: Carrier) -> None:
    made = easypost.track("9400100208303109500782")
    easypost.advance(hours=1)
    report = {"status": "failure", "message": "Damaged", "signed_by": None}
    answer = easypost.edit(vendor="easypost", object="tracker", id=made["id"], set=report)
    assert answer.status_code == 200, answer.text
    row = easypost.get(f"/trackers/{made['id']}")
    assert (row["status"], row["tracking_details"][-1]["message"]) == ("failure", "Damaged")
    assert row["updated_at"] > made["updated_at"]
    left = easypost.now - timedelta(days=9)
    create = {"tracking_code": "1Z999AA10123456784", "carrier": "ups",
              "shipped_at": left.isoformat()}  # fmt: skip
    answer = easypost.edit(vendor="easypost", object="tracker", create=create)
    assert easypost.get(f"/trackers/{answer.json()['id']}")["status"] in (
        "delivered",
        "return_to_sender",
    )
    answer = easypost.edit(vendor="easypost", object="address", create=AWAY)
    assert easypost.get(f"/addresses/{answer.json()['id']}")["verifications"]
    gone = {"vendor": "easypost", "object": "tracker", "number": "1Z999AA10123456784"}
    assert easypost.edit(**gone, archive=True).status_code == 200
    here = {"vendor": "easypost", "object": "tracker", "id": made["id"]}
    wrongs: tuple[dict[str, Any], ...] = (
        {**gone, "archive": True},
        here,
        {**here, "set": {"colour": "red"}},
        {**here, "object": "label", "set": {"status": "lost"}},
    )
    for wrong in wrongs:
        assert easypost.edit(**wrong).status_code == 400
