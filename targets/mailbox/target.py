"""target-mailbox: leaves the tracking of each parcel as a file for a partner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.target import ROLLOUT, CrossdockTarget
from taps.mailbox.client import Mailbox
from taps.mailbox.tap import SETTINGS
from targets.mailbox.destination import MailboxDestination
from targets.mailbox.outbox import Outbox

if TYPE_CHECKING:
    from crossdock.journal import Journal


class TargetMailbox(CrossdockTarget):
    """Tracking numbers, one row for each parcel."""

    name = "target-mailbox"
    offers = Capabilities(
        system="mailbox",
        role="destination",
        protocol="CSV files in a folder",
        auth="the rights of the file system",
        limits=("1,000 parcels in a file",),
        writes={"tracking": ("create",)},
        idempotency="the operation's key in each row, and a name that is given at the end",
        read_back="from our own copy of each file, also after the partner has taken it",
        scopes=("write outbox and sent",),
    )
    config_jsonschema = th.PropertiesList(*SETTINGS, ROLLOUT).to_dict()

    def destination(self, journal: Journal) -> MailboxDestination:
        """The folder that the settings name."""
        mailbox = Mailbox.from_config(self.config, connector=self.name)
        return MailboxDestination(Outbox(mailbox.folder))


def main() -> None:
    """Entry point of the command."""
    run(TargetMailbox)


if __name__ == "__main__":
    main()
