"""`crossdock demo`: the whole loop against a played world, until nothing changes any more."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import httpx

from crossdock import settings
from crossdock.errors import CrossdockError
from crossdock.journal import Journal
from crossdock.settings import Settings
from sandbox.builtin import builtin_world
from sandbox.hubspot.auth import SERVICE_KEY
from sandbox.server import running
from sandbox.world_files import load

ENVIRONMENT = "sandbox"
MAX_LOOPS = 12
STEP_HOURS = 24
_DECISION = ("channel", "channel_sku", "sku", "quantity")


class DemoError(CrossdockError):
    """The demo cannot go on."""


@click.command("demo")
@click.option("--world", type=click.Path(path_type=Path), help="Folder of CSV files.")
@click.option("--seed", default=0, show_default=True, help="Of the built-in world.")
def demo(world: Path | None, seed: int) -> None:
    """Play a world: loops until neither a loop nor the world's time changes anything."""
    places = settings.load()
    played = load(world) if world else builtin_world(seed)
    refuse_real(places)
    shutil.rmtree(places.state_dir, ignore_errors=True)
    with running(played, seed=seed) as url:
        play = Demo(places, url, [dict(step) for step in played.story])
        play.write_decisions([asdict(row) for row in played.sku_map])
        play.until_quiet()
        play.tell()


def refuse_real(places: Settings) -> None:
    """The demo throws `.crossdock` away: not one that ever knew a real destination."""
    if not places.state_dir.exists():
        return
    advice = "move that folder away, or set CROSSDOCK_STATE_DIR to another one"
    if not Path(places.state_dir, "journal.db").exists():
        if places.warehouse.exists():
            raise DemoError(f"{places.state_dir} holds a warehouse without a journal", hint=advice)
        return
    real = sorted(Journal(places.journal).runs.environments() - {ENVIRONMENT, ""})
    if real:
        raise DemoError(f"{places.state_dir} has runs of {', '.join(real)}", hint=advice)


