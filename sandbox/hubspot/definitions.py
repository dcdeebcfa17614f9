"""The kinds of records that the account holds, their standard properties and associations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ObjectType:
    """One kind of CRM record.

    Attributes:
        name: Its name in paths.
        type_id: HubSpot's id of the kind, good in paths as well.
        created: Property with the creation time.
        modified: Property that each write bumps.
        shown: Properties that an answer has when none were asked for.
    """

    name: str
    singular: str
    type_id: str
    created: str
    modified: str
    shown: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The group of its standard properties."""
        return f"{self.singular.replace('_', '')}information"

    @property
    def system(self) -> tuple[str, ...]:
        """Properties that HubSpot writes itself."""
        return ("hs_object_id", self.created, self.modified)


_ALL = (
    ObjectType(
        "contacts",
        "contact",
        "0-1",
        "createdate",
        "lastmodifieddate",
        ("email", "firstname", "lastname"),
    ),
    ObjectType(
        "companies", "company", "0-2", "createdate", "hs_lastmodifieddate", ("domain", "name")
    ),
    ObjectType("orders", "order", "0-123", "hs_createdate", "hs_lastmodifieddate"),
    ObjectType(
        "products",
        "product",
        "0-7",
        "createdate",
        "hs_lastmodifieddate",
        ("description", "name", "price"),
    ),
    ObjectType(
        "line_items",
        "line_item",
        "0-8",
        "createdate",
        "hs_lastmodifieddate",
        ("name", "price", "quantity"),
    ),
    ObjectType("notes", "note", "0-46", "hs_createdate", "hs_lastmodifieddate"),
    ObjectType("tickets", "ticket", "0-5", "createdate", "hs_lastmodifieddate", ("subject",)),
)
OBJECT_TYPES = {kind.name: kind for kind in _ALL}
_BY_ANY_NAME = {name: kind for kind in _ALL for name in (kind.name, kind.singular, kind.type_id)}


def object_type(name: str) -> ObjectType | None:
    """The kind that a path means by its plural, singular or id."""
    return _BY_ANY_NAME.get(name.lower())


# Standard properties by type. Every kind also has hs_object_id and its two times.
PROPERTIES: dict[str, dict[str, str]] = {
    "contacts": {
        "string": "email firstname lastname mobilephone company jobtitle address city state zip "
        "country website salutation hs_merged_object_ids hubspot_owner_id",
        "phone_number": "phone",
        "enumeration": "lifecyclestage hs_lead_status",
    },
    "companies": {
        "string": "name domain phone address address2 city state zip country industry website "
        "description hs_merged_object_ids hubspot_owner_id",
        "enumeration": "lifecyclestage",
    },
    "orders": {
        "string": "hs_order_name hs_external_order_id hs_external_order_status "
        "hs_external_order_url hs_currency_code hs_source_store hs_fulfillment_status "
        "hs_pipeline hs_pipeline_stage hs_discount_codes hs_shipping_tracking_number "
        "hs_shipping_address_name hs_shipping_address_street hs_shipping_address_city "
        "hs_shipping_address_state hs_shipping_address_postal_code hs_shipping_address_country "
        "hs_shipping_address_phone hs_billing_address_name hs_billing_address_street "
        "hs_billing_address_city hs_billing_address_state hs_billing_address_postal_code "
        "hs_billing_address_country hs_billing_address_phone hs_billing_address_email "
        "hs_billing_address_firstname hs_billing_address_lastname hs_order_note hs_tags "
        "hs_payment_status hs_shipping_status_url hubspot_owner_id",
        "number": "hs_subtotal_price hs_total_price hs_shipping_cost hs_order_discount hs_tax "
        "hs_exchange_rate",
        "datetime": "hs_processed_date hs_external_created_date hs_external_updated_date "
        "hs_cancelled_date",
    },
    "products": {
        "string": "name hs_sku description hs_url hs_images",
        "number": "price hs_cost_of_goods_sold",
    },
    "line_items": {
        "string": "name hs_sku hs_product_id description hs_line_item_currency_code",
        "number": "quantity price amount discount hs_discount_percentage",
    },
    "notes": {
        "string": "hs_note_body hs_attachment_ids hubspot_owner_id",
        "datetime": "hs_timestamp",
    },
    "tickets": {
        "string": "subject content hs_pipeline hs_pipeline_stage source_type hs_merged_object_ids "
        "hubspot_owner_id",
        "enumeration": "hs_ticket_priority",
    },
}
OPTIONS: dict[str, tuple[str, ...]] = {
    "lifecyclestage": (
        "subscriber",
        "lead",
        "marketingqualifiedlead",
        "salesqualifiedlead",
        "opportunity",
        "customer",
        "evangelist",
        "other",
    ),
    "hs_lead_status": ("NEW", "OPEN", "IN_PROGRESS", "CONNECTED", "BAD_TIMING"),
    "hs_ticket_priority": ("LOW", "MEDIUM", "HIGH", "URGENT"),
}
# Kinds of which two records can be merged.
MERGEABLE = ("contacts", "companies", "tickets")
UNIQUE = {("contacts", "email"), ("products", "hs_sku")}
FIELD_TYPES = {
    "string": "text",
    "phone_number": "phonenumber",
    "number": "number",
    "datetime": "date",
    "date": "date",
    "enumeration": "select",
    "bool": "booleancheckbox",
}

