"""The parts of a shipment: parcel, customs papers, rates, label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.core import iso
from sandbox.easypost import carriers
from sandbox.easypost.account import MODE, Account
from sandbox.easypost.errors import required

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from sandbox.easypost.store import Record

_CUSTOMS = (
    *("contents_explanation", "contents_type", "customs_certify", "customs_signer", "eel_pfc"),
    *("non_delivery_option", "restriction_comments", "restriction_type", "declaration"),
)
_ITEM = (
    *("description", "hs_tariff_number", "origin_country", "quantity", "code", "manufacturer"),
    *("currency", "eccn", "printed_commodity_identifier"),
)
_FILES = {"PDF": "label_pdf_url", "ZPL": "label_zpl_url", "EPL2": "label_epl2_url"}
_SIZES = ("length", "width", "height")


def parcel(account: Account, given: Mapping[str, Any]) -> Record:
    """Keep a parcel.

    Raises:
        ApiError: It has no weight.
    """
    if "id" in given:
        return account.of("prcl").get(str(given["id"]))
    if not given.get("weight"):
        raise required("parcel.weight")
    now = account.now
    record = {
        "object": "Parcel",
        **_stamps(now),
        **{name: given.get(name) and float(given[name]) for name in _SIZES},
        "predefined_package": given.get("predefined_package"),
        "weight": float(given["weight"]),
        "mode": MODE,
    }
    return account.of("prcl").add(record, now)


def customs(account: Account, given: Mapping[str, Any] | None) -> Record | None:
    """Keep customs papers, if there are any."""
    if not given:
        return None
    now = account.now
    items = [_item(account, item) for item in given.get("customs_items") or ()]
    record = {
        "object": "CustomsInfo",
        **_stamps(now),
        **{name: given.get(name) for name in _CUSTOMS},
        "mode": MODE,
        "customs_items": items,
    }
    return account.of("cstinfo").add(record, now)


def _item(account: Account, given: Mapping[str, Any]) -> Record:
    now = account.now
    record = {
        "object": "CustomsItem",
        **_stamps(now),
        **{name: given.get(name) for name in _ITEM},
        "value": str(given.get("value") or "0.0"),
        "weight": float(given.get("weight") or 0),
        "mode": MODE,
    }
    return account.of("cstitem").add(record, now)


def rates(account: Account, shipment_id: str, ounces: float) -> list[Record]:
    """What each service costs for a weight."""
    now = account.now
    made = []
    for service, days, first, further, shop in carriers.SERVICES:
        cost = carriers.price(first, further, ounces)
        record = {
            "object": "Rate",
            **_stamps(now),
            "mode": MODE,
            "service": service,
            "carrier": carriers.CARRIER,
            **_prices(cost, cost + shop),
            "billing_type": "easypost",
            "delivery_days": days,
            "delivery_date": None,
            "delivery_date_guaranteed": False,
            "est_delivery_days": days,
            "shipment_id": shipment_id,
            "carrier_account_id": carriers.CARRIER_ACCOUNT,
        }
        made.append(account.of("rate").add(record, now))
    return made


def _prices(cost: Decimal, shop: Decimal) -> dict[str, str]:
    return {
        "rate": str(cost),
        "currency": "USD",
        "retail_rate": str(shop),
        "retail_currency": "USD",
        "list_rate": str(cost),
        "list_currency": "USD",
    }


def label(account: Account, shipment: Record) -> Record:
    """Print the label of a shipment."""
    now = account.now
    name = f"files/postage_label/{now:%Y%m%d}/{shipment['id'].removeprefix('shp_')}.png"
    record = {
        "object": "PostageLabel",
        **_stamps(now),
        "date_advance": 0,
        "integrated_form": "none",
        "label_date": iso(now),
        "label_resolution": 300,
        "label_size": "4x6",
        "label_type": "default",
        "label_file_type": "image/png",
        "label_url": f"https://easypost-files.example/{name}",
        "label_pdf_url": None,
        "label_zpl_url": None,
        "label_epl2_url": None,
        "label_file": None,
    }
    return account.of("pl").add(record, now)


def convert(printed: Record, file_format: str, now: datetime) -> bool:
    """Give a label in another format as well; False if there is no such format."""
    name = _FILES.get(file_format.upper())
    if name is None:
        return file_format.upper() == "PNG"
    if printed[name] is None:
        printed[name] = printed["label_url"].replace(".png", f".{file_format.lower()}")
        printed["updated_at"] = iso(now)
    return True


def _stamps(now: datetime) -> dict[str, str]:
    return {"created_at": iso(now), "updated_at": iso(now)}
