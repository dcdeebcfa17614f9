"""tap-@kebab@."""

from __future__ import annotations

from sandbox.@name@.vendor import TOKEN
from taps.@name@ import streams
from tests.conformance.bench import Stage, TapBench


def _settings(stage: Stage) -> dict[str, object]:
    return {"api_url": f"{stage.url}/@name@", "access_token": TOKEN, "share": 1}


def _prepare(stage: Stage) -> None:
    """A parcel, so that each stream has a record."""
    parcel = {"external_id": "E-1", "order_id": "o1", "tracking_number": "1Z1"}
    stage.edit("@name@", "parcel", create=parcel)


def _change(stage: Stage, number: int, text: str) -> None:
    stage.edit("@name@", "order", id=f"o{1 + number % 12}", set={"note": text})


def _remove(stage: Stage) -> str:
    stage.edit("@name@", "order", id="o5", delete=True)
    return "orders"


BENCHES = [
    TapBench(
        name="tap-@kebab@",
        vendor="@name@",
        config=_settings,
        prepare=_prepare,
        change=_change,
        remove=_remove,
        shrink=((streams, "PAGE", 4),),
        secrets=(TOKEN,),
        without={"requests_are_valid": "there is no published schema of this API to hold it to"},
    )
]