@dataclass
class Demo:
    """One demo against a sandbox at `url`."""

    places: Settings
    url: str
    story: list[dict[str, Any]]
    seen: int = 0
    loops: int = 0
    started: float = field(default_factory=time.monotonic)

    def until_quiet(self) -> None:
        """Loop until neither a loop nor the world's time changes anything."""
        self._say(f"the vendors answer at {self.url}")
        self._command("crossdock", "check", "--fix", log="check")
        while self.loops < MAX_LOOPS:
            self.loops += 1
            wrote = self._loop()
            if self._people(self.loops):
                continue  # what people did is to be seen before the warehouse goes on
            if not (self._pass_time() or wrote):
                self._say(f"loop {self.loops} wrote nothing and nothing moves any more: done")
                return
        raise DemoError(f"the world did not come to rest in {MAX_LOOPS} loops")

    def tell(self) -> None:
        """Write the page, keep what the sandbox saw, print the table."""
        self._keep("effects")
        self._keep("state")
        self._command("crossdock", "report", log="report")
        from reconciliation.summary import show

        show(self.places)
        click.echo(f"\n{self.loops} loops in {time.monotonic() - self.started:.0f} s")

    def _loop(self) -> int:
        """One run of everything; answers how many writes reached a vendor."""
        begun = time.monotonic()
        self._meltano("sync")
        while digests := self._guarded():
            for sync, digest in digests:
                self._say(f"a guard holds {sync}: the plan is read and released ({digest})")
                reason = "the demo takes a whole world over at once"
                self._command("crossdock", "approve", digest, "--reason", reason, log="approve")
            self._meltano("activate", "reconcile")
        effects = self._get(f"/_sandbox/effects?since={self.seen}")
        self.seen = effects["last"]
        ours = Counter(
            f"{e['vendor']} {e['object']} {e['operation']}"
            for e in effects["effects"]
            if e["actor"] == "api"
        )
        what = ", ".join(f"{n} x {name}" for name, n in sorted(ours.items())) or "nothing to write"
        self._say(f"loop {self.loops}: {what} ({time.monotonic() - begun:.0f} s)")
        return sum(ours.values())

    def _people(self, loop: int) -> bool:
        """Play what people do after this loop; answers whether anybody did anything."""
        steps = [step for step in self.story if step["after_loop"] == loop]
        for step in steps:
            if "edit" in step:
                self._post("/_sandbox/edit", step["edit"])
                edit = step["edit"]
                number = edit.get("number") or edit.get("id")
                self._say(f"a person edits {edit['vendor']} {edit['object']} {number}")
            if "map" in step:
                row = step["map"]
                self.write_decisions([row])
                mapped = f"{row['quantity']} x {row['sku']}"
                self._say(f"a person maps SKU {row['channel_sku']} to {mapped}")
        return bool(steps)

    def write_decisions(self, rows: list[dict[str, Any]]) -> None:
        """Put down what people decided about SKUs, where the models look for it."""
        path = self.places.state_dir / "decisions" / "sku_map.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, _DECISION, extrasaction="ignore")
            if fresh:
                writer.writeheader()
            writer.writerows(rows)

    def _pass_time(self) -> int:
        answer = self._post("/_sandbox/advance", {"hours": STEP_HOURS})
        if not answer["changed"] and answer["next_event_at"]:
            now, then = (datetime.fromisoformat(answer[k]) for k in ("now", "next_event_at"))
            hours = (then - now).total_seconds() / 3600 + STEP_HOURS
            answer = self._post("/_sandbox/advance", {"hours": hours})
        changed = int(answer["changed"])
        if changed:
            self._say(f"time passes to {answer['now'][:16]}: {changed} things happen there")
        return changed

    def _guarded(self) -> list[tuple[str, str]]:
        """What waits for a release; any other failure ends the demo."""
        status = json.loads(self._command("crossdock", "status", "--json", log="status"))
        guarded = [(b["sync"], b["digest"]) for b in status["books"] if b["status"] == "guarded"]
        others = [f for f in status["failures"] if f["component"] != "plan"]
        if others or (status["run"]["state"] != "ok" and not guarded):
            lines = "; ".join(f"{f['component']}: {f['message']}" for f in others)
            raise DemoError(f"loop {self.loops} failed: {lines or status['run']['state']}")
        return guarded

    def _meltano(self, *jobs: str) -> None:
        """A failed run is told by the books, not by the exit code alone."""
        self._run(["meltano", "run", "--force", *jobs], f"loop-{self.loops}")

    def _command(self, *words: str, log: str) -> str:
        done = self._run(list(words), log)
        if done.returncode:
            raise DemoError(f"`{' '.join(words)}` failed: {done.stderr.strip()[-500:]}")
        return done.stdout

    def _run(self, words: list[str], log: str) -> subprocess.CompletedProcess[str]:
        programs = Path(sys.executable).parent
        env = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
            "MELTANO_ENVIRONMENT": ENVIRONMENT,
            "CROSSDOCK_PROJECT": str(self.places.project),
            "CROSSDOCK_SANDBOX_URL": self.url,
            "CROSSDOCK_SANDBOX_SFTP_PORT": str((httpx.URL(self.url).port or 0) + 1),
            "CROSSDOCK_SANDBOX_HUBSPOT_TOKEN": SERVICE_KEY,
            **self._clock(),
        }
        done = subprocess.run(  # noqa: S603
            [str(programs / words[0]), *words[1:]],
            env=env,
            cwd=self.places.project,
            capture_output=True,
            text=True,
            check=False,
        )
        path = self.places.state_dir / "demo" / f"{log}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(f"$ {' '.join(words)}\n{done.stdout}{done.stderr}\n")
        return done

    def _clock(self) -> dict[str, str]:
        """Our now is the vendors' now, and what they call the start of business is ours too."""
        state = self._get("/_sandbox/state?brief=1")
        return {"CROSSDOCK_NOW": state["now"], "CROSSDOCK_GO_LIVE_AT": state["go_live_at"] or ""}

    def _keep(self, name: str) -> None:
        path = self.places.state_dir / "sandbox" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self._get(f"/_sandbox/{name}"), indent=1, ensure_ascii=False))

    def _get(self, path: str) -> dict[str, Any]:
        return dict(httpx.get(self.url + path, timeout=60).raise_for_status().json())

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = httpx.post(self.url + path, json=body, timeout=60)
        if answer.status_code >= 400:
            raise DemoError(f"the sandbox refuses {path}: {answer.text[:300]}")
        return dict(answer.json())

    def _say(self, text: str) -> None:
        click.echo(f"[{time.monotonic() - self.started:4.0f} s] {text}")
