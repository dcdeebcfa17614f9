"""Amounts of money as Shopify writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.world import cents

if TYPE_CHECKING:
    from sandbox.shopify.store import Record


def text(amount: Decimal) -> str:
    """Two digits, as text."""
    return str(cents(amount))


def bag(amount: Decimal, currency: str) -> Record:
    """An amount in the shop's and the buyer's currency; in a world both are the order's."""
    money = {"amount": text(amount), "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": dict(money)}


def amount_of(money_bag: Record) -> Decimal:
    return Decimal(money_bag["shopMoney"]["amount"])
