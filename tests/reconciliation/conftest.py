from __future__ import annotations

import pytest

from crossdock.settings import Settings
from tests.reconciliation.built import built, environment


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A project after one run, which the environment names."""
    found = built()
    for name, value in environment(found).items():
        monkeypatch.setenv(name, value)
    return found
