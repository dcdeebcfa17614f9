"""Countries by the names that people write, and their ISO 3166 codes."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("countries.csv")


@cache
def _rows() -> list[tuple[str, str]]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return [(row["code"], row["name"]) for row in csv.DictReader(lines)]


@cache
def code_of(country: str | None) -> str | None:
    """The two-letter code of a name or code; None if nobody knows it."""
    wanted = (country or "").strip().casefold()
    for code, name in _rows():
        if wanted in (code.casefold(), name.casefold()):
            return code
    return None


@cache
def name_of(country: str | None) -> str | None:
    """The usual English name; what nobody knows stays as it is."""
    wanted = code_of(country)
    return next((name for code, name in _rows() if code == wanted), country)
