"""Addresses: what comes apart, what stays whole, and what a carriers' directory says of them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transform import raw
from tests.transform.conftest import Warehouse
from tests.transform.raw import PROJECT

BUILD = ("build", "--resource-type", "model", "--resource-type", "seed", "--select")
MODEL = PROJECT / "models" / "intermediate" / "addresses" / "int_addresses__split.py"
SEEDS = PROJECT / "seeds"


@cache
def reader() -> ModuleType:
    """The dbt Python model as a module."""
    spec = importlib.util.spec_from_file_location("int_addresses__split", MODEL)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@cache
def names() -> Any:
    """The names that the project's own seeds know."""
    files = ("identity/country_names.csv", "addresses/regions.csv", "addresses/postal_formats.csv")
    with duckdb.connect() as connection:
        return reader().names_from(
            connection, *(f"read_csv('{SEEDS / file}', all_varchar = true)" for file in files)
        )


def split(line1: str | None = None, **of: str | None) -> tuple[str | None, ...] | None:
    """The parts that an address comes apart into; none if it stays whole."""
    found = reader().split(reader().Written(line1=line1, **of), names())
    return found and tuple(getattr(found, part) for part in reader().PARTS)


#: What people write, and line1, line2, city, region, postal_code, country of it.
APART = {
    "12 Main St Apt 4, Springfield IL 62704, USA": (
        "12 Main St Apt 4", None, "Springfield", "IL", "62704", "USA",
    ),
    "12 Main St\nSpringfield, Illinois 62704-1234": (
        "12 Main St", None, "Springfield", "Illinois", "62704-1234", None,
    ),
    "12 Main St Apt 4 Springfield IL 62704": (
        "12 Main St Apt 4", None, "Springfield", "IL", "62704", None,
    ),
    "Suite 900, 1450 N City Rd, Arlington, VA 22201": (
        "1450 N City Rd", "Suite 900", "Arlington", "VA", "22201", None,
    ),
    "Hughes Plaza, 100 Howard Hughes Way, Las Vegas, NV 89111": (
        "100 Howard Hughes Way", "Hughes Plaza", "Las Vegas", "NV", "89111", None,
    ),
    "350 5th Ave, New York, NY 10118": ("350 5th Ave", None, "New York", "NY", "10118", None),
    "100 Peachtree St, Atlanta, Georgia 30303": (
        "100 Peachtree St", None, "Atlanta", "Georgia", "30303", None,
    ),
    "638 Downey St, Salem, OR": ("638 Downey St", None, "Salem", "OR", None, None),
    "24 Sussex Dr, Ottawa ON K1M 1M4": ("24 Sussex Dr", None, "Ottawa", "ON", "K1M 1M4", None),
    "10 Downing Street, London, SW1A 2AA": (
        "10 Downing Street", None, "London", None, "SW1A 2AA", None,
    ),
    "Flat 4, 12 High St, Headingley, Leeds LS6 1AA": (
        "12 High St", "Flat 4, Headingley", "Leeds", None, "LS6 1AA", None,
    ),
    "18 Danver Place, Loughborough, Leicestershire, United Kingdom, LE11 1UU": (
        "18 Danver Place", None, "Loughborough", "Leicestershire", "LE11 1UU", "United Kingdom",
    ),
    "Hauptstr. 5\nD-10115 Berlin\nDeutschland": (
        "Hauptstr. 5", None, "Berlin", None, "D-10115", "Deutschland",
    ),
    "12 Rue de la Paix, 75002 Paris, France": (
        "12 Rue de la Paix", None, "Paris", None, "75002", "France",
    ),
    "Via Roma 1, 20121 Milano MI, Italy": ("Via Roma 1", None, "Milano", "MI", "20121", "Italy"),
    "Level 5, 100 George St, Sydney NSW 2000, Australia": (
        "100 George St", "Level 5", "Sydney", "NSW", "2000", "Australia",
    ),
    "4 Hillview Rise, Singapore 667979": (
        "4 Hillview Rise", None, "Singapore", None, "667979", "Singapore",
    ),
}  # fmt: skip

