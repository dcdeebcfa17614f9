from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossdock import settings
from crossdock.errors import SyncDefinitionError
from crossdock.plan.definition import Field, Guards, load_syncs
from tests.plan.support import META, SYNC, load_one, manifest

ROOT = Path(__file__).parents[2]


def test_what_is_left_out_has_defaults(tmp_path: Path) -> None:
    given = {k: v for k, v in META.items() if k not in ("on_drift", "match_on")}
    (sync,) = load_syncs(manifest(tmp_path / "m.json", (SYNC, given)))
    assert sync.on_drift == "flag"
    assert sync.match_on == ()
    assert sync.guards == Guards(
        max_creates=500, max_updates_pct=30, max_emptied_pct=10, max_archives=0
    )
    assert sync.fields[0] == Field("status", "own", "text")
    assert sync.max_age is None
    assert sync.owner == "crossdock"


def test_everything_that_can_be_said_is_read(tmp_path: Path) -> None:
    sync = load_one(
        tmp_path,
        max_age="2h",
        requires=["shopify"],
        guards={"max_creates": 3},
        owner="native",
        refs={"contact": {"sync": "sync_crm__contacts", "key": "customer_id"}},
    )
    assert sync.max_age == timedelta(hours=2)
    assert sync.guards.max_creates == 3
    assert sync.refs == {"contact": ("sync_crm__contacts", "customer_id")}
    assert sync.owner == "native"

    assert sync.relation == ("sync", SYNC)
    assert sync.observed == ("staging", "stg_crm__orders")


def test_a_bare_off_is_one(tmp_path: Path) -> None:
    assert load_one(tmp_path, owner=False).owner == "off"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "meta.sync.version: 1 was expected"),
        ({"write_mode": "replace"}, "meta.sync.write_mode: 'replace' is not one of"),
        ({"fields": {}}, "meta.sync.fields"),
        ({"fields": {"status": {}}}, "meta.sync.fields.status: 'policy' is a required"),
        ({"fields": {"status": {"policy": "mine"}}}, "meta.sync.fields.status.policy"),
        (
            {"fields": {"status": {"policy": "own", "normalise": "int"}}},
            "meta.sync.fields.status.normalise",
        ),
        ({"on_drift": "panic"}, "meta.sync.on_drift"),
        ({"max_age": "soon"}, "meta.sync.max_age"),
        ({"guards": {"max_deletes": 1}}, "meta.sync.guards"),
        ({"colour": "red"}, "'colour' was unexpected"),
        ({"observed": "stg_nowhere"}, "meta.sync.observed: there is no model stg_nowhere"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(SyncDefinitionError) as caught:
        load_one(tmp_path, **change)
    assert words in str(caught.value)
    assert str(caught.value).startswith(SYNC)


@pytest.mark.parametrize(
    ("column", "path"),
    [
        ("order_id", "meta.sync.key"),
        ("status", "meta.sync.fields.status"),
        ("ref", "meta.sync.match_on.ref"),
        ("customer_id", "meta.sync.refs.contact"),
        ("destination_instance", "destination_instance"),
    ],
)
def test_a_column_that_the_model_does_not_have_is_an_error(
    tmp_path: Path, column: str, path: str
) -> None:
    refs = {"contact": {"sync": "sync_crm__contacts", "key": "customer_id"}}
    metas = [(SYNC, {**META, "refs": refs}), ("sync_crm__contacts", META)]
    with pytest.raises(SyncDefinitionError, match=f"{path}: the model has no column {column}"):
        load_syncs(manifest(tmp_path / "m.json", *metas, drop=[column]))


def test_parents_come_before_children(tmp_path: Path) -> None:
    def child(of: str) -> dict[str, Any]:
        return {**META, "refs": {"parent": {"sync": of, "key": "parent_id"}}}

    metas = [("sync_a", child("sync_b")), ("sync_b", child("sync_c")), ("sync_c", META)]
    found = load_syncs(manifest(tmp_path / "m.json", *metas))
    assert [s.name for s in found] == ["sync_c", "sync_b", "sync_a"]

    with pytest.raises(SyncDefinitionError, match="there is no sync sync_z"):
        load_syncs(manifest(tmp_path / "m.json", ("sync_a", child("sync_z"))))
    circle = [("sync_a", child("sync_b")), ("sync_b", child("sync_a"))]
    with pytest.raises(SyncDefinitionError, match="in a circle"):
        load_syncs(manifest(tmp_path / "m.json", *circle))


def test_without_a_manifest_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SyncDefinitionError, match="run `meltano run model` first"):
        load_syncs(tmp_path / "nothing.json")


def test_every_write_mode_of_the_project_is_one_that_its_target_can_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.cli.check import _of_writes

    monkeypatch.setenv("CROSSDOCK_PROJECT", str(ROOT))
    places = settings.load()
    any_sync, found = load_one(tmp_path), []
    for path in sorted((ROOT / "transform/dbt/models/sync").glob("*/*.yml")):
        for model in yaml.safe_load(path.read_text())["models"]:
            if meta := model.get("config", {}).get("meta", {}).get("sync"):
                asked = {name: meta[name] for name in ("destination", "object", "write_mode")}
                found += _of_writes(replace(any_sync, name=model["name"], **asked), places)
    assert len(found) >= 9
    assert [finding.what for finding in found if not finding.ok] == []
    strange = replace(any_sync, destination="shiphero", object="invoices", write_mode="upsert")
    [finding] = _of_writes(strange, places)
    assert not finding.ok
    assert "it can: orders: create, update" in finding.advice
