from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def no_project(tmp_path_factory):
    """Taps outside any project: no journal, whose buckets a demo may have emptied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSDOCK_PROJECT", str(tmp_path_factory.mktemp("nowhere")))
        yield
