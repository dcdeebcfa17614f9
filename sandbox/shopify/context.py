"""What resolvers share during one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.core import Effects
    from sandbox.shopify.access import Grant
    from sandbox.shopify.bulk import BulkOperations
    from sandbox.shopify.store import Record, Store


@dataclass
class Context:
    """The shop, what the caller may do there, and where the caller found it.

    Attributes:
        address: The shop's own address as the caller wrote it, for links.
        version: The API version that serves the request.
        effects: Where writes are logged, under the shop's name `vendor`.
    """

    store: Store
    bulk: BulkOperations
    grant: Grant
    now: datetime
    effects: Effects
    vendor: str
    address: str = ""
    version: str = "unstable"
    search_warnings: list[Record] = field(default_factory=list)
