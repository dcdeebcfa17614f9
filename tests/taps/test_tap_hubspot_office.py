"""The CRM beside contacts and orders: associations, merged records, definitions, totals, sweeps."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from datetime import datetime, timedelta

import httpx
import pytest
from played import TapHubSpot, merged, played

from crossdock.errors import PartlyRead, SettingsError
from crossdock.http.errors import ApiError, RateLimited
from taps.hubspot import answers, associations, client, streams


@pytest.fixture
def sandbox():
    with played() as running:
        yield running


def person(sandbox, kind, **body):
    return sandbox.edit("hubspot", kind, **body)


def make(sandbox, kind, **values):
    return person(sandbox, kind, create=values)["id"]


def company_of(sandbox, contact, **more):
    company = make(sandbox, "company", name="Acme")
    person(sandbox, "contact", id=contact, associate={"object": "company", "id": company, **more})
    return company


def schemas(read):
    return {m["stream"]: m["schema"] for m in read.messages if m["type"] == "SCHEMA"}


def asked(sandbox, monkeypatch):
    """The requests that taps send from now on."""
    requests = []
    original = client.HubSpotClient.on_response

    def note(self, response, cost):
        requests.append(response.request)
        original(self, response, cost)

    monkeypatch.setattr(client.HubSpotClient, "on_response", note)
    return requests


# --- properties


def test_each_property_is_described_by_its_type(sandbox):
    new = {"name": "shoe_size", "type": "number", "label": "Shoe size"}
    person(sandbox, "property", of="contact", create=new)
    read = sandbox.read(TapHubSpot, only="contacts")
    described = schemas(read)["contacts"]["properties"]["properties"]
    assert described["type"] == ["object", "null"]
    size = described["properties"]["shoe_size"]
    assert (size["type"], size["x-type"], size["x-custom"]) == (["string", "null"], "number", True)
    stage = described["properties"]["lifecyclestage"]
    assert (stage["x-type"], stage["x-custom"]) == ("enumeration", False)
    assert "customer" in stage["x-options"]


def test_a_new_property_comes_with_the_next_reading(sandbox):
    first = sandbox.read(TapHubSpot)
    person(sandbox, "property", of="contact", create={"name": "vip", "type": "bool"})
    person(sandbox, "contact", number="c1@example.com", set={"vip": "true"})
    sandbox.advance(seconds=20)
    second = sandbox.read(TapHubSpot, first.state)
    assert "vip" in schemas(second)["contacts"]["properties"]["properties"]["properties"]
    assert [c["properties"]["vip"] for c in second.records("contacts")] == ["true"]
    assert second.ends["properties"]["full"]
    definition = second.tables["properties"]["contacts/vip"]
    assert (definition["object_type"], definition["type"]) == ("contacts", "bool")
    third = sandbox.read(TapHubSpot, second.state)
    assert not {"properties", "pipelines", "owners"} & set(third.tables)
    assert not third.ends["properties"]["full"]


def test_discovery_describes_the_portal(sandbox):
    person(sandbox, "property", of="contact", create={"name": "vip", "type": "bool"})
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        sandbox.make(TapHubSpot).run_discovery()
    out.seek(0)
    catalog = {entry["tap_stream_id"]: entry for entry in json.load(out)["streams"]}
    described = catalog["contacts"]["schema"]["properties"]["properties"]["properties"]
    assert described["vip"]["description"] == "bool; the portal's own"


def catalog(sandbox, *deselected):
    """A catalog of contacts alone, without some fields."""
    tap = sandbox.make(TapHubSpot)
    entries = json.loads(json.dumps(tap.catalog_dict))["streams"]
    for entry in entries:
        for item in entry["metadata"]:
            if item["breadcrumb"] == []:
                item["metadata"]["selected"] = entry["tap_stream_id"] == "contacts"
        entry["metadata"] += [
            {"breadcrumb": list(crumb), "metadata": {"selected": False}} for crumb in deselected
        ]
    tap.client.close()
    return {"streams": entries}


def read_with(sandbox, given):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        TapHubSpot(config=sandbox.config(TapHubSpot), catalog=given).sync_all()
    out.seek(0)
    return [json.loads(line) for line in out]


def listed_names(requests):
    (names,) = {
        request.url.params["properties"]
        for request in requests
        if request.url.path.endswith("/contacts") and "limit" in request.url.params
        and len(request.url.params["limit"]) == 3 and "properties" in request.url.params
    }  # fmt: skip
    return names.split(",")


def test_only_selected_properties_are_asked_for(sandbox, monkeypatch):
    given = catalog(sandbox, ("properties", "properties", "properties", "phone"))
    requests = asked(sandbox, monkeypatch)
    messages = read_with(sandbox, given)
    names = listed_names(requests)
    assert "email" in names
    assert "phone" not in names
    records = [m["record"] for m in messages if m["type"] == "RECORD" and m["stream"] == "contacts"]
    assert len(records) == 11
    assert all("phone" not in record["properties"] for record in records)


def test_without_properties_next_to_nothing_is_asked_for(sandbox, monkeypatch):
    given = catalog(sandbox, ("properties", "properties"))
    requests = asked(sandbox, monkeypatch)
    messages = read_with(sandbox, given)
    assert listed_names(requests) == ["hs_object_id", "hs_merged_object_ids"]
    records = [m["record"] for m in messages if m["type"] == "RECORD" and m["stream"] == "contacts"]
    assert len(records) == 11
    assert all("properties" not in record for record in records)


# --- merged and deleted records


def test_merged_records_say_where_they_went(sandbox):
    one, two = make(sandbox, "contact", email="one@x.yz"), make(sandbox, "contact", city="Ulm")
    sandbox.advance(minutes=1)
    first = sandbox.read(TapHubSpot, only="contacts")
    made = person(sandbox, "contact", id=one, merge=two)["id"]
    sandbox.advance(minutes=1)
    second = sandbox.read(TapHubSpot, first.state, only="contacts")
    table = second.tables["contacts"]
    assert table[made]["properties"]["city"] == "Ulm"
    for old in (one, two):
        assert table[old] == {"id": old, "archived": True, "mergedInto": made}
    full = sandbox.read(TapHubSpot, only="contacts")
    assert full.tables["contacts"] == merged(first, second)["contacts"]


def test_an_id_that_the_index_still_has_answers_with_the_merged_record(sandbox):
    """Search shows the old ids for some seconds; reading them gives the new record."""
    one, two = make(sandbox, "contact", city="Bonn"), make(sandbox, "contact", city="Ulm")
    sandbox.advance(minutes=1)
    state = sandbox.read(TapHubSpot, only="contacts", index_lag=120).state
    made = person(sandbox, "contact", id=one, merge=two)["id"]
    early = sandbox.read(TapHubSpot, state, only="contacts", index_lag=120)
    assert set(early.tables["contacts"]) == {one, two, made}


def test_deleted_for_good_is_found_by_the_sweep(sandbox):
    gone = make(sandbox, "contact", city="Ulm")
    archived = make(sandbox, "contact", city="Bonn")
    person(sandbox, "contact", id=archived, archive=True)
    first = sandbox.read(TapHubSpot, only="contacts")
    person(sandbox, "contact", id=gone, gdpr_delete=True)
    sandbox.advance(minutes=1)
    second = sandbox.read(TapHubSpot, first.state, only="contacts", sweep_interval=0)
    assert second.ends["contacts"]["swept"]
    ids = {row["key"] for row in second.records("_crossdock_ids")}
    assert ids == set(first.tables["contacts"]) - {gone}
    later = sandbox.read(TapHubSpot, second.state, only="contacts")
    assert not later.ends["contacts"]["swept"]


def test_the_accounts_own_count(sandbox, monkeypatch):
    """Search says how many there are, also beyond what it lets anybody page through."""
    monkeypatch.setattr("sandbox.hubspot.search.MAX_RESULTS", 4)
    monkeypatch.setattr(streams, "SEARCH_PAGE", 4)
    sandbox.advance(minutes=1)
    first = sandbox.read(TapHubSpot, only="contacts")
    (total,) = first.records("control_totals")
    assert (total["measure"], total["value"], total["source"]) == ("count", "11", "vendor")
    until = datetime.fromisoformat(total["window_to"])
    now = datetime.fromisoformat(sandbox.control("advance", hours=0)["now"])
    assert timedelta(seconds=9) <= now - until <= timedelta(seconds=40)
    assert len([c for c in first.records("contacts") if not c["archived"]]) == 11
    make(sandbox, "contact", city="Ulm")
    soon = sandbox.read(TapHubSpot, first.state, only="contacts", totals_interval=0)
    assert soon.records("control_totals")[0]["value"] == "11"  # changed after the window's end


# --- associations


def test_pairs_are_read_with_their_types_and_labels(sandbox):
    (contact, *_) = sandbox.read(TapHubSpot, only="contacts").records("contacts")
    company = company_of(sandbox, contact["id"], label="Supplier")
    table = sandbox.read(TapHubSpot, only="associations").tables["associations"]
    row = table[f"contacts/{contact['id']}/companies/{company}"]
    ends = [row[name] for name in ("from_type", "from_id", "to_type", "to_id")]
    assert ends == ["contacts", contact["id"], "companies", company]
    assert row["types"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
        {"category": "USER_DEFINED", "typeId": 1, "label": "Supplier"},
    ]
    notes = [row for row in table.values() if row["from_type"] == "notes"]
    assert notes and all(row["to_type"] == "contacts" for row in notes)


def test_pairs_come_with_the_records_that_changed(sandbox):
    contact = make(sandbox, "contact", city="Ulm")
    sandbox.advance(minutes=1)
    first = sandbox.read(TapHubSpot)
    company = company_of(sandbox, contact)
    person(sandbox, "contact", id=contact, set={"city": "Bonn"})
    sandbox.advance(seconds=20)
    second = sandbox.read(TapHubSpot, first.state)
    assert list(second.tables["associations"]) == [f"contacts/{contact}/companies/{company}"]
    assert not second.ends["associations"]["full"]
    sandbox.advance(minutes=1)
    third = sandbox.read(TapHubSpot, second.state)
    assert "associations" not in third.tables


def test_what_was_parted_is_gone_with_the_next_sweep(sandbox):
    contact = make(sandbox, "contact", city="Ulm")
    company = company_of(sandbox, contact)
    first = sandbox.read(TapHubSpot, only="associations")
    person(sandbox, "contact", id=contact, dissociate={"object": "company", "id": company})
    sandbox.advance(hours=2)
    soon = sandbox.read(TapHubSpot, first.state, only="associations")
    assert not soon.ends["associations"]["full"]
    later = sandbox.read(TapHubSpot, soon.state, only="associations", sweep_interval=0)
    assert later.ends["associations"]["full"]
    gone = set(first.tables["associations"]) - set(later.tables["associations"])
    assert gone == {f"contacts/{contact}/companies/{company}"}


def test_a_record_with_many_associations(sandbox, monkeypatch):
    monkeypatch.setattr("sandbox.hubspot.association_api.PAGE", 2)
    monkeypatch.setattr("sandbox.hubspot.associations.PAGE", 2)
    order = make(sandbox, "order", hs_order_name="1")
    contacts = [make(sandbox, "contact", city="Ulm") for _ in range(5)]
    for contact in contacts:
        person(sandbox, "order", id=order, associate={"object": "contact", "id": contact})
    read = sandbox.read(TapHubSpot)
    pairs = [row for row in read.tables["associations"].values() if row["from_id"] == order]
    assert {row["to_id"] for row in pairs} == set(contacts)
    beside = read.tables["orders"][order]["associations"]["contacts"]["results"]
    assert {entry["id"] for entry in beside} == set(contacts)


def test_pairs_are_a_setting(sandbox):
    contact = make(sandbox, "contact", city="Ulm")
    company = company_of(sandbox, contact)
    pairs = ["companies:contacts"]
    read = sandbox.read(TapHubSpot, only="associations", associations=pairs)
    assert list(read.tables["associations"]) == [f"companies/{company}/contacts/{contact}"]
    with pytest.raises(SettingsError, match="no pair"):
        associations.wanted(["orders"])


def test_one_search_serves_two_streams(sandbox, monkeypatch):
    first = sandbox.read(TapHubSpot)
    sandbox.advance(minutes=1)
    requests = asked(sandbox, monkeypatch)
    sandbox.read(TapHubSpot, first.state)
    searched = [r.url.path for r in requests if r.url.path.endswith("/search")]
    assert len(searched) == len(set(searched)) == 7


# --- the account


def test_a_missing_scope_keeps_no_other_stream_from_being_read(sandbox):
    sandbox.faults({"vendor": "hubspot", "kind": "status", "status": 403, "match": "/owners"})
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out), pytest.raises(PartlyRead, match="owners"):
        sandbox.make(TapHubSpot).sync_all()
    out.seek(0)
    lines = [json.loads(line) for line in out]
    ended = {m["record"]["stream"] for m in lines
             if m["type"] == "RECORD" and m["stream"] == "_crossdock_end"}  # fmt: skip
    assert {"contacts", "notes", "associations", "properties"} <= ended
    assert "owners" not in ended


def test_the_day_has_its_limit(sandbox):
    with pytest.raises(RateLimited, match="used up"):
        sandbox.read(TapHubSpot, requests_per_day=20)
    assert sandbox.counters("hubspot")["requests"] <= 20


def test_the_day_is_corrected_by_what_the_account_says(sandbox, monkeypatch):
    monkeypatch.setattr("sandbox.hubspot.limits.PER_DAY", 30)
    with played() as busy, pytest.raises(RateLimited, match="used up"):
        busy.read(TapHubSpot, requests_per_day=625_000)
        busy.read(TapHubSpot, requests_per_day=625_000)


@pytest.mark.parametrize("version", ["v3", "2026-03"])
def test_every_path_family_reads_the_same(sandbox, version):
    contact = make(sandbox, "contact", city="Ulm")
    company_of(sandbox, contact, label="Buyer")
    one = sandbox.read(TapHubSpot, api_version=version)
    two = sandbox.read(TapHubSpot)
    assert one.tables == two.tables
    assert set(one.tables) >= {"pipelines", "owners", "tickets", "notes", "companies"}


def answered(error):
    body = {"results": [{"id": "1"}], "numErrors": 1, "errors": [error]}
    request = httpx.Request("POST", "http://vendor.test/crm/objects/2026-09/contacts/batch/read")
    return httpx.Response(207, json=body, request=request)


def test_a_batch_that_failed_in_part_is_no_answer(sandbox):
    account = sandbox.make(TapHubSpot).client
    missing = {"category": "OBJECT_NOT_FOUND", "message": "not there"}
    assert answers.results(account, answered(missing), stream="contacts") == [{"id": "1"}]
    broken = {"category": "INTERNAL_ERROR", "message": "c1@example.com is locked"}
    with pytest.raises(ApiError, match="<e-mail> is locked"):
        answers.results(account, answered(broken), stream="contacts")


def test_tokens_are_kept_for_the_next_process(sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))
    app = {"access_token": None, "client_id": "sandbox", "client_secret": "sandbox-secret"}
    requests = asked(sandbox, monkeypatch)
    for _ in range(2):
        sandbox.read(TapHubSpot, only="owners", refresh_token="sandbox-refresh", **app)
    assert len({request.headers["Authorization"] for request in requests}) == 1
    (kept,) = tmp_path.glob(".crossdock/tokens/*.json")
    assert kept.stat().st_mode & 0o777 == 0o600
