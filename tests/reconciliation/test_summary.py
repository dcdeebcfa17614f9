"""What the page shows, taken from warehouse, manifest and journal."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crossdock import warehouse
from crossdock.settings import Settings
from reconciliation import checks, summary
from reconciliation.manifest import Check, Report, ReportError, reports
from reconciliation.masks import mask
from reconciliation.sections import label, read
from reconciliation.verdict import ago, span
from tests.reconciliation.built import places_in


@pytest.fixture
def document(places: Settings) -> dict[str, Any]:
    return summary.collect(places)


def section(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [s for s in document["sections"] if s["name"] == name]
    return dict(found)


def test_data_is_as_old_as_the_clock_of_its_run_says(
    places: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CROSSDOCK_NOW")
    document = summary.collect(places)
    assert document["made_at"].startswith("2026-11-20T12:")
    assert document["data"]["age_seconds"] < 3600


def test_what_came_in(document: dict[str, Any]) -> None:
    shop = document["sources"][0]
    assert (shop["instance"], shop["ok"]) == ("shopify:main", True)
    rows = {stream["stream"]: stream["rows"] for stream in shop["streams"]}
    assert rows == {"customers": 1, "fulfillment_orders": 5, "orders": 5}


def test_what_canonical_holds(document: dict[str, Any]) -> None:
    rows = {table["table"]: table["rows"] for table in document["canonical"]}
    assert (rows["orders"], rows["order_lines"], rows["items"]) == (5, 5, 2)
    (total,) = section(document, "report_totals")["rows"]
    assert (total["goods_after_discount"], total["shipping"]) == ("60.00", "25.00")


def test_requests_are_sent_or_have_a_reason(document: dict[str, Any]) -> None:
    held = {r["reason"]: r["requests"] for r in section(document, "report_held")["rows"]}
    assert held == {"channel_hold": 1, "unmapped_sku": 1, "unpaid": 1}
    (flow,) = section(document, "report_flow")["rows"]
    assert flow["requests"] == flow["kept_back"] + flow["for_the_wms"] == 5
    assert flow["in_the_wms"] == 1
    assert flow["in_the_crm"] == flow["for_the_crm"] == 5
    assert section(document, "report_flow")["unequal"] == 1


def test_candidates_of_an_unmapped_sku(document: dict[str, Any]) -> None:
    (row,) = section(document, "report_unmapped_skus")["rows"]
    assert (row["channel_sku"], row["orders"]) == ("STRANGE", ["#4"])
    assert row["candidates"][0].startswith("A · Thing A · ")


def test_what_went_out(document: dict[str, Any]) -> None:
    by_sync = {sync["sync"]: sync for sync in document["syncs"]}
    orders = by_sync["sync_hubspot__orders"]
    assert orders["records_confirmed"] == 5
    assert orders["overall"] == [{"action": "create", "state": "acknowledged", "number": 5}]
    assert orders["last_run"] == orders["overall"]
    refused = {"action": "create", "state": "rejected", "number": 1}
    assert refused in by_sync["sync_shiphero__orders"]["last_run"]
    assert document["waiting"] == {"rejected": 1}


def test_a_failure_says_what_to_do(document: dict[str, Any]) -> None:
    (failure,) = document["run"]["failures"]
    assert failure["message"] == "sync_shiphero__orders: refused, ask …@…"
    assert failure["next"] == "mend it"


def test_checks_carry_their_results(document: dict[str, Any]) -> None:
    assert document["checks"]["agreement"]
    assert {check["status"] for check in document["checks"]["books"]} == {"pass"}
    # The build came before the run that should have run them.
    assert document["checks"]["counts"].get("old", 0) > 0


def test_a_model_that_was_never_built_is_missed(places: Settings, tmp_path: Path) -> None:
    other = places_in(tmp_path)
    shutil.copyfile(places.warehouse, other.warehouse)
    other.manifest.parent.mkdir(parents=True)
    shutil.copyfile(places.manifest, other.manifest)
    with duckdb.connect(str(other.warehouse)) as connection:
        connection.execute("drop view reconciliation.report_stock")
        connection.execute("drop view staging.stg_hubspot__orders")
    document = summary.collect(other)
    missing = "\n".join(document["missing"])
    assert "reconciliation.report_stock is not there" in missing
    assert "report_flow cannot be read" in missing
    assert section(document, "report_totals")["rows"]


CHECK = Check("test.a", "orders_agree", "Orders agree", agreement=True)
RUN = {"job": "sync", "started_at": "2026-11-20T10:00:00+00:00"}


@pytest.mark.parametrize(
    ("status", "ran_at", "shown"),
    [
        ("pass", "2026-11-20 10:05", "pass"),
        ("pass", "2026-11-20 09:55", "old"),
        ("fail", "2026-11-20 09:55", "fail"),
        ("error", "2026-11-20 10:05", "error"),
        ("warn", "2026-11-20 10:05", "warn"),
        ("skipped", "2026-11-20 10:05", "not_run"),
        (None, None, "not_run"),
    ],
)
def test_only_a_check_that_ran_and_passed_is_a_pass(
    status: str | None, ran_at: str | None, shown: str
) -> None:
    with warehouse.memory() as db:
        db.execute(
            "create schema reconciliation; create table reconciliation.check_results"
            " (check_id varchar, status varchar, failures bigint, ran_at timestamptz,"
            " business_at timestamptz)"
        )
        if status:
            db.execute(
                "insert into reconciliation.check_results values ('test.a', ?, 0, ?, ?)",
                [status, ran_at, ran_at],
            )
        found = checks.collect(db, [CHECK], [RUN], [])
    assert found["counts"] == {shown: 1}


def test_without_results_no_check_has_passed() -> None:
    with warehouse.memory() as db:
        assert checks.collect(db, [CHECK], [], [])["counts"] == {"not_run": 1}
    assert checks.collect(None, [CHECK], [], [])["counts"] == {"not_run": 1}


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"part": "flow", "position": 1}, "meta.report.title is missing"),
        ({"part": "flow", "position": 1, "title": "T", "bars": "x"}, "meta.report.bars"),
        ({"part": "elsewhere", "position": 1, "title": "T"}, "meta.report.part is 'elsewhere'"),
    ],
)
def test_a_wrong_report_is_named(meta: dict[str, Any], message: str) -> None:
    node = {
        "name": "report_x", "resource_type": "model", "schema": "reconciliation",
        "config": {"meta": {"report": meta}}, "columns": {},
    }  # fmt: skip
    with pytest.raises(ReportError, match=re_escaped(message)):
        reports({"model.x": node})


def re_escaped(text: str) -> str:
    return text.replace(".", r"\.")


def test_money_stays_exact_and_rows_that_ask_are_counted() -> None:
    report = Report(
        "r", ("main", "r"), "held", 1, "T", equal=(("a", "b"),),
        attention={"column": "asks", "count": "a", "text": "ask"},
    )  # fmt: skip
    with warehouse.memory() as db:
        db.execute(
            "create view r as select 3 as a, 3 as b, 0.10::decimal(9, 2) as m, true as asks"
            " union all select 5, 6, 2.5, false"
        )
        found = read(db, report)
    assert [column["name"] for column in found["columns"]] == ["a", "b", "m"]
    assert [row["m"] for row in found["rows"]] == ["0.10", "2.50"]
    assert found["unequal"] == 1
    assert found["attention"] == {"column": "asks", "count": 3, "text": "ask"}


def test_the_short_of_it_for_a_terminal(
    places: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    summary.show(places)
    printed = " ".join(capsys.readouterr().out.split())
    for words in (
        "shopify:main customers 1, fulfillment_orders 5, orders 5",
        "hubspot:main sync_hubspot__orders: 5 created",
        "1 create rejected",
        "in the WMS 1 of 2, in the CRM 5 of 5",
        "unmapped_sku requests 1, #4 · STRANGE (perhaps A; B)",
        "2 requests are held until somebody acts.",
        "crossdock status",
    ):
        assert words in printed, words


def test_words_for_people() -> None:
    assert mask("ask bob.o'neil@shop.example or +49 (30) 0074-321 now") == "ask …@… or +… now"
    assert label("in_the_wms") == "In the WMS"
    assert [ago(5), ago(240), ago(90_000), ago(200_000)] == ["under 1 min", "4 min", "25 h", "2 d"]
    assert span(19) == "19 s"
