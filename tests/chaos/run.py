"""One run of the loop, in a process of its own that may be killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401 - what a child would import, each one anew
import httpx
import pyarrow as pa
from sqlalchemy import Connection, text

from crossdock import clock
from crossdock.cli.runs import close_books
from crossdock.errors import CrossdockError, JournalError
from crossdock.http.retry import Retry
from crossdock.journal import Journal, process, stamp
from crossdock.operation import Operation
from crossdock.plan import destination
from crossdock.settings import Instance, Settings
from crossdock.target import Delivery
from crossdock.warehouse import Warehouse, connect, ident
from taps.hubspot.client import HubSpotClient
from taps.shiphero.client import ShipHeroClient
from targets.hubspot.destination import HubSpotDestination
from targets.shiphero.destination import ShipHeroDestination
from tests.chaos.scene import DESTINATIONS, Row, Trouble, metas
from tests.chaos.vendors import Vendors

Point = Callable[[], None]
Observed = Mapping[str, Sequence[Row]]
INSTANCES = ("shopify:main", "shiphero:main", "hubspot:main")


class Moments:
    """Counts the moments of a process, and ends it, or the room on its disk, at one."""

    def __init__(self, trouble: Trouble) -> None:
        self._fatal = trouble.killed_at
        self._full = trouble.disk_full
        self._lock = threading.Lock()
        self.seen = 0

    def __call__(self) -> None:
        with self._lock:
            self.seen += 1
            if self.seen == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    @property
    def is_disk_full(self) -> bool:
        """Whether nothing more can be written."""
        return self._full is not None and self.seen >= self._full


class FatalJournal(Journal):
    """The journal, with a moment before and after each of its transactions."""

    def __init__(self, url: str, moments: Moments) -> None:
        self._moments = moments
        super().__init__(url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._moments()
        with super().write() as db:
            if self._moments.is_disk_full:
                pages = db.execute(text("pragma page_count")).scalar_one()
                db.execute(text(f"pragma max_page_count = {pages}"))
                # What fits into the pages that there are would be written still.
                db.execute(text("create table full_disk as select zeroblob(1000000) as filler"))
            yield db
        self._moments()


class FatalTransport(httpx.HTTPTransport):
    """Real HTTP, with a moment before and after each request."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        super().__init__(verify=False)  # no TLS on the loopback: its set-up takes longest of all

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._moments()
        try:
            return super().handle_request(request)
        finally:
            self._moments()


@dataclass(frozen=True)
class Place:
    """The folder of a scene, and its vendors."""

    folder: Path
    vendors: Vendors

    @property
    def journal(self) -> Path:
        return self.folder / "journal.db"

    @property
    def settings(self) -> Settings:
        """What the engine is told."""
        return Settings(
            project=self.folder,
            state_dir=self.folder,
            warehouse=self.folder / "warehouse.duckdb",
            journal=f"sqlite:///{self.journal}",
            instances=tuple(map(Instance.parse, INSTANCES)),
        )

    def write_manifest(self) -> None:
        """The project's syncs, as dbt's manifest tells of them."""
        nodes: dict[str, Any] = {}
        for name, meta in metas().values():
            parents = [ref["key"] for ref in meta.get("refs", {}).values()]
            have = {meta["key"], "destination_instance", "destination_id", *parents}
            have |= {*meta["fields"], *meta.get("match_on", ())}
            nodes[name] = _node(name, "sync", have, {"sync": meta})
            nodes[meta["observed"]] = _node(meta["observed"], "staging", set(), {})
        self.settings.manifest.parent.mkdir(parents=True)
        self.settings.manifest.write_text(json.dumps({"nodes": nodes}))


def _node(name: str, schema: str, columns: set[str], meta: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "schema": schema,
        "alias": name,
        "columns": {column: {"name": column} for column in columns},
        "config": {"meta": meta},
    }


def loop(
    place: Place,
    wanted: Mapping[str, Sequence[Row]],
    trouble: Trouble,
    *,
    reading: Observed,
    read_at: datetime,
) -> str:
    """Everything that a run does, once; answers what it planned, and what it left alone."""
    _hurry(trouble)
    moments = Moments(trouble)
    settings = place.settings
    journal = FatalJournal(settings.journal, moments)
    me = (os.getpid(), process.start_time(os.getpid()) or 0.0)
    run = journal.begin("chaos", me)[0]
    load(settings, wanted, reading, read_at)
    moments()
    for instance in INSTANCES:
        journal.runs.source_read(instance, run.run_id, ok=True)
    for instance in INSTANCES[1:]:
        try:
            _deliver(place, Instance.parse(instance), journal, run.run_id, moments)
        except CrossdockError as error:
            journal.runs.fail(run.run_id, instance, str(error))
    journal.leases.end_dead(run.run_id)
    close_books(journal, run)
    failed = bool(journal.runs.failures(run.run_id))
    journal.runs.end(run.run_id, "failed" if failed else "ok")
    books = journal.runs.books(run.run_id)
    planned = sum(book["operations"] for book in books)
    blocked = sum(sum(book["blocked"].values()) for book in books)
    return f"{planned} {blocked}"


