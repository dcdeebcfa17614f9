"""What `crossdock check` asks of a mailbox."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.checks import Finding
from crossdock.errors import CrossdockError
from taps.mailbox.client import INBOX, MAIL, OUTBOX, SENT, Mailbox

NAME = "tap-mailbox"


def check(config: Mapping[str, Any], fix: bool) -> Iterator[Finding]:
    """Whether the folder is there, its layout is sound, and its parts can be used."""
    try:
        mailbox = Mailbox.from_config(config, connector=NAME)
    except CrossdockError as error:
        yield Finding("the mailbox can be used", ok=False, advice=str(error))
        return
    yield Finding("the layout is sound", ok=True)
    for name, needed in ((INBOX, os.R_OK), (MAIL, os.R_OK), (OUTBOX, os.W_OK), (SENT, os.W_OK)):
        place = mailbox.folder / name
        made = fix and not place.exists()
        if made:
            place.mkdir(parents=True)
        ok = place.is_dir() and os.access(place, needed)
        word = "written to" if needed == os.W_OK else "read"
        advice = f"make {place}, or run `crossdock check --fix`"
        yield Finding(f"{name} can be {word}", ok=ok, advice=advice, fixed=ok and made)
