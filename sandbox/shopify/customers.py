"""The people whom a shop knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shopify import addresses
from sandbox.shopify.ids import gid, number_for
from sandbox.shopify.store import Record, Store, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.world import Customer, World


def add_customers(store: Store, world: World, instance: str) -> dict[str, Record]:
    """Add whoever is a customer of this shop; answers the world's customer id to record."""
    first_order: dict[str, datetime] = {}
    for order in sorted(world.orders, key=lambda order: order.placed_at):
        if order.customer_id and order.instance == instance:
            first_order.setdefault(order.customer_id, order.placed_at)
    began = min((order.placed_at for order in world.orders), default=world.ends_at)
    return {
        customer.customer_id: add_customer(
            store, customer, first_order.get(customer.customer_id, began)
        )
        for customer in world.customers_in(instance)
    }


def add_customer(store: Store, customer: Customer, created_at: datetime) -> Record:
    """Add one person who is known from that time on."""
    number = number_for(customer.customer_id)
    record: Record = {
        "id": gid("Customer", number),
        "legacyResourceId": str(number),
        "createdAt": stamp(created_at),
        "updatedAt": stamp(created_at),
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "defaultAddress": addresses.of_customer(
            customer, gid("MailingAddress", f"{number}?model_name=CustomerAddress")
        ),
        "note": None,
        "tags": [],
        "orders": [],
        "_world_id": customer.customer_id,
        "_currency": store.shop["currencyCode"],
    }
    _set_email(record, customer.email)
    _set_phone(record, customer.phone)
    set_name(record)
    return store.add(record)


def set_field(customer: Record, name: str, value: str | None, at: str) -> None:
    """Change one field, written as people do: `first_name`."""
    EDITABLE[name](customer, value)
    set_name(customer)
    customer["updatedAt"] = at


def set_address(customer: Record, name: str, value: Any, at: str) -> None:
    """Change one field of the default address."""
    addresses.edit(customer["defaultAddress"], name, value)
    customer["updatedAt"] = at


def _set_email(customer: Record, value: str | None) -> None:
    email = {"emailAddress": value, "validFormat": True} if value else None
    customer["defaultEmailAddress"] = email


def _set_phone(customer: Record, value: str | None) -> None:
    customer["defaultPhoneNumber"] = {"phoneNumber": value} if value else None


def set_name(customer: Record) -> None:
    """Derive the display name: the name, else the e-mail address, else the phone."""
    email, phone = customer.get("defaultEmailAddress"), customer.get("defaultPhoneNumber")
    customer["displayName"] = (
        " ".join(filter(None, (customer["firstName"], customer["lastName"])))
        or (email and email["emailAddress"])
        or (phone and phone["phoneNumber"])
        or ""
    )


EDITABLE: dict[str, Callable[[Record, str | None], None]] = {
    "email": _set_email,
    "first_name": lambda customer, value: customer.update(firstName=value),
    "last_name": lambda customer, value: customer.update(lastName=value),
    "note": lambda customer, value: customer.update(note=value),
    "phone": _set_phone,
}
