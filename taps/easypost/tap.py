"""tap-easypost: reads trackers, labels and verified addresses of an EasyPost account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.tap import COMMON_SETTINGS, CrossdockTap
from taps.easypost.capabilities import OFFERS
from taps.easypost.client import DEFAULT_URL, LISTS_PER_SECOND, EasyPostClient
from taps.easypost.streams import STREAMS

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore


class TapEasyPost(CrossdockTap):
    """Where parcels are, which labels were bought, which addresses exist."""

    name = "tap-easypost"
    offers = OFFERS
    stream_types = STREAMS
    config_jsonschema = th.PropertiesList(
        th.Property(
            "api_url", th.StringType, default=DEFAULT_URL, description="Address of the API"
        ),
        th.Property(
            "instance",
            th.StringType,
            default="easypost:main",
            description="Name of this account among the system instances",
        ),
        th.Property(
            "api_key",
            th.StringType,
            required=True,
            secret=True,
            description="Key of the account: EZAK… for production, EZTK… for tests",
        ),
        th.Property(
            "start_date",
            th.DateTimeType,
            description="The first reading leaves out what was made before",
        ),
        th.Property(
            "lookback_days",
            th.NumberType(minimum=0),
            default=2,
            description="Days for which shipments and addresses are listed again",
        ),
        th.Property(
            "lists_per_second",
            th.NumberType(exclusive_minimum=0),
            default=LISTS_PER_SECOND,
            description="The account's limit on lists",
        ),
        *COMMON_SETTINGS,
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> EasyPostClient:
        """The account that the settings name."""
        return EasyPostClient.from_config(self.config, connector=self.name, limiter_store=store)


def main() -> None:
    """Entry point of the command."""
    run(TapEasyPost)


if __name__ == "__main__":
    main()
