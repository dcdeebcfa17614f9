from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import phonenumbers
import pytest

from sandbox.builtin import builtin_world
from sandbox.builtin.draft import END
from sandbox.world_files import dump, load

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.world import Order, OrderLine, World


@pytest.fixture(scope="module")
def played() -> World:
    return builtin_world(0)


def shown(played: World, case: str) -> list[tuple[Order, list[OrderLine]]]:
    return [(played.order_of[key], played.lines_of[key]) for key in played.cases[case]]


def test_a_seed_says_everything(played: World) -> None:
    assert builtin_world(0) == played
    assert builtin_world(1) != played


def test_a_seed_says_the_same_in_every_process() -> None:
    program = "from sandbox.builtin import builtin_world as b; print(hash_of(repr(b(0))))"
    program = f"from zlib import crc32\nhash_of = lambda text: crc32(text.encode())\n{program}"
    told = {
        subprocess.check_output(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": salt}
        )
        for salt in ("1", "2")
    }
    assert len(told) == 1


def test_it_is_a_folder_too(played: World, tmp_path: Path) -> None:
    dump(played, tmp_path)
    assert load(tmp_path) == played


def test_its_size(played: World) -> None:
    assert (len(played.customers), len(played.orders), len(played.products)) == (300, 1000, 60)
    assert played.instances == ["main", "eu"]
    assert played.strangers == 20
    assert played.ends_at == END
    assert [place.wms for place in played.locations] == [True, False]


def test_nobody_shares_an_email_or_a_phone(played: World) -> None:
    for name in ("email", "phone"):
        values = [getattr(person, name) for person in played.customers]
        values += [getattr(order, name) for order in played.orders if not order.customer_id]
        known = Counter(value.casefold() for value in values if value)
        assert known.most_common(1)[0][1] == 1
        assert any(value is None for value in values)


def test_some_households_share_an_address(played: World) -> None:
    homes = Counter((c.last_name, c.line1, c.postal_code) for c in played.customers)
    assert sum(count == 2 for count in homes.values()) >= 10
    assert max(homes.values()) == 2


def test_some_phones_are_valid_and_some_are_not(played: World) -> None:
    international = [c.phone for c in played.customers if c.phone and c.phone.startswith("+")]
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in international)
    assert len(international) < sum(c.phone is not None for c in played.customers)


@pytest.mark.parametrize(
    "case",
    [
        "plain paid order",
        "same person in shop and CRM, spelled differently",
        "guest without e-mail",
        "guest with phone only",
        "kit",
        "unmapped SKU",
        "unmapped SKU, mapped before the second loop",
        "test order",
        "unpaid",
        "cancelled before sending",
        "on hold in the shop",
        "pickup",
        "fulfilled before we came",
        "before go-live",
        "a line that needs no shipping beside one that does",
        "a line removed before sending",
        "refund after shipping",
        "two shipments, the second later",
        "three parcels at once",
        "two locations, one of them served by no WMS of ours",
        "ship-to line 2 changed in the shop before picking",
        "the same order number in a second shop",
    ],
)
def test_every_case_is_there(played: World, case: str) -> None:
    assert shown(played, case)


def test_cases_are_what_they_are_called(played: World) -> None:
    def every(case: str) -> list[Order]:
        return [order for order, _ in shown(played, case)]

    assert all(
        not o.customer_id and not o.email and o.phone for o in every("guest with phone only")
    )
    assert all(not o.email and not o.phone for o in every("guest without e-mail"))
    assert all(o.placed_at < played.go_live_at for o in every("before go-live"))  # type: ignore[operator]
    assert all(o.fulfilled_at and o.fulfilled_at < END for o in every("fulfilled before we came"))
    assert all(o.refunded_at > o.shipped_at for o in every("refund after shipping"))  # type: ignore[operator]
    assert all(o.parcels == 3 for o in every("three parcels at once"))
    numbers = Counter(o.order_id for o in every("the same order number in a second shop"))
    assert set(numbers.values()) == {2}
    for order, lines in shown(played, "two shipments, the second later"):
        assert lines[1].shipped_at > order.shipped_at  # type: ignore[operator]
    for _, lines in shown(played, "two locations, one of them served by no WMS of ours"):
        assert {played.location_of[str(line.location_id)].wms for line in lines} == {True, False}


def test_unmapped_stays_unmapped_until_somebody_maps_it(played: World) -> None:
    for _, lines in shown(played, "unmapped SKU"):
        assert not all(played.components("main", line.sku) for line in lines)
    for _, lines in shown(played, "unmapped SKU, mapped before the second loop"):
        assert all(played.components("main", line.sku) for line in lines)
    assert all(played.components("main", line.sku) for _, ls in shown(played, "kit") for line in ls)


def test_only_what_can_be_sent_is_shipped(played: World) -> None:
    for order in played.orders:
        if order.shipped_at:
            assert not order.test
            assert not order.cancelled_at
            assert not order.hold_reason
            assert order.financial_status == "PAID"
            assert order.delivery_method == "SHIPPING"
            assert played.go_live_at
            assert order.placed_at >= played.go_live_at
            assert all((order.ship_name, order.ship_line1, order.ship_city, order.ship_country))


def test_the_story_refers_to_what_is_there(played: World) -> None:
    edits = [step["edit"] for step in played.story if "edit" in step]
    assert all((edit["instance"], edit["id"]) in played.order_of for edit in edits)
    assert all(step["map"]["sku"] in played.product_of for step in played.story if "map" in step)


def test_an_unpicked_order_is_still_unpicked_when_its_address_changes(played: World) -> None:
    (order, _), *_ = shown(played, "ship-to line 2 changed in the shop before picking")
    others = [o.shipped_at for o in played.orders if o.shipped_at and o is not order]
    assert order.shipped_at
    assert order.shipped_at > max(others)
