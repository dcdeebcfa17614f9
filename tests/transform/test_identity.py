"""Who is who: each rule, each guard, and whole worlds whose CRM spells everybody differently."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox import world_files
from sandbox.builtin import builtin_world
from sandbox.hubspot.seed import seed as seed_crm
from sandbox.world import World
from tests.transform.conftest import Warehouse
from tests.transform.people import START, Answer, Key, People, Score, fields

Make = Callable[..., Warehouse]
STREET = {"line1": "12 Oak Street", "city": "Springfield", "postal_code": "62701", "country": "US"}
BERLIN = {"line1": "Hauptstraße 5", "city": "Berlin", "postal_code": "10115", "country": "Germany"}

reference = pytest.mark.skipif(
    "CROSSDOCK_REFERENCE" not in os.environ, reason="CROSSDOCK_REFERENCE is not set"
)


def crm(**of: Any) -> dict[str, Any]:
    """A world's columns as the CRM names them."""
    names = {
        "first_name": "firstname", "last_name": "lastname", "line1": "address",
        "region": "state", "postal_code": "zip",
    }  # fmt: skip
    return {names.get(name, name): value for name, value in of.items()}


def _person(first: str, last: str, **of: Any) -> dict[str, Any]:
    return {"first_name": first, "last_name": last, **of}


#: What is one customer: the records (as a shop's customer and as a CRM's contact), and the rule.
SAME = {
    "email": (
        _person("Ada", "Quist", email="Ada.Quist@Posteo.example"),
        _person("Adelheid", "Quist-Brandt", email="ada.quist+shop@posteo.example"),
        "email",
    ),
    "gmail": (
        _person("Bo", "Gmailer", email="bo.gmailer@gmail.com"),
        _person("B", "Gm", email="bogmailer@googlemail.com"),
        "email",
    ),
    "phone": (
        _person("Cleo", "Ferrante", phone="(503) 555-7555", country="US"),
        _person("Cleo", "Ferante", phone="+1 503.555.7555"),
        "phone",
    ),
    "initial": (
        _person("Dagmar", "Ohlsson", phone="+46 8 123 456 01"),
        _person("D.", "Ohlsson", phone="08-12345601", country="Sweden"),
        "phone",
    ),
    "digits": (
        _person("Elio", "Fuentes", phone="(5) 555-4729", country="Mexico"),
        _person("Elio", "Fuentes", phone="5 555 4729", country="MX"),
        "phone_digits",
    ),
    "accents": (
        _person("Frédérique", "Citeaux", **BERLIN),
        _person("Frederique", "Citeaux", **BERLIN | {"line1": "Hauptstrasse 5"}),
        "name_address",
    ),
    "swapped names": (
        _person("Gunnar", "Ziegelmayer", **BERLIN),
        _person("Ziegelmayer", "Gunnar", **BERLIN | {"line1": "Hauptstr. 5"}),
        "name_address",
    ),
    "short form": (
        _person("Robert", "Hollenbeck", **STREET),
        _person("Bob", "Hollenbeck", **STREET | {"line1": "12 Oak St."}),
        "name_address",
    ),
    "unit": (
        _person("Imre", "Nadasdy", line2="Apt. 4", **STREET),
        _person("Imre", "Nadasdy", **STREET | {"line1": "12 Oak St."}),
        "name_address",
    ),
    "typo in name": (
        _person("Jolanta", "Wisniewska", **STREET),
        _person("Jolanta", "Wisneiwska", **STREET),
        "near_name",
    ),
    "typo in street": (
        _person("Kerstin", "Abendroth", **BERLIN | {"line1": "Chausseestraße 110"}),
        _person("Kerstin", "Abendroth", **BERLIN | {"line1": "Chauseestr. 110"}),
        "near_address",
    ),
    "typo in city": (
        _person("Luzia", "Vogelsang", **STREET),
        _person("Luzia", "Vogelsang", **STREET | {"city": "Sprignfield"}),
        "near_address",
    ),
}

