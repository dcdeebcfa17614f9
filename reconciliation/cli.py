"""`crossdock report`."""

from __future__ import annotations

import click

from crossdock import settings


@click.command("report")
@click.option("--short", is_flag=True, help="Print the short of it as well.")
def report(short: bool) -> None:
    """Write the reconciliation page: one file, and the same as JSON beside it."""
    from reconciliation import page, terminal

    path, document = page.write(settings.load())
    if short:
        terminal.show(document)
    for line in document["missing"]:
        click.echo(f"crossdock: {line}", err=True)
    click.echo(str(path))