#: What can be read in two ways, or in none.
WHOLE = [
    "12 Main St",
    "12 Main St, Springfield",  # a city, or a building
    "12 Main St Springfield IL 62704",  # where does the street end?
    "169 3rd Ave. Camden, NJ 08030",
    "80 Delaware Ave SE Washington DC 40040",
    "5 Rustaveli Ave, Tbilisi, Georgia",  # the country, or the state
    "12 High St, Kingston upon Hull, East Yorkshire, HU1 1AA, UK",  # town, county?
    "Garden House, 1 Crowther Way, Cowes Isle of Wight PO31 7PJ, UK",  # city, county?
    "12 Main St, 1234 Oak Ave",
    "Tolmacheva Ul., bld. 8, appt. 71 Smolensk",
    "12 Main St, CA",
    "Ansbacher Strasse 23",
    ", ,\n;",
]


@pytest.mark.parametrize("text", APART)
def test_an_address_in_one_text_comes_apart(text: str) -> None:
    assert split(text) == APART[text]


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_not_certain_stays_whole(text: str) -> None:
    assert split(text) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"line1": "12 Main St", "city": "Springfield, IL 62704"},
            ("12 Main St", None, "Springfield", "IL", "62704", None),
        ),
        (
            {"line1": "12 Main St", "line2": "Springfield, IL 62704"},
            ("12 Main St", None, "Springfield", "IL", "62704", None),
        ),
        (
            {"line1": "Hauptstr. 5", "city": "10115 Berlin", "country": "DE"},
            ("Hauptstr. 5", None, "Berlin", None, "10115", "DE"),
        ),
        ({"line1": "1 Rd", "city": "Germany"}, ("1 Rd", None, None, None, None, "Germany")),
        (
            {"line1": "1 Rd", "city": "Singapore"},
            ("1 Rd", None, "Singapore", None, None, "Singapore"),
        ),
        # The same said twice is said once; what contradicts itself stays as it is.
        (
            {
                "line1": "1602 Brenville Pl, San Francisco, CA 94105",
                "city": "San Francisco",
                "region": "California",
                "postal_code": "94105",
                "country": "US",
            },
            ("1602 Brenville Pl", None, "San Francisco", "California", "94105", "US"),
        ),
        ({"line1": "Ansbacher Str. 23, 56422 Dusseldorf", "postal_code": "56244"}, None),
        ({"line1": "12 Main St, Springfield IL 62704", "country": "DE"}, None),
    ],
)
def test_a_field_that_holds_several_comes_apart(
    fields: dict[str, str], expected: tuple[str | None, ...] | None
) -> None:
    assert split(**fields) == expected


