"""tap-shopify: reads a shop through the Admin GraphQL API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.tap import COMMON_SETTINGS, CrossdockTap
from taps.shopify.capabilities import OFFERS
from taps.shopify.client import DEFAULT_VERSION, STANDARD_RATE, ShopifyClient
from taps.shopify.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore


class TapShopify(CrossdockTap):
    """Customers, orders and what hangs on them, products, locations and stock of one shop."""

    name = "tap-shopify"
    stream_types = STREAMS
    offers = OFFERS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "api_url",
            th.StringType,
            required=True,
            description="Address of the shop, such as https://my-shop.myshopify.com",
        ),
        th.Property(
            "instance",
            th.StringType,
            default="shopify:main",
            description="Name of this shop among the system instances",
        ),
        th.Property(
            "access_token",
            th.StringType,
            secret=True,
            description="Static token; else client_id and client_secret",
        ),
        th.Property("client_id", th.StringType, description="Client id of a custom app"),
        th.Property(
            "client_secret", th.StringType, secret=True, description="Client secret of that app"
        ),
        th.Property(
            "refresh_token",
            th.StringType,
            secret=True,
            description="Refresh token of an expiring offline token, beside client_id and "
            "client_secret; the newest one is kept in the project's state",
        ),
        th.Property(
            "api_version",
            th.StringType,
            default=DEFAULT_VERSION,
            description="Version of the Admin API",
        ),
        th.Property(
            "start_date",
            th.DateTimeType,
            description="The first reading leaves out what has not changed since",
        ),
        th.Property(
            "bulk",
            th.StringType(allowed_values=["auto", "always", "never"]),
            default="auto",
            description="Whether a first reading is done by bulk operations: auto, for streams "
            "whose pages would cost more than half a minute's points; always; never",
        ),
        th.Property(
            "restore_rate",
            th.NumberType,
            default=STANDARD_RATE,
            description="Points a second of the shop's plan, until an answer tells them",
        ),
        *COMMON_SETTINGS,
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> ShopifyClient:
        """The shop that the settings name."""
        return ShopifyClient.from_config(self.config, connector=self.name, limiter_store=store)


def main() -> None:
    """Entry point of the command."""
    run(TapShopify)


if __name__ == "__main__":
    main()
