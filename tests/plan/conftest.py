from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.journal import Journal
from crossdock.warehouse import Warehouse, memory


@pytest.fixture(scope="session")
def empty_journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of the newest schema, to be copied: migrations take longer than a plan."""
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    Journal(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def journal(empty_journal: Path, tmp_path: Path) -> Iterator[Journal]:
    shutil.copyfile(empty_journal, tmp_path / "journal.db")
    opened = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    yield opened
    opened.close()


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with memory() as opened:
        yield opened
