"""What of a file cannot be taken as it is."""

from __future__ import annotations


class FileRefused(Exception):  # noqa: N818
    """A whole file: the message says why, without anything personal."""


class NotReadable(FileRefused):
    """A file that our rights or the disk keep from us now: the next run tries again."""


class ValueRefused(Exception):  # noqa: N818
    """One value: the message says why, without the value itself."""
