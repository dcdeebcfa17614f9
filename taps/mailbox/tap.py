"""tap-mailbox: reads orders that arrive as spreadsheets, in a folder or by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.tap import CrossdockTap
from taps.mailbox.client import SETTLE_SECONDS, Mailbox
from taps.mailbox.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore

SETTINGS = (
    th.Property(
        "instance",
        th.StringType,
        default="mailbox:main",
        description="Name of this mailbox among the system instances",
    ),
    th.Property(
        "folder",
        th.StringType,
        required=True,
        description="Where orders arrive (inbox, mail) and tracking is left (outbox, sent)",
    ),
    th.Property(
        "layout",
        th.StringType,
        description="YAML file: the partner's headings, dates, numbers and senders",
    ),
    th.Property(
        "settle_seconds",
        th.NumberType(minimum=0),
        default=SETTLE_SECONDS,
        description="Files written less than this ago are left alone",
    ),
)


class TapMailbox(CrossdockTap):
    """Orders, the files that they came in, and the tracking that was left."""

    name = "tap-mailbox"
    stream_types = STREAMS
    offers = Capabilities(
        system="mailbox",
        role="source",
        protocol="CSV and XLSX files in a folder, or attached to mails in it",
        auth="the rights of the file system; mails by their sender",
        limits=("files of 10 MiB and 100,000 rows, fields of 1 MiB",),
        incremental="files that are new or were changed, by name, size, time and hash",
        deletes="an order stays when its file is taken away; files that are gone are marked",
        counts="rows read, rows refused and orders of each file",
        scopes=("read inbox, mail and sent",),
    )
    config_jsonschema = th.PropertiesList(
        *SETTINGS,
        th.Property(
            "sweep_interval",
            th.NumberType(minimum=0),
            default=86400,
            description="Seconds between two looks for files that are gone",
        ),
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> Mailbox:
        """The folder that the settings name."""
        return Mailbox.from_config(self.config, connector=self.name)


def main() -> None:
    """Entry point of the command."""
    run(TapMailbox)


if __name__ == "__main__":
    main()
