"""target-@kebab@: what it is to tell is a sync that can be planned."""

from __future__ import annotations

from crossdock.plan.definition import load_syncs
from tests.taps.channels import dbt


def test_its_sync_is_well_defined_and_asks_for_nothing_yet(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    models = "+sync_@name@__parcels"
    fetch = dbt(tmp_path, warehouse, "@name@", "build", "--select", models)
    assert fetch("select count(*) from sync.sync_@name@__parcels") == [(0,)]
    syncs = {sync.name: sync for sync in load_syncs(tmp_path / "target" / "manifest.json")}
    sync = syncs["sync_@name@__parcels"]
    assert sync.destination == "@name@"
    assert sync.write_mode == "create_only"
