"""Which record belongs to which, read for many records at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from taps.hubspot.answers import next_page, results

if TYPE_CHECKING:
    import httpx

    from crossdock.tap import Record
    from taps.hubspot.client import HubSpotClient

# https://developers.hubspot.com/changelog/bug-fix-batch-read-limit-for-hubspot-associations-api
# says 1,000 now and said 100 at first; the reference says nothing.
MOST = 100

Ends = tuple[str, str]


def read_pairs(
    client: HubSpotClient, ends: Ends, ids: Sequence[str], *, stream: str
) -> Iterator[tuple[httpx.Response, list[tuple[str, Record]]]]:
    """What belongs to these records, as pairs of an id and the other end with its types.

    A record with many associations answers them in pages of its own.
    """
    path = client.associations(*ends, "batch", "read")
    waiting: list[dict[str, str]] = [{"id": id_} for id_ in dict.fromkeys(ids)]
    while waiting:
        inputs, waiting = waiting[:MOST], waiting[MOST:]
        response = client.request("POST", path, stream=stream, json={"inputs": inputs})
        pairs = []
        for result in results(client, response, stream=stream):
            source = str(result["from"]["id"])
            pairs += [(source, other) for other in result["to"]]
            after = next_page(result)
            if after is not None:
                waiting.append({"id": source, "after": after})
        yield response, pairs
