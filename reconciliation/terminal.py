"""The short of the page for a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from crossdock.journal import states

_COLOURS = {"bad": "red", "attention": "yellow"}
_SHOWN = 4
_NAME = 17
_INDENT = _NAME + 3


def show(document: Mapping[str, Any]) -> None:
    """Print what came in, what is held, what went out, which checks passed, where to look."""
    _title("What came in")
    for source in document["sources"]:
        streams = ", ".join(f"{s['stream']} {s['rows']:,}" for s in source["streams"])
        _line(source["instance"], streams or "nothing yet")
    _title("What the canonical tables hold")
    counted = ", ".join(f"{t['table']} {t['rows']:,}" for t in document["canonical"])
    _line("rows", counted or "nothing yet")
    for section in _of(document, "holds"):
        for row in section["rows"]:
            _line(*_row(section, row))
    _title("What went out to whom")
    for sync in document["syncs"]:
        done = ", ".join(_written(sync["overall"])) or "nothing to write"
        _line(sync["destination"], f"{sync['sync']}: {done}")
    for section in _of(document, "flow"):
        for row in section["rows"]:
            _line(*_row(section, row))
    _title("What is held, and why")
    for section in _of(document, "held"):
        for row in section["rows"]:
            _line(*_row(section, row))
        if not section["rows"]:
            _line("", section["empty"])
    _title("Which checks passed")
    _checks(document["checks"])
    for line in document["missing"]:
        _line("missing", line, "yellow")
    for finding in document["findings"]:
        _line("!", finding["text"], _COLOURS[finding["level"]])
    _title("Where to look next")
    for step in document["next"]:
        click.echo(f"  {step['command']:<46} {step['why']}")


def _of(document: Mapping[str, Any], part: str) -> list[Mapping[str, Any]]:
    return [section for section in document["sections"] if section["part"] == part]


def _row(section: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, str]:
    """The first column as the name; of the others the filled ones, lists shortened."""
    first, *others = section["columns"]
    expected = {right: left for left, right in section["equal"]}
    hidden = set(expected.values())
    parts = []
    for column in others:
        name, value = column["name"], row[column["name"]]
        if name in hidden or (section["brief"] and name not in section["brief"]):
            continue
        if column["kind"] == "list":
            parts.append("; ".join(value[:_SHOWN]) + (" …" if len(value) > _SHOWN else ""))
        elif column["kind"] == "number" and value is not None:
            of = f" of {number(row[expected[name]])}" if name in expected else ""
            parts.append(f"{_lower(column['label'])} {number(value)}{of}")
        elif value:
            parts.append(str(value))
    return str(row[first["name"]]), ", ".join(part for part in parts if part)


def _lower(label: str) -> str:
    """A heading within a sentence; abbreviations stay as they are."""
    return " ".join(w if w[1:2].isupper() else w.lower() for w in label.split())


def number(value: Any) -> str:
    """A number with its thousands apart; money comes as text and stays exact."""
    if isinstance(value, str):
        whole, point, rest = value.partition(".")
        return f"{int(whole):,}{point}{rest}" if whole.lstrip("-").isdigit() else value
    return f"{value:,}"


def _written(counted: Sequence[Mapping[str, Any]]) -> list[str]:
    done = [c for c in counted if c["state"] == states.ACKNOWLEDGED]
    left = [c for c in counted if c["state"] not in (states.ACKNOWLEDGED, states.SUPERSEDED)]
    words = {"create": "created", "update": "updated", "adopt": "adopted", "archive": "archived"}
    return [f"{c['number']:,} {words[c['action']]}" for c in done] + [
        f"{c['number']:,} {c['action']} {c['state']}" for c in left
    ]


def _checks(found: Mapping[str, Any]) -> None:
    colours = {"pass": "green", "fail": "red", "error": "red"}
    for check in [*found["agreement"], *found["books"], *found["models"]["not_passed"]]:
        status = check["status"].replace("_", " ")
        _line(status, check["text"], colours.get(check["status"], "yellow"))
    counts = found["models"]["counts"]
    counted = ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in sorted(counts.items()))
    _line("models", f"checks of the models themselves: {counted or 'none'}")


def _title(text: str) -> None:
    click.secho(f"\n{text}", bold=True)


def _line(name: str, text: str, colour: str | None = None) -> None:
    """A name in its column and a text beside it, wrapped to the terminal."""
    width = max(40, shutil.get_terminal_size((100, 24)).columns - _INDENT)
    first, *more = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    click.echo(f"  {click.style(f'{name:<{_NAME}}', fg=colour)} {first}")
    for line in more:
        click.echo(" " * _INDENT + line)
