"""target-shopify: tells a shop what has left, and with which tracking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.target import ROLLOUT, CrossdockTarget
from taps.shopify.client import DEFAULT_VERSION, STANDARD_RATE, ShopifyClient
from targets.shopify.capabilities import OFFERS
from targets.shopify.destination import ShopifyDestination

if TYPE_CHECKING:
    from crossdock.journal import Journal


class TargetShopify(CrossdockTarget):
    """Fulfillments with their tracking, one for each shipment of the warehouse."""

    name = "target-shopify"
    offers = OFFERS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "instance",
            th.StringType,
            default="shopify:main",
            description="Name of this shop among the system instances",
        ),
        th.Property("api_url", th.StringType, required=True, description="Address of the shop"),
        th.Property("client_id", th.StringType, description="Client id of the shop's custom app"),
        th.Property("client_secret", th.StringType, secret=True, description="Its client secret"),
        th.Property(
            "access_token",
            th.StringType,
            secret=True,
            description="Access token; instead of client id and secret",
        ),
        th.Property(
            "refresh_token",
            th.StringType,
            secret=True,
            description="First refresh token, where the app's tokens rotate",
        ),
        th.Property(
            "api_version", th.StringType, default=DEFAULT_VERSION, description="Version of the API"
        ),
        th.Property(
            "restore_rate",
            th.NumberType,
            default=STANDARD_RATE,
            description="Points that the shop's plan gives back each second",
        ),
        th.Property(
            "share",
            th.NumberType(exclusive_minimum=0, maximum=1),
            default=0.5,
            description="Part of the shop's points that is ours; other apps share them",
        ),
        ROLLOUT,
    ).to_dict()

    def destination(self, journal: Journal) -> ShopifyDestination:
        """The shop that the settings name, under points that all processes share."""
        client = ShopifyClient.from_config(
            self.config, connector=self.name, limiter_store=journal.buckets
        )
        return ShopifyDestination(client)


def main() -> None:
    """Run target-shopify."""
    run(TargetShopify)


if __name__ == "__main__":
    main()
