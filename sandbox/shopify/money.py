"""Amounts of money as Shopify writes them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from sandbox.world import cents

ZERO = Decimal(0)


class Currencies(NamedTuple):
    """The shop's currency, the buyer's, and how much of the buyer's one of the shop's is."""

    shop: str
    presentment: str
    rate: Decimal


@lru_cache(maxsize=256)
def currencies(shop: str, presentment: str | None, rate: Decimal) -> Currencies:
    """The currencies of an order; a buyer pays in the shop's unless one is given."""
    return Currencies(shop, presentment or shop, rate if presentment else Decimal(1))


class Bag:
    """An amount in the shop's currency and in the buyer's: a `MoneyBag`."""

    __slots__ = ("amount", "currencies")

    def __init__(self, amount: Decimal, of: Currencies) -> None:
        self.amount = amount
        self.currencies = of

    @property
    def shopMoney(self) -> dict[str, str]:  # noqa: N802 - the name of the field
        """In the shop's currency."""
        return money(self.amount, self.currencies.shop)

    @property
    def presentmentMoney(self) -> dict[str, str]:  # noqa: N802
        """In the buyer's currency."""
        return money(self.amount * self.currencies.rate, self.currencies.presentment)


def text(amount: Decimal) -> str:
    """Two digits, as text."""
    return str(cents(amount))


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """One amount: a `MoneyV2`."""
    return {"amount": text(amount), "currencyCode": currency}
