"""`crossdock why`: one record's whole story on one screen."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from crossdock import settings, story
from crossdock.errors import CrossdockError, SyncDefinitionError
from crossdock.journal import Journal, states
from crossdock.plan.definition import Sync, load_syncs
from crossdock.reading import open_for_people
from crossdock.story import Fact, Step, Story

_TITLES = {
    "state": "Where it is",
    "source": "Where it comes from",
    "customer": "Who bought it",
    "line": "Lines",
    "mapping": "What it is mapped to",
    "stock": "Stock",
    "request": "What the gate says",
    "order": "Orders",
    "shipment": "What has shipped",
    "destination": "What the destinations hold, as last read",
    "history": "What happened",
}
_ROWS = 12  # of a section; a screen has no room for more
_STORIES = 3
_COLOURS = {
    states.ACKNOWLEDGED: "green",
    states.REJECTED: "red",
    states.DEAD_LETTER: "red",
    states.UNKNOWN: "yellow",
    states.PARKED: "yellow",
}
_ADVICE = {
    states.REJECTED: "mend what {destination} says above; the next run sends the newest values",
    states.DEAD_LETTER: "{destination} refused it too often: mend the record where it comes from",
    states.PARKED: "look for it in {destination} by hand: what came of it could not be read back",
    states.UNKNOWN: "nothing yet: the next run reads back what came of it at {destination}",
    states.SKIPPED: "see to the record that it refers to at {destination}; it goes after that one",
}


@click.command("why")
@click.argument("word", metavar="ORDER|SKU|EMAIL")
@click.option("--all", "show_all", is_flag=True, help="Every row, and every field confirmed.")
def why_command(word: str, show_all: bool) -> None:
    """Tell one record's story: where it comes from, what holds it, what was written, what next.

    An order goes by its number in the shop, its id there or anywhere else, or its tracking
    number; a customer by e-mail address, phone or id.
    """
    places = settings.load()
    with open_for_people(places) as (warehouse, is_copy):
        if is_copy:
            click.secho("a run is writing: this is how the last one left things", fg="yellow")
        records = story.find(warehouse, word)
        if not records:
            guesses = ", ".join(story.close(warehouse, word))
            raise CrossdockError(
                f"nothing is known by the name {word!r}",
                hint=f"close to it: {guesses}" if guesses else "see that its source was read",
            )
        if len(records) > _STORIES:
            _choose(word, records)
            return
        journal, syncs = Journal(places.journal), _syncs(places)
        stories = [story.tell(record, warehouse, journal, syncs) for record in records]
    for number, told in enumerate(stories):
        if number:
            click.echo()
        _show(told, show_all)


def _syncs(places: settings.Settings) -> list[Sync]:
    try:
        return load_syncs(places.manifest)
    except SyncDefinitionError as error:
        click.secho(f"without the journal's part: {error}", fg="yellow", err=True)
        return []


def _choose(word: str, records: Sequence[story.Record]) -> None:
    click.echo(f"{len(records)} records go by the name {word!r}; ask for one of them:")
    for record in records[: 2 * _ROWS]:
        click.echo(f"  {record.kind:<12} {record.label}")


def _show(told: Story, show_all: bool) -> None:
    click.secho(f"{told.record.kind.replace('_', ' ')} {told.record.label}", bold=True)
    for section, title in _TITLES.items():
        facts = [fact for fact in told.facts if fact.section == section]
        if facts:
            _title(title)
            shown = facts if show_all else facts[-_ROWS:]
            if len(facts) > len(shown):
                click.echo(f"  … {len(facts) - len(shown)} before: --all shows them")
            for fact in shown:
                _line(_lead(fact), fact.text)
    if told.operations:
        _title("What was written")
        shown_operations = told.operations if show_all else told.operations[-_ROWS:]
        if len(told.operations) > len(shown_operations):
            click.echo(f"  … {len(told.operations) - len(shown_operations)} before")
        for row in shown_operations:
            _operation(row, told.steps.get(row["op_key"], ()))
    if told.confirmed:
        _title("What the destinations confirmed")
        for row in told.confirmed:
            _confirmed(row, show_all)
    _title("What to do next")
    for step in dict.fromkeys(_next(told)):
        _line("", step)


def _lead(fact: Fact) -> str:
    return f"{_minute(fact.at)}  {fact.label}" if fact.at else fact.label


def _operation(row: Mapping[str, Any], steps: Sequence[Step]) -> None:
    colour = _COLOURS.get(row["state"])
    state = click.style(row["state"].replace("_", " "), fg=colour)
    what = f"{row['destination']} {row['object']} {row['action']} ({row['reason']}): {state}"
    click.echo(f"  {_minute(row['at'])}  {what}")
    path = " → ".join(f"{step.state.replace('_', ' ')} {step.at:%H:%M:%S}" for step in steps)
    _line("", path, indent=20)
    for detail in dict.fromkeys(step.detail for step in steps if step.detail):
        _line("", f"it says: {detail}", indent=20)
    if row["action"] == "update":
        for name, value in row["set"].items():
            change = f"{name}: {_value(row['before'].get(name))} → {_value(value)}"
            _line("", change, indent=20)


def _confirmed(row: Mapping[str, Any], show_all: bool) -> None:
    fields = row["fields"]
    what = f"id {row['destination_id']}, version {row['version']}, {len(fields)} fields"
    _line(f"{_minute(row['at'])}  {row['destination']} {row['sync']}", what)
    for name, value in fields.items() if show_all else ():
        _line("", f"{name}: {_value(value)}", indent=20)


def _next(told: Story) -> Iterator[str]:
    for fact in told.facts:
        if fact.next_step:
            yield fact.next_step
    for row in told.operations:
        if row["state"] in _ADVICE:
            yield _ADVICE[row["state"]].format(destination=row["destination"])
        elif row["state"] in states.UNSETTLED:
            yield "wait for the run that is going on, or start one: `meltano run sync`"
    if not any(f.next_step for f in told.facts) and all(
        row["state"] in states.ENDED for row in told.operations
    ):
        yield "nothing: no part of it waits for anybody"


def _title(text: str) -> None:
    click.secho(text, fg="cyan")


def _line(lead: str, text: str, indent: int = 2) -> None:
    """A fact with its details; what does not fit goes on below them."""
    width = max(60, shutil.get_terminal_size().columns)
    start = f"{' ' * indent}{lead + '  ' if lead else ''}"
    rest = " " * min(len(start), 22)
    wrapped = textwrap.wrap(
        text, width, initial_indent=start, subsequent_indent=rest, break_on_hyphens=False
    )
    click.echo("\n".join(wrapped) or start.rstrip())


def _minute(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def _value(value: Any) -> str:
    text = "nothing" if value in (None, "") else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
