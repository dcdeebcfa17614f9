"""What holds for every tap: it reads everything, once more where it must, and nothing else."""

from __future__ import annotations

import copy
import json
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crossdock.http.client import ApiClient
from crossdock.tap import parse_time
from sandbox.faults import OTHER_VALUES
from tests.conformance.bench import (
    EXCLUDED,
    TAPS,
    TARGETS,
    Stage,
    Table,
    TapBench,
    merged,
    named_by_the_project,
)


def test_every_connector_of_the_project_is_here_or_left_out_for_a_reason() -> None:
    held = [bench.name for bench in (*TAPS, *TARGETS, *EXCLUDED)]
    assert sorted(held) == sorted(named_by_the_project())
    assert all(len(item.reason) > 30 for item in EXCLUDED)
    assert all(reason for bench in (*TAPS, *TARGETS) for reason in bench.without.values())


def test_two_full_reads_are_equal(bench: TapBench, stage: Stage) -> None:
    first, second = bench.read(stage), bench.read(stage)
    assert first.tables == second.tables
    assert first.streams, "there is something to read"
    assert bench.appends or all(end["full"] for end in first.ends.values())
    assert set(first.ends) == set(first.schemas) - {
        name for name in first.schemas if name.startswith(("_crossdock_", "control_totals"))
    }


