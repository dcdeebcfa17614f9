"""One record's story, by every name that it goes by."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from crossdock.cli.why import why_command
from crossdock.errors import CrossdockError
from crossdock.journal import Journal
from crossdock.journal.schema import operations
from crossdock.settings import Settings
from crossdock.warehouse import connect
from tests.reconciliation.built import PEOPLE, REFUSAL, environment, places_in


def why(*arguments: str) -> Result:
    return CliRunner().invoke(why_command, arguments)


def said(*arguments: str) -> str:
    result = why(*arguments)
    assert result.exception is None, result.exception
    return " ".join(result.output.split())


@pytest.mark.parametrize("word", ["#1", "1", "shop_1", "SHOP_1 ", "O-shop_1", "Tshop_1-11"])
def test_an_order_goes_by_each_of_its_numbers(places: Settings, word: str) -> None:
    assert said(word).startswith("order #1 · shop_1 · shopify:main")


def test_an_order_goes_by_the_ids_that_we_and_the_destinations_gave_it(places: Settings) -> None:
    journal = Journal(places.journal)
    mine = [row for row in journal.rows(select(operations)) if "shop_1" in row["match"].values()]
    assert {row["sync"] for row in mine} == {"sync_hubspot__orders", "sync_shiphero__orders"}
    for row in mine:
        assert said(row["key"]).startswith("order #1 · shop_1 · shopify:main")
    (in_crm,) = [r["destination_id"] for r in mine if r["destination"] == "hubspot:main"]
    assert said(in_crm).startswith("order #1 · shop_1 · shopify:main")


def test_the_story_of_a_shipped_order(places: Settings) -> None:
    story = said("shop_1")
    for words in (
        "shipped payment paid · total 25.00 USD",
        "shopify:main order 1 number #1 · placed 2026-11-01 09:00",
        "customer", "2 × A rule exact · 2 shipped",  # noqa: RUF001
        "sent from Main warehouse · as shop_1 · WMS order O-shop_1",
        "shipped shiphero:main shipment H-shop_1-1 · Speedy Tshop_1-11",
        "shiphero:main order O-shop_1 shop_1 · pending",
        "hubspot:main orders create (not there yet): acknowledged",
        "planned 12:00:", "→ in flight 12:00:", "→ acknowledged 12:00:",
        "hubspot:main sync_hubspot__orders id 9", "version 1, 19 fields",
        "What to do next nothing: no part of it waits for anybody",
    ):  # fmt: skip
        assert words in story, (words, story)


def test_times_of_the_journal_are_business_times(places: Settings) -> None:
    assert "2026-11-20 12:00 hubspot:main orders create" in said("shop_1")


def test_a_held_order_says_what_holds_it_and_what_to_do(places: Settings) -> None:
    story = said("#4")
    for words in (
        "held payment paid", "1 × STRANGE unmapped", "unmapped_sku",  # noqa: RUF001
        "What to do next map STRANGE in decisions/sku_map.csv, perhaps to A (",
    ):  # fmt: skip
        assert words in story, words
    assert said("#6").count("Wait, or ask the buyer") == 1


def test_a_refused_write_repeats_what_the_vendor_said(places: Settings) -> None:
    story = said("shop_9")
    for words in (
        "shiphero:main orders create (not there yet): rejected",
        f"it says: {REFUSAL}",
        "What to do next mend what shiphero:main says above",
    ):
        assert words in story, words


def test_a_customer_goes_by_e_mail_and_stays_unnamed(places: Settings) -> None:
    story = said("Maria@Example.com")
    assert story.startswith("customer ")
    for words in ("shopify:main customer 1 rule alone", "#1 shipped · shop_1", "hubspot:main"):
        assert words in story, words
    assert not any(person in story for person in PEOPLE)


def test_a_sku_and_an_unmapped_one(places: Settings) -> None:
    story = said("b")
    for words in ("sku B", "active Thing B", "Main warehouse 0 on hand", "B (rule exact)"):
        assert words in story, words
    assert "1 wanted, sent" in story
    assert "STRANGE unmapped, perhaps A (" in said("STRANGE")
    assert "#4 unmapped_sku" in said("STRANGE")


def test_every_field_that_was_confirmed(places: Settings) -> None:
    assert "hs_fulfillment_status:" not in said("shop_1")
    assert 'hs_fulfillment_status: "shipped"' in said("shop_1", "--all")


def test_nothing_found_says_what_is_close(places: Settings) -> None:
    error = why("shop_11").exception
    assert isinstance(error, CrossdockError)
    assert error.message == "nothing is known by the name 'shop_11'"
    assert "shop_1" in (error.hint or "")
    assert error.exit_code == 1


def test_people_are_masked_among_what_is_close(places: Settings) -> None:
    error = why("mario@example.com").exception
    assert isinstance(error, CrossdockError)
    assert "m…@example.com" in (error.hint or "")
    assert "maria" not in str(error)


def test_before_the_first_run_it_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = places_in(tmp_path)
    for name, value in environment(places).items():
        monkeypatch.setenv(name, value)
    assert "there is no warehouse" in str(why("1").exception)
    with connect(places.warehouse, read_only=False) as warehouse:
        warehouse.execute("create table a (b integer)")
    assert "run `meltano run reconcile`" in str(why("1").exception)
