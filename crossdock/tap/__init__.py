"""Bases for taps on singer-sdk."""

from crossdock.tap.base import COMMON_SETTINGS, CrossdockTap
from crossdock.tap.pages import Page, Reading, Record
from crossdock.tap.schema import record
from crossdock.tap.stream import CrossdockStream, format_time, parse_time

__all__ = [
    "COMMON_SETTINGS",
    "CrossdockStream",
    "CrossdockTap",
    "Page",
    "Reading",
    "Record",
    "format_time",
    "parse_time",
    "record",
]
