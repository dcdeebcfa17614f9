"""A warehouse file of its own for each test module, built by the real dbt project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transform.raw import PROJECT

INSTANCES = "shopify:main shopify:eu hubspot:main shiphero:main"
NOW = "2026-11-20T12:00:00Z"


@dataclass
class Warehouse:
    """A warehouse file and the dbt project that fills it."""

    path: Path
    target: Path
    settings: dict[str, str]

    def dbt(self, *arguments: str, **settings: str) -> None:
        """Run dbt; its own words are the failure's."""
        command = [
            str(Path(sys.executable).parent / "dbt"), "--quiet", *arguments,
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--target-path", str(self.target), "--log-path", str(self.target / "logs"),
        ]  # fmt: skip
        environment = os.environ | self.settings | settings
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def decide(self, *rows: str) -> None:
        """Write people's SKU decisions: `channel,channel_sku,sku,quantity`."""
        folder = self.path.parent / "decisions"
        folder.mkdir(exist_ok=True)
        (folder / "sku_map.csv").write_text(
            "\n".join(["channel,channel_sku,sku,quantity", *rows]) + "\n"
        )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Warehouse]:
    """Makes empty warehouses; parsed models are shared between those of a module."""
    target = tmp_path_factory.mktemp("target")

    def make(**settings: str) -> Warehouse:
        path = tmp_path_factory.mktemp("state") / "warehouse.duckdb"
        named = {
            "CROSSDOCK_WAREHOUSE": str(path),
            "CROSSDOCK_INSTANCES": INSTANCES,
            "CROSSDOCK_BUSINESS_NOW": NOW,
            "MELTANO_ENVIRONMENT": "sandbox",
            "CROSSDOCK_DECISIONS": "",
            "CROSSDOCK_GO_LIVE_AT": "",
        }
        return Warehouse(path, target, named | settings)

    return make
