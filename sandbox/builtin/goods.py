"""What is sold: products, kits, and the channel's own names for some of them."""

from __future__ import annotations

import random
from decimal import Decimal

from sandbox.world import Product, SkuMap

COUNT = 60
DISCONTINUED = (11, 29, 48)
WITHOUT_UPC = (7, 23, 41, 55)
KIT, KIT_2, ALIAS = "KIT-BREAKFAST", "KIT-PICNIC", "OLD-CD-005"
NEVER_MAPPED, MAPPED_LATER = "CD-017-BLU", "CD-021-RED"
MAPPED_TO = "CD-021"
GIFT_WRAP = "GIFT-WRAP"

_KINDS = ("Mug", "Bowl", "Plate", "Teapot", "Tray", "Jug", "Vase", "Candle", "Apron", "Basket")
_STYLES = ("Stoneware", "Oak", "Linen", "Copper", "Glass", "Bamboo")

SKU_MAP = [
    SkuMap(channel="shopify", channel_sku=KIT, sku="CD-001", quantity=1),
    SkuMap(channel="shopify", channel_sku=KIT, sku="CD-002", quantity=2),
    SkuMap(channel="shopify", channel_sku=KIT_2, sku="CD-010", quantity=4),
    SkuMap(channel="shopify", channel_sku=KIT_2, sku="CD-014", quantity=1),
    SkuMap(channel="shopify", channel_sku=KIT_2, sku="CD-002", quantity=1),
    SkuMap(channel="shopify:main", channel_sku=ALIAS, sku="CD-005", quantity=1),
]


def products(seed: int) -> list[Product]:
    """Sixty products with SKUs CD-001 to CD-060."""
    chance = random.Random(f"goods {seed}")
    names = [f"{style} {kind}" for style in _STYLES for kind in _KINDS]
    return [_product(number, names[number - 1], chance) for number in range(1, COUNT + 1)]


def _product(number: int, title: str, chance: random.Random) -> Product:
    upc = _upc(f"85{number:03d}{chance.randrange(10**6):06d}")
    return Product(
        sku=f"CD-{number:03d}",
        upc=None if number in WITHOUT_UPC else upc,
        title=title,
        weight_g=Decimal(chance.randrange(80, 2400, 10)),
        unit_price=Decimal(chance.randrange(490, 8990, 50)) / 100,
        reorder_point=chance.choice((5, 10, 20, 30)),
        discontinued=number in DISCONTINUED,
    )


def _upc(digits: str) -> str:
    """Eleven digits and their check digit."""
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f"{digits}{-(3 * odd + even) % 10}"
