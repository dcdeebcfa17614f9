"""A project of its own for each test: real Meltano, real dbt, a real sandbox over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx

from crossdock.settings import Instance, Settings
from sandbox.demo import Demo
from sandbox.server import running
from sandbox.world import World

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
INSTANCES = ("shopify:main", "shopify:eu", "hubspot:main", "shiphero:main")


class Loop:
    """One project folder and the sandbox that its connectors speak with."""

    def __init__(self, folder: Path, url: str, world: World) -> None:
        shutil.copy(ROOT / "meltano.yml", folder / "meltano.yml")
        ignored = shutil.ignore_patterns("target", "logs", "dbt_packages")
        shutil.copytree(ROOT / "transform", folder / "transform", ignore=ignored)
        self.folder, self.url, self.world = folder, url, world
        state = folder / ".crossdock"
        self.settings = Settings(
            project=folder,
            state_dir=state,
            warehouse=state / "warehouse.duckdb",
            journal=f"sqlite:///{state / 'journal.db'}",
            instances=tuple(map(Instance.parse, INSTANCES)),
        )
        self.demo = Demo(self.settings, url, [dict(step) for step in world.story])

    @property
    def env(self) -> dict[str, str]:
        """What a shell in this project would have."""
        state = self.get("/_sandbox/state?brief=1")
        return {
            **os.environ,
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "MELTANO_ENVIRONMENT": "sandbox",
            "CROSSDOCK_PROJECT": str(self.folder),
            "CROSSDOCK_SANDBOX_URL": self.url,
            "CROSSDOCK_SANDBOX_SFTP_PORT": str((httpx.URL(self.url).port or 0) + 1),
            "CROSSDOCK_SANDBOX_HUBSPOT_TOKEN": "pat-na1-sandbox",
            "CROSSDOCK_NOW": state["now"],
            "CROSSDOCK_GO_LIVE_AT": state["go_live_at"] or "",
        }

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run one of the project's programs in the project folder."""
        return subprocess.run(
            [str(PROGRAMS / words[0]), *words[1:]],
            cwd=self.folder,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
        )

    def meltano(self, *jobs: str, **env: str) -> subprocess.CompletedProcess[str]:
        """`meltano run` of these jobs."""
        return self.run("meltano", "run", "--force", *jobs, **env)

    def switch_on(self, entries: Mapping[str, str]) -> None:
        """Change lines of meltano.yml, before to after, as the documentation says."""
        panel = self.folder / "meltano.yml"
        text = panel.read_text()
        for before, after in entries.items():
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        panel.write_text(text)

    def sync(self, job: str = "sync", **env: str) -> None:
        """A run in which nothing fails."""
        done = self.meltano(job, **env)
        assert self.status()["failures"] == []
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]

    def status(self) -> dict[str, Any]:
        """The JSON of `crossdock status`."""
        return dict(json.loads(self.run("crossdock", "status", "--json").stdout))

    def plan(self) -> dict[str, Any]:
        """The JSON of `crossdock plan`."""
        done = self.run("crossdock", "plan", "--json")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def get(self, path: str) -> dict[str, Any]:
        """What the sandbox answers."""
        return dict(httpx.get(self.url + path, timeout=60).raise_for_status().json())

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Tell the sandbox something."""
        return dict(httpx.post(self.url + path, json=body, timeout=60).raise_for_status().json())

    def effects(self, since: int = 0) -> list[dict[str, Any]]:
        """The writes of ours that took effect."""
        found = self.get(f"/_sandbox/effects?since={since}")["effects"]
        return [e for e in found if e["actor"] == "api"]

    @property
    def last_effect(self) -> int:
        """The number of the newest effect."""
        return int(self.get("/_sandbox/effects?since=999999999")["last"])

    def wms_orders(self) -> list[dict[str, Any]]:
        """The orders that ShipHero holds."""
        return list(self.get("/_sandbox/state")["vendors"]["shiphero"]["orders"])

    def crm(self, kind: str) -> list[dict[str, Any]]:
        """The contacts or orders that HubSpot holds."""
        return list(self.get("/_sandbox/state")["vendors"]["hubspot"][kind])


@contextmanager
def playing(folder: Path, world: World, *, seed: int = 0) -> Iterator[Loop]:
    """A project in `folder` whose vendors play `world`."""
    folder.mkdir(parents=True, exist_ok=True)
    with running(world, seed=seed) as url:
        yield Loop(folder, url, world)
