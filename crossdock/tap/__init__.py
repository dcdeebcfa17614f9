"""Bases for taps on singer-sdk."""

from crossdock.tap.base import COMMON_SETTINGS, CrossdockTap
from crossdock.tap.pages import BatchPage, IdPage, Item, Page, Part, Reading, Record, Total
from crossdock.tap.progress import format_time, parse_time
from crossdock.tap.schema import record
from crossdock.tap.selection import prune
from crossdock.tap.stream import CrossdockStream

__all__ = [
    "COMMON_SETTINGS",
    "BatchPage",
    "CrossdockStream",
    "CrossdockTap",
    "IdPage",
    "Item",
    "Page",
    "Part",
    "Reading",
    "Record",
    "Total",
    "format_time",
    "parse_time",
    "prune",
    "record",
]
