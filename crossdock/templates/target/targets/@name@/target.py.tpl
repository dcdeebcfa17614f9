"""target-@kebab@: tells where the parcels of an order are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.capabilities import Capabilities
from crossdock.cli.connector import run
from crossdock.target import ROLLOUT, CrossdockTarget
from taps.@name@.client import @Class@Client
from targets.@name@.destination import @Class@Destination

if TYPE_CHECKING:
    from crossdock.journal import Journal


class Target@Class@(CrossdockTarget):
    """Tracking numbers, one for each parcel."""

    name = "target-@kebab@"
    offers = Capabilities(
        system="@name@",
        role="destination",
        protocol="JSON over HTTPS",
        auth="a static token",
        limits=("20 requests a second, 40 at once",),
        writes={"parcels": ("create",)},
        idempotency="`Idempotency-Key`",
        read_back="by `external_id`, which sees its own writes at once",
        scopes=("write parcels",),
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
            "share",
            th.NumberType(exclusive_minimum=0, maximum=1),
            default=0.5,
            description="Part of the account's limit that is ours; other apps share it",
        ),
        ROLLOUT,
    ).to_dict()

    def destination(self, journal: Journal) -> @Class@Destination:
        """The account that the settings name, under a limit that all processes share."""
        make = @Class@Client.from_config
        client = make(self.config, connector=self.name, limiter_store=journal.buckets)
        return @Class@Destination(client)


def main() -> None:
    """Entry point of the command."""
    run(Target@Class@)


if __name__ == "__main__":
    main()
