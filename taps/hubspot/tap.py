"""tap-hubspot: reads contacts and orders of a HubSpot account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.tap import COMMON_SETTINGS, CrossdockTap
from taps.hubspot.client import DEFAULT_URL, DEFAULT_VERSION, FREE_LIMIT, HubSpotClient
from taps.hubspot.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore


class TapHubSpot(CrossdockTap):
    """Contacts and orders of one HubSpot account, with all of their properties."""

    name = "tap-hubspot"
    stream_types = STREAMS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "api_url", th.StringType, default=DEFAULT_URL, description="Address of the API"
        ),
        th.Property(
            "instance",
            th.StringType,
            default="hubspot:main",
            description="Name of this account among the system instances",
        ),
        th.Property(
            "access_token",
            th.StringType,
            secret=True,
            description="Service key; else client_id, client_secret and refresh_token",
        ),
        th.Property("client_id", th.StringType, description="Client id of an app"),
        th.Property(
            "client_secret", th.StringType, secret=True, description="Client secret of that app"
        ),
        th.Property(
            "refresh_token", th.StringType, secret=True, description="Refresh token of that app"
        ),
        th.Property(
            "api_version",
            th.StringType,
            default=DEFAULT_VERSION,
            description="Version of the API, such as 2026-09 or v3",
        ),
        th.Property(
            "start_date",
            th.DateTimeType,
            description="The first reading leaves out what has not changed since",
        ),
        th.Property(
            "index_lag",
            th.NumberType,
            default=60,
            description="Seconds that the search index may be behind",
        ),
        th.Property(
            "archived_interval",
            th.NumberType,
            default=3600,
            description="Seconds between two readings of the archived records, where they are many",
        ),
        th.Property(
            "requests_per_10s",
            th.NumberType,
            default=FREE_LIMIT,
            description="The account's limit, until an answer tells it",
        ),
        *COMMON_SETTINGS,
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> HubSpotClient:
        """The account that the settings name."""
        return HubSpotClient.from_config(self.config, connector=self.name, limiter_store=store)


def main() -> None:
    """Entry point of the command."""
    run(TapHubSpot)


if __name__ == "__main__":
    main()
