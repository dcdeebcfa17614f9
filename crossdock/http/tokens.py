"""Tokens that are kept: each use of a rotating refresh token gives the next one."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from crossdock import clock, settings
from crossdock.errors import SettingsError
from crossdock.http.auth import TokenAuth
from crossdock.http.errors import AuthError

_OWNER_ONLY = 0o600
_FOLDER = "tokens"


@dataclass(frozen=True)
class Grant:
    """What a vendor's token address answered.

    Attributes:
        access_token: The token to send.
        expires_at: Real time of its end, in seconds since 1970; None if it says nothing.
        refresh_token: The token that gets the next ones; None if the old one goes on.
    """

    access_token: str
    expires_at: float | None = None
    refresh_token: str | None = None

    def __repr__(self) -> str:
        return f"Grant(expires_at={self.expires_at})"


class TokenStore:
    """One account's newest grant in a file that only its owner can read.

    Written beside and renamed, so that a crash leaves the old or the new one; locked while a
    token is exchanged, so that two processes never use up the same refresh token.

    Args:
        path: The file; its folder is made when needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, instance: str) -> TokenStore:
        """The store of a system instance, such as `shopify:main`, in the project's state."""
        name = instance.replace(":", "_") + ".json"
        return cls(settings.load().state_dir / _FOLDER / name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from exchanging a token meanwhile."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, _OWNER_ONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def read(self) -> Grant | None:
        """The newest grant; None where there is none yet.

        Raises:
            SettingsError: The file holds something else, or others may read it.
        """
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return None
        if self.path.stat().st_mode & 0o077:
            raise SettingsError(f"others may read {self.path}", hint=f"run: chmod 600 {self.path}")
        try:
            content = json.loads(text)
            return Grant(**{name: content[name] for name in Grant.__dataclass_fields__})
        except (ValueError, KeyError, TypeError):
            raise SettingsError(
                f"{self.path} holds no token",
                hint="remove it, and put a new refresh token into .env",
            ) from None

    def write(self, grant: Grant) -> None:
        """Put a grant in the place of the one before, durably."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w") as file:  # mkstemp makes it readable by the owner alone
                json.dump(asdict(grant), file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


class RotatingToken(TokenAuth):
    """An access token whose refresh token changes with each use.

    Args:
        exchange: Gets the next grant for a refresh token.
        first: The refresh token of the settings, for the first exchange, and for the case
            that a person has put a new one there because the kept one died.
        store: Where the newest grant is kept.
        header: Name of the header.
        prefix: What stands before the token in it.
        margin: Seconds before its end at which a token counts as expired.
        now: Real time in seconds since 1970; injected by tests.
    """

    def __init__(
        self,
        exchange: Callable[[str], Grant],
        *,
        first: str,
        store: TokenStore,
        header: str = "Authorization",
        prefix: str = "Bearer ",
        margin: float = 60.0,
        now: Callable[[], float] = lambda: clock.real_now().timestamp(),
    ) -> None:
        super().__init__(header=header, prefix=prefix)
        self._exchange = exchange
        self._first = first
        self._store = store
        self._margin = margin
        self._now = now
        self._lock = threading.Lock()
        self._grant: Grant | None = None

    def token(self) -> str:
        """The token in use, or a fresh one if it is about to expire."""
        with self._lock:
            if not self._fresh(self._grant):
                self._grant = self._renewed(refused=None)
            assert self._grant is not None  # noqa: S101 - for the type checker
            return self._grant.access_token

    def renew(self, refused: str) -> bool:
        """Get another token, unless another thread or process has done so meanwhile."""
        with self._lock:
            if self._grant is None or self._grant.access_token == refused:
                self._grant = self._renewed(refused=refused)
        return True

    def _renewed(self, refused: str | None) -> Grant:
        with self._store.locked():
            kept = self._store.read()
            if kept is not None and kept.access_token != refused and self._fresh(kept):
                return kept
            grant = self._exchange_any(kept)
            if grant.refresh_token is None and kept is not None:
                grant = Grant(grant.access_token, grant.expires_at, kept.refresh_token)
            self._store.write(grant)
            return grant

    def _exchange_any(self, kept: Grant | None) -> Grant:
        if kept is None or not kept.refresh_token or kept.refresh_token == self._first:
            return self._exchange(self._first)
        try:
            return self._exchange(kept.refresh_token)
        except AuthError:
            return self._exchange(self._first)

    def _fresh(self, grant: Grant | None) -> bool:
        if grant is None:
            return False
        return grant.expires_at is None or self._now() < grant.expires_at - self._margin


def grant_of(answer: Mapping[str, object], now: float) -> Grant:
    """The grant in an OAuth answer: `access_token`, `expires_in`, `refresh_token`."""
    expires_in, refresh = answer.get("expires_in"), answer.get("refresh_token")
    return Grant(
        access_token=str(answer["access_token"]),
        expires_at=None if expires_in is None else now + float(str(expires_in)),
        refresh_token=None if refresh is None else str(refresh),
    )
