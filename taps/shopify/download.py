"""Fetches the result of a bulk operation: to disk as it comes, and on from where it broke off."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import httpx

from crossdock import __version__
from crossdock.http.errors import ApiError, VendorDown
from crossdock.http.retry import Retry

TIMEOUT = 60.0
_GONE = (401, 403, 404, 410)


class Download:
    """One file behind a signed address, which gets no credentials of ours.

    Args:
        url: Where it is.
        size: Its length, if it is known.
        transport: Where requests go; tests inject their own.
        retry: How often to go on.
        pause: Waits; tests inject their own.
    """

    def __init__(
        self,
        url: str,
        size: int | None,
        *,
        stream: str,
        pause: Callable[[float], object],
        transport: httpx.BaseTransport | None = None,
        retry: Retry = Retry(),  # noqa: B008 - frozen
    ) -> None:
        self._url = httpx.URL(url)
        self._size = size
        self._stream = stream
        self._pause = pause
        self._retry = retry
        self._transport = transport

    def to(self, path: Path) -> None:
        """Write the whole file.

        Raises:
            ApiError: It is gone, or does not come whole.
        """
        failures = most = 0
        path.write_bytes(b"")
        local = self._url.host in ("127.0.0.1", "localhost", "::1")
        with httpx.Client(
            timeout=TIMEOUT,
            transport=self._transport,
            trust_env=self._transport is None and not local,
            # Ranges count the bytes of the file as it is, not as it is packed on the way.
            headers={"User-Agent": f"crossdock/{__version__}", "Accept-Encoding": "identity"},
            follow_redirects=True,
        ) as client:
            while not self._fetched(client, path):
                grown = path.stat().st_size > most
                most = max(most, path.stat().st_size)
                failures = 1 if grown else failures + 1
                if failures >= self._retry.tries:
                    raise self._error(VendorDown, "the file does not come whole")
                self._pause(self._retry.pause(failures, random.random))

    def _fetched(self, client: httpx.Client, path: Path) -> bool:
        """Fetch what is missing; whether the file is whole now."""
        have = path.stat().st_size
        headers = {"Range": f"bytes={have}-"} if have else {}
        try:
            with client.stream("GET", self._url, headers=headers) as response:
                if response.status_code in _GONE:
                    raise self._error(ApiError, f"the file is gone: HTTP {response.status_code}")
                if response.status_code not in (200, 206):
                    return response.status_code == 416 and have == self._size
                # Without 206 the file begins again, whatever was asked for.
                mode = "ab" if response.status_code == 206 and have else "wb"
                with path.open(mode) as file:
                    for piece in response.iter_raw():
                        file.write(piece)
        except httpx.HTTPError:
            return False
        return self._size is None or path.stat().st_size == self._size

    def _error(self, kind: type[ApiError], what: str) -> ApiError:
        return kind(
            what,
            connector="tap-shopify",
            stream=self._stream,
            path=self._url.path,
        )
