"""What is special about the CRM: the search, its lag, and archived records."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from played import TapHubSpot, played

from taps.hubspot import changes, streams


@pytest.fixture
def sandbox():
    with played() as running:
        yield running


def create_order(sandbox, name: str) -> str:
    """An order that belongs to a contact."""
    client = sandbox.make(TapHubSpot).client
    (contact, *_) = sandbox.read(TapHubSpot, only="contacts").records("contacts")
    join = {
        "to": {"id": contact["id"]},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 507}],
    }
    body = {"properties": {"hs_order_name": name}, "associations": [join]}
    path = client.objects("orders")
    return client.request("POST", path, stream="orders", json=body, write=True).json()["id"]


def test_all_properties_are_read_also_the_portals_own(sandbox):
    client = sandbox.make(TapHubSpot).client
    definition = {
        "name": "crossdock_customer_id",
        "label": "Crossdock",
        "groupName": "contactinformation",
        "type": "string",
        "fieldType": "text",
    }
    client.request(
        "POST", client.properties("contacts"), stream="contacts", json=definition, write=True
    )
    contact = sandbox.read(TapHubSpot, only="contacts").records("contacts")[0]
    assert contact["properties"]["crossdock_customer_id"] is None
    assert contact["properties"]["lastname"]


def test_more_properties_than_a_url_holds(sandbox, monkeypatch):
    expected = sandbox.read(TapHubSpot).tables
    monkeypatch.setattr(streams, "LONGEST_QUERY", 10)
    assert sandbox.read(TapHubSpot).tables == expected


def test_associations_look_the_same_listed_and_searched(sandbox):
    order = create_order(sandbox, "first")
    listed = sandbox.read(TapHubSpot, only="orders")
    searched = sandbox.read(TapHubSpot, {"bookmarks": {}}, start_date="2020-01-01T00:00:00Z")
    assert listed.tables["orders"][order]["associations"]["contacts"]["results"]
    sandbox.advance(seconds=20)
    searched = sandbox.read(TapHubSpot, listed.state, only="orders")
    assert searched.tables["orders"] == listed.tables["orders"]


def test_a_ticket_carries_its_orders_listed_and_searched(sandbox):
    order = create_order(sandbox, "to be returned")
    client = sandbox.make(TapHubSpot).client
    join = {
        "to": {"id": order},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 526}],
    }
    ticket = {"subject": "Return", "hs_pipeline": "0", "hs_pipeline_stage": "1"}
    body = {"properties": ticket, "associations": [join]}
    before = sandbox.read(TapHubSpot, only="tickets")
    path = client.objects("tickets")
    made = client.request("POST", path, stream="tickets", json=body, write=True).json()["id"]
    listed = sandbox.read(TapHubSpot, only="tickets").tables["tickets"][made]
    assert [each["id"] for each in listed["associations"]["orders"]["results"]] == [order]
    sandbox.advance(seconds=20)
    searched = sandbox.read(TapHubSpot, before.state, only="tickets").tables["tickets"][made]
    assert searched["associations"] == listed["associations"]


def test_change_that_the_index_does_not_show_yet_is_found_later(sandbox):
    state = sandbox.read(TapHubSpot, only="contacts").state
    sandbox.advance(minutes=1)
    state = sandbox.read(TapHubSpot, state, only="contacts").state
    title = {"jobtitle": "late"}
    sandbox.edit("hubspot", "contact", number="c1@example.com", set=title)
    early = sandbox.read(TapHubSpot, state, only="contacts")
    assert early.records("contacts") == []
    sandbox.advance(seconds=8)
    late = sandbox.read(TapHubSpot, early.state, only="contacts")
    assert [c["properties"]["jobtitle"] for c in late.records("contacts")] == ["late"]


def test_values_are_fresh_though_the_index_is_behind(sandbox):
    state = sandbox.read(TapHubSpot, only="contacts").state
    sandbox.advance(minutes=1)
    sandbox.edit("hubspot", "contact", number="c1@example.com", set={"jobtitle": "one"})
    sandbox.advance(seconds=8)
    sandbox.edit("hubspot", "contact", number="c1@example.com", set={"jobtitle": "two"})
    read = sandbox.read(TapHubSpot, state, only="contacts")
    assert [c["properties"]["jobtitle"] for c in read.records("contacts")] == ["two"]


def test_search_goes_on_from_the_last_id(sandbox, monkeypatch):
    """So that no result beyond the 10,000th is ever asked for."""
    monkeypatch.setattr(streams, "SEARCH_PAGE", 3)
    state = sandbox.read(TapHubSpot, only="contacts").state
    state["bookmarks"]["contacts"]["replication_key_value"] = "2020-01-01T00:00:00Z"
    monkeypatch.setattr("sandbox.hubspot.search.MAX_RESULTS", 4)
    bodies = []
    original = changes.search

    def search(*args, **options):
        response = original(*args, **options)
        bodies.append(response.request.content)
        return response

    monkeypatch.setattr(changes, "search", search)
    sandbox.advance(minutes=1)
    read = sandbox.read(TapHubSpot, state, only="contacts")
    assert len(read.tables["contacts"]) == 11
    assert len(bodies) == 4
    assert not any(b'"after"' in body for body in bodies)


def test_archived_records_are_read_as_archived(sandbox):
    first = sandbox.read(TapHubSpot, only="contacts")
    (gone, *_) = first.records("contacts")
    sandbox.edit("hubspot", "contact", id=gone["id"], archive=True)
    sandbox.advance(minutes=1)
    (archived,) = sandbox.read(TapHubSpot, first.state, only="contacts").records("contacts")
    assert (archived["id"], archived["archived"]) == (gone["id"], True)
    assert archived["archivedAt"]


def test_many_archived_records_are_read_once_an_hour(sandbox):
    state = sandbox.read(TapHubSpot, only="contacts").state
    state["bookmarks"]["contacts"]["archived_count"] = 101
    (gone, *_) = sandbox.read(TapHubSpot, only="contacts").records("contacts")
    sandbox.edit("hubspot", "contact", id=gone["id"], archive=True)
    sandbox.advance(minutes=2)
    soon = sandbox.read(TapHubSpot, state, only="contacts")
    assert soon.records("contacts") == []
    sandbox.advance(hours=1)
    assert len(sandbox.read(TapHubSpot, soon.state, only="contacts").records("contacts")) == 1


def test_older_version_family_reads_the_same(sandbox):
    assert sandbox.read(TapHubSpot, api_version="v3").tables == sandbox.read(TapHubSpot).tables


def test_refresh_token(sandbox):
    oauth = {
        "access_token": None,
        "client_id": "sandbox",
        "client_secret": "sandbox-secret",
        "refresh_token": "sandbox-refresh",
    }
    assert len(sandbox.read(TapHubSpot, **oauth).tables["contacts"]) == 11


def test_lag_is_a_setting(sandbox):
    before = datetime.now(UTC)
    state = sandbox.read(TapHubSpot, only="contacts", index_lag=3600).state
    bookmark = state["bookmarks"]["contacts"]["replication_key_value"]
    played_now = sandbox.control("advance", hours=0)["now"]
    gap = datetime.fromisoformat(played_now) - datetime.fromisoformat(bookmark)
    assert 3600 <= gap.total_seconds() <= 3600 + 30 + (datetime.now(UTC) - before).total_seconds()
