from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from crossdock import clock
from crossdock.errors import JournalError
from crossdock.journal import Journal, process, schema, states
from crossdock.journal.runs import parent_process
from tests.journal import support
from tests.journal.support import planned, said, state_of, write


def myself() -> tuple[int, float]:
    started = process.start_time(os.getpid())
    assert started is not None
    return os.getpid(), started


def row_of(journal: Journal, run_id: str) -> dict[str, object]:
    return journal.rows(select(schema.runs).where(schema.runs.c.run_id == run_id))[0]


def test_a_second_run_beside_a_living_one_is_refused(journal: Journal, url: str) -> None:
    code = """
        import os
        from crossdock.journal import process
        run, _ = journal.begin("sync", (os.getpid(), process.start_time(os.getpid())))
        print(run.run_id, flush=True)
        sys.stdin.readline()
    """
    with support.process(url, code) as other:
        living = said(other)
        with pytest.raises(JournalError, match=f"run {living} .sync. is going on"):
            journal.begin("orders", myself())
        assert row_of(journal, living)["state"] == "open"
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        run, aborted = journal.begin("orders", myself())
    assert aborted == [living]
    assert row_of(journal, living)["state"] == "aborted"
    assert row_of(journal, run.run_id)["state"] == "open"


def test_begin_ends_the_leases_of_dead_processes(journal: Journal, url: str) -> None:
    (key,) = write(journal, planned())
    code = f'journal.leases.take(["{key}"], "other"); print("leased", flush=True)'
    with support.process(url, code) as other:
        assert said(other) == "leased"
        other.wait()
    journal.begin("sync", myself())
    assert state_of(journal, key) == states.UNKNOWN


def test_the_same_parent_may_begin_again(journal: Journal) -> None:
    first, _ = journal.begin("sync", myself())
    _, aborted = journal.begin("sync", myself())
    assert aborted == [first.run_id]


def test_current_is_the_run_of_a_parent(journal: Journal, url: str) -> None:
    run, _ = journal.begin("sync", myself())
    code = "run = journal.runs.current(); print(run.run_id if run else None, flush=True)"
    with support.process(url, code) as child:
        assert said(child) == run.run_id
    journal.runs.end(run.run_id, "ok")
    with support.process(url, code) as child:
        assert said(child) == "None"


def test_the_parent_is_named_by_pid_and_start() -> None:
    pid, started = parent_process()
    assert pid == os.getppid()
    assert process.start_time(pid) == started


def test_another_hosts_process_has_the_benefit_of_the_doubt() -> None:
    assert process.is_alive(process.me())
    assert process.is_alive("elsewhere/1/1.0")
    host, pid, _ = process.me().rsplit("/", 2)
    assert not process.is_alive(f"{host}/{pid}/1.0")  # the pid was used again
    assert not process.is_alive(f"{host}/999999999/1.0")


def test_an_approval_is_used_once(journal: Journal) -> None:
    assert not journal.runs.is_approved("abc")
    journal.runs.approve("abc", "ada", "the first import")
    assert journal.runs.is_approved("abc")
    journal.runs.use_approval("abc", "run-1")
    assert not journal.runs.is_approved("abc")
    journal.runs.approve("abc", "ada", "once more")
    assert journal.runs.is_approved("abc")


def test_a_failed_read_keeps_the_time_of_the_last_good_one(journal: Journal) -> None:
    journal.runs.source_read("shopify:main", "run-1", ok=True)
    good = journal.runs.sources()["shopify:main"]["read_at"]
    journal.runs.source_read("shopify:main", "run-2", ok=False, message="down")
    row = journal.runs.sources()["shopify:main"]
    assert row["read_at"] == good
    assert not row["ok"]
    assert row["message"] == "down"


def test_an_empty_place_becomes_a_journal_of_the_newest_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'journal.db'}"
    Journal(url).close()
    opened = Journal(url)
    from crossdock.journal.store import HEAD

    with opened.read() as db:
        assert db.execute(text("select version_num from alembic_version")).scalar_one() == HEAD
        assert db.execute(text("pragma journal_mode")).scalar_one() == "wal"
        for table in schema.metadata.sorted_tables:
            have = {row[1] for row in db.execute(text(f"pragma table_info({table.name})"))}
            assert have == {column.name for column in table.columns}, table.name


def test_migrations_leave_what_the_schema_says(journal: Journal) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with journal.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    assert difference == []


def test_many_processes_may_open_a_new_journal_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    code = "print(journal.runs.last(), flush=True)"
    with (
        support.process(url, code) as a,
        support.process(url, code) as b,
        support.process(url, code) as c,
    ):
        assert [said(p) for p in (a, b, c)] == ["None"] * 3


def test_what_is_committed_survives_a_kill(journal: Journal, url: str) -> None:
    (key,) = write(journal, planned())
    code = f"""
        import os, signal
        journal.leases.take(["{key}"], "other")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    with support.process(url, code) as other:
        other.wait()
    assert state_of(journal, key) == states.IN_FLIGHT


def test_a_full_or_read_only_disk_is_one_clear_line(journal: Journal) -> None:
    with pytest.raises(JournalError, match="cannot be written"), journal.write() as db:
        db.execute(text("insert into runs (run_id) values ('x')"))


def test_buckets_are_shared_and_fill_with_time(journal: Journal, url: str) -> None:
    take = journal.buckets.take
    assert take("acct", 8, 10, 2, now=100.0) == 0
    code = """
        print(journal.buckets.take("acct", 4, 10, 2, now=100.0), flush=True)
    """
    with support.process(url, code) as other:
        assert said(other) == "1.0"  # two units short at two a second
    assert take("acct", 0, 10, 2, now=101.0) == 0
    assert take("acct", -100, 10, 2, now=101.0) == 0
    assert take("acct", 10, 10, 2, now=101.0) == 0  # never more than it holds
    journal.buckets.correct("acct", -4, 10, 2, now=101.0)
    assert take("acct", 0, 10, 2, now=102.0) == 1.0
    journal.buckets.correct("acct", 10, 10, 2, now=102.0)  # a higher figure changes nothing
    assert take("acct", 0, 10, 2, now=102.0) == 1.0


def test_stamps_sort_as_times_do() -> None:
    from crossdock.journal import stamp

    now = clock.real_now().replace(microsecond=0)
    times = [now, now + timedelta(microseconds=1), now + timedelta(seconds=1)]
    assert [stamp(t) for t in times] == sorted(stamp(t) for t in times)
