"""What a person should know first, and where to look next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.journal import states
from crossdock.settings import Settings
from reconciliation.checks import BAD

#: Data older than this (in seconds) is old: several intakes were missed.
STALE = 3600
_NAMED = 3

_WAITING = {
    states.DEAD_LETTER: "writes were given up on after repeated refusals",
    states.PARKED: "writes wait for a person: what came of them could not be read back",
    states.UNKNOWN: "writes have an unknown outcome: the next run reads them back",
    states.REJECTED: "writes were refused: the next run tries again",
    states.SKIPPED: "writes wait for a record that they refer to",
}


def findings(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is not as it should be, the worst first: level, text, and the part of the page."""
    order = {"bad": 0, "attention": 1}
    found = [*_of_runs(document), *_of_checks(document), *_of_records(document)]
    return sorted(found, key=lambda finding: order[finding["level"]])


def _finding(level: str, text: str, part: str) -> dict[str, str]:
    return {"level": level, "text": text, "part": part}


def _of_runs(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    run = document["run"]
    if run is None:
        yield _finding("attention", "Nothing has run yet.", "run")
    elif run["state"] == "failed" and {f["component"] for f in run["failures"]} == {"plan"}:
        pass  # a guard did its work; that is said of the sync
    elif run["state"] == "failed" and run["failures"]:
        parts = ", ".join(dict.fromkeys(f["instance"] or f["component"] for f in run["failures"]))
        yield _finding("bad", f"The last run failed: {parts}.", "run")
    elif run["state"] in ("failed", "aborted"):
        yield _finding("bad", f"The last run {run['state']}.", "run")
    yield from _of_sources(document)
    if document["missing"]:
        yield _finding("attention", "Not everything could be shown.", "missing")


def _of_sources(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    sources = document["sources"]
    if failed := [s["instance"] for s in sources if s["ok"] is False]:
        yield _finding("bad", f"Could not be read: {', '.join(failed)}.", "intake")
    if document["run"] and (never := [s["instance"] for s in sources if s["ok"] is None]):
        yield _finding("attention", f"Never read: {', '.join(never)}.", "intake")
    stale = [s for s in sources if s["ok"] and (s["age_seconds"] or 0) > STALE]
    if stale:
        oldest = max(s["age_seconds"] for s in stale)
        names = ", ".join(s["instance"] for s in stale)
        yield _finding("attention", f"Last read up to {ago(oldest)} ago: {names}.", "intake")


def _of_checks(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    counts = document["checks"]["counts"]
    named = [*document["checks"]["agreement"], *document["checks"]["books"]]
    named += document["checks"]["models"]["not_passed"]
    if failed := [check["text"].rstrip(".") for check in named if check["status"] in BAD]:
        more = f", and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
        text = f"{len(failed)} {_checks(len(failed))} failed: {'; '.join(failed[:_NAMED])}{more}."
        yield _finding("bad", text, "checks")
    if warned := counts.get("warn", 0):
        yield _finding("attention", f"{warned} {_checks(warned)} warned.", "checks")
    if idle := counts.get("not_run", 0) + counts.get("old", 0):
        text = f"{idle} {_checks(idle)} did not run in the last run."
        yield _finding("attention", text, "checks")


def _checks(number: int) -> str:
    return "check" if number == 1 else "checks"


def _of_records(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for sync in document["syncs"]:
        if sync["book"] and sync["book"]["status"] == "guarded":
            text = f"A guard holds the plan of {sync['sync']}."
            yield _finding("attention", text, "writes")
    for state, number in document["waiting"].items():
        level = "bad" if state in states.STUCK else "attention"
        yield _finding(level, f"{number} {_WAITING[state]}.", "writes")
    for section in document["sections"]:
        if section["unequal"]:
            text = f"{section['title']}: {section['unequal']} numbers differ that should be equal."
            yield _finding("attention", text, section["part"])
        asked = section["attention"]
        if asked and asked["count"]:
            yield _finding("attention", f"{asked['count']} {asked['text']}.", section["part"])


def next_steps(document: Mapping[str, Any], places: Settings) -> list[dict[str, str]]:
    """Commands that lead on from here, and what each is good for."""
    parts = {finding["part"] for finding in document["findings"]}
    steps = []
    if document["run"] is None or document["missing"]:
        steps.append(("meltano run sync", "reads, models, writes and checks everything"))
    if parts & {"run", "intake", "checks", "writes"}:
        steps.append(("crossdock status", "what failed in the last run, and its books"))
    if parts & {"run", "intake"}:
        steps.append(("crossdock check", "whether credentials, scopes and syncs are right"))
    steps.append(("crossdock plan", "what the next run would write, field by field"))
    steps.append((f"crossdock why {_example(document)}", "the whole story of one record"))
    copy = _relative(places.read_copy, places)
    steps.append((f"duckdb -readonly {copy}", "the tables themselves: schemas canonical and sync"))
    return [{"command": command, "why": why} for command, why in steps]


def _example(document: Mapping[str, Any]) -> str:
    """An order that is held, if there is one: the first word of the first list of a held row."""
    for section in document["sections"]:
        for row in section["rows"] if section["part"] == "held" else ():
            for value in row.values():
                if isinstance(value, list) and value:
                    return str(value[0]).split(" ")[0].lstrip("#") or "ORDER"
    return "ORDER"


def _relative(path: Any, places: Settings) -> str:
    return str(path.relative_to(places.project) if path.is_relative_to(places.project) else path)


def ago(seconds: float) -> str:
    """An age in one unit: `4 min`."""
    return span(seconds) if seconds >= 60 else "under 1 min"


def span(seconds: float) -> str:
    """A length of time in one unit: `4 min`."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
