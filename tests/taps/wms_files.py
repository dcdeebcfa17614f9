"""A folder served over SFTP, warehouse files to put into it, and the tap that reads them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh
import yaml

from taps.wms_sftp import layout as layouts
from taps.wms_sftp.tap import TapWmsSftp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LAYOUTS = Path(layouts.__file__).with_name("layouts")
BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SSHD = next((p for p in (shutil.which("sshd"), "/usr/sbin/sshd") if p and Path(p).exists()), None)
SFTP_SERVERS = ("/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server")
PASSWORD = "secret-of-tests"


@dataclass
class Box:
    """The warehouse's folder, and how the tap gets there."""

    root: Path
    login: dict[str, Any]
    layout: Path = LAYOUTS / "delimited.yml"
    made: int = 0
    told: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("out", "archive"):
            (self.root / name).mkdir(exist_ok=True)

    @property
    def out(self) -> Path:
        return self.root / "out"

    def names(self, folder: str = "out") -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir())

    def put(self, name: str, content: bytes | str, age: float = 3600) -> Path:
        path = self.out / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        then = time.time() - age
        os.utime(path, (then, then))
        return path

    def shipped(
        self, *orders: str, number: int | None = None, quantity: int = 2, **more: Any
    ) -> Path:
        """A file of confirmations, one line for each order."""
        self.made += 1
        number = self.made if number is None else number
        return self.put(name_of("SHP", number), confirmations(number, orders, quantity), **more)

    def config(self, **more: Any) -> dict[str, Any]:
        paths = {"directory": "out", "archive": "archive", "layout": str(self.layout)}
        return {**self.login, **paths, **more}

    def read(
        self, state: Any = None, only: str | None = None, catch: Any = (), **more: Any
    ) -> Read:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(out):
            tap = TapWmsSftp(config=self.config(**more), state=state)
            for stream in tap.streams.values():
                stream.selected = only in (None, stream.name)
            try:
                with suppress(catch):
                    tap.sync_all()
            finally:
                if "client" in vars(tap):
                    tap.client.close()
        out.seek(0)
        return Read([json.loads(line) for line in out])


@dataclass
class Read:
    """What the tap wrote."""

    messages: list[dict[str, Any]]

    @property
    def state(self) -> dict[str, Any]:
        return [m["value"] for m in self.messages if m["type"] == "STATE"][-1]

    def records(self, stream: str) -> list[dict[str, Any]]:
        found = [m["record"] for m in self.messages if m["type"] == "RECORD"]
        of = [m["stream"] for m in self.messages if m["type"] == "RECORD"]
        return [record for record, name in zip(found, of, strict=True) if name == stream]

    @property
    def shipments(self) -> list[dict[str, Any]]:
        return self.records("shipment_confirmations")

    @property
    def orders(self) -> list[str]:
        return [record["order_number"] for record in self.shipments]

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        return {row["key"]: row for row in self.records("files")}

    @property
    def statuses(self) -> dict[str, str]:
        return {key: row["status"] for key, row in self.files.items()}

    @property
    def quarantine(self) -> list[dict[str, Any]]:
        return self.records("_crossdock_quarantine")


def name_of(kind: str, number: int, ending: str = "csv") -> str:
    stamp = (BEGIN + timedelta(minutes=number)).strftime("%Y%m%d%H%M%S")
    return f"{kind}_CROSSDOCK_{stamp}_{number:06d}.{ending}"


def detail(order: str, line: int = 1, quantity: Any = 2, sku: str = "A-1") -> str:
    return f"D;{order};{line};{sku};2;{quantity};S;DHL;Paket;TRK1;1;20261102100000;S1\r\n"


def confirmations(
    number: int, orders: Any, quantity: int = 2, count: int | None = None, total: Any = None
) -> str:
    lines = "".join(detail(order, quantity=quantity) for order in orders)
    count = len(orders) if count is None else count
    total = len(orders) * quantity if total is None else total
    return f"H;SHP;CROSSDOCK;{number:06d};20261102100000\r\n{lines}T;{count};{total}\r\n"


def layout_with(path: Path, change: Callable[[dict[str, Any]], None], base: str) -> Path:
    """An example layout with something changed."""
    body = yaml.safe_load((LAYOUTS / base).read_text())
    change(body)
    path.write_text(yaml.safe_dump(body, sort_keys=False))
    return path


class _Server(asyncssh.SSHServer):
    keys: tuple[str, ...] = ()

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("crossdock", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key in [asyncssh.import_public_key(text) for text in self.keys]


@contextmanager
def own_server(
    root: Path, files: type[asyncssh.SFTPServer] = asyncssh.SFTPServer, keys: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """An SFTP server in this process; yields the settings that lead to it."""
    ready, over = threading.Event(), threading.Event()
    key = asyncssh.generate_private_key("ssh-ed25519")
    listener = socket.create_server(("127.0.0.1", 0))
    login = type("Login", (_Server,), {"keys": keys})

    async def serve() -> None:
        await asyncssh.create_server(
            login,
            sock=listener,
            server_host_keys=[key],
            sftp_factory=lambda chan: files(chan, chroot=str(root).encode()),
            config=[],
        )
        ready.set()
        await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield {
            "host": "127.0.0.1",
            "port": listener.getsockname()[1],
            "username": "crossdock",
            "password": PASSWORD,
            "host_key_fingerprint": key.get_fingerprint(),
        }
    finally:
        over.set()
        thread.join(5)
        listener.close()


@contextmanager
def openssh(root: Path, work: Path) -> Iterator[dict[str, Any]]:
    """OpenSSH's server, as whoever runs the tests; paths are absolute there."""
    import getpass

    host, mine = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    host.write_private_key(work / "host_key")
    (work / "host_key").chmod(0o600)
    mine.write_public_key(work / "authorized_keys")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = next(path for path in SFTP_SERVERS if Path(path).exists())
    (work / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {work}/host_key\n"
        f"AuthorizedKeysFile {work}/authorized_keys\nStrictModes no\nUsePAM no\n"
        f"PasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\n"
        f"Subsystem sftp {server}\n"
    )
    if os.geteuid() == 0:  # sshd as root separates its privileges in this folder
        Path("/run/sshd").mkdir(mode=0o755, parents=True, exist_ok=True)
    process = subprocess.Popen(
        [str(SSHD), "-D", "-e", "-f", str(work / "sshd_config")], stderr=subprocess.PIPE
    )
    try:
        _wait_for(port, process)
        yield {
            "host": "127.0.0.1",
            "port": port,
            "username": getpass.getuser(),
            "private_key": mine.export_private_key().decode(),
            "host_key_fingerprint": host.get_fingerprint(),
            "root": str(root),
        }
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert process.poll() is None, process.stderr and process.stderr.read()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("sshd does not listen")
