"""What all streams of a HubSpot account share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crossdock.tap import CrossdockStream, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from taps.hubspot.client import HubSpotClient
    from taps.hubspot.tap import TapHubSpot


class AccountStream(CrossdockStream):
    """Anything that is read from the account."""

    primary_keys = ("id",)

    @property
    def hubspot(self) -> TapHubSpot:
        """The tap."""
        return self._tap  # type: ignore[return-value]

    @property
    def client(self) -> HubSpotClient:
        """The account."""
        return self.hubspot.client

    @property
    def lag(self) -> timedelta:  # type: ignore[override]
        """How far the search index may be behind."""
        return timedelta(seconds=float(self.config.get("index_lag", 60)))

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        """Ask for something of this stream."""
        return self.client.request("GET", path, stream=self.name, params=params)

    def overdue(self, note: str, setting: str, default: float) -> bool:
        """Whether so many seconds of HubSpot's clock have passed since the state's note."""
        before, now = self.stream_state.get(note), self.client.vendor_now
        if before is None or now is None:
            return True
        every = timedelta(seconds=float(self.config.get(setting, default)))
        return now - parse_time(before) >= every