#: What is not: two records that share something.
APART = {
    "household": (_person("Hans", "Meier", **BERLIN), _person("Greta", "Meier", **BERLIN)),
    "near names": (_person("Anna", "Kolb", **BERLIN), _person("Anne", "Kolb", **BERLIN)),
    "family phone": (
        _person("Otto", "Lindqvist", phone="+46 8 123 456 02"),
        _person("Berta", "Lindqvist", phone="+46 8 123 456 02"),
    ),
    "same digits elsewhere": (
        _person("Pia", "Montero", phone="(5) 555-4730", country="Mexico"),
        _person("Pia", "Montero", phone="(5) 555-4730", country="Venezuela"),
    ),
    "namesake": (
        _person("John", "Smithson", **STREET),
        _person("John", "Smithson", **STREET | {"line1": "77 Elm Avenue"}),
    ),
    "namesake next door": (
        _person("Mary", "Jonas", email="mary@one.example", **STREET),
        _person("Mary", "Jonas", email="mary@two.example", **STREET | {"line1": "13 Oak Street"}),
    ),
    "relay": (
        _person("Quentin", "Aster", email="x1@privaterelay.appleid.com"),
        _person("Rosa", "Dahlia", email="x1@privaterelay.appleid.com"),
    ),
    "placeholder": (
        _person("Sven", "Tulip", email="none@noemail.com"),
        _person("Tove", "Lilac", email="none@noemail.com"),
    ),
    "role mailbox": (
        _person("Uwe", "Primel", email="info@firma.example"),
        _person("Vera", "Krokus", email="info@firma.example"),
    ),
    "fake phone": (
        _person("Wim", "Poppy", phone="000000000", country="NL"),
        _person("Wim", "Poppy", phone="000000000", country="NL"),
    ),
    "name alone": (_person("Xenia", "Clover"), _person("Xenia", "Clover")),
    "colleagues": (
        _person("Yara", "Heath", company="Acme", phone="+1 212 555 2368"),
        _person("Zeno", "Moss", company="Acme", phone="+1 212 555 2368"),
    ),
}


@pytest.fixture(scope="module")
def cases(warehouse: Make) -> tuple[Answer, dict[str, tuple[Key, Key]]]:
    """All cases in one world: they must not meet each other either."""
    people, keys = People(), {}
    for number, (name, (shop, other, *_)) in enumerate((SAME | APART).items(), 1000):
        keys[name] = (
            people.customer(str(number), **shop),
            people.contact(str(number), **crm(**other)),
        )
    for number in range(4):
        keys[f"mailbox {number}"] = (
            people.customer(f"20{number}", email="post@home.example", first_name="ABCD"[number],
                            last_name=["Ahorn", "Birkner", "Chamisso", "Dornbusch"][number]),
            people.order(f"30{number}", email="post@home.example", name=None),
        )  # fmt: skip
    keys["guest"] = (
        people.customer("400", **_person("Ilka", "Farn", phone="+49 30 901820", **BERLIN)),
        people.order("400", **_person("Ilka", "Farn", phone="030 901820", country="DE")),
    )
    keys["two guests"] = (
        people.order("401", **_person("Nils", "Efeu", **STREET)),
        people.order("402", **_person("Nils", "Efeu", **STREET), test=True),
    )
    keys["not read yet"] = (
        people.order("403", customer="999", **_person("Olga", "Ginster")),
        people.order("404", customer="999", **_person("Olga", "Ginster")),
    )
    keys["across shops"] = (
        people.customer("405", email="pan@two.example", **_person("Pan", "Salbei")),
        people.customer("405", shop="shopify:eu", email="pan@two.example"),
    )
    keys["company"] = (
        people.customer("406", **_person("Rune", "Thymian", company="Kräuter & Co", **BERLIN)),
        people.order("406", company="Kraeuter & Co.", **BERLIN),
    )
    return people.build(warehouse()), keys


@pytest.mark.parametrize("name", SAME)
def test_one_customer(cases: tuple[Answer, dict[str, tuple[Key, Key]]], name: str) -> None:
    answer, keys = cases
    shop, contact = keys[name]
    assert answer.same(shop, contact)
    assert answer.rules[shop] == "first"
    assert answer.rules[contact] == SAME[name][2]
    assert answer.contacts()[answer.customers[shop]]["destination_id"] == contact.id


@pytest.mark.parametrize("name", APART)
def test_two_customers(cases: tuple[Answer, dict[str, tuple[Key, Key]]], name: str) -> None:
    answer, keys = cases
    shop, contact = keys[name]
    assert not answer.same(shop, contact)
    assert answer.rules[shop] == answer.rules[contact] == "alone"
    assert answer.contacts()[answer.customers[shop]]["destination_id"] is None
    assert answer.customers[contact] not in answer.contacts()


