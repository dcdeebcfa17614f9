"""target-@kebab@."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.@name@.vendor import TOKEN
from taps.@name@.client import @Class@Client
from targets.@name@.destination import @Class@Destination
from tests.conformance.bench import TargetBench
from tests.targets.conftest import operation

if TYPE_CHECKING:
    from crossdock.journal import Journal
    from crossdock.operation import Operation

NAME = "target-@kebab@"
SYNC = "sync_@name@__parcels"


def _settings(url: str) -> dict[str, Any]:
    return {"api_url": f"{url}/@name@", "access_token": TOKEN, "share": 1}


def _destination(config: dict[str, Any], journal: Journal) -> @Class@Destination:
    make = @Class@Client.from_config
    client = make(config, connector=NAME, limiter_store=journal.buckets)
    return @Class@Destination(client)


def _creates() -> list[Operation]:
    return [_parcel(number) for number in range(1, 13)]


def _parcel(number: int) -> Operation:
    match = {"external_id": f"E-{number}"}
    told = {**match, "order_id": f"o{number}", "tracking_number": f"1Z{number}"}
    return operation(
        "create", key=match["external_id"], sync=SYNC, object="parcels", match=match, set=told
    )


BENCHES = [
    TargetBench(
        name=NAME,
        vendor="@name@",
        config=_settings,
        destination=_destination,
        creates=_creates,
        made=lambda effect: effect["fields"].get("external_id"),
        secrets=(TOKEN,),
    )
]
