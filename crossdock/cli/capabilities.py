"""`crossdock capabilities`: what each connector can do and needs, as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from crossdock import settings
from crossdock.capabilities import Capabilities
from crossdock.connectors import Connector, of_project

_ROWS = (
    ("Protocol", "protocol"),
    ("Credentials", "auth"),
    ("Life of a token", "token_life"),
    ("API version", "api_version"),
    ("Limits kept", "limits"),
    ("Changes are found", "incremental"),
    ("Deletions", "deletes"),
    ("Counts to check against", "counts"),
    ("Webhooks", "webhooks"),
    ("Writes", "all_writes"),
    ("Writes of single fields", "partial_update"),
    ("A repeated write", "idempotency"),
    ("After a lost answer", "read_back"),
    ("Least rights", "scopes"),
    ("Source", "links"),
)


@click.command("capabilities")
def capabilities_command() -> None:
    """Say what each connector can do and needs, as Markdown."""
    click.echo(page(of_project(settings.project_root())), nl=False)


def page(connectors: Iterable[Connector]) -> str:
    """The page of these connectors."""
    lines = ["# Connectors", "", _INTRODUCTION, ""]
    for connector in connectors:
        if connector.offers is not None:
            lines += [*_section(connector.name, connector.offers), ""]
    return "\n".join(lines)


_INTRODUCTION = (
    "What each connector can do and needs: written by `crossdock capabilities` from the\n"
    "connectors' own declarations. `crossdock check` holds them against what your keys can do."
)


def _section(name: str, offers: Capabilities) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for title, field in _ROWS:
        value = getattr(offers, field)
        text = "<br>".join(value) if isinstance(value, tuple) else str(value)
        if text:
            yield f"| {title} | {text.replace('|', '&#124;')} |"
