"""target-easypost: has addresses verified and parcels followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.target import ROLLOUT, CrossdockTarget
from taps.easypost.client import DEFAULT_URL, EasyPostClient
from targets.easypost.capabilities import OFFERS
from targets.easypost.destination import EasyPostDestination

if TYPE_CHECKING:
    from crossdock.journal import Journal


class TargetEasyPost(CrossdockTarget):
    """Addresses to verify, and trackers."""

    name = "target-easypost"
    offers = OFFERS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "instance",
            th.StringType,
            default="easypost:main",
            description="Name of this account among the system instances",
        ),
        th.Property("api_url", th.StringType, default=DEFAULT_URL, description="Base of the API"),
        th.Property(
            "api_key", th.StringType, required=True, secret=True, description="Key of the account"
        ),
        th.Property(
            "share",
            th.NumberType(exclusive_minimum=0, maximum=1),
            default=0.5,
            description="Part of the account's limits that is ours; other apps share them",
        ),
        ROLLOUT,
    ).to_dict()

    def destination(self, journal: Journal) -> EasyPostDestination:
        """The account that the settings name, under limits that all processes share."""
        client = EasyPostClient.from_config(
            self.config, connector=self.name, limiter_store=journal.buckets
        )
        return EasyPostDestination(client)


def main() -> None:
    """Run target-easypost."""
    run(TargetEasyPost)


if __name__ == "__main__":
    main()
