"""What the suite has to know of a connector to run it against its stand-in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from crossdock.connectors import Connector, of_project
from crossdock.http.client import ApiClient
from sandbox.app import create_app
from sandbox.faults import SCRIPTS, Rule
from sandbox.faults.rules import OF_RECORDS
from sandbox.server import files_served, listen_twice, serving
from tests.taps.played import Played, world

if TYPE_CHECKING:
    from singer_sdk import Tap, Target

    from crossdock.journal import Journal
    from crossdock.operation import Destination, Operation
    from sandbox.core import Sandbox
    from sandbox.world import World
    from tests.conformance.churn import Act

ROOT = Path(__file__).parents[2]
OWN = ("_crossdock_", "control_totals")
"""Streams that every tap writes beside those of its source begin so."""


@dataclass
class Stage(Played):
    """The sandbox, with faults by name."""

    sandbox: Sandbox | None = None

    def script(self, rules: Sequence[Rule]) -> None:
        """Put the rules of a script in force."""
        bodies = [{k: v for k, v in asdict(rule).items() if v is not None} for rule in rules]
        self.faults(*bodies)

    def hits(self) -> int:
        """How many requests the rules in force have broken."""
        report = httpx.get(f"{self.url}/_sandbox/faults").json()
        return sum(rule["broken"] for rule in report["rules"])

    def effects(self, vendor: str) -> list[dict[str, Any]]:
        """Writes that took effect at a vendor."""
        found = httpx.get(f"{self.url}/_sandbox/effects").json()["effects"]
        return [effect for effect in found if effect["vendor"] == vendor]

    def edit_at_once(self, vendor: str, **body: Any) -> dict[str, Any]:
        """What `edit` does, without the way over HTTP."""
        assert self.sandbox is not None
        return self.sandbox.vendors[vendor].edit(body)


@contextmanager
def staged(played: World | None = None) -> Iterator[Stage]:
    """A running sandbox, of the small world if no other is given."""
    app = create_app(played or world())
    listener, beside = listen_twice(0)
    with serving(app, listener) as url, files_served(app, beside):
        yield Stage(url, app.state.sandbox)


Table = dict[tuple[str, ...], dict[str, Any]]


@dataclass(frozen=True)
class Sent:
    """A request as the client was asked for it."""

    method: str
    path: str
    params: Mapping[str, Any]
    json: Any


@dataclass(frozen=True)
class TapBench:
    """One tap, and how to play with its source.

    Attributes:
        name: Name of its program.
        vendor: Name of its stand-in, for faults and counters.
        config: Settings that read a running sandbox.
        change: Somebody changes a record so that the given text is in it.
        prepare: What has to happen before there is something to read.
        remove: Somebody deletes a record; answers its stream. None: see `without`.
        shrink: Module or class, attribute, value: so that a small world has page borders.
        whole: Streams that are read in full every time.
        appends: The source only adds to what it has said, so no reading is a complete listing.
        empty: Streams of which the small world has no record.
        settle: Seconds that a change may take until the source tells of it.
        secrets: Texts that must never be seen.
        wrong: A setting with a credential that is refused.
        nowhere: Settings of an address where nobody answers.
        problems: What the vendor's own schema says against requests.
        discovers: Whether discovery asks the source.
        without: Name of a check that does not apply, and why.
        scripts: Faults, by name: rules for the sandbox.
        under: Name of a script and the settings that it needs, such as a key that can be renewed.
        acts: What people do to records while they are read.
        most_changes: Changes that a reading of the small pages can keep up with.
        paged: Settings without which a long reading would not be done by pages.
        populate: Makes so many records, where the world's own do not show up by themselves.
        told_late: Streams whose changes the source tells of only when their window is read again.
    """

    name: str
    vendor: str
    config: Callable[[Stage], dict[str, Any]]
    change: Callable[[Stage, int, str], None]
    prepare: Callable[[Stage], None] = lambda stage: None
    remove: Callable[[Stage], str] | None = None
    shrink: Sequence[tuple[object, str, Any]] = ()
    whole: frozenset[str] = frozenset()
    appends: bool = False
    empty: frozenset[str] = frozenset()
    settle: float = 15.0
    secrets: tuple[str, ...] = ()
    wrong: Mapping[str, Any] = field(default_factory=lambda: {"access_token": "wrong-and-secret"})
    nowhere: Mapping[str, Any] = field(
        default_factory=lambda: {"api_url": "http://127.0.0.1:9/nothing"}
    )
    problems: Callable[[Path, Sequence[Sent]], list[str]] | None = None
    discovers: bool = False
    without: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, Callable[[str], list[Any]]] = field(default_factory=lambda: SCRIPTS)
    under: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    acts: Sequence[Act] = ()
    most_changes: int = 10_000
    paged: Mapping[str, Any] = field(default_factory=dict)
    populate: Callable[[Stage, int], None] = lambda stage, count: None
    told_late: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    @cached_property
    def tap(self) -> type[Tap]:
        """The class behind the program."""
        found: Any = Connector(self.name, "tap", ()).plugin_class
        return found

    def make(self, stage: Stage, state: Any = None, catalog: Any = None, **more: Any) -> Tap:
        """The tap, ready to read a running sandbox."""
        config = {**self.config(stage), **more}
        return self.tap(config=config, state=state, catalog=catalog)

    def read(self, stage: Stage, state: Any = None, catalog: Any = None, **more: Any) -> Read:
        """Run the tap to its end."""
        return run(self.make(stage, state, catalog, **more))

    def without_pages(self, patch: pytest.MonkeyPatch) -> None:
        """Make pages small."""
        for where, name, value in self.shrink:
            patch.setattr(where, name, value, raising=False)

    def sends(self, stage: Stage, patch: pytest.MonkeyPatch) -> list[Sent]:
        """What a full reading and one that goes on ask for."""
        sent: list[Sent] = []
        original = ApiClient.request

        def listened(self: ApiClient, method: str, path: str, **options: Any) -> httpx.Response:
            kept = (options.get("params") or {}, options.get("json"))
            sent.append(Sent(method, path, *kept))
            return original(self, method, path, **options)

        patch.setattr(ApiClient, "request", listened)
        state = self.read(stage).state
        self.change(stage, 1, "asked about")
        stage.advance(minutes=2)
        self.read(stage, state, sweep_interval=0, totals_interval=0)
        patch.undo()
        return sent


def _of_writes() -> dict[str, Callable[[str], list[Rule]]]:
    """The scripts that break more than lists of records."""
    return {
        name: rules
        for name, rules in SCRIPTS.items()
        if any(rule.kind not in OF_RECORDS for rule in rules("shopify"))
    }


@dataclass(frozen=True)
class TargetBench:
    """One target.

    Attributes:
        name: Name of its program.
        sdk: Whether it takes any Singer stream, so that the SDK's suite applies.
        vendor: Name of its stand-in.
        config: Settings that write to a sandbox at an address.
        prepare: What the account needs beforehand.
        destination: What delivers to it, from the same settings.
        creates: Operations that each make one record, with the key that it can be told by.
        made: Keys of the records that an effect of the sandbox made.
        match: What names the requests that write.
        secrets: Texts that must never be seen.
        wrong: A setting with a credential that is refused.
        without: Name of a check that does not apply, and why.
    """

    name: str
    sdk: bool = False
    vendor: str = ""
    config: Callable[[str], dict[str, Any]] = lambda url: {}
    prepare: Callable[[Stage], None] = lambda stage: None
    destination: Callable[[dict[str, Any], Journal], Destination] | None = None
    creates: Callable[[], list[Operation]] = list
    made: Callable[[Mapping[str, Any]], str | None] = lambda effect: None
    match: str = ""
    secrets: tuple[str, ...] = ()
    wrong: Mapping[str, Any] = field(default_factory=lambda: {"access_token": "wrong-and-secret"})
    without: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, Callable[[str], list[Any]]] = field(default_factory=_of_writes)
    under: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    @cached_property
    def target(self) -> type[Target]:
        """The class behind the program."""
        found: Any = Connector(self.name, "target", ()).plugin_class
        return found


@dataclass(frozen=True)
class Excluded:
    """A connector that the suite leaves out, and why."""

    name: str
    reason: str


@dataclass
class Read:
    """What a tap wrote."""

    messages: list[dict[str, Any]]

    @property
    def states(self) -> list[dict[str, Any]]:
        """All states, in order."""
        return [m["value"] for m in self.messages if m["type"] == "STATE"]

    @property
    def state(self) -> dict[str, Any]:
        """The last state."""
        return self.states[-1]

    @property
    def text(self) -> str:
        """Everything, as text."""
        return json.dumps(self.messages, ensure_ascii=False)

    @cached_property
    def schemas(self) -> dict[str, dict[str, Any]]:
        """Stream to its schema message."""
        return {m["stream"]: m for m in self.messages if m["type"] == "SCHEMA"}

    def records(self, stream: str) -> list[dict[str, Any]]:
        """Records of a stream, without the time at which they were read."""
        found = [m["record"] for m in self.messages if m["type"] == "RECORD"
                 and m["stream"] == stream]  # fmt: skip
        return [{k: v for k, v in item.items() if k != "_crossdock_read_at"} for item in found]

    @property
    def streams(self) -> list[str]:
        """The source's own streams that had records."""
        named = dict.fromkeys(m["stream"] for m in self.messages if m["type"] == "RECORD")
        return [name for name in named if not name.startswith(OWN)]

    @property
    def tables(self) -> dict[str, Table]:
        """The newest record of each key of each stream."""
        found: dict[str, Table] = {}
        for name in self.streams:
            keys = self.schemas[name]["key_properties"]
            rows = {tuple(str(r[k]) for k in keys): r for r in self.records(name)}
            found[name] = rows
        return found

    @property
    def keys(self) -> dict[str, set[tuple[str, ...]]]:
        """The keys of each stream."""
        return {name: set(rows) for name, rows in self.tables.items()}

    @property
    def ends(self) -> dict[str, dict[str, Any]]:
        """The end record of each stream."""
        return {end["stream"]: end for end in self.records("_crossdock_end")}


