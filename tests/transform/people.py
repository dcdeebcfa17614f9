"""People as their shops and their CRM have them, and who they are in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tests.transform import raw
from tests.transform.records import gid

if TYPE_CHECKING:
    from sandbox.world import Customer
    from tests.transform.conftest import Warehouse

START = datetime(2026, 1, 1, tzinfo=UTC)
MODELS = ("build", "--select", "+sync_hubspot__contacts", "+customer_xref")
EAGER = ("--indirect-selection", "buildable", "--exclude-resource-type", "unit_test")

_ADDRESS = {
    "firstName": "first_name", "lastName": "last_name", "company": "company",
    "address1": "line1", "address2": "line2", "city": "city", "province": "region",
    "zip": "postal_code", "country": "country", "phone": "phone",
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """A source record as `customer_xref` names it."""

    instance: str
    object: str
    id: str


@dataclass
class People:
    """Collects records, each a minute younger than the one before, and lets dbt judge them."""

    records: dict[str, dict[str, list[dict[str, Any]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    made: int = 0

    def customer(self, number: str, shop: str = "shopify:main", **of: Any) -> Key:
        """A customer of a shop, its fields named as a world's columns."""
        record = {
            "id": gid("Customer", number),
            "firstName": of.get("first_name"),
            "lastName": of.get("last_name"),
            "defaultEmailAddress": {"emailAddress": of.get("email")},
            "defaultPhoneNumber": {"phoneNumber": of.get("phone")},
            "defaultAddress": _address(of),
        }
        self._add(shop, "customers", record, of)
        return Key(shop, "customer", number)

    def order(self, number: str, shop: str = "shopify:main", **of: Any) -> Key:
        """An order; a guest's unless `customer` is an id."""
        record = {
            "id": gid("Order", number),
            "test": of.get("test", False),
            "email": of.get("email"),
            "phone": of.get("phone"),
            "customer": {"id": gid("Customer", of["customer"])} if of.get("customer") else None,
            "shippingAddress": _address(of),
        }
        self._add(shop, "orders", record, of)
        return Key(shop, "order", number)

    def contact(self, number: str, **of: Any) -> Key:
        """A contact of the CRM, its properties named as there."""
        own = {"created_at", "archived"}
        record = {
            "id": number,
            "archived": of.get("archived", False),
            "properties": {name: text for name, text in of.items() if name not in own},
        }
        self._add("hubspot:main", "contacts", record, of)
        return Key("hubspot:main", "contact", number)

    def build(self, warehouse: Warehouse, **settings: str) -> Answer:
        """Have dbt say who is who."""
        for instance, streams in self.records.items():
            raw.write(warehouse.path, instance, streams)
        warehouse.dbt(*MODELS, *EAGER, **settings)
        return Answer(warehouse)

    def _add(
        self, instance: str, stream: str, record: dict[str, Any], of: Mapping[str, Any]
    ) -> None:
        self.made += 1
        created = of.get("created_at") or START + timedelta(minutes=self.made)
        stamp = created.isoformat()
        self.records[instance][stream].append(
            {"createdAt": stamp, "processedAt": stamp, "updatedAt": stamp} | record
        )


def fields(customer: Customer) -> dict[str, Any]:
    """A world's customer as the fields of `People.customer`."""
    names = [*_ADDRESS.values(), "email"]
    return {name: getattr(customer, name) for name in names}


def _address(of: Mapping[str, Any]) -> dict[str, Any] | None:
    address = {name: of.get(ours) for name, ours in _ADDRESS.items()}
    if not any(address[name] for name in ("address1", "city", "zip", "country")):
        return None
    return address | {"name": of.get("name")}


@dataclass
class Answer:
    """What the canonical tables say."""

    warehouse: Warehouse

    def __post_init__(self) -> None:
        found = self.warehouse.rows(
            "select source_instance, source_object, source_id, customer_id, rule"
            " from canonical.customer_xref"
        )
        self.customers = {Key(*row[:3]): str(row[3]) for row in found}
        self.rules = {Key(*row[:3]): row[4] for row in found}

    def same(self, *keys: Key) -> bool:
        """Whether all these are one customer."""
        return len({self.customers[key] for key in keys}) == 1

    def sizes(self) -> Counter[int]:
        """How many customers have how many records."""
        return Counter(Counter(self.customers.values()).values())

    def contacts(self) -> dict[str, dict[str, Any]]:
        """The rows of the CRM's sync by customer."""
        columns = ("customer_id", "destination_id", "email", "phone", "address", "country")
        rows = self.warehouse.rows(f"select {', '.join(columns)} from sync.sync_hubspot__contacts")
        return {str(row[0]): dict(zip(columns, row, strict=True)) for row in rows}


@dataclass(frozen=True)
class Score:
    """Agreement with the truth over all pairs of records."""

    precision: float
    recall: float
    largest: int
    largest_true: int

    @classmethod
    def of(cls, truth: Mapping[str, str], found: Mapping[str, str]) -> Score:
        """Compare two maps of record to cluster."""
        real, real_size = _pairs(truth.items())
        seen, seen_size = _pairs((key, found[key]) for key in truth)
        right = len(real & seen)
        return cls(right / max(1, len(seen)), right / len(real), seen_size, real_size)


def _pairs(clusters: Iterable[tuple[str, str]]) -> tuple[set[tuple[str, str]], int]:
    members: dict[str, list[str]] = defaultdict(list)
    for key, cluster in clusters:
        members[cluster].append(key)
    pairs = {pair for keys in members.values() for pair in combinations(sorted(keys), 2)}
    return pairs, max(len(keys) for keys in members.values())
