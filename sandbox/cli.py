"""`crossdock sandbox`: local stand-ins of the vendors, for the demo, tests and load runs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sandbox.app import create_app
from sandbox.builtin import builtin_world
from sandbox.faults import FaultError, Faults
from sandbox.server import address, files_served, listen_twice, server
from sandbox.world_files import dump, load

DEFAULT_PORT = 8700


@click.group()
def sandbox() -> None:
    """Play the vendors on this machine."""


@sandbox.command()
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="0 takes a free one.")
@click.option("--world", type=click.Path(path_type=Path), help="Folder; default: built in.")
@click.option("--faults", type=click.Path(path_type=Path), help="JSON file of fault rules.")
@click.option("--seed", default=0, show_default=True, help="Of the built-in world and of ids.")
def serve(port: int, world: Path | None, faults: Path | None, seed: int) -> None:
    """Serve every vendor of a world under one address until interrupted."""
    rules = _read_faults(faults) if faults else None
    played = load(world) if world else builtin_world(seed)
    app = create_app(played, seed=seed, faults=rules)
    listener, beside = listen_twice(port)
    with files_served(app, beside):
        click.echo(f"sandbox ready at {address(listener)}")
        click.echo(f"its SFTP warehouse listens on port {beside.getsockname()[1]}")
        server(app).run([listener])


@sandbox.command("world")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True)
def write_world(folder: Path, seed: int) -> None:
    """Write the built-in world to FOLDER as CSV files."""
    dump(builtin_world(seed), folder)
    click.echo(f"wrote the built-in world of seed {seed} to {folder}")


def _read_faults(path: Path) -> Faults:
    try:
        return Faults.parse(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise FaultError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise FaultError(f"{path} is no JSON: {error}") from error
