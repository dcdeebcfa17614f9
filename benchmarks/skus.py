"""Whether an unmapped SKU finds its item: a shop's names looked up in another one's catalogue.

Abt's listings are sold, Buy's products are the items; the same `unique_id` is the same thing. The
SKUs say nothing. The models' candidates stand beside one score of shared words, over all pairs.

`python -m benchmarks.skus`; with `--items 10000` also how long a large catalogue takes.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from benchmarks.measuring import show
from benchmarks.models import Project
from crossdock.warehouse import connect

if TYPE_CHECKING:
    from benchmarks.measuring import Row

SHOWN = (1, 3, 5)
MODELS = "+int_sku_candidates"
_MEASURED = ("int_sku_terms", "int_sku_candidates")

_LANDED = {
    "raw_shopify_main.products": """
        select 'gid://shopify/Product/' || row_number() over () as id, name as title,
            'ACTIVE' as status, '2026-11-01T09:00:00Z' as "updatedAt",
            json_array(json_object(
                'id', 'gid://shopify/ProductVariant/' || row_number() over (),
                'sku', sku, 'title', 'Default Title'
            )) as variants
        from listings""",
    "raw_shiphero_main.products": """
        select sku as id, sku, name, true as active, false as kit,
            '2026-11-01T09:00:00Z' as updated_at
        from items""",
}
_TOKENS = "list_distinct(regexp_extract_all(lower(strip_accents(name)), '[a-z0-9]+'))"
_SHARED = "len(list_intersect(listings.words, items.words))"
#: The part of the shorter name's words that the longer one has, then the part of all words.
_TOKEN_SET = f"""
    with listings as (select *, {_TOKENS} as words from listings),
    items as (select *, {_TOKENS} as words from items)
    select listings.sku, items.sku as item, row_number() over (
        partition by listings.sku order by
            {_SHARED} / least(len(listings.words), len(items.words)) desc,
            {_SHARED} / (len(listings.words) + len(items.words)) desc, items.sku
    ) as rank
    from listings cross join items
    qualify rank <= {max(SHOWN)}"""


@dataclass(frozen=True)
class Goods:
    """One thing in a catalogue: which it is in truth, its SKU there, and its name."""

    truth: str
    sku: str
    name: str


def abt_buy(reference: Path, seed: int = 7) -> tuple[list[Goods], list[Goods]]:
    """The listings and the items; their SKUs are drawn by lot."""
    folder = reference / "data" / "sku" / "abt_buy"
    lots = random.Random(seed)
    return tuple(  # type: ignore[return-value]
        _goods(folder / f"AbtBuy_{name}.csv", lots) for name in ("Abt", "Buy")
    )


def _goods(file: Path, lots: random.Random) -> list[Goods]:
    with file.open(newline="", encoding="utf-8-sig") as text:
        rows = list(csv.DictReader(text))
    numbers = lots.sample(range(10**7, 10**8), len(rows))
    return [
        Goods(row["unique_id"], f"P{number}", row["title"])
        for row, number in zip(rows, numbers, strict=True)
    ]


def enlarged(goods: Sequence[Goods], count: int, seed: int = 7) -> list[Goods]:
    """As many as asked for: further models of the same things, other digits in their names."""
    lots = random.Random(seed)
    found = list(goods[:count])
    while len(found) < count:
        of = lots.choice(goods)
        name = "".join(lots.choice("0123456789") if c.isdigit() else c for c in of.name)
        found.append(Goods(f"{of.truth}/{len(found)}", f"P{10**8 + len(found)}", name))
    return found


@dataclass(frozen=True)
class Catalogue:
    """One shop's listings and one warehouse's items, with the project's own models over them."""

    folder: Path

    @property
    def path(self) -> Path:
        """The warehouse file."""
        return self.folder / "warehouse.duckdb"

    def land(self, listings: Sequence[Goods], items: Sequence[Goods]) -> None:
        """Write both as the taps and the loader leave them."""
        with connect(self.path, read_only=False) as warehouse:
            warehouse.register("listings", _table(listings))
            warehouse.register("items", _table(items))
            for table, select in _LANDED.items():
                warehouse.execute(f"create schema if not exists {table.split('.')[0]}")
                warehouse.execute(f"create or replace table {table} as {select}")

    def build(self) -> dict[str, float]:
        """Build what leads to the candidates; seconds of each model."""
        project = Project(self.folder, self.path)
        project.dbt("seed")
        return dict(project.dbt("run", "--select", MODELS).slowest)

    def candidates(self) -> dict[str, list[str]]:
        """The items that each SKU may be, the likeliest first."""
        found: dict[str, list[str]] = {}
        with connect(self.path, read_only=True) as warehouse:
            for sku, item in warehouse.fetchall(
                "select channel_sku, sku from intermediate.int_sku_candidates"
                " order by channel_sku, candidate_rank"
            ):
                found.setdefault(sku, []).append(item)
        return found


