"""tap-decisions: reads what people decided, from sheets in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.files.login import login_settings
from crossdock.tap import CrossdockTap
from taps.decisions.client import SETTLE_SECONDS, Desk
from taps.decisions.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore


class TapDecisions(CrossdockTap):
    """Sheets of decisions, as they stand."""

    name = "tap-decisions"
    stream_types = STREAMS
    offers = Capabilities(
        system="decisions",
        role="source",
        protocol="CSV and XLSX files in a folder, or over SFTP",
        auth="the rights of the file system; SFTP: password or private key, host key pinned",
        limits=("files of 10 MiB, sheets of 20,000 rows",),
        incremental="files that are new or were changed, by name, size, time and SHA-256",
        deletes="a sheet is replaced whole; one that is gone is marked",
        counts="rows read and rows refused of each sheet",
        scopes=("read the folder",),
    )
    config_jsonschema = th.PropertiesList(
        th.Property(
            "instance",
            th.StringType,
            default="decisions:main",
            description="Name of this folder among the system instances",
        ),
        th.Property(
            "folder",
            th.StringType,
            description="Where the sheets lie; `decisions` beside the warehouse if left out",
        ),
        th.Property(
            "settle_seconds",
            th.NumberType(minimum=0),
            default=SETTLE_SECONDS,
            description="A new file is read when it has not changed for so long",
        ),
        *login_settings(required=False),
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> Desk:
        """The folder that the settings name; files know no limits, so no buckets."""
        return Desk.from_config(self.config, connector=self.name)


def main() -> None:
    """Entry point of the command."""
    run(TapDecisions)


if __name__ == "__main__":
    main()
