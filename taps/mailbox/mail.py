"""Tables that are attached to mails, from senders that are known."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Collection, Iterator
from email.message import EmailMessage
from email.utils import parseaddr

from crossdock.files.errors import FileRefused

_TABLES = (".csv", ".txt", ".xlsx")


def attachments(content: bytes, senders: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each table in a mail.

    Raises:
        FileRefused: It is no mail, nobody we know sent it, or no table is in it.
    """
    message = email.message_from_bytes(content, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not message.get("From"):
        raise FileRefused("it is no mail: nobody is named as its sender")
    sender = parseaddr(str(message["From"]))[1].lower()
    if sender not in {known.lower() for known in senders}:
        raise FileRefused(
            "its sender is not among `senders` of the layout: whoever may order by mail must be"
        )
    found = [
        (name, part)
        for part in message.walk()
        if (name := part.get_filename() or "").lower().endswith(_TABLES)
    ]
    if not found:
        raise FileRefused("no CSV or XLSX file is attached to it")
    for name, part in found:
        body = part.get_payload(decode=True)
        if not isinstance(body, bytes):
            raise FileRefused("an attachment of it cannot be decoded")
        yield name.replace("/", "_"), body
