"""tap-@kebab@: reads the orders of an account of @title@."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.tap import COMMON_SETTINGS, CrossdockTap
from taps.@name@.client import @Class@Client
from taps.@name@.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore


class Tap@Class@(CrossdockTap):
    """Orders, and the parcels that were told of."""

    name = "tap-@kebab@"
    stream_types = STREAMS
    offers = Capabilities(
        system="@name@",
        role="source",
        protocol="JSON over HTTPS",
        auth="a static token",
        limits=("20 requests a second, 40 at once",),
        incremental="`updated_since`, by the API's own clock",
        deletes="a daily sweep of all ids",
        counts="`/orders/count`",
        scopes=("read orders",),
    )
    config_jsonschema = th.PropertiesList(
        th.Property("api_url", th.StringType, required=True, description="Base of the API"),
        th.Property(
            "instance",
            th.StringType,
            default="@name@:main",
            description="Name of this account among the system instances",
        ),
        th.Property("access_token", th.StringType, secret=True, description="Token of the API"),
        th.Property(
            "start_date",
            th.DateTimeType,
            description="The first reading leaves out what has not changed since",
        ),
        *COMMON_SETTINGS,
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> @Class@Client:
        """The account that the settings name."""
        make = @Class@Client.from_config
        return make(self.config, connector=self.name, limiter_store=store)


def main() -> None:
    """Entry point of the command."""
    run(Tap@Class@)


if __name__ == "__main__":
    main()
