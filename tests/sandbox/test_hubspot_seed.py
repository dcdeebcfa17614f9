"""What the CRM begins with."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from sandbox.core import Clock, Effects, Sandbox
from sandbox.faults import Faults
from sandbox.hubspot import HubSpotVendor
from tests.sandbox.crm_and_wms import START, small_world

if TYPE_CHECKING:
    from sandbox.world import World

SAME = {
    "email": "email", "phone": "phone", "firstname": "first_name", "lastname": "last_name",
    "company": "company", "city": "city", "state": "region", "zip": "postal_code",
    "country": "country",
}  # fmt: skip


def contacts(seed: int, world: World | None = None) -> list[dict[str, str]]:
    clock = Clock(START)
    sandbox = Sandbox(world or small_world(), clock, Effects(clock), Faults(), seed)
    return [item["properties"] for item in HubSpotVendor(sandbox).state()["contacts"]]


def customer(values: list[dict[str, str]], last_name_begins: str) -> dict[str, str]:
    return next(v for v in values if v.get("lifecyclestage") == "customer"
                and v["lastname"].startswith(last_name_begins))  # fmt: skip


def differences(seed: int) -> set[str]:
    """The properties in which Ana differs from the world."""
    ana, row = customer(contacts(seed), "M"), asdict(small_world().customers[0])
    wanted = {name: row[column] for name, column in SAME.items()}
    wanted |= {"address": "Lange Straße 5, Hinterhaus", "email": "ana@example.com"}
    return {name for name, text in wanted.items() if ana.get(name) != text}


def test_every_customer_is_there_and_mistyped_in_one_way() -> None:
    ways = [differences(seed) for seed in range(30)]
    assert {frozenset(way) for way in ways} == {
        frozenset({"lastname"}),  # a typo
        frozenset({"phone"}),
        frozenset({"address"}),  # a typo, or abbreviated
        frozenset({"lastname", "city"}),  # no accents
    }


def test_a_phone_keeps_its_digits() -> None:
    phones = {customer(contacts(seed), "M")["phone"] for seed in range(30)}
    assert len(phones) > 1
    assert {"".join(filter(str.isdigit, phone)) for phone in phones} == {"49301234567"}


def test_the_same_seed_gives_the_same_people() -> None:
    assert contacts(3) == contacts(3)
    assert contacts(3) != contacts(4)


def test_no_id_of_the_world_is_in_the_crm() -> None:
    text = str(contacts(1))
    assert not [c.customer_id for c in small_world().customers if f"'{c.customer_id}'" in text]


def test_strangers_share_traits_but_no_identity() -> None:
    everyone = contacts(1)
    strangers = [values for values in everyone if values["lifecyclestage"] == "lead"]
    world = small_world().customers
    assert len(strangers) == 8

    def plain(text: str | None) -> str:
        return unicodedata.normalize("NFKD", text or "").casefold()

    for values in strangers:
        for person in world:
            full = (plain(values.get("firstname")), plain(values.get("lastname")))
            assert full != (plain(person.first_name), plain(person.last_name))
            assert plain(values["email"]) != plain(person.email)
            assert values["phone"] != person.phone
            assert values["address"] != person.line1
    shared = {
        trait
        for values in strangers
        for person in world
        for trait, column in SAME.items()
        if values.get(trait) and values.get(trait) == getattr(person, column)
    }
    assert {"firstname", "company", "city", "lastname"} <= shared


def test_strangers_are_no_relatives_of_each_other() -> None:
    world = replace(small_world(), strangers=20)
    strangers = [values for values in contacts(0, world) if values["lifecyclestage"] == "lead"]
    for name in ("email", "phone", "address"):
        assert len({values[name] for values in strangers}) == 20
    assert len({(values["firstname"], values["lastname"]) for values in strangers}) == 20


def test_everything_is_older_than_the_first_order() -> None:
    assert max(values["lastmodifieddate"] for values in contacts(1)) < "2026-03-02"
