from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sandbox.world import WorldError
from sandbox.world_files import dump, load
from tests.sandbox.shop import START, world

if TYPE_CHECKING:
    from pathlib import Path


def test_a_world_survives_its_folder(tmp_path: Path) -> None:
    played = replace(
        world(),
        go_live_at=START,
        strangers=3,
        cases={"plain": [("main", "1001")]},
        story=[{"after_loop": 1, "map": {"channel_sku": "GHOST", "sku": "A-1"}}],
    )
    dump(played, tmp_path)
    assert load(tmp_path) == played


def test_ids_stay_strings_and_empty_is_missing(tmp_path: Path) -> None:
    dump(world(), tmp_path)
    text = (tmp_path / "products.csv").read_text()
    (tmp_path / "products.csv").write_text("﻿" + text + "007,,Zero,,1.5,,\n")
    product = load(tmp_path).product_of["007"]
    assert (product.upc, product.weight_g, product.unit_price) == (None, None, Decimal("1.5"))
    assert product.discontinued is False


MISTAKES = """
orders.csv      | placed_at            | placed       | line 1, column placed_at: missing
orders.csv      | 2026-02-28T07:00:00Z | soon         | line 2, column placed_at: 'soon' is no time
order_lines.csv | 1001,1,A-1,2         | 1001,1,A-1,x | line 2, column quantity: 'x' is no
order_lines.csv | 1001,1,A-1,2         | 1001,1,A-1,  | line 2, column quantity: empty
products.csv    | 5.25                 | NaN          | line 2, column unit_price: 'NaN' is no num
locations.csv   | L2,Else              | L1,Else      | line 3, column location_id: 'L1' is alre
locations.csv   | Elsewhere,False      | Else,maybe   | line 3, column wms: 'maybe' is no yes or no
locations.csv   | L2,Else              | L2,Else,     | line 3: 4 values for 3 columns
orders.csv      | ,7,                  | ,8,          | column customer_id: '8' (of order 1001)
orders.csv      | ,PAID,               | ,RICH,       | column financial_status: 'RICH' (of
orders.csv      | ,main,               | ,The shop,   | column instance: 'The shop' (of order 1001)
order_lines.csv | 1001,1,A-1,2         | 1001,1,A-1,-2 | column quantity: order 1001, line 1: -2
order_lines.csv | 1002,1               | 999,1        | column order_id: orders.csv has no
"""


@pytest.mark.parametrize("mistake", MISTAKES.strip().splitlines())
def test_a_mistake_is_one_line_with_file_line_and_column(tmp_path: Path, mistake: str) -> None:
    file, old, new, message = (part.strip() for part in mistake.split("|"))
    dump(world(), tmp_path)
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1))
    with pytest.raises(WorldError) as raised:
        load(tmp_path)
    assert raised.value.message.startswith(f"{file}, {message}")
    assert "\n" not in str(raised.value)


def test_what_is_missing_or_not_utf_8_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="no world folder"):
        load(tmp_path / "nowhere")
    dump(world(), tmp_path)
    (tmp_path / "sku_map.csv").write_bytes(b"channel,channel_sku,sku\n,K\xe9,A-1\n")
    with pytest.raises(WorldError, match=r"sku_map\.csv is not UTF-8"):
        load(tmp_path)
    (tmp_path / "sku_map.csv").unlink()
    with pytest.raises(WorldError, match=r"sku_map\.csv is missing"):
        load(tmp_path)


def test_stock_begins_with_what_is_still_to_ship() -> None:
    stock = world().start_stock()
    # Order 1001 alone ships: two of A-1, and a kit of two more A-1 and one B-2.
    assert stock == {("L1", "A-1"): 14, ("L1", "B-2"): 1, ("L2", "A-1"): 7}


def test_a_channel_sku_is_mapped_by_a_person_then_by_name_then_by_upc() -> None:
    played = world()
    assert played.components("main", "KIT") == [("A-1", 2), ("B-2", 1)]
    assert played.components("main", "A-1") == [("A-1", 1)]
    assert played.components("main", "850001000017") == [("A-1", 1)]
    assert played.components("main", "GHOST") == []
    assert played.components("main", None) == []


def test_line_totals_round_half_up() -> None:
    first = world().order_lines[0]
    half = replace(first, quantity=1, unit_price=Decimal("0.25"), discount_rate=Decimal("0.1"))
    assert half.net == Decimal("0.23")
    assert half.gross - half.net == Decimal("0.02")


def test_the_clock_begins_at_the_last_order() -> None:
    assert world().ends_at == START
    assert world().instances == ["main", "eu"]
    later = replace(world().orders[0], order_id="2", placed_at=START + timedelta(hours=1))
    assert replace(world(), orders=[later]).ends_at == later.placed_at


@pytest.mark.reference
def test_northwind(reference: Path) -> None:
    played = load(reference / "data" / "worlds" / "northwind")
    assert (len(played.customers), len(played.products)) == (91, 77)
    assert (len(played.orders), len(played.order_lines)) == (830, 2155)
    assert sum(line.net for line in played.order_lines) == Decimal("1265793.29")
    assert sum(order.shipping_price for order in played.orders) == Decimal("64942.69")
    assert sum(row.on_hand for row in played.inventory) == 3119
    assert sum(order.shipped_at is not None for order in played.orders) == 809
