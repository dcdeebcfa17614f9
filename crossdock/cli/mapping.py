"""`crossdock mapping`: what each field of a destination comes from."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crossdock import settings
from crossdock.mapping.compare import differences
from crossdock.mapping.compiled import load_sheet
from crossdock.mapping.formats import FORMATS


@click.command("mapping")
@click.option(
    "--format", "as_format", type=click.Choice(list(FORMATS)), default="csv", show_default=True
)
@click.option(
    "--check",
    "checked",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[FILE]",
    help="Compare an edited sheet (CSV) with the models; without FILE look at the models alone.",
)
def mapping_command(as_format: str, checked: str | None) -> None:
    """Write down which source field becomes which canonical and destination field, and how."""
    sheet = load_sheet(settings.load())
    if checked is None:
        click.echo(FORMATS[as_format](sheet), nl=False)
        for problem in sheet.problems:
            click.echo(f"crossdock: {problem}", err=True)
        return
    found = [*sheet.problems, *(sorted(differences(Path(checked), sheet)) if checked else ())]
    for line in found:
        click.echo(line)
    if found:
        click.echo(f"{len(found)} differences", err=True)
        sys.exit(1)
    click.echo(f"{len(sheet.rows)} rows, as the models have them")
