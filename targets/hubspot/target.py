"""target-hubspot: writes contacts and orders into a HubSpot account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.target import ROLLOUT, CrossdockTarget
from taps.hubspot.client import DEFAULT_URL, DEFAULT_VERSION, HubSpotClient
from targets.hubspot.capabilities import OFFERS
from targets.hubspot.destination import HubSpotDestination

if TYPE_CHECKING:
    from crossdock.journal import Journal


class TargetHubSpot(CrossdockTarget):
    """Contacts, orders, and which order is whose."""

    name = "target-hubspot"
    offers = OFFERS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "instance",
            th.StringType,
            default="hubspot:main",
            description="Name of this account among the system instances",
        ),
        th.Property("api_url", th.StringType, default=DEFAULT_URL, description="Base of the API"),
        th.Property(
            "access_token",
            th.StringType,
            secret=True,
            description="Service key; else client_id, client_secret and refresh_token",
        ),
        th.Property("client_id", th.StringType, description="Client id of an app"),
        th.Property("client_secret", th.StringType, secret=True, description="Its client secret"),
        th.Property("refresh_token", th.StringType, secret=True, description="Its refresh token"),
        th.Property(
            "api_version", th.StringType, default=DEFAULT_VERSION, description="Version of the API"
        ),
        th.Property(
            "requests_per_10s",
            th.IntegerType(minimum=1),
            description="Limit of the account's plan, until an answer tells it",
        ),
        th.Property(
            "share",
            th.NumberType(exclusive_minimum=0, maximum=1),
            default=0.5,
            description="Part of the account's limits that is ours; other apps share them",
        ),
        ROLLOUT,
    ).to_dict()

    def destination(self, journal: Journal) -> HubSpotDestination:
        """The account that the settings name, under limits that all processes share."""
        client = HubSpotClient.from_config(
            self.config, connector=self.name, limiter_store=journal.buckets
        )
        return HubSpotDestination(client)


def main() -> None:
    """Run target-hubspot."""
    run(TargetHubSpot)


if __name__ == "__main__":
    main()
