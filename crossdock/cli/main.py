"""The `crossdock` command."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import entry_points

import click
from dotenv import load_dotenv

from crossdock import __version__, settings
from crossdock.errors import CrossdockError

#: Subcommand to the module that holds it, so that each costs only its own imports.
_OWN = {
    "begin": "crossdock.cli.runs",
    "close": "crossdock.cli.runs",
    "dbt": "crossdock.cli.dbt",
    "plan": "crossdock.cli.plan",
    "parity": "crossdock.cli.parity",
    "approve": "crossdock.cli.plan",
    "dead-letters": "crossdock.cli.dead_letters",
    "rollback": "crossdock.cli.rollback",
    "status": "crossdock.cli.status",
    "capabilities": "crossdock.cli.capabilities",
    "check": "crossdock.cli.check",
    "why": "crossdock.cli.why",
    "new": "crossdock.cli.new",
    "mapping": "crossdock.cli.mapping",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        others = entry_points(group="crossdock.commands").names
        return sorted({*_OWN, *others})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _OWN:
            found = getattr(import_module(_OWN[cmd_name]), f"{cmd_name.replace('-', '_')}_command")
        else:
            registered = entry_points(group="crossdock.commands", name=cmd_name)
            if not registered:
                return None
            found = next(iter(registered)).load()
        return found if isinstance(found, click.Command) else None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Keep the shop, the CRM, the WMS and the carriers telling the same story."""


def main() -> None:
    """Run the command; an error that a person can act on is one line."""
    load_dotenv(settings.project_root() / ".env")
    try:
        cli.main(standalone_mode=False)
    except CrossdockError as error:
        print(f"crossdock: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
