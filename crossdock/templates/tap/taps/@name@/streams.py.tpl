"""The streams of an account of @title@."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crossdock.http import rules
from crossdock.http.client import sent_at, vendor_time
from crossdock.tap import CrossdockStream, IdPage, Page, Reading, Total, format_time, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from taps.@name@.client import @Class@Client

PAGE = 100


class @Class@Stream(CrossdockStream):
    """A list of the API, in pages that are followed by cursor."""

    primary_keys = ("id",)
    replication_key = "updated_at"

    @property
    def client(self) -> @Class@Client:
        """The account."""
        return self._tap.client  # type: ignore[return-value]

    def read(self, since: datetime | None) -> Reading:
        """All records, or those that changed."""
        changed = {} if since is None else {"updated_since": format_time(since)}
        return Reading([self._listing(changed)], full=since is None, read_from=since)

    def sweep(self) -> Iterator[IdPage]:
        """All ids that exist now."""
        for response in self._pages({"fields": "id"}):
            keys = [item["id"] for item in rules.mapping(response)["items"]]
            yield IdPage(keys, sent_at(response), vendor_time(response))

    def totals(self, reading: Reading) -> Iterator[Total]:
        """How many records there are, as the API counts them."""
        response = self._get(f"/{self.name}/count", {})
        yield Total("count", str(rules.mapping(response)["count"]))

    def _listing(self, changed: dict[str, str]) -> Iterator[Page]:
        for response in self._pages(changed):
            records = rules.mapping(response)["items"]
            yield Page(records, sent_at(response), vendor_time(response))

    def _pages(self, params: dict[str, str]) -> Iterator[httpx.Response]:
        cursor: str | None = ""
        while cursor is not None:
            asked = {**params, "limit": str(PAGE), "after": cursor}
            response = self._get(f"/{self.name}", asked)
            yield response
            cursor = rules.mapping(response)["next"]

    def _get(self, path: str, params: dict[str, str]) -> httpx.Response:
        return self.client.request("GET", path, stream=self.name, params=params)


class Orders(@Class@Stream):
    """Orders with their lines and addresses."""

    name = "orders"
    schema = record(
        "id",
        text="number status payment_status currency email note shipping_method shipping total",
        time="placed_at updated_at cancelled_at",
        boolean="test",
        obj="ship_to",
        array="lines",
    )


class Parcels(@Class@Stream):
    """Tracking numbers that the account was told."""

    name = "parcels"
    schema = record(
        "id",
        text="external_id order_id tracking_number carrier tracking_url shipped_at",
        time="updated_at",
    )


STREAMS = (Orders, Parcels)