def test_a_key_of_four_names_merges_nobody(cases: Any) -> None:
    answer, keys = cases
    boxes = [keys[f"mailbox {number}"] for number in range(4)]
    assert len({answer.customers[key] for pair in boxes for key in pair}) == 8
    rows = answer.contacts()
    holders = [rows[answer.customers[customer]]["email"] for customer, _ in boxes]
    assert holders == ["post@home.example", None, None, None]


def test_guests(cases: Any) -> None:
    answer, keys = cases
    assert answer.same(*keys["guest"])
    assert answer.same(*keys["two guests"])
    assert answer.contacts()[answer.customers[keys["two guests"][0]]]["email"] is None


def test_a_customer_that_only_an_order_names(cases: Any) -> None:
    answer, keys = cases
    order, _ = keys["not read yet"]
    assert Key("shopify:main", "customer", "999") in answer.customers
    assert order not in answer.customers


def test_two_shops_have_one_customer(cases: Any) -> None:
    answer, keys = cases
    assert answer.same(*keys["across shops"])
    ids = answer.warehouse.rows(
        "select external_ids from canonical.customers "
        f"where customer_id = '{answer.customers[keys['across shops'][0]]}'"
    )
    assert ids[0][0].replace(" ", "") == '{"shopify:eu":["405"],"shopify:main":["405"]}'


def test_what_the_crm_gets(cases: Any) -> None:
    answer, keys = cases
    row = answer.contacts()[answer.customers[keys["accents"][0]]]
    assert row["address"] is None  # the contact has one
    row = answer.contacts()[answer.customers[keys["household"][0]]]
    assert (row["address"], row["country"]) == ("Hauptstraße 5", "Germany")
    row = answer.contacts()[answer.customers[keys["relay"][0]]]
    assert row["email"] is None
    row = answer.contacts()[answer.customers[keys["guest"][0]]]
    assert row["phone"] == "+4930901820"


def _ids(warehouse: Make, *add: Callable[[People], Key], **settings: str) -> tuple[Answer, Any]:
    people = People()
    keys = [one(people) for one in add]
    return people.build(warehouse(), **settings), keys


def test_our_own_contact_never_gives_the_id(warehouse: Make) -> None:
    """A contact that we made comes back, older than anything by its clock, and spelled anew."""
    person = _person("Ada", "Quist", email="ada@quist.example")
    first, (shop,) = _ids(warehouse, lambda p: p.customer("1", **person))
    known = first.customers[shop]

    again, (shop, contact) = _ids(
        warehouse,
        lambda p: p.customer("1", **person),
        lambda p: p.contact(
            "77", crossdock_customer_id=known, firstname="Somebody", lastname="Else",
            created_at=START - timedelta(days=1),
        ),
    )  # fmt: skip
    assert again.customers == {shop: known, contact: known}
    assert again.rules[contact] == "crm_id"
    assert again.contacts()[known]["destination_id"] == "77"


def test_an_adopted_contact_has_the_id_of_who_ordered(warehouse: Make) -> None:
    def build(**carried: str) -> tuple[Answer, Any]:
        return _ids(
            warehouse,
            lambda p: p.contact("77", email="ada@quist.example", **carried),
            lambda p: p.customer("1", **_person("Ada", "Quist", email="ada@quist.example")),
        )

    before, (contact, shop) = build()
    after, _ = build(crossdock_customer_id=before.customers[contact])
    assert before.customers == after.customers
    assert before.rules[shop] == after.rules[shop] == "first"
    assert (before.rules[contact], after.rules[contact]) == ("email", "crm_id")


def test_before_go_live_customers_are_adopted_or_left_alone(warehouse: Make) -> None:
    people = People()
    adopted = people.customer("1", email="a@one.example")
    ignored = people.customer("2", email="b@two.example")
    back = people.customer("3", email="c@three.example")
    people.contact("77", email="a@one.example")
    people.order("9", customer="3", created_at=START + timedelta(days=300))
    answer = people.build(warehouse(), CROSSDOCK_GO_LIVE_AT="2026-06-01T00:00:00Z")
    assert set(answer.contacts()) == {answer.customers[adopted], answer.customers[back]}
    assert answer.customers[ignored] not in answer.contacts()


def test_what_is_gone_from_the_crm_stays_its_customer(warehouse: Make) -> None:
    answer, (contact, shop) = _ids(
        warehouse,
        lambda p: p.contact("77", email="ada@quist.example", archived=True),
        lambda p: p.customer("1", email="ada@quist.example"),
    )
    assert answer.same(contact, shop)
    assert answer.contacts()[answer.customers[shop]]["destination_id"] == "77"