OWNERS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": str(number),
        "email": f"{first}.{last}@crossdock.test".lower(),
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": number + 7,
        "userIdIncludingInactive": number + 7,
        "archived": False,
        "teams": [],
    }
    for number, first, last in ((41629779, "Sam", "Seller"), (41629780, "Kim", "Keeper"))
)


def _pipeline(id_: str, label: str, *stages: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "id": id_,
        "label": label,
        "displayOrder": 0,
        "stages": [
            {"id": stage, "label": name, "displayOrder": order, "metadata": {"state": state}}
            for order, (stage, name, state) in enumerate(stages)
        ],
    }


# Kinds with a pipeline, and the state that each stage means: OPEN or CLOSED.
PIPELINES: dict[str, tuple[dict[str, Any], ...]] = {
    "orders": (
        _pipeline(
            "14a2e10e-5471-408a-906e-c51f3b04369e",
            "Order Pipeline",
            ("4b27b500-f031-4927-9811-68a0b525cbae", "Open", "OPEN"),
            ("937ea84d-0a4f-4dcf-9028-3f9c2aafbf03", "Processed", "OPEN"),
            ("aa99e8d0-c1d5-4071-b915-d240bbb1aed9", "Shipped", "OPEN"),
            ("3725360f-519b-4b18-a593-494d60a29c9f", "Delivered", "CLOSED"),
            ("3c85a297-e9ce-400b-b42e-9f16853d69d6", "Cancelled", "CLOSED"),
        ),
    ),
    "tickets": (
        _pipeline(
            "0",
            "Support Pipeline",
            ("1", "New", "OPEN"),
            ("2", "Waiting on contact", "OPEN"),
            ("3", "Waiting on us", "OPEN"),
            ("4", "Closed", "CLOSED"),
        ),
    ),
}

# (from, to) to HubSpot's id of the association without a label.
_ASSOCIATIONS = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("contacts", "tickets"): 15,
    ("tickets", "contacts"): 16,
    ("tickets", "companies"): 339,
    ("companies", "tickets"): 340,
    ("notes", "contacts"): 202,
    ("contacts", "notes"): 201,
    ("notes", "companies"): 190,
    ("companies", "notes"): 189,
    ("orders", "contacts"): 507,
    ("contacts", "orders"): 508,
    ("orders", "companies"): 509,
    ("companies", "orders"): 510,
    ("orders", "line_items"): 513,
    ("line_items", "orders"): 514,
    ("orders", "tickets"): 525,
    ("tickets", "orders"): 526,
    ("notes", "orders"): 853,
    ("orders", "notes"): 854,
    ("notes", "tickets"): 228,
    ("tickets", "notes"): 227,
}


def association_type(source: str, target: str) -> int | None:
    """HubSpot's id of the unlabelled association between two kinds, if there is one."""
    return _ASSOCIATIONS.get((source, target))
