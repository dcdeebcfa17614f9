"""tap-wms-sftp: reads the files that a warehouse puts on its SFTP server."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock import settings
from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.files.login import login_settings
from crossdock.files.sftp import SftpClient
from crossdock.tap import COMMON_SETTINGS, CrossdockTap
from taps.wms_sftp import layout as layouts
from taps.wms_sftp.inbox import Inbox, Places
from taps.wms_sftp.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore
    from taps.wms_sftp.layout import Layout


class TapWmsSftp(CrossdockTap):
    """Acknowledgements, shipments, stock and returns of one warehouse, and its files."""

    name = "tap-wms-sftp"
    offers = Capabilities(
        system="wms_sftp",
        role="source",
        protocol="files over SFTP",
        auth="password or private key; the host key is pinned",
        limits=("one connection at a time",),
        incremental="files that no earlier run has read, by name, size and SHA-256",
        deletes="none: what a warehouse has said stays said",
        counts="trailer counts and hash totals of each file",
        scopes=("read and list out/", "create files in archive/, and rename into it"),
        links=("https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02",),
    )
    stream_types = STREAMS
    config_jsonschema = th.PropertiesList(
        *login_settings(required=True),
        th.Property(
            "instance",
            th.StringType,
            default="wms_sftp:main",
            description="Name of this warehouse among the system instances",
        ),
        th.Property(
            "layout",
            th.StringType,
            required=True,
            description="Settings file of the files' layout, from the project's folder",
        ),
        th.Property(
            "directory", th.StringType, default="out", description="Where the files are put"
        ),
        th.Property(
            "archive",
            th.StringType,
            default="archive",
            description="Where files go that are in the warehouse's tables; empty: they stay",
        ),
        th.Property(
            "settle_seconds",
            th.NumberType(minimum=0),
            default=60,
            description="A file without a trailer is read when it has not changed for so long",
        ),
        th.Property(
            "remember",
            th.IntegerType(minimum=0),
            default=2000,
            description="Files that left the folder and are still known by their content",
        ),
        th.Property(
            "release",
            th.ArrayType(th.StringType),
            default=[],
            description="SHA-256 of files that were held and that a person found right",
        ),
        th.Property(
            "timeout", th.NumberType(minimum=1), default=60, description="Seconds for one request"
        ),
        # Files know no limits that other apps share.
        *(each for each in COMMON_SETTINGS if each.name != "share"),
    ).to_dict()

    client: SftpClient

    def make_client(self, store: BucketStore | None) -> SftpClient:
        """The server that the settings name; files know no limits, so no buckets."""
        return SftpClient.from_config(self.config, connector=self.name)

    @cached_property
    def layout(self) -> Layout:
        """What the warehouse's files look like."""
        path = Path(self.config["layout"]).expanduser()
        return layouts.load(path if path.is_absolute() else settings.project_root() / path)

    @cached_property
    def inbox(self) -> Inbox:
        """The folder of the warehouse, looked at once in a run."""
        config = self.config
        places = Places(
            out=config["directory"],
            archive=config.get("archive") or "",
            settle=float(config["settle_seconds"]),
            remember=int(config["remember"]),
            release=tuple(config.get("release") or ()),
        )
        return Inbox(
            lambda: self.client,
            self.layout,
            places,
            states=lambda stream: self.streams[stream].stream_state,
            selected=self._reads,
        )

    def _reads(self, stream: str) -> bool:
        """Whether catalog and settings select a stream."""
        named = self.config.get("streams")
        return self.streams[stream].selected and (not named or stream in named)


def main() -> None:
    """Entry point of the command."""
    run(TapWmsSftp)


if __name__ == "__main__":
    main()
