"""Renders the page: one file without a request to anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from crossdock.settings import Settings
from reconciliation.masks import mask
from reconciliation.sections import label
from reconciliation.summary import collect
from reconciliation.terminal import number
from reconciliation.verdict import ago, span

_TEMPLATES = Path(__file__).parent / "templates"


def write(places: Settings) -> tuple[Path, dict[str, Any]]:
    """Write `report/index.html` and `report/report.json` in the state folder.

    Returns:
        The page's path, and the document that it shows.
    """
    document = collect(places)
    folder = places.state_dir / "report"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False)
    _replace(folder / "report.json", text + "\n")
    page = folder / "index.html"
    _replace(page, render(document))
    return page, document


def render(document: Mapping[str, Any]) -> str:
    """The page as HTML; all that comes from outside is escaped."""
    style = (_TEMPLATES / "report.css").read_text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number,
        when=when,
        ago=ago,
        span=span,
        masked=masked,
        label=label,
        words=_words,
        prose=_prose,
        list_of=list,
    )
    template = environment.get_template("report.html.j2")
    parts = {
        part: [s for s in document["sections"] if s["part"] == part]
        for part in ("flow", "holds", "held")
    }
    return template.render(d=document, parts=parts, style=Markup(style), style_digest=digest)  # noqa: S704


def when(text: str | None) -> str:
    """A time to the minute, in UTC."""
    if not text:
        return "never"
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def masked(value: Any) -> str:
    """A text from outside without people."""
    return mask(str(value))


def _words(text: str) -> str:
    return text.replace("_", " ")


def _prose(text: str) -> Markup:
    """A sentence without people, whose `code` stands between backticks."""
    parts = [escape(part) for part in mask(text).split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else part
        for number, part in enumerate(parts)
    )


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
