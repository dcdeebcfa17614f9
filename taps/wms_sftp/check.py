"""What `crossdock check` asks of a warehouse that speaks files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from crossdock import settings
from crossdock.checks import Finding
from crossdock.errors import CrossdockError
from crossdock.files.sftp import SftpClient
from taps.wms_sftp import layout

NAME = "tap-wms-sftp"
OUT = "out"
ARCHIVE = "archive"
ORDERS = "in"


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """The layout, the login with the server's key, and the folders."""
    try:
        body = layout.load(settings.project_root() / Path(str(config["layout"])).expanduser())
        yield Finding("the layout is sound", ok=True)
        # Whoever gave the target a rollout wants orders to be written.
        if config.get("rollout"):
            advice = "add the part orders: targets/wms_sftp/README.md shows how"
            yield Finding("the layout says what order files look like", body.has_orders, advice)
        with closing(SftpClient.from_config(config, connector=NAME)) as client:
            yield from _folders(client, config, fix)
    except CrossdockError as error:
        yield Finding("the warehouse's server can be used", ok=False, advice=str(error))


def _folders(client: SftpClient, config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    out = str(config.get("directory") or OUT)
    waiting = client.listing(out)
    yield Finding(f"{out}/ can be read ({len(waiting)} files wait there)", ok=True)
    if config.get("rollout"):
        orders = str(config.get("orders_directory") or ORDERS)
        there = client.find(orders) is not None
        yield Finding(f"{orders}/ is there for orders", there, "set orders_directory")
    archive = str(ARCHIVE if config.get("archive") is None else config["archive"])
    if not archive:
        return
    there = client.find(archive) is not None
    if fix and not there:
        client.make_folder(archive)
    advice = f"make the folder {archive}, or run `crossdock check --fix`"
    yield Finding(f"{archive}/ is there", ok=there or fix, advice=advice, fixed=fix and not there)
