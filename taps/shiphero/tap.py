"""tap-shiphero: reads what a ShipHero account holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.tap import COMMON_SETTINGS, CrossdockTap
from taps.shiphero.client import CREDITS, CREDITS_PER_SECOND, DEFAULT_URL, ShipHeroClient
from taps.shiphero.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore


class TapShipHero(CrossdockTap):
    """Orders, shipments, returns, products and stock of one ShipHero account."""

    name = "tap-shiphero"
    offers = Capabilities(
        system="shiphero",
        role="source",
        protocol="GraphQL over HTTPS",
        auth="bearer token of an API user",
        token_life="28 days; renewed by a refresh token that stays the same, or by password",  # noqa: S106
        limits=(
            "4,004 credits, 60 more each second: one for each record that an answer holds",
            "7,000 requests in five minutes",
        ),
        webhooks="20 kinds, signed, sent up to six times, not guaranteed; not used by this tap",
        incremental="orders, products and stock by updated_at; the log of stock by its time; "
        "shipments and returns by their making, and again while they may change",
        deletes="sweeps of all ids of orders, products and stock",
        counts="none by the vendor; ids of the last seven days are counted anew",
        scopes=("view:orders", "view:pii"),
        links=(
            "https://developer.shiphero.com/getting-started",
            "https://developer.shiphero.com/scopes",
            "https://developer.shiphero.com/troubleshooting/error-glossary",
        ),
    )
    stream_types = STREAMS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "api_url", th.StringType, default=DEFAULT_URL, description="Address of the API"
        ),
        th.Property(
            "instance",
            th.StringType,
            default="shiphero:main",
            description="Name of this account among the system instances",
        ),
        th.Property(
            "access_token",
            th.StringType,
            secret=True,
            description="Static token; else refresh_token, or username and password",
        ),
        th.Property(
            "refresh_token", th.StringType, secret=True, description="Refresh token of an API user"
        ),
        th.Property("username", th.StringType, description="E-mail address of an API user"),
        th.Property("password", th.StringType, secret=True, description="Password of that user"),
        th.Property(
            "start_date",
            th.DateTimeType,
            description="The first reading leaves out what has not changed since",
        ),
        th.Property(
            "credits", th.NumberType, default=CREDITS, description="Credits of a full bucket"
        ),
        th.Property(
            "credits_per_second",
            th.NumberType,
            default=CREDITS_PER_SECOND,
            description="Credits that the account gets each second",
        ),
        th.Property(
            "sweep_credits",
            th.IntegerType(minimum=0),
            default=50_000,
            description="Credits that looking for deletions may cost, for each stream and sweep",
        ),
        *COMMON_SETTINGS,
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> ShipHeroClient:
        """The account that the settings name, with the credits that it has by now."""
        client = ShipHeroClient.from_config(self.config, connector=self.name, limiter_store=store)
        client.ask_quota()
        return client


def main() -> None:
    """Entry point of the command."""
    run(TapShipHero)


if __name__ == "__main__":
    main()
