"""Real processes that are killed wherever it hurts: each effect still happens exactly once."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from crossdock.journal import Journal
from crossdock.journal.intents import Planned
from crossdock.operation import Acknowledged, Action, Operation, Outcome, Ready, Refused
from tests.journal.support import SYNC, planned
from tests.target.conftest import Loop


class FileVendor:
    """A vendor whose records outlive us: each write is one transaction of its own."""

    def __init__(self, path: Path, *, unique: bool, size: int, point: Callable[[], None]) -> None:
        self.concurrency = 3
        self._path = path
        self._unique = unique
        self._size = size
        self._point = point
        with self._open() as db:
            db.execute("create table if not exists records (id integer primary key, ref, fields)")
            db.execute("create table if not exists effects (action, key)")

    def batch_size(self, object_name: str, action: Action) -> int:
        return self._size

    def reads_before_create(self, object_name: str) -> bool:
        return not self._unique

    def send(self, batch: Sequence[Ready]) -> Sequence[Outcome]:
        self._point()
        with self._open() as db:
            outcomes = [self._write(db, item) for item in batch]
        self._point()
        return outcomes

    def find(self, operation: Operation) -> Mapping[str, Any] | None:
        with self._open() as db:
            where, value = "id = ?", operation.destination_id
            if value is None:
                where, value = "ref = ?", operation.match["ref"]
            row = db.execute(f"select id, ref, fields from records where {where}", (value,))
            found = row.fetchone()
        return found and {"id": str(found[0]), "ref": found[1], **json.loads(found[2])}

    def effects(self) -> Counter[tuple[str, str]]:
        with self._open() as db:
            return Counter(db.execute("select action, key from effects").fetchall())

    def _write(self, db: sqlite3.Connection, item: Ready) -> Outcome:
        operation = item.operation
        record_id = operation.destination_id
        if operation.action == "create":
            ref = operation.match["ref"]
            held = db.execute("select 1 from records where ref = ?", (ref,)).fetchone()
            if self._unique and held:
                return Refused("that value is taken")
            cursor = db.execute("insert into records (ref, fields) values (?, '{}')", (ref,))
            record_id = str(cursor.lastrowid)
        fields = json.dumps(dict(operation.set))
        db.execute("update records set fields = ? where id = ?", (fields, record_id))
        db.execute("insert into effects values (?, ?)", (operation.action, operation.key))
        return Acknowledged(str(record_id))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=30)
        try:
            with db:
                db.execute("begin immediate")
                yield db
        finally:
            db.close()


class Points:
    """Counts the moments at which the process could be killed, and kills it at one."""

    def __init__(self, fatal: int | None) -> None:
        self._fatal = fatal
        self._lock = threading.Lock()
        self.seen = 0

    def __call__(self) -> None:
        with self._lock:
            self.seen += 1
            if self.seen == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)


class FatalJournal(Journal):
    """A journal after each of whose transactions the process may be killed."""

    def __init__(self, url: str, point: Callable[[], None]) -> None:
        self._point = point
        super().__init__(url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as db:
            yield db
        self._point()


def wanted() -> list[Planned]:
    parents = [planned(f"p{n}") for n in range(3)]
    change = planned(
        "u1",
        action="update",
        destination_id="1",
        set={"status": "new"},
        before={"status": "old"},
    )
    children = [planned(f"q{n}", refs={"parent": (SYNC, f"p{n}")}) for n in range(2)]
    return [*parents, change, *children]


def run(folder: Path, fatal: int | None, *, unique: bool, size: int) -> bool:
    """Run in a process of its own; whether it came to its end."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            point = Points(fatal)
            journal = FatalJournal(f"sqlite:///{folder / 'journal.db'}", point)
            vendor = FileVendor(folder / "vendor.db", unique=unique, size=size, point=point)
            loop, items = Loop(journal), wanted()
            loop.run(vendor, *[i for i in items if not i.operation.refs])
            loop.run(vendor, *[i for i in items if i.operation.refs])
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty journal, and a vendor that holds one record already."""
    folder = tmp_path_factory.mktemp("template")
    Journal(f"sqlite:///{folder / 'journal.db'}").close()
    vendor = FileVendor(folder / "vendor.db", unique=True, size=1, point=lambda: None)
    with vendor._open() as db:
        db.execute("insert into records values (1, 'u1', '{\"status\": \"old\"}')")
    return folder


def see_that_each_happened_once(folder: Path) -> None:
    vendor = FileVendor(folder / "vendor.db", unique=True, size=1, point=lambda: None)
    expected = {(i.operation.action, i.operation.key): 1 for i in wanted()}
    assert vendor.effects() == expected
    journal = Journal(f"sqlite:///{folder / 'journal.db'}")
    assert Loop(journal).states() == {"acknowledged": len(expected)}
    journal.close()


@pytest.mark.parametrize(("unique", "size"), [(False, 1), (True, 1), (True, 3)])
def test_killed_at_every_point_the_next_run_completes(
    template: Path, tmp_path: Path, unique: bool, size: int
) -> None:
    """Before and after each effect, and after each transaction of the journal."""
    for fatal in range(1, 1000):
        folder = tmp_path / str(fatal)
        shutil.copytree(template, folder)
        if run(folder, fatal, unique=unique, size=size):
            break  # it has fewer points than that
        assert run(folder, None, unique=unique, size=size)
        see_that_each_happened_once(folder)
    assert fatal > 12


@pytest.mark.parametrize("seed", range(int(os.environ.get("CROSSDOCK_KILLS", "20"))))
def test_killed_again_and_again_it_completes(template: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    unique, size = chance.choice([True, False]), chance.choice([1, 2, 5])
    folder = tmp_path / "run"
    shutil.copytree(template, folder)
    while not run(folder, chance.randint(1, 12), unique=unique, size=size):
        continue
    see_that_each_happened_once(folder)
