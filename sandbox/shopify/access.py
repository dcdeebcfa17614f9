"""Who may see what: the scopes of a token, and personal data on a plan that withholds it.

A field that is not granted is null in the answer, with an error that names its path. So a
client can tell it from a field that is empty.
https://shopify.dev/docs/api/usage/access-scopes,
https://shopify.dev/docs/apps/launch/protected-customer-data
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import GraphQLError

if TYPE_CHECKING:
    from collections.abc import Iterable

SCOPES_PAGE = "https://shopify.dev/api/usage/access-scopes"
PERSONAL_PAGE = "https://shopify.dev/docs/apps/launch/protected-customer-data"

_CUSTOMERS = ("read_customers",)
_ORDERS = ("read_orders", "read_marketplace_orders")
_RETURNS = ("read_returns", "read_marketplace_returns")
_PRODUCTS = ("read_products",)
_INVENTORY = ("read_inventory",)
_WRITES_FULFILLMENTS = (
    "write_assigned_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "write_third_party_fulfillment_orders",
)
_ASSIGNED = (
    "read_assigned_fulfillment_orders",
    "read_merchant_managed_fulfillment_orders",
    "read_third_party_fulfillment_orders",
)
_FULFILLMENT_ORDERS = (*_ASSIGNED, "read_marketplace_fulfillment_orders")

TYPES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Customer", "CustomerEmailAddress", "CustomerPhoneNumber"), _CUSTOMERS),
    **dict.fromkeys(("FulfillmentOrderDestination", "FulfillmentOrderLineItem"), _ASSIGNED),
    **dict.fromkeys(
        ("FulfillmentHold", "FulfillmentOrder", "FulfillmentOrderAssignedLocation"),
        _FULFILLMENT_ORDERS,
    ),
    **dict.fromkeys(("Fulfillment", "FulfillmentTrackingInfo"), (*_ORDERS, *_FULFILLMENT_ORDERS)),
    **dict.fromkeys(
        (
            *("FulfillmentLineItem", "LineItem", "OrderAdjustment", "OrderTransaction"),
            *("Refund", "RefundDuty", "RefundLineItem", "RefundShippingLine"),
        ),
        _ORDERS,
    ),
    **dict.fromkeys(
        (
            *("Return", "ReturnDecline", "ReturnLineItem", "ReturnLineItemType"),
            "UnverifiedReturnLineItem",
        ),
        _RETURNS,
    ),
    **dict.fromkeys(("InventoryItem", "InventoryItemMeasurement"), (*_INVENTORY, *_PRODUCTS)),
    **dict.fromkeys(("InventoryLevel", "InventoryQuantity"), _INVENTORY),
    **dict.fromkeys(("Product", "ProductVariant"), _PRODUCTS),
    **dict.fromkeys(("Duty", "FulfillmentEvent"), ("read_orders",)),
    "DeliveryMethod": ("read_orders", *_FULFILLMENT_ORDERS),
    "Location": ("read_locations", "read_inventory", "read_markets_home"),
    "Order": (*_ORDERS, "read_quick_sale"),
    "ReturnReasonDefinition": ("read_returns",),
}
"""What a token must hold one of to see anything of a type."""

_PLACE = (
    *("address", "addressVerified", "createdAt", "deactivatedAt", "fulfillsOnlineOrders"),
    *("hasActiveInventory", "inventoryLevel", "inventoryLevels", "isActive"),
    *("isFulfillmentService", "shipsInventory", "updatedAt"),
)
FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    **{("Location", name): ("read_locations",) for name in _PLACE},
    ("Location", "id"): TYPES["Location"],
    ("Location", "name"): ("read_locations", "read_markets_home"),
    ("InventoryItem", "inventoryLevel"): _INVENTORY,
    ("InventoryItem", "inventoryLevels"): _INVENTORY,
    ("InventoryItem", "locationsCount"): _INVENTORY,
    ("Mutation", "fulfillmentCreate"): _WRITES_FULFILLMENTS,
    ("Mutation", "fulfillmentTrackingInfoUpdate"): _WRITES_FULFILLMENTS,
    ("QueryRoot", "customersCount"): _CUSTOMERS,
    ("QueryRoot", "fulfillment"): TYPES["Fulfillment"],
    ("QueryRoot", "fulfillmentOrders"): _FULFILLMENT_ORDERS,
    ("QueryRoot", "ordersCount"): _ORDERS,
    ("QueryRoot", "productVariantsCount"): _PRODUCTS,
    ("QueryRoot", "productsCount"): _PRODUCTS,
    ("QueryRoot", "refund"): _ORDERS,
    ("QueryRoot", "return"): _RETURNS,
}
"""What one field asks for beside what its type does."""

_NAMES = ("firstName", "lastName")
_ADDRESS = (*_NAMES, "address1", "address2", "city", "company", "phone", "zip")
PERSONAL: dict[str, frozenset[str]] = {
    "Customer": frozenset((*_NAMES, "defaultEmailAddress", "defaultPhoneNumber")),
    "FulfillmentOrderDestination": frozenset((*_ADDRESS, "email")),
    "MailingAddress": frozenset((*_ADDRESS, "name")),
    "Order": frozenset(("email", "phone")),
}
"""What a plan without personal data withholds; country and province stay."""
# A name that cannot be null. What the shop answers there is not documented.
BLANK = {("Customer", "displayName"): ""}


@dataclass(frozen=True)
class Grant:
    """What a token may do."""

    scopes: frozenset[str]
    personal: bool = True
    plan: str = "Plus"

    @classmethod
    def of(cls, scopes: Iterable[str], *, personal: bool = True, plan: str = "Plus") -> Grant:
        """A grant; the right to write includes the right to read."""
        asked = set(scopes)
        reads = {scope.replace("write_", "read_", 1) for scope in asked}
        return cls(frozenset(asked | reads), personal, plan)

    def refusal(self, parent: str, field: str, kind: str) -> GraphQLError | None:
        """Why a field of a type, which answers another, may not be seen; None if it may."""
        for needed in (FIELDS.get((parent, field)), TYPES.get(kind)):
            if needed and not self.scopes & set(needed):
                return denied(field, needed)
        if not self.personal and field in PERSONAL.get(parent, ()):
            return withheld()
        return None


def denied(field: str, needed: tuple[str, ...]) -> GraphQLError:
    """The error for a scope that is missing."""
    *most, last = [f"`{scope}` access scope" for scope in needed]
    required = f"{', '.join(most)} or {last}." if most else f"{last}."
    return GraphQLError(
        f"Access denied for {field} field. Required access: {required}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": SCOPES_PAGE,
            "requiredAccess": required,
        },
    )


def withheld() -> GraphQLError:
    """The error for personal data that the shop's plan withholds from its own apps."""
    return GraphQLError(
        "This app is not approved to access the Customer object. Access to personally "
        "identifiable information (PII) like customer names, addresses, emails, phone numbers "
        "is only available on Shopify, Advanced, and Plus plans.",
        extensions={"code": "ACCESS_DENIED", "documentation": PERSONAL_PAGE},
    )
