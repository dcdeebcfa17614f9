"""How a partner's tables are written: headings, constants, forms of dates and numbers."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from crossdock.errors import SettingsError
from crossdock.files.tables import fold

#: Field of an order or a line to the headings by which it is usually known.
COLUMNS: Mapping[str, Sequence[str]] = {
    "number": ("order", "order number", "order no", "order id", "po number", "bestellnummer"),
    "placed_at": ("date", "order date", "placed at", "bestelldatum"),
    "status": ("status", "order status"),
    "payment_status": ("payment", "payment status", "paid"),
    "currency": ("currency",),
    "email": ("email", "e-mail", "e mail", "mail"),
    "phone": ("phone", "telephone", "tel"),
    "note": ("note", "notes", "comment"),
    "location": ("location", "warehouse"),
    "shipping_method": ("shipping method", "shipping", "delivery method"),
    "shipping_price": ("shipping price", "shipping cost"),
    "ship_name": ("name", "ship to", "ship to name", "recipient", "customer"),
    "ship_company": ("company",),
    "ship_line1": ("address", "address 1", "address line 1", "street"),
    "ship_line2": ("address 2", "address line 2"),
    "ship_city": ("city", "town"),
    "ship_region": ("state", "region", "province"),
    "ship_postal_code": ("zip", "zip code", "postal code", "postcode"),
    "ship_country": ("country", "country code"),
    "sku": ("sku", "item", "item number", "article", "article number"),
    "title": ("title", "description", "item name", "product"),
    "quantity": ("quantity", "qty", "units"),
    "unit_price": ("unit price", "price"),
}
#: Without these there is no order.
NEEDED = ("number", "sku", "quantity")
OF_LINES = ("sku", "title", "quantity", "unit_price")
DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class Layout:
    """How tables are written. All of it has a default, so that a plain file needs no settings.

    Attributes:
        columns: Field to the headings that name it, beside the usual ones.
        constants: Field to what it is where a table does not say.
        dates: Forms of dates, as in strptime.
        decimal: What stands before the cents.
        time_zone: Zone of times without one.
        encoding: Encoding of files that are not UTF-8 and do not say what they are.
        delimiter: What separates columns; found out if it is not given.
        senders: Addresses whose mails are read.
    """

    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    dates: Sequence[str] = DATES
    decimal: str = "."
    time_zone: str = "UTC"
    encoding: str = ""
    delimiter: str = ""
    senders: Sequence[str] = ()

    @classmethod
    def load(cls, path: str | None) -> Self:
        """Read a YAML file; without one everything is as usual.

        Raises:
            SettingsError: The file is not there, or a key of it is wrong.
        """
        if not path:
            return cls()
        try:
            body = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise SettingsError(
                f"tap-mailbox: the layout {path} cannot be read ({type(error).__name__})",
                hint="see taps/mailbox/README.md for an example",
            ) from error
        if not isinstance(body, dict):
            raise _wrong(path, "", "it is no mapping")
        known = {item.name for item in fields(cls)}
        for key in body:
            if key not in known:
                raise _wrong(path, str(key), f"there is no such key; there are {_list(known)}")
        made = cls(**body)
        made._see(path)
        return made

    def _see(self, path: str) -> None:
        for key, named in (("columns", self.columns), ("constants", self.constants)):
            if not isinstance(named, dict):
                raise _wrong(path, key, "it is no mapping")
            for name in named:
                if name not in COLUMNS:
                    raise _wrong(path, f"{key}.{name}", f"the fields are {_list(COLUMNS)}")
        for key in ("dates", "senders"):
            if not isinstance(getattr(self, key), list | tuple):
                raise _wrong(path, key, "it is no list")
        if self.decimal not in (".", ","):
            raise _wrong(path, "decimal", "it is '.' or ','")
        try:
            ZoneInfo(self.time_zone)
            codecs.lookup(self.encoding or "utf-8")
        except (ZoneInfoNotFoundError, ValueError):
            raise _wrong(path, "time_zone", "there is no such zone") from None
        except LookupError:
            raise _wrong(path, "encoding", "there is no such encoding") from None

    @property
    def digest(self) -> str:
        """Changes with the layout."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    @property
    def headings(self) -> Mapping[str, str]:
        """Heading, folded, to the field that it names; the partner's own headings win."""
        found = {fold(name): f for f, names in COLUMNS.items() for name in (f, *names)}
        for name, own in self.columns.items():
            found |= {fold(heading): name for heading in ([own] if isinstance(own, str) else own)}
        return found


def _wrong(path: str, key: str, why: str) -> SettingsError:
    place = f"{path}: {key}" if key else path
    return SettingsError(f"tap-mailbox: the layout {place}: {why}", hint="correct it there")


def _list(names: Any) -> str:
    return ", ".join(sorted(names))
