from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.targets.duckdb.support import Load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return Load(tmp_path / "warehouse.duckdb")
