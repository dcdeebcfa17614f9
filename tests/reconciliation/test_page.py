"""The page as a browser would read it: safe, complete, without a request or a person."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from crossdock.settings import Settings
from reconciliation import page
from reconciliation.cli import report
from tests.reconciliation.built import HOSTILE, PEOPLE, places_in

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "report.json"


class Page(HTMLParser):
    """Tags with their attributes, and the text outside of tags and style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.style = ""
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = [tag]

    def handle_endtag(self, tag: str) -> None:
        self._inside = []

    def handle_data(self, data: str) -> None:
        if self._inside == ["style"]:
            self.style += data
        else:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def written(places: Settings) -> Page:
    result = CliRunner().invoke(report, catch_exceptions=False)
    assert result.output.strip().endswith("index.html")
    return Page((places.state_dir / "report" / "index.html").read_text())


def test_asks_nothing_of_any_network(written: Page) -> None:
    names = {tag for tag, _ in written.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "form", "base", "video"}
    for _, attributes in written.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert not {"src", "style", "srcset", "action"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in written.style
    assert "@import" not in written.style


def test_the_policy_allows_nothing_but_its_own_style(written: Page) -> None:
    (policy,) = [
        m["content"] or ""
        for m in written.all("meta")
        if m.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = base64.b64encode(hashlib.sha256(written.style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", f"style-src 'sha256-{digest}'", "base-uri 'none'",
        "form-action 'none'",
    ]  # fmt: skip


def test_what_comes_from_outside_is_text(written: Page) -> None:
    assert HOSTILE in written.text


def test_names_no_person(places: Settings, written: Page) -> None:
    folder = places.state_dir / "report"
    for name in ("index.html", "report.json"):
        text = (folder / name).read_text()
        for person in PEOPLE:
            assert person not in text


def test_can_be_read_by_keyboard_and_screen_reader(written: Page) -> None:
    assert written.all("html")[0]["lang"] == "en"
    ids = Counter(a["id"] for _, a in written.tags if "id" in a)
    assert max(ids.values()) == 1
    for link in written.all("a"):
        assert (link["href"] or "")[1:] in ids
    assert len(written.all("caption")) == len(written.all("table"))
    assert all(cell.get("scope") in ("col", "row") for cell in written.all("th"))
    regions = [a for a in written.all("div") if a.get("role") == "region"]
    assert all(a.get("tabindex") == "0" and a.get("aria-label") for a in regions)
    levels = [int(tag[1]) for tag, _ in written.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_says_what_is_held_and_what_to_do(written: Page) -> None:
    for words in (
        "unmapped sku", "STRANGE", "Say in decisions/sku_map.csv", "channel hold",
        "HIGH_RISK_OF_FRAUD", "unpaid", "2 requests are held until somebody acts",
        "The last run failed: delivery", "1 writes were refused",
    ):  # fmt: skip
        assert words in written.text, words


def test_the_json_beside_it_is_as_its_schema_says(places: Settings, written: Page) -> None:
    document = json.loads((places.state_dir / "report" / "report.json").read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)


def test_an_empty_project_has_a_page_that_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = places_in(tmp_path)
    path, document = page.write(places)
    text = Page(path.read_text()).text
    assert "Nothing has run yet" in text
    assert "there is no warehouse at" in text
    assert "the dbt models were never built" in text
    assert not document["checks"]["counts"]
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
