"""Reads the warehouse for people: beside a run that writes, from the copy it published last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from crossdock.errors import WarehouseLocked
from crossdock.settings import Settings
from crossdock.warehouse import Warehouse, connect

_PATIENCE = 5.0  # seconds; a person waits at the terminal


@contextmanager
def open_for_people(places: Settings) -> Iterator[tuple[Warehouse, bool]]:
    """Open the warehouse for reading, or its published copy while a run holds it.

    Yields:
        The warehouse, and whether it is the copy: what the last closed run left.

    Raises:
        WarehouseError: There is no warehouse.
        WarehouseLocked: It is held, and no copy was ever published.
    """
    with ExitStack() as opened:
        try:
            opening = connect(places.warehouse, read_only=True, wait=_PATIENCE)
            found = opened.enter_context(opening), False
        except WarehouseLocked:
            if not places.read_copy.exists():
                raise
            opening = connect(places.read_copy, read_only=True)
            found = opened.enter_context(opening), True
        yield found
