"""The project as a whole: an empty warehouse, its unit tests, its descriptions."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.transform.conftest import Warehouse


def test_everything_builds_before_anything_was_read(
    warehouse: Callable[..., Warehouse],
) -> None:
    made = warehouse()
    made.dbt("build")  # unit tests with it
    assert made.rows("select count(*) from sync.sync_shiphero__orders") == [(0,)]
    manifest = json.loads((made.target / "manifest.json").read_text())
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    assert [m["name"] for m in models if not m["description"]] == []
    # Whatever feeds the WMS is on the path of the job that runs every minute.
    missing, waiting = [], ["model.crossdock.sync_shiphero__orders"]
    while waiting:
        node = manifest["nodes"].get(waiting.pop())
        if node:
            if "orders_path" not in node["tags"]:
                missing.append(node["name"])
            waiting += node["depends_on"].get("nodes", [])
    assert missing == []


def test_the_documentation_builds(warehouse: Callable[..., Warehouse]) -> None:
    made = warehouse()
    made.dbt("docs", "generate", "--static", "--empty-catalog")
    page = (made.target / "static_index.html").read_text()
    assert "sync_shiphero__orders" in page
