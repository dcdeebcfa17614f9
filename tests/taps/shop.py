"""A shop with everything that an order can have, and what its streams hold."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from played import PRODUCTS, START, Read, TapShopify, world

from sandbox.world import OrderLine, World

if TYPE_CHECKING:
    from played import Played

    from taps.shopify.base import ShopifyStream

ORDERS = 60


def rich_world(orders: int = ORDERS) -> World:
    """Foreign currencies, taxes, duties, discounts, shipments, refunds; many equal times."""
    small = world()
    template = small.orders[0]
    made, lines = [], []
    for n in range(orders):
        placed = START + timedelta(minutes=n // 7)
        made.append(
            replace(
                template,
                order_id=str(1000 + n),
                customer_id=f"C{n % 11}",
                placed_at=placed,
                shipped_at=None,
                fulfilled_at=placed + timedelta(hours=1) if n % 2 else None,
                refunded_at=placed + timedelta(hours=2) if n % 5 == 0 else None,
                cancelled_at=placed + timedelta(hours=3) if n % 13 == 0 else None,
                presentment_currency="JPY" if n % 3 == 0 else None,
                exchange_rate=Decimal("160") if n % 3 == 0 else Decimal(1),
                tax_rate=Decimal("0.19") if n % 4 == 0 else Decimal(0),
            )
        )
        for number in range(1 + n % 8):
            duty = Decimal("1.00") if n % 6 == 0 else Decimal(0)
            rate = Decimal("0.1") if n % 9 == 0 else Decimal(0)
            sku = PRODUCTS[(n + number) % len(PRODUCTS)]
            lines.append(
                OrderLine(str(1000 + n), number + 1, sku, 2, Decimal("4.50"), rate, duty=duty)
            )
    return replace(small, orders=made, order_lines=lines)


def records_of(stream: ShopifyStream, since: Any = None) -> list[dict[str, Any]]:
    """All records of a stream, part by part."""
    parts = list(stream.read(since).parts)
    return [record for part in parts for page in part.pages for record in page.records]


def asked_by(stream: ShopifyStream) -> list[tuple[str, dict[str, Any]]]:
    """The documents and variables that a stream sends from now on."""
    asked: list[tuple[str, dict[str, Any]]] = []
    original = stream.client.query

    def query(document: str, variables: Any = None, **options: Any) -> Any:
        asked.append((document, dict(variables or {})))
        return original(document, variables, **options)

    stream.client.query = query  # type: ignore[method-assign]
    return asked


def loaded(read: Read) -> dict[str, dict[str, dict[str, Any]]]:
    """The tables after a reading, with what came in files; later messages win."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for message in read.messages:
        rows: list[dict[str, Any]] = []
        if message["type"] == "BATCH":
            rows = [row for uri in message["manifest"] for row in rows_of(uri)]
        elif message["type"] == "RECORD" and "id" in message["record"]:
            rows = [message["record"]]
        for row in rows:
            kept = {k: v for k, v in row.items() if k != "_crossdock_read_at"}
            tables.setdefault(message["stream"], {})[row["id"]] = kept
    return tables


def rows_of(uri: str) -> list[dict[str, Any]]:
    path = Path(uri.removeprefix("file://"))
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    return [json.loads(line) for line in content.splitlines()]


def read_shop(sandbox: Played, state: Any = None, **config: Any) -> Read:
    return sandbox.read(TapShopify, state, **config)
