"""The map of the project's own models."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from click.testing import CliRunner

from crossdock import settings
from crossdock.cli.mapping import mapping_command
from crossdock.mapping.compiled import compile_models, read_sheet
from crossdock.mapping.idioms import idioms_of
from crossdock.mapping.sheet import Row, Sheet

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "transform" / "dbt"
ACCOUNTS = ["shopify:main", "shopify:eu", "hubspot:main", "shiphero:main", "mailbox:main"]
VARIABLES = {
    settings.INSTANCES: " ".join(ACCOUNTS),
    settings.CHANNELS: "shopify mailbox",
    settings.WAREHOUSES: "shiphero",
    settings.CARRIERS: "easypost",
}
#: Canonical fields that cannot be followed; of a destination's fields none may be here.
UNTRACED: set[str] = set()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models, compiled without a warehouse."""
    target = tmp_path_factory.mktemp("mapping")
    compile_models(FOLDER, target, VARIABLES)
    return target / "manifest.json"


@pytest.fixture(scope="module")
def sheet(manifest: Path) -> Sheet:
    return read_sheet(manifest, FOLDER, ACCOUNTS)


def rows(sheet: Sheet, *cells: str) -> Iterator[Row]:
    """The rows from a source's field, optionally to a canonical and a destination's field."""
    for row in sheet.rows:
        if row.key()[: len(cells)] == cells:
            yield row


def test_every_field_of_a_destination_has_a_source_or_a_declared_constant(sheet: Sheet) -> None:
    assert sheet.problems == ()


def test_whatever_cannot_be_followed_is_known(sheet: Sheet) -> None:
    lost = {row.canonical_field for row in sheet.rows if "not traced" in row.source_field}
    assert lost == UNTRACED


def test_the_crm_s_id_of_a_customer_is_an_external_id(sheet: Sheet) -> None:
    assert list(rows(sheet, "hubspot", "contacts.id", "customers.external_ids"))


def test_a_shop_s_order_id_gets_the_shop_s_prefix(sheet: Sheet) -> None:
    destination = "hubspot orders.hs_external_order_id"
    (row,) = rows(sheet, "shopify", "orders.id", "orders.source_order_id", destination)
    assert row.rule == "id at the end of the gid; prefix `shop_`"
    assert row.required == "yes"


def test_a_shop_s_sku_becomes_an_item_s_by_lookup(sheet: Sheet) -> None:
    source = ("shopify", "orders.lineItems[].sku")
    (ours,) = rows(sheet, *source, "order_lines.sku")
    destination = "shiphero orders.line_items[].sku"
    (sent,) = rows(sheet, *source, "fulfillment_request_lines.sku", destination)
    for row in (ours, sent):
        assert "looked up in sku_map by channel_sku; gives items.sku" in row.rule


def test_a_parcel_s_tracking_number_reaches_the_crm(sheet: Sheet) -> None:
    source = ("shiphero", "shipments.shipping_labels[].tracking_number")
    canonical = "fulfillment_packages.tracking_number"
    (row,) = rows(sheet, *source, canonical, "hubspot orders.hs_shipping_tracking_number")
    assert "all different ones for each order_id" in row.rule


def test_a_warehouse_s_stock_is_summed_across_locations(sheet: Sheet) -> None:
    (row,) = rows(sheet, "shiphero", "warehouse_products.on_hand", "item_availability.available")
    assert "summed across locations" in row.rule


def test_every_canonical_table_and_every_written_field_is_in_the_sheet(sheet: Sheet) -> None:
    tables = {file.stem for file in (FOLDER / "models" / "canonical").glob("**/*.sql")}
    assert {row.canonical_field.partition(".")[0] for row in sheet.rows} >= tables
    assert {row.source_system for row in sheet.rows} >= {"shopify", "hubspot", "shiphero"}


def test_the_words_of_macros_are_of_macros_that_are_used(manifest: Path) -> None:
    document = json.loads(manifest.read_bytes())
    codes = [n.get("compiled_code") or "" for n in document["nodes"].values()]
    waiting = {idiom.name: idiom for idiom in idioms_of(document)}
    for code in codes:
        if not waiting:
            break
        if code and "def model" not in code:
            for node in sqlglot.parse_one(code, dialect="duckdb").walk():
                for name in [n for n, idiom in waiting.items() if idiom.read(node)]:
                    del waiting[name]
    assert not waiting


def test_the_command_exports_and_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sheet: Sheet
) -> None:
    monkeypatch.setenv(settings.PROJECT, str(PROJECT))
    monkeypatch.setenv(settings.STATE_DIR, str(tmp_path / "state"))
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    exported = CliRunner().invoke(mapping_command, [])
    assert exported.exit_code == 0, exported.output
    file = tmp_path / "sheet.csv"
    file.write_text(exported.stdout)
    with file.open(newline="") as lines:
        assert len(list(csv.reader(lines))) == len(sheet.rows) + 1
    assert CliRunner().invoke(mapping_command, ["--check", str(file)]).exit_code == 0
    file.write_text(exported.stdout.replace("prefix `shop_`", "prefix `store_`", 1))
    checked = CliRunner().invoke(mapping_command, ["--check", str(file)])
    assert checked.exit_code == 1
    assert "the sheet says" in checked.output