class _Crm:
    """Takes what the sandbox's CRM begins with."""

    def __init__(self, people: People) -> None:
        self.people, self.count = people, 0

    def create(self, _: Any, values: dict[str, str], created_at: Any) -> None:
        self.count += 1
        self.people.contact(str(self.count), created_at=created_at, **values)


def _world(world: World, seed: int) -> People:
    people = People()
    for number, customer in enumerate(world.customers):
        people.customer(str(number), **fields(customer))
    seed_crm(_Crm(people), world, seed, START)  # type: ignore[arg-type]
    return people


def test_the_built_in_world(warehouse: Make) -> None:
    world = builtin_world(0)
    answer = _world(world, seed=0).build(warehouse())
    assert answer.sizes() == {2: len(world.customers), 1: world.strangers}
    assert all(row["destination_id"] for row in answer.contacts().values())


@reference
@pytest.mark.reference
@pytest.mark.parametrize("phones", [True, False])
def test_northwind_is_ninety_one_people(warehouse: Make, phones: bool) -> None:
    """Nobody there has an e-mail address; without phones the near rules stand alone."""
    folder = Path(os.environ["CROSSDOCK_REFERENCE"], "data", "worlds", "northwind")
    world = world_files.load(folder)
    if not phones:
        chance = random.Random(2)
        world = replace(world, strangers=20, customers=[
            replace(c, phone=None) if chance.random() < 0.5 else c for c in world.customers
        ])  # fmt: skip
    answer = _world(world, seed=2).build(warehouse())
    assert answer.sizes() == ({2: 91} if phones else {2: 91, 1: 20})
    rows = answer.contacts()
    assert len(rows) == 91
    assert len({row["destination_id"] for row in rows.values()}) == 91


def _table(*path: str) -> list[dict[str, str]]:
    with Path(os.environ["CROSSDOCK_REFERENCE"], "data", "identity", *path).open() as lines:
        return [
            {name: (text or "").strip() for name, text in row.items()}
            for row in csv.DictReader(lines)
        ]


@reference
@pytest.mark.reference
def test_fake_1000(warehouse: Make) -> None:
    people, truth = People(), {}
    for row in _table("fake_1000", "fake_1000.csv"):
        truth[row["unique_id"]] = row["cluster"]
        people.customer(
            row["unique_id"], first_name=row["first_name"], last_name=row["surname"],
            city=row["city"], email=row["email"], country="GB",
        )  # fmt: skip
    answer = people.build(warehouse())
    score = Score.of(truth, {key.id: who for key, who in answer.customers.items()})
    assert score.precision >= 0.99
    assert score.recall >= 0.40
    assert score.largest <= score.largest_true


@reference
@pytest.mark.reference
def test_senzing_truth_set(warehouse: Make) -> None:
    people = People()
    for name in ("customers", "reference", "watchlist"):
        for row in _table("senzing", f"{name}.csv"):
            _senzing(people, row)
    truth = {
        f"{row['DATA_SOURCE']}-{row['RECORD_ID']}": row["CLUSTER_ID"]
        for row in _table("senzing", "actual_truthset_key.csv")
    }
    answer = people.build(warehouse())
    score = Score.of(truth, {key.id: who for key, who in answer.customers.items()})
    assert score.precision >= 0.75
    assert score.recall >= 0.15
    assert score.largest <= score.largest_true


def _senzing(people: People, row: dict[str, str]) -> None:
    def value(*names: str) -> str:
        return next((row[name] for name in names if row.get(name)), "")

    first, last = value("PRIMARY_NAME_FIRST"), value("PRIMARY_NAME_LAST")
    if not last:
        first, _, last = value("PRIMARY_NAME_FULL", "NATIVE_NAME_FULL").rpartition(" ")
    people.customer(
        f"{row['DATA_SOURCE']}-{row['RECORD_ID']}",
        first_name=" ".join(filter(None, (first, value("PRIMARY_NAME_MIDDLE")))),
        last_name=last,
        company=value("PRIMARY_NAME_ORG", "EMPLOYER"),
        email=value("EMAIL_ADDRESS"),
        phone=value("PHONE_NUMBER"),
        line1=value("ADDR_LINE1", "ADDR_FULL"),
        city=value("ADDR_CITY"),
        region=value("ADDR_STATE"),
        postal_code=value("ADDR_POSTAL_CODE"),
        country=value("ADDR_COUNTRY") or "US",
    )
