"""Who we are for an SFTP server, and how we know that it is the right one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
from singer_sdk import typing as th

from crossdock.errors import SettingsError

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_SANDBOX = "sandbox"


def login_settings(*, required: bool) -> tuple[th.Property[Any], ...]:
    """Settings of a connector that logs in.

    Args:
        required: Whether it can do without a server.
    """
    return (
        th.Property("host", th.StringType, required=required, description="Name of the server"),
        th.Property("port", th.IntegerType, default=22, description="Its port"),
        th.Property("username", th.StringType, required=required, description="Who we are there"),
        th.Property("password", th.StringType, secret=True, description="Or a private key"),
        th.Property(
            "private_key", th.StringType, secret=True, description="In OpenSSH's or PEM format"
        ),
        th.Property("key_file", th.StringType, description="File that holds it"),
        th.Property("passphrase", th.StringType, secret=True, description="Of the private key"),
        th.Property(
            "host_key_fingerprint",
            th.StringType,
            description="SHA256:... of the server's key; several are separated by commas",
        ),
        th.Property("known_hosts", th.StringType, description="File of OpenSSH's format instead"),
        th.Property(
            "accept_any_host_key",
            th.BooleanType,
            default=False,
            description="Trust whoever answers; in the environment sandbox alone",
        ),
    )


@dataclass
class Login:
    """An address, credentials, and the keys that the server may show.

    Attributes:
        offered: Fingerprint of the key that the server showed last.
    """

    host: str
    port: int
    username: str
    password: str | None = field(default=None, repr=False)
    keys: Sequence[asyncssh.SSHKey] = field(default=(), repr=False)
    known_hosts: asyncssh.SSHKnownHosts | None = None
    fingerprints: frozenset[str] = frozenset()
    any_host_key: bool = False
    offered: str = ""

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Login:
        """Read and check the settings.

        Raises:
            SettingsError: One is missing or wrong.
        """
        for name in ("host", "username"):
            if not config.get(name):
                raise SettingsError(f"{name} is missing", hint="set it in meltano.yml or .env")
        keys = _private_keys(config)
        if not keys and not config.get("password"):
            raise SettingsError(
                "there is neither a password nor a private_key", hint="set one of them"
            )
        login = cls(
            host=str(config["host"]),
            port=int(config.get("port") or 22),
            username=str(config["username"]),
            password=config.get("password"),
            keys=keys,
            known_hosts=_known_hosts(config.get("known_hosts")),
            fingerprints=_fingerprints(str(config.get("host_key_fingerprint") or "")),
            any_host_key=bool(config.get("accept_any_host_key")),
        )
        login._check_pinned()
        return login

    def _check_pinned(self) -> None:
        if self.any_host_key and os.environ.get("MELTANO_ENVIRONMENT") != _SANDBOX:
            raise SettingsError(
                "accept_any_host_key is for the environment sandbox alone",
                hint="set host_key_fingerprint to what its owner tells you",
            )
        if not (self.any_host_key or self.known_hosts or self.fingerprints):
            raise SettingsError(
                "no host key is pinned, so anybody could play the server",
                hint="set host_key_fingerprint (SHA256:...) or known_hosts (a file)",
            )

    async def connect(self, timeout: float) -> asyncssh.SSHClientConnection:
        """Open a connection; nothing of this machine's own SSH settings is used."""
        trusted: Any = ([], [], [])  # an empty value would mean the user's own known_hosts
        return await asyncssh.connect(
            self.host,
            self.port,
            username=self.username,
            password=self.password,
            client_keys=list(self.keys),
            client_factory=lambda: _Gatekeeper(self),
            known_hosts=self.known_hosts or trusted,
            agent_path=None,
            config=[],
            connect_timeout=timeout,
            login_timeout=timeout,
            keepalive_interval=15,
        )


class _Gatekeeper(asyncssh.SSHClient):
    """Asked about host keys that no file of known hosts holds."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        self._login.offered = key.get_fingerprint()
        return self._login.any_host_key or self._login.offered in self._login.fingerprints


def _private_keys(config: Mapping[str, Any]) -> list[asyncssh.SSHKey]:
    text, path = config.get("private_key"), config.get("key_file")
    if not text and not path:
        return []
    name = "private_key" if text else "key_file"
    try:
        content = text or Path(str(path)).expanduser().read_text()
        return [asyncssh.import_private_key(content, config.get("passphrase"))]
    except OSError as error:
        raise SettingsError(
            f"{name} cannot be read: {error.strerror}", hint="name an existing file"
        ) from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise SettingsError(
            f"{name} is no private key that the passphrase opens: {error}",
            hint="give it in OpenSSH's format; one with a passphrase in PKCS#8",
        ) from error


def _known_hosts(path: Any) -> asyncssh.SSHKnownHosts | None:
    if not path:
        return None
    try:
        return asyncssh.read_known_hosts(str(Path(str(path)).expanduser()))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"known_hosts cannot be read: {error}", hint="name a file as ssh-keyscan writes it"
        ) from error


def _fingerprints(text: str) -> frozenset[str]:
    found = [part for part in re.split(r"[,\s]+", text.strip()) if part]
    for each in found:
        if not _FINGERPRINT.fullmatch(each):
            raise SettingsError(
                f"host_key_fingerprint: {each!r} is no fingerprint",
                hint="write it as SHA256:..., as `ssh-keygen -lf` shows it",
            )
    return frozenset(each.rstrip("=") for each in found)