def _deliver(
    place: Place, instance: Instance, journal: Journal, run_id: str, moments: Moments
) -> None:
    decisions = destination.decide(instance, place.settings, journal, run_id=run_id)
    moments()
    destination.write(decisions, journal, run_id)
    operations = [o for d in decisions if d.status == "planned" for o in d.plan.operations]
    with _client(place.vendors, instance, journal, moments) as vendor:
        delivery = Delivery(vendor, journal, run_id, rollout="live")
        for _, group in groupby(operations, key=lambda o: o.sync):
            delivery.deliver(_in_journal(journal, list(group)))
    if delivery.stopped:
        raise delivery.stopped


def _in_journal(journal: Journal, operations: list[Operation]) -> list[Operation]:
    known = journal.operations.get([o.op_key for o in operations])
    return [o for o in operations if o.op_key in known]


@contextmanager
def _client(
    vendors: Vendors, instance: Instance, journal: Journal, moments: Moments
) -> Iterator[HubSpotDestination | ShipHeroDestination]:
    transport = FatalTransport(moments)
    options: dict[str, Any] = {"limiter_store": journal.buckets, "transport": transport}
    if instance.system == "hubspot":
        with HubSpotClient.from_config(vendors.hubspot, connector="hubspot", **options) as hubspot:
            yield HubSpotDestination(hubspot)
    else:
        config = vendors.shiphero
        with ShipHeroClient.from_config(config, connector="shiphero", **options) as shiphero:
            yield ShipHeroDestination(shiphero)


def load(
    settings: Settings,
    wanted: Mapping[str, Sequence[Row]],
    reading: Observed,
    read_at: datetime,
) -> None:
    """What models and taps leave behind: desired and observed state."""
    with connect(settings.warehouse, read_only=False) as warehouse, warehouse.transaction():
        for kind, (name, meta) in metas().items():
            fields = dict.fromkeys([*meta["fields"], *meta.get("match_on", ())])
            parents = [ref["key"] for ref in meta.get("refs", {}).values()]
            own = dict.fromkeys([meta["key"], "destination_instance", "destination_id"])
            where = {"destination_instance": DESTINATIONS[kind]}
            columns = list({**own, **fields, **dict.fromkeys(parents)})
            _table(warehouse, ("sync", name), columns, [{**row, **where} for row in wanted[kind]])
            seen = [
                {**row, **where, "destination_id": row["id"], "read_at": stamp(read_at)}
                for row in reading[kind]
            ]
            columns = ["destination_instance", "destination_id", "read_at", "is_gone", *fields]
            _table(warehouse, ("staging", meta["observed"]), columns, seen)


def _table(
    warehouse: Warehouse, name: tuple[str, str], columns: Sequence[str], rows: Sequence[Row]
) -> None:
    types = {"read_at": "timestamptz", "is_gone": "boolean"}
    listed = ", ".join(
        f"cast({ident(c)} as {types.get(c, 'varchar')}) as {ident(c)}" for c in columns
    )
    values = {c: pa.array([_text(row.get(c)) for row in rows], pa.string()) for c in columns}
    warehouse.register("given", pa.table(values))
    warehouse.execute(f"create schema if not exists {ident(name[0])}")
    warehouse.execute(f"create or replace table {ident(*name)} as select {listed} from given")
    warehouse.unregister("given")


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _hurry(trouble: Trouble) -> None:
    """Pauses are short, and the machine's clock is as wrong as the trouble says."""
    Retry.pause = lambda self, failures, rand=None: 0.002  # type: ignore[method-assign,assignment]
    right = clock.real_now
    clock.real_now = lambda: right() + timedelta(seconds=trouble.clock)


@dataclass
class Child:
    """A run in a process of its own."""

    pid: int

    @classmethod
    def of(cls, work: Callable[[], str], log: Path) -> Child:
        """Fork; `log` has what became of it: what it answered, or why it ended.

        The child's code is 0, or 3 if a full disk or another run stopped it early.
        """
        log.unlink(missing_ok=True)
        pid = os.fork()
        if pid:
            return cls(pid)
        code = 1
        try:
            log.write_text(work())
            code = 0
        except JournalError as error:
            log.write_text(str(error))
            code = 3
        except BaseException:
            import traceback

            log.write_text(traceback.format_exc())
        finally:
            os._exit(code)

    def end(self) -> str:
        """Wait for it: `killed`, `stopped` or `ended`.

        Raises:
            AssertionError: It failed in a way that nobody foresaw.
        """
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return "killed"
        assert os.WEXITSTATUS(status) in (0, 3), f"exit code {os.WEXITSTATUS(status)}"
        return "stopped" if os.WEXITSTATUS(status) else "ended"
