"""Ids as Shopify writes them: `gid://shopify/Order/10248`."""

from __future__ import annotations

import hashlib
import re

_GID = re.compile(r"^gid://shopify/(\w+)/[^?]+(\?.*)?$")
_DIGITS = re.compile(r"\d+")


def gid(kind: str, number: int | str) -> str:
    """The global id of a record."""
    return f"gid://shopify/{kind}/{number}"


def kind_of(global_id: str) -> str | None:
    """The type that a global id names; None if it is no global id."""
    match = _GID.match(global_id)
    return match[1] if match else None


def numbers_of(global_id: str) -> list[int]:
    """The numbers in a global id: what ids sort by."""
    return [int(digits) for digits in _DIGITS.findall(global_id)]


def number_for(text: str) -> int:
    """The world's id itself when it is a plain number, else a stable number for it."""
    if text.isascii() and text.isdigit() and str(int(text)) == text:
        return int(text)
    return 10**12 + int.from_bytes(hashlib.sha256(text.encode()).digest()[:5])
