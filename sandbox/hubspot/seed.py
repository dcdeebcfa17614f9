"""What the CRM begins with: the world's customers as a sales team typed them, and strangers."""

from __future__ import annotations

import random
import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.hubspot.definitions import OBJECT_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.hubspot.store import Store
    from sandbox.world import Customer, World

Values = dict[str, str]

_NAMES = ("firstname", "lastname")
_TYPO_FIELDS = ("lastname", "firstname", "address")
_STREETS = (
    (r"\bStreet\b", "St."),
    (r"\bAvenue\b", "Ave."),
    (r"\bRoad\b", "Rd."),
    (r"\bBoulevard\b", "Blvd."),
    (r"\bLane\b", "Ln."),
    (r"\bDrive\b", "Dr."),
    (r"\bSquare\b", "Sq."),
    (r"\bPlace\b", "Pl."),
    (r"\bCourt\b", "Ct."),
    (r"\bTerrace\b", "Ter."),
    (r"\bAvenida\b", "Av."),
    (r"\bCalle\b", "C/"),
    (r"\b[Rr]ue\b", "r."),
    (r"\bPlatz\b", "Pl."),
    (r"\bVia\b", "V."),
    (r"(?<=\w)stra(?:ß|ss)e\b", "str."),
    (r"\bStra(?:ß|ss)e\b", "Str."),
    (r"(?<=\w)gatan\b", "g."),
)
# Names that no generated customer comes near.
_STRANGERS = (
    ("Aputsiaq", "Achterberg"), ("Birgitte", "Bjarkason"), ("Caetano", "Czworkowski"),
    ("Dragana", "Drummelzier"), ("Eliasz", "Eyzaguirre"), ("Fenella", "Fjellheim"),
    ("Gwendal", "Grzybowska"), ("Hjalmar", "Haughtwaite"), ("Itzel", "Ixtlilpechtli"),
    ("Jedrzej", "Jokumsdatter"), ("Ketevan", "Kvaratskhelia"), ("Lovisa", "Ljungdahl"),
    ("Mihail", "Mbeki-Oduya"), ("Ngozi", "Nwachukwu"), ("Olumide", "Oyelaran"),
    ("Pelagia", "Pfaffenroth"), ("Quirin", "Quarshie"), ("Rindra", "Rakotomalala"),
    ("Swietlana", "Szczepaniak"), ("Torvald", "Thorvaldsen"), ("Ugochi", "Uzochukwu"),
    ("Veerle", "Vandersloot"), ("Wincenty", "Wyszynski"), ("Xanthippe", "Xiourouppa"),
    ("Ymir", "Yngvarsson"), ("Zuriñe", "Zubizarreta"),
)  # fmt: skip
_ELSEWHERE = ("Tórshavn", "Nuuk", "Ushuaia", "Longyearbyen", "Alert", "Vaduz", "Ulaangom")


def seed(store: Store, world: World, seed: int, now: datetime) -> None:
    """Fill the CRM, with everything older than the world's first order."""
    chance = random.Random(f"hubspot {seed}")
    first = min((order.placed_at for order in world.orders), default=now)
    mails: set[str] = set()
    people = [_changed(_typed(customer), chance) for customer in world.customers]
    people += _strangers(world, chance)
    chance.shuffle(people)
    kind = OBJECT_TYPES["contacts"]
    ages = sorted((timedelta(days=chance.uniform(1, 700)) for _ in people), reverse=True)
    for values, age in zip(people, ages, strict=True):
        mail = values.get("email", "").casefold()
        if mail and mail in mails:
            del values["email"]  # an address belongs to one contact only
        mails.add(mail)
        filled = {name: text for name, text in values.items() if text}
        store.create(kind, filled, first - age)


def _typed(customer: Customer) -> Values:
    """A customer as a contact, before anybody mistyped anything."""
    street = ", ".join(filter(None, (customer.line1, customer.line2)))
    values = {
        "email": (customer.email or "").lower(),
        "phone": customer.phone,
        "firstname": customer.first_name,
        "lastname": customer.last_name,
        "company": customer.company,
        "address": street,
        "city": customer.city,
        "state": customer.region,
        "zip": customer.postal_code,
        "country": customer.country,
        "lifecyclestage": "customer",
    }
    return {name: text for name, text in values.items() if text}


