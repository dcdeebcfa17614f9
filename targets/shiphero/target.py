"""target-shiphero: brings orders into a ShipHero account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.target import ROLLOUT, CrossdockTarget
from taps.shiphero.client import CREDITS, CREDITS_PER_SECOND, DEFAULT_URL, ShipHeroClient
from targets.shiphero.capabilities import OFFERS
from targets.shiphero.destination import ShipHeroDestination

if TYPE_CHECKING:
    from crossdock.journal import Journal


class TargetShipHero(CrossdockTarget):
    """Orders, from fulfillment requests that the gate let through."""

    name = "target-shiphero"
    offers = OFFERS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "instance",
            th.StringType,
            default="shiphero:main",
            description="Name of this account among the system instances",
        ),
        th.Property("api_url", th.StringType, default=DEFAULT_URL, description="Base of the API"),
        th.Property("username", th.StringType, description="Developer user's e-mail"),
        th.Property("password", th.StringType, secret=True, description="Its password"),
        th.Property(
            "refresh_token",
            th.StringType,
            secret=True,
            description="Refresh token; instead of username and password",
        ),
        th.Property(
            "access_token",
            th.StringType,
            secret=True,
            description="Access token, where something else renews it",
        ),
        th.Property(
            "credits", th.NumberType, default=CREDITS, description="Credits that the account holds"
        ),
        th.Property(
            "credits_per_second",
            th.NumberType,
            default=CREDITS_PER_SECOND,
            description="Credits that the account gets back each second",
        ),
        th.Property(
            "share",
            th.NumberType(exclusive_minimum=0, maximum=1),
            default=0.5,
            description="Part of the account's credits that is ours; other apps share them",
        ),
        ROLLOUT,
    ).to_dict()

    def destination(self, journal: Journal) -> ShipHeroDestination:
        """The account that the settings name, under credits that all processes share."""
        client = ShipHeroClient.from_config(
            self.config, connector=self.name, limiter_store=journal.buckets
        )
        return ShipHeroDestination(client)


def main() -> None:
    """Run target-shiphero."""
    run(TargetShipHero)


if __name__ == "__main__":
    main()
