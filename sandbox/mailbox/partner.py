"""The other side of a mailbox. It has no address: the folder is all that both sides share."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from crossdock.errors import CrossdockError

HEADINGS = (
    "Order", "Date", "Payment", "Currency", "E-mail", "Name", "Address", "City", "ZIP", "Country",
    "SKU", "Quantity", "Unit price",
)  # fmt: skip
SENDER = "orders@partner.example"
#: Long enough ago for a reader to trust that nobody is writing any more.
AGE = 60.0


class PartnerError(CrossdockError):
    """The partner could not do that."""


class Partner:
    """One partner and the folder that it shares with us.

    Args:
        folder: The folder; its parts are made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox, self.mail = folder / "inbox", folder / "mail"
        self.outbox = folder / "outbox"
        for place in (self.inbox, self.mail, self.outbox):
            place.mkdir(parents=True, exist_ok=True)
        self._sent = 0

    def sends_csv(self, name: str, rows: Iterable[Sequence[Any]], **form: Any) -> Path:
        """Put a CSV file with the usual headings into the inbox."""
        return self.puts(name, csv_of([HEADINGS, *rows], **form))

    def sends_xlsx(self, name: str, rows: Iterable[Sequence[Any]]) -> Path:
        """Put a workbook with the usual headings into the inbox."""
        return self.puts(name, xlsx_of([HEADINGS, *rows]))

    def puts(self, name: str, content: bytes, *, age: float = AGE) -> Path:
        """Put any file into the inbox, as if it had been written a while ago."""
        return self._write(self.inbox / name, content, age)

    def mails(
        self, name: str, attachments: Mapping[str, bytes], *, sender: str = SENDER, age: float = AGE
    ) -> Path:
        """Have a mail with these attachments arrive."""
        message = EmailMessage()
        message["From"], message["To"] = f"Orders <{sender}>", "in@warehouse.example"
        message["Subject"] = "New orders"
        message.set_content("Please find our orders attached.")
        for file, content in attachments.items():
            message.add_attachment(
                content, maintype="application", subtype="octet-stream", filename=file
            )
        return self._write(self.mail / name, message.as_bytes(), age)

    def fetches(self) -> list[dict[str, str]]:
        """Take the files with tracking out of the outbox; their rows."""
        rows: list[dict[str, str]] = []
        for path in sorted(self.outbox.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                rows += csv.DictReader(file)
            path.unlink()
        return rows

    def _write(self, path: Path, content: bytes, age: float) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        # Each file a little younger than the one before: the last word of an order counts.
        self._sent += 1
        written = time.time() - age + self._sent / 100
        os.utime(path, (written, written))
        return path


def row(order: str, sku: Any, quantity: Any = 1, **other: Any) -> list[Any]:
    """A line of an order under the usual headings, ordinary in all that is not said."""
    values = {
        "Order": order, "Date": "2026-11-02", "Payment": "paid", "Currency": "EUR",
        "E-mail": "buyer@example.com", "Name": "Ada Lovelace", "Address": "Lange Str. 5",
        "City": "Köln", "ZIP": "50667", "Country": "DE", "SKU": sku, "Quantity": quantity,
        "Unit price": "4.50",
    }  # fmt: skip
    if unknown := set(other) - set(values):
        raise PartnerError(f"there is no column {sorted(unknown)[0]!r}")
    return list((values | other).values())


def csv_of(
    rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Iterable[Sequence[Any]], formats: Mapping[str, str] | None = None) -> bytes:
    """Rows as a workbook; `formats` shows cells, by their name, in a form of their own."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise PartnerError("a new workbook has no sheet")
    for values in rows:
        sheet.append(list(values))
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
