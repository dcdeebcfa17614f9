"""Orders brought into a warehouse while answers get lost: how many arrive, how many arrive twice.

    python -m benchmarks.faults [--orders 500] [--json FOLDER]

Both write the same orders to the same stand-in of ShipHero, one request for each, whose API has no
idempotency key. Each is run again, as cron would, until it says that nothing is left, at most five
times. `drt` (drt-core) is installed in an environment of its own for this; it comes with its REST
destination and its default settings, but for the rate, which keeps it within the account's credits.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import httpx
import yaml
from starlette.applications import Starlette

from benchmarks.history import PROJECT
from benchmarks.measuring import show
from crossdock.journal import Journal
from sandbox.app import create_app
from sandbox.server import serving
from sandbox.world import Location, Product, World

if TYPE_CHECKING:
    from benchmarks.measuring import Row

PROGRAMS = Path(sys.executable).parent
DRT = "drt-core[duckdb]"
SYNC = "sync_shiphero__orders"
ACCOUNT = {"username": "sandbox@crossdock.test", "password": "sandbox", "share": 1}
RUNS = 5
#: Requests of the mutation that creates an order; what else is asked stays whole.
WRITES = {"vendor": "shiphero", "match": "order_create"}


@dataclass(frozen=True)
class Case:
    """What goes wrong, in the first run alone.

    Attributes:
        rules: Faults of the stand-in.
        killed_after: The program is killed once so many orders were made.
    """

    name: str
    rules: tuple[Mapping[str, Any], ...] = ()
    killed_after: int | None = None


CASES = (
    Case("nothing"),
    Case("5% of the answers lost", ({**WRITES, "kind": "lost_answer", "every": 20},)),
    Case(
        "503 after the effect, 5%",
        ({**WRITES, "kind": "lost_answer", "status": 503, "every": 20},),
    ),
    Case("killed after 199", killed_after=199),
    Case(
        "20 refused once (422)",
        ({**WRITES, "kind": "status", "status": 422, "every": 20, "count": 20},),
    ),
)


class Contender(Protocol):
    """A program that brings orders into the warehouse."""

    name: str

    def prepare(self, folder: Path, url: str, orders: int) -> None:
        """Make its project; nothing is sent."""
        ...

    def run(self, watch: Callable[[subprocess.Popen[bytes]], None]) -> int:
        """What cron would run; answers the exit code. `watch` is told of the process that sends."""
        ...


class Drt:
    """drt with its REST destination."""

    name = "drt"

    def __init__(self, folder: Path) -> None:
        self.program = folder / "drt" / "bin" / "drt"
        if not self.program.exists():
            venv.create(folder / "drt", with_pip=True)
            pip = [folder / "drt" / "bin" / "python", "-m", "pip", "install", "--quiet", DRT]
            subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)

    def prepare(self, folder: Path, url: str, orders: int) -> None:
        self._folder = folder
        token = httpx.post(f"{url}/shiphero/auth/token", json=ACCOUNT, timeout=30).json()
        with duckdb.connect(str(folder / "orders.duckdb")) as warehouse:
            warehouse.execute(
                "create table orders as select 'shop_' || i as partner_order_id"
                f" from range({orders}) numbers (i)"
            )
        home = folder / "home" / ".drt"
        home.mkdir(parents=True)
        profile = {"default": {"type": "duckdb", "database": str(folder / "orders.duckdb")}}
        (home / "profiles.yml").write_text(yaml.safe_dump(profile))
        (folder / "drt_project.yml").write_text("name: orders\nprofile: default\n")
        (folder / "syncs").mkdir()
        body = json.dumps({"query": _CREATE, "variables": {"data": _order("KEY")}})
        sync = {
            "name": "orders",
            "model": "select partner_order_id from orders order by 1",
            "destination": {
                "type": "rest_api",
                "url": f"{url}/shiphero/graphql",
                "method": "POST",
                "headers": {
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {token['access_token']}",
                },
                "body_template": _template(body, "{{ row.partner_order_id }}"),
            },
            "sync": {"mode": "full", "on_error": "skip", "rate_limit": {"requests_per_second": 40}},
        }
        (folder / "syncs" / "orders.yml").write_text(yaml.safe_dump(sync))

    def run(self, watch: Callable[[subprocess.Popen[bytes]], None]) -> int:
        process = subprocess.Popen(
            [self.program, "run"],
            cwd=self._folder,
            env={**os.environ, "HOME": str(self._folder / "home")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        watch(process)
        return process.wait()


class Crossdock:
    """The plan of the project's own sync, and target-shiphero."""

    name = "Crossdock"

    def prepare(self, folder: Path, url: str, orders: int) -> None:
        self._folder = folder
        (folder / "target.json").write_text(
            json.dumps({**ACCOUNT, "api_url": f"{url}/shiphero", "rollout": "live"})
        )
        (folder / "plan.json").write_text(json.dumps({"destination": "shiphero:main"}))
        path = PROJECT / "models" / "sync" / "shiphero" / f"{SYNC}.yml"
        (model,) = yaml.safe_load(path.read_text())["models"]
        meta: dict[str, Any] = model["config"]["meta"]["sync"]
        fields = list(meta["fields"])
        self._write_manifest(meta, fields)
        (folder / ".crossdock").mkdir()
        with duckdb.connect(str(folder / ".crossdock" / "warehouse.duckdb")) as warehouse:
            warehouse.execute("create schema sync; create schema staging")
            values = [f"{_value(name)} as {name}" for name in fields]
            warehouse.execute(
                f"create table sync.{SYNC} as select 'key-' || i as fulfillment_request_id,"
                " 'shiphero:main' as destination_instance, cast(null as varchar) as destination_id,"
                f" {', '.join(values)} from range({orders}) numbers (i)"
            )
            nothing = ", ".join(f"cast(null as varchar) as {name}" for name in fields)
            warehouse.execute(
                f"create table staging.{meta['observed']} as select 'shiphero:main' as"
                " destination_instance, '' as destination_id, now() as read_at, false as is_gone,"
                f" {nothing} where false"
            )

    def run(self, watch: Callable[[subprocess.Popen[bytes]], None]) -> int:
        begun = subprocess.run(
            [PROGRAMS / "crossdock", "begin", "orders"],
            env=self._env,
            check=True,
            capture_output=True,
            text=True,
        )
        run_id = begun.stdout.split("run ")[-1].split()[0]
        journal = Journal(self._env["CROSSDOCK_JOURNAL"])
        for instance in ("shopify:main", "shiphero:main"):
            journal.runs.source_read(instance, run_id, ok=True)
        journal.close()
        planning = self._program("tap-canonical", "plan.json", subprocess.DEVNULL)
        target = self._program("target-shiphero", "target.json", planning.stdout)
        watch(target)
        codes = [target.wait(), planning.wait()]
        closing = self._program("crossdock", None, subprocess.DEVNULL, "close")
        closing.communicate()
        return next((code for code in [*codes, closing.returncode] if code), 0)

    def _program(
        self, name: str, config: str | None, source: Any, *words: str
    ) -> subprocess.Popen[bytes]:
        options = ["--config", str(self._folder / config)] if config else []
        return subprocess.Popen(
            [PROGRAMS / name, *words, *options],
            env=self._env,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    @property
    def _env(self) -> dict[str, str]:
        return {
            **os.environ,
            "CROSSDOCK_PROJECT": str(self._folder),
            "CROSSDOCK_JOURNAL": f"sqlite:///{self._folder / '.crossdock' / 'journal.db'}",
            "CROSSDOCK_INSTANCES": "shopify:main shiphero:main",
        }

    def _write_manifest(self, meta: Mapping[str, Any], fields: list[str]) -> None:
        columns = [meta["key"], "destination_instance", "destination_id", *fields]
        nodes = {
            name: {
                "resource_type": "model",
                "name": name,
                "schema": schema,
                "alias": name,
                "columns": {column: {"name": column} for column in columns},
                "config": {"meta": more},
            }
            for name, schema, more in (
                (SYNC, "sync", {"sync": meta}),
                (meta["observed"], "staging", {}),
            )
        }
        target = self._folder / "transform" / "dbt" / "target"
        target.mkdir(parents=True)
        (target / "manifest.json").write_text(json.dumps({"nodes": nodes}))


def contact_body() -> str:
    """A person, as drt's template of a body."""
    person = {"properties": {"email": "KEY@example.org", "firstname": "Ada"}}
    return _template(json.dumps(person), "new{{ row.number }}")


def _template(body: str, key: str) -> str:
    """Braces of JSON are not those of a template."""
    body = body.replace("KEY", "{% endraw %}" + key + "{% raw %}")
    return "{% raw %}" + body + "{% endraw %}"


_CREATE = (
    "mutation order_create($data: CreateOrderInput!)"
    " { order_create(data: $data) { request_id order { id } } }"
)


def _order(key: str) -> dict[str, Any]:
    """The order that both write."""
    line = {"sku": "TEA", "partner_line_item_id": "1", "quantity": 1, "price": "4.50"}
    address = {"first_name": "Ada", "last_name": "Lovelace", "address1": "1 Square"}
    return {
        "partner_order_id": key,
        "order_number": key,
        "shop_name": "crossdock-main",
        "shipping_address": {**address, "city": "London", "country": "GB"},
        "line_items": [line],
    }


def _value(field: str) -> str:
    order = _order("KEY")
    found = order.get(field, order["shipping_address"].get(field.split("__")[-1]))
    if field in ("partner_order_id", "order_number"):
        return "'shop_' || i"
    if field == "order_date":
        return "'2026-11-02T09:00:00Z'"
    text = found if isinstance(found, str) else json.dumps(found) if found else ""
    return "'" + text.replace("'", "''") + "'"


def play(contender: Contender, case: Case, orders: int) -> Row:
    """One case, until the contender has nothing left to do."""
    product = Product("TEA", title="Tea")
    world = World(products=[product], locations=[Location("L1", "Main warehouse")])
    app = create_app(world)
    codes: list[int] = []
    with tempfile.TemporaryDirectory() as folder, serving(app) as url:
        contender.prepare(Path(folder), url, orders)
        for number in range(RUNS):
            rules = list(case.rules) if number == 0 else []
            httpx.post(f"{url}/_sandbox/faults", json={"rules": rules}).raise_for_status()
            before = len(_made(url))
            with _killing(app, case.killed_after if number == 0 else None) as watch:
                codes.append(contender.run(watch))
            # A run that failed is run again; one that found nothing to do was the last.
            if codes[-1] == 0 and number and len(_made(url)) == before:
                break
            if codes[-1] == 0 and contender.name == "drt":
                break  # it says that everything arrived, and the next run would send all anew
        made = Counter(_made(url))
    return {
        "what goes wrong": case.name,
        "program": contender.name,
        "orders": orders,
        "doubled": sum(count - 1 for count in made.values()),
        "missing": orders - len(made),
        "runs": len(codes),
        "exit codes": " ".join(map(str, codes)),
    }


def _made(url: str) -> list[str]:
    found = httpx.get(f"{url}/_sandbox/effects", timeout=60).json()["effects"]
    return [e["external_id"] for e in found if e["operation"] == "create"]


@contextmanager
def _killing(
    app: Starlette, after: int | None
) -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Kill the process when its n-th effect has happened, before the answer leaves."""
    effects = app.state.sandbox.effects
    record, seen, started = effects.record, itertools.count(1), []

    def recording(**effect: Any) -> Any:
        found = record(**effect)
        if next(seen) == after:
            started[0].kill()
        return found

    effects.record = recording
    try:
        yield started.append
    finally:
        effects.record = record


def main() -> None:
    """Play all cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--json", type=Path, help="folder for the table as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        contenders: tuple[Contender, ...] = (Crossdock(), Drt(Path(folder)))
        rows = [play(each, case, options.orders) for case in CASES for each in contenders]
    show("faults", rows, options.json)


if __name__ == "__main__":
    main()
