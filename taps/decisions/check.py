"""What `crossdock check` asks of the folder with people's decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from crossdock.checks import Finding
from crossdock.errors import CrossdockError
from crossdock.files.errors import FileRefused
from taps.decisions.client import Desk, Folder
from taps.decisions.sheets import parse

NAME = "tap-decisions"


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """Whether the folder is there, and each file in it can be read."""
    try:
        with closing(Desk.from_config(config, connector=NAME)) as desk:
            place = desk.place
            if isinstance(place, Folder) and not place.path.is_dir():
                if fix:
                    place.path.mkdir(parents=True)
                what = "nobody has decided anything: there is no folder of decisions"
                yield Finding(what, ok=True, advice=f"it would be {place.path}", fixed=fix)
                return
            files = desk.files()
            yield Finding(f"the folder of decisions can be read ({len(files)} files)", ok=True)
            for entry in files:
                yield _file(desk, entry.name)
    except CrossdockError as error:
        yield Finding("the folder of decisions can be read", ok=False, advice=str(error))


def _file(desk: Desk, name: str) -> Finding:
    entry = next(each for each in desk.files() if each.name == name)
    what = f"{name} can be read"
    try:
        held = desk.content(entry)
        bad = [each for sheet in parse(held[0], name) for each in sheet.bad] if held else []
    except FileRefused as error:
        return Finding(what, ok=False, advice=str(error))
    told = "; ".join(f"line {each.line}: {each.reason}" for each in bad[:3])
    return Finding(what, ok=not bad, advice=f"{len(bad)} rows cannot: {told}" if bad else "")