def token_set(listings: Sequence[Goods], items: Sequence[Goods]) -> dict[str, list[str]]:
    """What one score of shared words finds."""
    found: dict[str, list[str]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(Path(folder) / "names.duckdb", read_only=False) as warehouse,
    ):
        warehouse.register("listings", _table(listings))
        warehouse.register("items", _table(items))
        for sku, item, _ in warehouse.fetchall(f"{_TOKEN_SET} order by 1, 3"):
            found.setdefault(sku, []).append(item)
    return found


def hits(
    found: dict[str, list[str]], listings: Sequence[Goods], items: Sequence[Goods]
) -> dict[int, float]:
    """For how many of the listings, in percent, the right item is among the first so many."""
    truth = {item.sku: item.truth for item in items}
    return {
        top: 100
        * sum(
            listing.truth in [truth[sku] for sku in found.get(listing.sku, [])[:top]]
            for listing in listings
        )
        / len(listings)
        for top in SHOWN
    }


def _table(goods: Sequence[Goods]) -> pa.Table:
    return pa.table({"sku": [each.sku for each in goods], "name": [each.name for each in goods]})


def _compared(reference: Path, folder: Path) -> list[Row]:
    listings, items = abt_buy(reference)
    catalogue = Catalogue(folder)
    catalogue.land(listings, items)
    catalogue.build()
    return [
        {"": name} | {f"top {top}, %": round(part, 2) for top, part in parts.items()}
        for name, parts in (
            ("the models' candidates", hits(catalogue.candidates(), listings, items)),
            ("one token-set score", hits(token_set(listings, items), listings, items)),
        )
    ]


def _timed(reference: Path, folder: Path, listed: int, count: int) -> Row:
    listings, items = abt_buy(reference)
    catalogue = Catalogue(folder)
    catalogue.land(enlarged(listings, listed), enlarged(items, count))
    seconds = catalogue.build()
    return {"unmapped SKUs": listed, "items": count} | {
        f"{name}, s": seconds[name] for name in _MEASURED
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=0, help="also time a catalogue of so many")
    parser.add_argument("--json", type=Path, default=None, help="write the tables there, too")
    chosen = parser.parse_args()
    named = os.environ.get("CROSSDOCK_REFERENCE")
    if not named:
        sys.exit("CROSSDOCK_REFERENCE names no folder of reference data: nothing to measure")
    reference = Path(named)
    with tempfile.TemporaryDirectory() as folder:
        rows = _compared(reference, Path(folder))
    show("The right item among the candidates, of 1,081 listings", rows, chosen.json)
    for listed, count in ((10, chosen.items), (chosen.items, chosen.items)) if chosen.items else ():
        with tempfile.TemporaryDirectory() as folder:
            show("Time for the candidates", [_timed(reference, Path(folder), listed, count)])


if __name__ == "__main__":
    main()
