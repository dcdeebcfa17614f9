"""Customers: many countries, shared households, and contact data that is often missing."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import phonenumbers
from faker import Faker

from sandbox.world import Customer

if TYPE_CHECKING:
    from collections.abc import Callable

EMAIL_MISSING = 0.12
PHONE_MISSING = 0.25
PHONE_INVALID = 0.15
COMPANY = 0.08
ITALIAN = ("Forlì", "Bologna", "Lucca", "Cantù", "Torino", "Verona", "Bari", "Siena", "Patù")
EURO = ("Germany", "France", "Spain", "Italy")


@dataclass(frozen=True)
class _Place:
    """A country that customers live in: how Faker and people write its addresses."""

    locale: str
    region: str
    names: tuple[str, ...]
    share: int


PLACES = (
    _Place("en_US", "US", ("United States", "USA", "US"), 40),
    _Place("de_DE", "DE", ("Germany",), 12),
    _Place("fr_FR", "FR", ("France",), 10),
    _Place("es_ES", "ES", ("Spain",), 8),
    _Place("it_IT", "IT", ("Italy",), 6),
    _Place("pt_BR", "BR", ("Brazil",), 8),
    _Place("sv_SE", "SE", ("Sweden",), 6),
    _Place("pl_PL", "PL", ("Poland",), 5),
    _Place("en_GB", "GB", ("United Kingdom", "UK"), 5),
)


class People:
    """Makes people, none of whom shares an e-mail address or a phone with another."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"people {seed}")
        self._fakers: dict[str, Faker] = {}
        for number, place in enumerate(PLACES):
            faker = Faker(place.locale)
            faker.seed_instance(seed * 100 + number)
            self._fakers[place.locale] = faker
        self._taken: set[str] = set()

    def make(self, count: int, households: int) -> list[Customer]:
        """People with ids C-0001 onwards; some of them live with somebody before them."""
        people: list[Customer] = []
        while len(people) < count:
            person = self._person(f"C-{len(people) + 1:04d}")
            people.append(person)
            if households and len(people) < count and len(people) % 9 == 0 and person.line1:
                households -= 1
                people.append(self._relative(person, f"C-{len(people) + 1:04d}"))
        return people

    def guest(self) -> Customer:
        """Somebody who buys without an account; complete, so that a case can leave out parts."""
        person = self._person("guest", complete=True)
        return replace(person, company=None)

    def _person(self, customer_id: str, *, complete: bool = False) -> Customer:
        chance = self._random
        place = chance.choices(PLACES, [place.share for place in PLACES])[0]
        faker = self._fakers[place.locale]
        first, last = faker.first_name(), faker.last_name()
        line1, line2 = self._street(faker, place)
        has_email = complete or chance.random() >= EMAIL_MISSING
        complete or chance.random() >= EMAIL_MISSING
        return Customer(
            customer_id=customer_id,
            email=self._email(first, last) if has_email else None,
            phone=self._phone(place, valid=complete),
            first_name=first,
            last_name=last,
            company=faker.company() if chance.random() < COMPANY else None,
            line1=line1,
            line2=line2,
            city=self._city(faker, place),
            region=self._region(faker, place),
            postal_code=faker.postcode(),
            country=chance.choice(place.names),
        )

    def _relative(self, person: Customer, customer_id: str) -> Customer:
        """Somebody else of the same name at the same address."""
        place = next(place for place in PLACES if person.country in place.names)
        first = self._unlike(self._fakers[place.locale].first_name, person.first_name or "")
        return replace(
            person,
            customer_id=customer_id,
            first_name=first,
            email=self._email(first, person.last_name or ""),
            phone=self._phone(place, valid=False),
            company=None,
        )

    def _unlike(self, make: Callable[[], str], other: str) -> str:
        """A name that nobody takes for a misspelling of the other."""
        while True:
            name = make()
            if name[:1] != other[:1] and name[-1:] != other[-1:]:
                return name

    def _street(self, faker: Faker, place: _Place) -> tuple[str, str | None]:
        line1 = " ".join(faker.street_address().replace("\n", ", ").split())
        for word in (" Apt. ", " Suite "):
            head, found, rest = line1.partition(word)
            if found:
                return head, f"{word.strip()} {rest}"
        second = f"Floor {self._random.randint(1, 9)}" if self._random.random() < 0.1 else None
        return line1, second if place.locale == "en_US" else None

    def _city(self, faker: Faker, place: _Place) -> str:
        # Faker draws Italian cities from a set, whose order differs from process to process.
        return self._random.choice(ITALIAN) if place.locale == "it_IT" else str(faker.city())

    def _region(self, faker: Faker, place: _Place) -> str | None:
        if place.locale == "en_US":
            return str(faker.state_abbr(False, False))
        return str(faker.estado_sigla()) if place.locale == "pt_BR" else None

    def _email(self, first: str, last: str) -> str:
        name = f"{plain(first)}.{plain(last)}".lower().replace(" ", "").replace("'", "")
        domain = self._random.choice(("example.com", "example.net", "example.org"))
        email, number = f"{name}@{domain}", 1
        while email in self._taken:
            number += 1
            email = f"{name}{number}@{domain}"
        self._taken.add(email)
        return email.title() if self._random.random() < 0.05 else email

    def _phone(self, place: _Place, *, valid: bool) -> str | None:
        draw = self._random.random()
        if not valid and draw < PHONE_MISSING:
            return None
        if not valid and draw < PHONE_MISSING + PHONE_INVALID:
            return self._unique(lambda: f"0{self._random.randrange(10**5, 10**6)}-11")
        number = self._unique(lambda: _valid_number(place.region, self._random))
        return self._as_written(phonenumbers.parse(number))

    def _as_written(self, number: phonenumbers.PhoneNumber) -> str:
        style = self._random.choice(
            (
                phonenumbers.PhoneNumberFormat.E164,
                phonenumbers.PhoneNumberFormat.INTERNATIONAL,
                phonenumbers.PhoneNumberFormat.NATIONAL,
            )
        )
        return str(phonenumbers.format_number(number, style))

    def _unique(self, make: Callable[[], str]) -> str:
        while True:
            value = make()
            if value not in self._taken:
                self._taken.add(value)
                return value


def plain(text: str) -> str:
    """Letters without their accents."""
    special = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    return unicodedata.normalize("NFKD", special).encode("ascii", "ignore").decode()


def _valid_number(region: str, chance: random.Random) -> str:
    """A number that is valid in a country, as E.164."""
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None  # noqa: S101 - every country of PLACES has one
    digits = str(example.national_number)
    while True:
        tail = "".join(chance.choice("0123456789") for _ in range(5))
        number = phonenumbers.PhoneNumber(
            country_code=example.country_code, national_number=int(digits[:-5] + tail)
        )
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