def test_page_size_makes_no_difference(
    bench: TapBench, stage: Stage, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = bench.read(stage)
    monkeypatch.undo()
    assert small.tables == bench.read(stage).tables
    for stream, end in small.ends.items():
        assert end["count"] == len(small.records(stream))


def test_nothing_new_is_nothing_read(bench: TapBench, stage: Stage) -> None:
    state = bench.read(stage).state
    for _ in range(2):
        stage.advance(minutes=5)
        read = bench.read(stage, state)
        state = read.state
    assert set(read.streams) <= bench.whole
    assert {s for s, end in read.ends.items() if end["full"]} <= bench.whole


def test_future_state_reads_nothing(bench: TapBench, stage: Stage) -> None:
    state = copy.deepcopy(bench.read(stage).state)
    for bookmark in state["bookmarks"].values():
        if "replication_key_value" in bookmark:
            bookmark["replication_key_value"] = "2099-01-01T00:00:00Z"
    read = bench.read(stage, state)
    assert set(read.streams) <= bench.whole
    for name, bookmark in state["bookmarks"].items():
        kept = read.state["bookmarks"][name].get("replication_key_value")
        assert kept == bookmark.get("replication_key_value")


def test_only_what_changed_is_read(bench: TapBench, stage: Stage) -> None:
    state = bench.read(stage).state
    stage.advance(minutes=5)
    state = bench.read(stage, state).state
    stage.advance(minutes=5)
    bench.change(stage, 3, "changed once")
    stage.advance(seconds=bench.settle)
    read = bench.read(stage, state)
    assert "changed once" in read.text
    changed = {name: len(rows) for name, rows in read.tables.items() if name not in bench.whole}
    assert all(count <= 2 for count in changed.values()), changed


def test_reading_on_from_any_state_loses_nothing(
    bench: TapBench, stage: Stage, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each answer somebody changes a record; reading on from any state finds it."""
    count = _changes_after_each_answer(bench, stage, monkeypatch)
    first = bench.read(stage)
    second = bench.read(stage, first.state)
    monkeypatch.undo()
    assert count[0] > 5
    stage.advance(minutes=5)
    truth = bench.read(stage).tables
    states = [*first.states, *second.states]
    for state in (*states[:: max(1, len(states) // 4)], states[-1]):
        assert merged(first, second, bench.read(stage, state)) == truth


def _changes_after_each_answer(
    bench: TapBench, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    lock, count = threading.Lock(), [0]
    original = ApiClient.request

    def request(self: ApiClient, method: str, path: str, **options: Any) -> Any:
        response = original(self, method, path, **options)
        if options.get("stream") != "token":
            with lock:
                count[0] += 1
                bench.change(stage, count[0] * 7, f"edit {count[0]}")
        return response

    monkeypatch.setattr(ApiClient, "request", request)
    return count


def test_sweep_finds_what_was_deleted(bench: TapBench, stage: Stage) -> None:
    assert bench.remove is not None
    first = bench.read(stage)
    stage.advance(minutes=5)
    stream = bench.remove(stage)
    stage.advance(minutes=5)
    swept = bench.read(stage, first.state, sweep_interval=0)
    truth = bench.read(stage)
    held = merged(first, swept)
    assert alive(truth.tables[stream]) < alive(first.tables[stream])
    assert alive(held[stream]) == alive(truth.tables[stream])


def alive(table: Table) -> set[tuple[str, ...]]:
    """Keys of the records that are not marked as archived."""
    return {key for key, row in table.items() if not row.get("archived")}


def test_fault_scripts(
    bench: TapBench, script: str, stage: Stage, small_pages: None, hasty: None
) -> None:
    expected = bench.read(stage)
    rules = bench.scripts[script](bench.vendor)
    stage.script(rules)
    read = bench.read(stage, **bench.under.get(script, {}))
    assert stage.hits() > 0, "the fault never happened"
    assert read.keys == expected.keys
    if script not in OTHER_VALUES:
        assert read.tables == expected.tables


def test_unknown_fields(bench: TapBench, stage: Stage) -> None:
    stage.script(bench.scripts["new_field"](bench.vendor))
    read = bench.read(stage)
    assert stage.hits() > 0
    known = {s: set(m["schema"]["properties"]) for s, m in read.schemas.items()}
    new = {
        field
        for stream in read.streams
        for record in read.records(stream)
        for field in set(record) - known[stream]
    }
    assert new, "a field that the vendor added is in no record"


def test_limits_are_kept(bench: TapBench, stage: Stage) -> None:
    bench.read(stage)
    assert stage.counters(bench.vendor)["refusals"] == 0


def test_records_fit_their_schema(bench: TapBench, stage: Stage) -> None:
    read = bench.read(stage)
    for message in read.messages:
        if message["type"] == "RECORD":
            schema = read.schemas[message["stream"]]["schema"]
            jsonschema.validate(message["record"], schema)
            undeclared = set(message["record"]) - set(schema["properties"])
            assert not undeclared, f"{message['stream']} has {undeclared}"


def test_control_totals_agree(bench: TapBench, stage: Stage) -> None:
    """Each figure of the source is that of the records, over the same window."""
    stage.advance(minutes=5)
    read = bench.read(stage)
    swept = bench.read(stage, read.state, sweep_interval=0, totals_interval=0)
    held = merged(read, swept)
    counted: set[str] = set()
    for total in (*read.records("control_totals"), *swept.records("control_totals")):
        if total["measure"] == "count":
            counted.add(total["stream"])
            schema = read.schemas[total["stream"]]
            rows = _within(held.get(total["stream"], {}), schema, total)
            assert int(total["value"]) == len(alive(rows)), total
    assert counted, "no stream has a figure to check against"


def _within(table: Table, schema: dict[str, Any], total: dict[str, Any]) -> Table:
    """The rows whose time of change lies in the window of a total."""
    if not schema.get("bookmark_properties"):
        return table
    (name,) = schema["bookmark_properties"]
    begin = total["window_from"] and parse_time(total["window_from"])
    end = total["window_to"] and parse_time(total["window_to"])
    return {
        key: row
        for key, row in table.items()
        if (not begin or parse_time(row[name]) >= begin)
        and (not end or parse_time(row[name]) < end)
    }


def test_deselected_fields_are_not_asked_for(bench: TapBench, stage: Stage) -> None:
    whole = bench.read(stage)
    stream = max(whole.streams, key=lambda name: len(whole.schemas[name]["schema"]["properties"]))
    catalog = bench.make(stage).catalog_dict
    (entry,) = [item for item in catalog["streams"] if item["stream"] == stream]
    keys = {*entry["key_properties"], entry.get("replication_key"), "_crossdock_read_at"}
    spare = sorted(set(entry["schema"]["properties"]) - keys)[::2]
    for mark in entry["metadata"]:
        if mark["breadcrumb"] and mark["breadcrumb"][-1] in spare:
            mark["metadata"]["selected"] = False
            mark["metadata"].pop("inclusion", None)
    asked = bench.read(stage, catalog=catalog)
    assert asked.records(stream)
    left = {field for record in asked.records(stream) for field in record}
    assert not left & set(spare)
    assert asked.keys == whole.keys


def test_capabilities_are_declared(bench: TapBench) -> None:
    offers = bench.tap.offers  # type: ignore[attr-defined]
    assert offers.role == "source"
    for name in ("protocol", "auth", "limits", "incremental", "deletes", "counts", "scopes"):
        assert getattr(offers, name), f"{name} is not declared"


SNAPSHOTS = Path(__file__).parent / "snapshots"


def test_schema_snapshot(bench: TapBench, stage: Stage, request: pytest.FixtureRequest) -> None:
    """Run with --snapshots to write them anew, and look at the difference."""
    catalog = bench.make(stage).catalog_dict
    shape = {
        item["stream"]: {
            "key": item["key_properties"],
            "replication_key": item.get("replication_key"),
            "properties": item["schema"]["properties"],
        }
        for item in catalog["streams"]
    }
    path = SNAPSHOTS / f"{bench}.json"
    text = json.dumps(shape, indent=1, sort_keys=True) + "\n"
    if request.config.getoption("--snapshots"):
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.reference
def test_requests_are_valid(
    bench: TapBench, stage: Stage, reference: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bench.problems is not None
    assert bench.problems(reference, bench.sends(stage, monkeypatch)) == []