WORDS = st.text("abcdefgh ,.\n#-0123456789ABCDEFÄß/", min_size=1, max_size=40)
PIECES = st.sampled_from(
    [
        "12 Main St", "Apt 4", "Springfield", "IL", "62704", "USA", "CA", "Georgia", "UK", "Paris",
        "D-10115 Berlin", "SW1A 2AA", "75002", "Singapore 059413", "New York", "#5", "c/o Ada",
        "Étage 2", "Germany", "PO Box 5", "Québec", "K1M 1M4",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    WORDS, st.lists(PIECES, min_size=1, max_size=7).map(", ".join), st.lists(PIECES).map(" ".join)
)


@settings(max_examples=400, deadline=None)
@given(line1=TEXTS, line2=st.none() | TEXTS, city=st.none() | TEXTS, country=st.none() | PIECES)
def test_nothing_is_lost_and_nothing_is_made_up(
    line1: str, line2: str | None, city: str | None, country: str | None
) -> None:
    """Each word of a text is in exactly one part; a part holds nothing that was not written."""
    found = split(line1, line2=line2, city=city, country=country)
    if found is None:
        return
    written = [w for text in (line1, line2, city, country) for w in _words(text)]
    parts = [w for text in found for w in _words(text)]
    assert set(parts) == set(written)
    assert all(parts.count(word) <= written.count(word) + 1 for word in parts)
    assert found[0]
    assert found[2] or found[5]


@settings(max_examples=200, deadline=None)
@given(
    number=st.integers(1, 9999),
    street=st.sampled_from(["Main St", "Oak Avenue", "N 5th St", "Elm Rd"]),
    unit=st.sampled_from(["", " Apt 4", ", Suite 200", " #12B"]),
    city=st.sampled_from(["Springfield", "New Berlin", "St. Louis", "West Des Moines"]),
    between=st.sampled_from([", ", "\n", ",  "]),
    country=st.sampled_from(["", ", USA", "\nUnited States", " US"]),
)
def test_american_addresses_come_apart_however_their_lines_are_set(
    number: int, street: str, unit: str, city: str, between: str, country: str
) -> None:
    found = split(f"{number} {street}{unit}{between}{city}, IL 62704{country}")
    assert found
    assert found[2:5] == (city, "IL", "62704")
    assert _words(f"{found[0]} {found[1] or ''}") == _words(f"{number} {street}{unit}")


def _words(text: str | None) -> list[str]:
    return str(reader().fold(text or "")).split()


def _contact(number: int, **properties: str) -> dict[str, Any]:
    at = f"2026-01-01T00:00:{number:02}Z"
    return {"id": str(number), "createdAt": at, "updatedAt": at, "properties": properties}


def test_one_customer_has_one_address_however_it_is_written(
    warehouse: Callable[..., Warehouse],
) -> None:
    made = warehouse()
    contacts = [
        _contact(1, email="a@one.example", address="12 Main St Apt 4, Springfield IL 62704, USA"),
        _contact(
            2, email="a@one.example", address="12 MAIN STREET #4", city="Springfield",
            state="Illinois", zip="62704-1234", country="US",
        ),
        _contact(3, email="b@one.example", address="12 Main St, Springfield"),
    ]  # fmt: skip
    raw.write(made.path, "hubspot:main", {"contacts": contacts})
    made.dbt(*BUILD, "+addresses")
    one, other = made.rows(
        "select line1, line2, city, region_code, postal_code, country_code, written, is_valid,"
        " issues, address_id from canonical.addresses order by written"
    )
    assert one[:6] == ("12 MAIN STREET", "#4", "Springfield", "US-IL", "62704-1234", "US")
    assert one[7:9] == (True, "[]")
    assert other[:2] == ("12 Main St, Springfield", None)
    assert other[6:9] == (
        "12 Main St, Springfield", False, '["unparsed","no_city","no_country"]',
    )  # fmt: skip

    read = "select written_id, reader from intermediate.int_addresses__split order by written_id"
    before = made.rows(read)
    contacts.append(_contact(4, email="b@one.example", address="1 Oak Rd, Springfield, IL 62704"))
    raw.write(made.path, "hubspot:main", {"contacts": contacts})
    made.dbt(*BUILD, "+addresses")
    assert set(before) < set(made.rows(read))
    rows = made.rows("select address_id, line1 from canonical.addresses")
    assert (one[-1], "12 MAIN STREET") in rows
    assert "1 Oak Rd" in [line1 for _, line1 in rows]


#: What EasyPost says of an address, and the verdict.
VERDICTS = {
    "deliverable": {"success": True, "errors": [], "details": {"latitude": 37.7}},
    "undeliverable": {"success": False, "errors": [{"code": "E.ADDRESS.NOT_FOUND"}]},
    # An answer that contradicts itself, and a service that does not answer.
    "unknown": {"success": True, "errors": [{"code": "E.ADDRESS.NOT_FOUND"}]},
    "unknown too": {"success": False, "errors": [{"code": "E.TIMEOUT.UNAVAILABLE"}]},
}


def test_only_what_the_directory_does_not_know_is_refused(
    warehouse: Callable[..., Warehouse],
) -> None:
    made = warehouse(CROSSDOCK_INSTANCES="shopify:main easypost:main")
    addresses = [
        {
            "id": f"adr_{number}", "street1": f"{number} MAIN ST APT 4", "street2": "",
            "city": "SPRINGFIELD", "state": "IL", "zip": "62704-1670", "country": "US",
            "verifications": {"delivery": delivery}, "updated_at": "2026-01-01T00:00:00Z",
        }
        for number, delivery in enumerate(VERDICTS.values())
    ]  # fmt: skip
    unverified = {"id": "adr_9", "street1": "9 Main St", "country": "US", "verifications": {}}
    raw.write(made.path, "easypost:main", {"addresses": [*addresses, unverified]})
    made.dbt(*BUILD, "+address_verifications")
    rows = made.rows(
        "select verdict, corrected_postal_code, address_key from canonical.address_verifications"
        " order by source_id"
    )
    assert [verdict for verdict, _, _ in rows] == [said.split()[0] for said in VERDICTS]
    assert [code for _, code, _ in rows] == ["62704-1670", None, None, None]
    assert rows[0][2] == "0mainstrasse|4|springfield|62704|US"
