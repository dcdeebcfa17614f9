"""Puts the built-in world together."""

from __future__ import annotations

import random
from itertools import cycle
from typing import TYPE_CHECKING, Any

from sandbox.builtin import goods
from sandbox.builtin.cases import MAIN_PLACE, NEW_LINE_2, RETAIL, case_orders
from sandbox.builtin.draft import END, GO_LIVE, Draft, Drafting
from sandbox.builtin.people import EURO, People
from sandbox.world import MAIN, Customer, Location, Product, Stock, World

if TYPE_CHECKING:
    from collections.abc import Iterable

CUSTOMERS = 300
HOUSEHOLDS = 15
ORDERS = 1000
EU_ORDERS = 40
FIRST_NUMBER = 1001
EU_FIRST_NUMBER = 1500
STRANGERS = 20
SAME_NUMBER = "the same order number in a second shop"
MOVED = "ship-to line 2 changed in the shop before picking"


def builtin_world(seed: int = 0) -> World:
    """The world of a seed: about 300 customers and 1,000 orders in two shops."""
    people, products = People(seed), goods.products(seed)
    drafting = Drafting(seed, products)
    customers = people.make(CUSTOMERS, HOUSEHOLDS)
    buyers = customers[:-5]  # the others are known and have never ordered
    eu = _numbered(_eu_orders(drafting, buyers), EU_FIRST_NUMBER)
    main = case_orders(drafting, people, cycle(drafting.random.sample(buyers, len(buyers))))
    while len(main) < ORDERS - EU_ORDERS:
        main.append(drafting.order(drafting.random.choice(buyers)))
    main[-1].with_order(placed_at=END)
    main = _numbered(main, FIRST_NUMBER)
    drafts = [*main, *eu]
    cases = _cases(main, eu)
    return World(
        customers=customers,
        products=products,
        locations=[
            Location(MAIN_PLACE, "Main warehouse"),
            Location(RETAIL, "Retail store", wms=False),
        ],
        inventory=_inventory(seed, products),
        orders=[draft.order for draft in drafts],
        order_lines=[line for draft in drafts for line in draft.lines],
        sku_map=list(goods.SKU_MAP),
        story=_story(cases),
        go_live_at=GO_LIVE,
        strangers=STRANGERS,
        cases=cases,
    )


def _eu_orders(drafting: Drafting, buyers: list[Customer]) -> Iterable[Draft]:
    near = [buyer for buyer in buyers if buyer.country in EURO]
    for _ in range(EU_ORDERS):
        yield drafting.order(drafting.random.choice(near), instance="eu")


def _numbered(drafts: Iterable[Draft], first: int) -> list[Draft]:
    """Orders in the order of their placing, with numbers that follow it."""
    ordered = sorted(drafts, key=lambda draft: draft.order.placed_at)
    return [draft.numbered(str(first + index)) for index, draft in enumerate(ordered)]


def _cases(main: list[Draft], eu: list[Draft]) -> dict[str, list[tuple[str, str]]]:
    """Name of a case to its orders; a number in both shops counts where nothing else is odd."""
    cases: dict[str, list[tuple[str, str]]] = {}
    for draft in main:
        for name in draft.cases:
            cases.setdefault(name, []).append(draft.order.key)
    ordinary = {draft.order.order_id for draft in main if not draft.cases}
    for draft in eu:
        if draft.order.order_id in ordinary:
            pair = [(MAIN, draft.order.order_id), draft.order.key]
            cases.setdefault(SAME_NUMBER, []).extend(pair)
    return cases


def _inventory(seed: int, products: list[Product]) -> list[Stock]:
    chance = random.Random(f"stock {seed}")
    main = [Stock(MAIN_PLACE, product.sku, chance.randrange(0, 160)) for product in products]
    retail = [
        Stock(RETAIL, product.sku, chance.randrange(0, 12))
        for product in products
        if chance.random() < 0.5
    ]
    return main + retail


def _story(cases: dict[str, list[tuple[str, str]]]) -> list[dict[str, Any]]:
    """What people do between the loops."""
    instance, order_id = cases[MOVED][0]
    mapped = {
        "channel": "shopify:main",
        "channel_sku": goods.MAPPED_LATER,
        "sku": goods.MAPPED_TO,
        "quantity": 1,
    }
    moved = {
        "vendor": "shopify",
        "instance": instance,
        "object": "order",
        "id": order_id,
        "set": {"shipping_address.address2": NEW_LINE_2},
    }
    return [{"after_loop": 1, "map": mapped}, {"after_loop": 1, "edit": moved}]