def run(tap: Tap) -> Read:
    """Run a tap to its end; its messages."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        tap.sync_all()
    if "client" in vars(tap):
        tap.client.close()  # type: ignore[attr-defined]
    out.seek(0)
    return Read([json.loads(line) for line in out])


def merged(*reads: Read) -> dict[str, Table]:
    """What a loader holds after these reads; a complete listing leaves nothing else."""
    tables: dict[str, Table] = {}
    for read in reads:
        for stream, end in read.ends.items():
            if end["full"]:
                tables[stream] = {}
        for stream, rows in read.tables.items():
            tables.setdefault(stream, {}).update(rows)
        for stream, end in read.ends.items():
            if end["swept"]:
                alive = {r["key"] for r in read.records("_crossdock_ids") if r["stream"] == stream}
                rows = tables.get(stream, {})
                fresh = read.tables.get(stream, {})
                tables[stream] = {k: v for k, v in rows.items() if k[0] in alive or k in fresh}
    return {name: rows for name, rows in tables.items() if rows}


def benches() -> Iterator[TapBench | TargetBench | Excluded]:
    """All that the folder beside holds; a new connector brings a file of its own."""
    package = import_module("tests.conformance.benches")
    for module in sorted(iter_modules(package.__path__), key=lambda found: found.name):
        held = import_module(f"tests.conformance.benches.{module.name}")
        yield from held.BENCHES


def named_by_the_project() -> list[str]:
    """The programs that `meltano.yml` names."""
    return [connector.name for connector in of_project(ROOT)]


TAPS = [bench for bench in benches() if isinstance(bench, TapBench)]
TARGETS = [bench for bench in benches() if isinstance(bench, TargetBench)]
EXCLUDED = [bench for bench in benches() if isinstance(bench, Excluded)]
