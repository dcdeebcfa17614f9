"""target-wms-sftp: brings orders to a warehouse that speaks files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock import settings
from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.files.login import login_settings
from crossdock.files.sftp import SftpClient
from crossdock.target import ROLLOUT, CrossdockTarget
from targets.wms_sftp import layout
from targets.wms_sftp.destination import WmsSftpDestination
from targets.wms_sftp.ledger import Ledger

if TYPE_CHECKING:
    from crossdock.journal import Journal


class TargetWmsSftp(CrossdockTarget):
    """Orders, from fulfillment requests that the gate let through."""

    name = "target-wms-sftp"
    offers = Capabilities(
        system="wms_sftp",
        role="destination",
        protocol="files over SFTP",
        auth="password or private key; the host key is pinned",
        limits=("one connection at a time", "as many orders in a file as the setting says"),
        writes={"orders": ("create",)},
        partial_update="no: an order that was sent is changed by people",
        idempotency="a ledger of our own, written before each step; one number for each file",
        read_back="by the ledger and the temporary name at the server",
        deletes="no: cancelling an order is for a person",
        scopes=("create files in in/, and rename, list and remove them there",),
        links=("https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02",),
    )
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
            "orders_directory",
            th.StringType,
            default="in",
            description="Where the warehouse looks for orders",
        ),
        th.Property(
            "orders_per_file",
            th.IntegerType(minimum=1),
            default=200,
            description="So many orders go into one file at most",
        ),
        th.Property(
            "timeout", th.NumberType(minimum=1), default=60, description="Seconds for one request"
        ),
        ROLLOUT,
    ).to_dict()

    def destination(self, journal: Journal) -> WmsSftpDestination:
        """The server that the settings name, and the ledger of its files."""
        places = settings.load()
        path = Path(self.config["layout"]).expanduser()
        files = layout.load(path if path.is_absolute() else places.project / path)
        ledger = self.config["instance"].replace(":", "-")
        return WmsSftpDestination(
            SftpClient.from_config(self.config, connector=self.name),
            files,
            Ledger(places.state_dir / "order_files" / f"{ledger}.db"),
            directory=self.config["orders_directory"],
            orders_per_file=self.config["orders_per_file"],
        )


def main() -> None:
    """Run target-wms-sftp."""
    run(TargetWmsSftp)


if __name__ == "__main__":
    main()
