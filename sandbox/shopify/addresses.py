"""Postal addresses as Shopify holds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.countries import code_of, name_of

if TYPE_CHECKING:
    from sandbox.shopify.store import Record
    from sandbox.world import Customer, Order

SHARED = (
    *("firstName", "lastName", "company", "phone"),
    *("address1", "address2", "city", "province", "zip"),
)
"""The fields that a fulfillment order's destination has under the same names."""
_CODE = re.compile(r"^[A-Z]{2,3}$")
EDITABLE = {
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "company": "company",
    "country": "country",
    "first_name": "firstName",
    "last_name": "lastName",
    "name": "name",
    "phone": "phone",
    "province": "province",
    "zip": "zip",
}


def split_name(name: str | None) -> tuple[str | None, str | None]:
    """First and last name; one word is a last name."""
    first, _, last = (name or "").strip().rpartition(" ")
    return first or None, last or None


def _address(global_id: str, **fields: str | None) -> Record:
    record: Record = {"id": global_id, **fields}
    complete(record)
    return record


def complete(address: Record) -> None:
    """Fill in what Shopify derives from the rest."""
    country, province = address.get("country"), address.get("province")
    address["countryCodeV2"] = code_of(country)
    address["country"] = name_of(country)
    address["provinceCode"] = province if province and _CODE.match(province) else None
    address["name"] = " ".join(filter(None, (address["firstName"], address["lastName"]))) or None


def of_customer(customer: Customer, global_id: str) -> Record | None:
    """The default address of a customer; None if the world knows none."""
    if not any((customer.line1, customer.city, customer.postal_code, customer.country)):
        return None
    return _address(
        global_id,
        firstName=customer.first_name,
        lastName=customer.last_name,
        company=customer.company,
        address1=customer.line1,
        address2=customer.line2,
        city=customer.city,
        province=customer.region,
        zip=customer.postal_code,
        country=customer.country,
        phone=customer.phone,
    )


def of_order(order: Order, customer: Customer | None, global_id: str) -> Record | None:
    """The ship-to address of an order; None if the world knows none."""
    if not any((order.ship_name, order.ship_line1, order.ship_city, order.ship_country)):
        return None
    first, last = split_name(order.ship_name)
    company = customer.company if customer else None
    return _address(
        global_id,
        firstName=first,
        lastName=last,
        company=company if company == order.ship_name else None,
        address1=order.ship_line1,
        address2=order.ship_line2,
        city=order.ship_city,
        province=order.ship_region,
        zip=order.ship_postal_code,
        country=order.ship_country,
        phone=order.phone or (customer.phone if customer else None),
    )


def edit(address: Record, name: str, value: Any) -> None:
    """Change one field, written as people do: `address2`.

    Raises:
        KeyError: An address has no such field.
    """
    field = EDITABLE[name]
    text = None if value in (None, "") else str(value)
    if field == "name":
        address["firstName"], address["lastName"] = split_name(text)
    else:
        address[field] = text
    complete(address)


def destination(address: Record | None, global_id: str, email: str | None) -> Record | None:
    """The same address as a fulfillment order shows it."""
    if address is None:
        return None
    return {
        "id": global_id,
        "email": email,
        "countryCode": address["countryCodeV2"],
        **{name: address[name] for name in SHARED},
    }
