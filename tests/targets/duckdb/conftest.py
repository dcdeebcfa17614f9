from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.targets.duckdb.support import Load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, with no control panel to be read."""
    monkeypatch.setenv("CROSSDOCK_PROJECT", str(tmp_path))
    return tmp_path


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return Load(tmp_path / "warehouse.duckdb")
