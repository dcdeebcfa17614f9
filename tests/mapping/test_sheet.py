"""The rows of a sheet, what is wrong with one, and an edited one against the models."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from crossdock.mapping.compare import UnreadableSheet, differences
from crossdock.mapping.formats import as_csv, as_html, as_markdown
from crossdock.mapping.sheet import COLUMNS, Row, Sheet
from tests.mapping.project import manifest, sheet


@pytest.fixture
def small(tmp_path: Path) -> Sheet:
    return sheet(tmp_path, "key", "email", "carrier", "score")


def test_a_row_goes_from_the_source_through_the_canonical_field_to_the_destination(
    small: Sheet,
) -> None:
    assert small.problems == ()
    assert Row(
        "shop", "orders.doc.buyer.email", "orders.email", "crm deals.email",
        "direct copy; else empty", "no",
    ) in small.rows  # fmt: skip
    assert Row(
        "shop", "orders.carrier", "orders.carrier_code", "crm deals.carrier",
        "lower case; looked up in carriers by name", "no",
    ) in small.rows  # fmt: skip
    (key,) = [row for row in small.rows if row.destination_field == "crm deals.key"]
    assert (key.source_field, key.required) == ("orders.id", "yes")


def test_a_python_model_says_itself_what_its_columns_are_made_of(small: Sheet) -> None:
    (score,) = [row for row in small.rows if row.destination_field == "crm deals.score"]
    assert (score.source_field, score.rule) == ("orders.doc.buyer.email", "judged by a parser")


def test_a_canonical_field_that_nobody_is_told_is_there_too(small: Sheet) -> None:
    assert Row("", "", "orders.channel", "", "constant 'shop'", "no") in small.rows
    (email,) = [row for row in small.rows if row.canonical_field == "orders.email"]
    assert email.destination_field == "crm deals.email"


def test_a_column_that_must_be_filled_is_required(tmp_path: Path) -> None:
    document = manifest(email={"constraints": [{"type": "not_null"}]})
    found = sheet(tmp_path, "email", document=document)
    assert [r.required for r in found.rows if r.destination_field == "crm deals.email"] == ["yes"]


def test_a_field_without_source_is_declared_or_a_problem(tmp_path: Path) -> None:
    (problem,) = sheet(tmp_path, "made_by").problems
    assert "crm deals.made_by: neither a source nor a declared constant" in problem
    declared = sheet(tmp_path, "made_by", constants={"made_by": "crossdock"})
    assert declared.problems == ()
    assert Row("", "", "", "crm deals.made_by", "constant 'crossdock'", "no") in declared.rows
    (other,) = sheet(tmp_path, "made_by", constants={"made_by": "somebody"}).problems
    assert "declared as 'somebody', the model says 'crossdock'" in other
    (sourced,) = sheet(tmp_path, "email", constants={"email": "nobody"}).problems
    assert "declared as the constant 'nobody', and it has a source" in sourced


def test_a_field_that_is_never_filled_is_a_problem(tmp_path: Path) -> None:
    (problem,) = sheet(tmp_path, "note").problems
    assert "crm deals.note: neither a source nor a declared constant (only null)" in problem


def test_a_python_model_that_says_nothing_is_a_problem(tmp_path: Path) -> None:
    document = manifest()
    document["nodes"]["model.small.parsed"]["columns"]["score"] = {"name": "score"}
    (problem,) = sheet(tmp_path, "score", document=document).problems
    assert "not traced: parsed says nothing of score in its .yml" in problem


def test_an_exported_sheet_has_no_differences(small: Sheet, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    file.write_text(as_csv(small))
    assert differences(file, small) == []


def test_a_sheet_that_a_spreadsheet_program_saved_is_the_same(small: Sheet, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    turned = (5, 0, 3, 1, 4, 2)
    lines = [COLUMNS, *reversed([row.cells() for row in small.rows])]
    for encoding, delimiter in (("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", ",")):
        with file.open("w", encoding=encoding, newline="") as out:
            writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
            for line in lines:
                writer.writerow([*(line[i].replace(" ", "\u00a0") for i in turned), ""])
            writer.writerow([""] * 7)
        assert differences(file, small) == []


def test_each_difference_is_one_clear_line(small: Sheet, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    lines = as_csv(small).splitlines()
    lines = [
        line.replace("direct copy; else empty", "direct copy")
        for line in lines
        if "carrier" not in line
    ]
    lines.append("shop,orders.colour,orders.colour,crm deals.colour,direct copy,no")
    file.write_text("\n".join(lines))
    assert sorted(differences(file, small)) == [
        "differs: shop orders.doc.buyer.email → orders.email → crm deals.email: Transformation "
        "Rule: the sheet says 'direct copy', the models say 'direct copy; else empty'",
        "in the models, not in the sheet: shop orders.carrier → orders.carrier_code → "
        "crm deals.carrier",
        "in the sheet, not in the models: shop orders.colour → orders.colour → crm deals.colour",
    ]


def test_a_file_that_is_no_sheet_is_refused(small: Sheet, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("Source Field,Name\na,b\n")
    with pytest.raises(UnreadableSheet, match="has no column Source System"):
        differences(file, small)
    with pytest.raises(UnreadableSheet, match="name the exported CSV"):
        differences(tmp_path / "none.csv", small)


def test_pages_hold_every_row_and_nothing_from_elsewhere(small: Sheet) -> None:
    page, table = as_html(small), as_markdown(small)
    for row in small.rows:
        assert f"<td>{row.source_field}</td>" in page
        assert row.source_field in table
    assert "http" not in page.replace('lang="en"', "")
    assert "src=" not in page