def _changed(values: Values, chance: random.Random) -> Values:
    """Spell a contact differently in exactly one way, one that can be seen."""
    ways: list[Callable[[Values, random.Random], Values]] = [
        _without_accents,
        _other_punctuation,
        _with_typo,
        _abbreviated,
    ]
    chance.shuffle(ways)
    for way in ways:
        changed = way(dict(values), chance)
        if changed != values:
            return changed
    return values


def _without_accents(values: Values, _: random.Random) -> Values:
    for name, text in values.items():
        spread = unicodedata.normalize("NFD", text)
        bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
        values[name] = unicodedata.normalize("NFC", bare)
    return values


def _other_punctuation(values: Values, chance: random.Random) -> Values:
    """Group a phone's digits another way; the digits themselves stay."""
    phone = values.get("phone", "")
    digits = re.sub(r"\D", "", phone)
    # An extension would become part of the number.
    if len(digits) < 7 or re.search(r"[a-zA-Z]", phone):
        return values
    plus, mark = "+" if phone.lstrip().startswith("+") else "", chance.choice(" .-")
    groups = [digits[:-7], digits[-7:-4], digits[-4:]]
    for text in (plus + mark.join(filter(None, groups)), plus + digits):
        if text != phone:
            values["phone"] = text
            break
    return values


def _with_typo(values: Values, chance: random.Random) -> Values:
    """Swap, drop or double one letter inside a word of a name or of the street."""
    names = [name for name in _TYPO_FIELDS if re.search(r"[^\W\d_]{5}", values.get(name, ""))]
    if not names:
        return values
    name = chance.choice(names)
    text = values[name]
    inner = [m.start() for m in re.finditer(r"(?<=[^\W\d_])[^\W\d_](?=[^\W\d_]{2})", text)]
    at = chance.choice(inner)
    kinds = ["drop", "double"] + (["swap"] * 2 if text[at] != text[at + 1] else [])
    kind = chance.choice(kinds)
    middle = {"drop": "", "double": text[at] * 2, "swap": text[at + 1] + text[at]}[kind]
    values[name] = text[:at] + middle + text[at + (2 if kind == "swap" else 1) :]
    return values


def _abbreviated(values: Values, _: random.Random) -> Values:
    street = values.get("address", "")
    for pattern, short in _STREETS:
        changed = re.sub(pattern, short, street)
        if changed != street:
            values["address"] = changed
            break
    return values


def _strangers(world: World, chance: random.Random) -> list[Values]:
    """People with nothing but a trait in common with somebody."""
    people = [c for c in world.customers if c.first_name and c.last_name and c.line1 and c.city]
    firms = [c for c in people if c.company] or people
    strangers = []
    for number in range(world.strangers if people else 0):
        like = chance.choice(firms if number % 4 == 1 else people)
        strangers.append(_stranger(number, like))
    return strangers


def _stranger(number: int, like: Customer) -> Values:
    """A person of whom everything that identifies anybody is their own."""
    first_name, last_name = _STRANGERS[number % len(_STRANGERS)]
    round_ = number // len(_STRANGERS) or ""
    values = {
        "email": f"{last_name.lower()}{round_}@{last_name.lower()}.example",
        "phone": f"+298 {200_100 + number}",
        "firstname": first_name,
        "lastname": f"{last_name}{round_}",
        "company": f"{last_name} Trading",
        "address": f"{last_name}gøta {900 + number}",
        "city": _ELSEWHERE[number % len(_ELSEWHERE)],
        "lifecyclestage": "lead",
    }
    traits: tuple[dict[str, str | None], ...] = (
        {"firstname": like.first_name, "city": like.city, "country": like.country},
        {"company": like.company},
        {"address": f"{900 + number} {re.sub(r'[0-9]+', '', like.line1 or '').strip(' ,')}"},
        {"lastname": like.last_name},
    )
    shared = traits[number % len(traits)]
    return values | {name: text for name, text in shared.items() if text}
