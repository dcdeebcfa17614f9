"""tap-hubspot: reads the objects of a HubSpot account and how they belong together."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from crossdock.cli.connector import run
from crossdock.errors import CrossdockError
from crossdock.http.retry import Retry
from crossdock.tap import COMMON_SETTINGS, CrossdockTap
from taps.hubspot import streams
from taps.hubspot.capabilities import OFFERS
from taps.hubspot.changes import Changed, Changes
from taps.hubspot.client import DEFAULT_URL, DEFAULT_VERSION, FREE_LIMIT, HubSpotClient
from taps.hubspot.listings import ListingStream
from taps.hubspot.lookups import Listed, Lookups
from taps.hubspot.paths import Paths

if TYPE_CHECKING:
    from crossdock.http.limits import BucketStore


class TapHubSpot(CrossdockTap):
    """The objects of one HubSpot account, with all of their properties."""

    name = "tap-hubspot"
    offers = OFFERS
    stream_types = streams.STREAMS
    client: HubSpotClient
    began: datetime | None = None
    """HubSpot's own time when this run began to read."""

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
        th.Property(
            "requests_per_day",
            th.NumberType,
            description="The account's limit for a day; left out: no limit is kept",
        ),
        th.Property(
            "associations",
            th.ArrayType(th.StringType),
            description="Pairs of object types to read, such as orders:contacts",
        ),
        *COMMON_SETTINGS,
    ).to_dict()

    def make_client(self, store: BucketStore | None) -> HubSpotClient:
        """The account that the settings name."""
        return HubSpotClient.from_config(self.config, connector=self.name, limiter_store=store)

    def run_discovery(self) -> str:
        """Write the catalog, with the portal's own properties where the account answers."""
        try:
            with HubSpotClient.from_config(
                self.config, connector=self.name, retry=Retry(tries=1)
            ) as client:
                self.lookups = Lookups(client)
                self.lookups.prefetch(self._wanted_lists(), self.workers)
        except CrossdockError as error:
            self.logger.info("the account's own properties are not described: %s", error)
        return super().run_discovery()

    @cached_property
    def lookups(self) -> Lookups:
        """Short lists of the account that several streams need."""
        return Lookups(self.client)

    @cached_property
    def paths(self) -> Paths:
        """Where things are in the version of the API that is asked for."""
        paths = Paths()
        paths.version = self.config.get("api_version") or DEFAULT_VERSION
        return paths

    @cached_property
    def _changes(self) -> Changes:
        return Changes(self.client)

    def changed(self, user: str, object_type: str, since: datetime) -> Changed:
        """What changed of an object type, found once for all streams that need it."""
        return self._changes.want(user, object_type, since, streams.SEARCH_PAGE)

    def object_types(self) -> list[str]:
        """Names of the object types that are read; all if only other things are."""
        wanted = {stream.name for stream in self._wanted()}
        names = [kind.name for kind in streams.OBJECTS]
        return [name for name in names if name in wanted] or names

    def known_properties(self, object_type: str) -> Listed | None:
        """Definitions of an object type, if they were read already."""
        if "lookups" not in self.__dict__:
            return None
        return self.lookups.known(self.paths.properties(object_type))

    def look_up(self) -> None:
        """Ask for all short lists at once; whoever needs one that failed says so."""
        self.lookups.prefetch(self._wanted_lists(), self.workers)
        self.began = self.began or self.client.vendor_now

    def _wanted_lists(self) -> dict[str, str]:
        wanted = {self.paths.properties(name): name for name in self.object_types()}
        for stream in self._wanted():
            if isinstance(stream, ListingStream):
                for path in stream.paths().values():
                    wanted.setdefault(path, stream.name)
        return wanted


def main() -> None:
    """Entry point of the command."""
    run(TapHubSpot)


if __name__ == "__main__":
    main()
