"""What is said of the connectors: the page of the docs, and warnings before something ends."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crossdock.checks import credentials_end, version_age
from crossdock.cli.capabilities import page
from crossdock.connectors import of_project
from crossdock.errors import SettingsError

ROOT = Path(__file__).parents[1]


def test_the_page_of_the_docs_is_what_the_connectors_declare() -> None:
    """Write it anew with: crossdock capabilities > docs/capabilities.md"""
    assert (ROOT / "docs/capabilities.md").read_text() == page(of_project(ROOT))


def test_plugins_that_inherit_are_one_connector() -> None:
    found = {connector.name: connector for connector in of_project(ROOT)}
    assert found["tap-shopify"].plugins == ("tap-shopify", "tap-shopify-eu")
    assert found["tap-shopify"].offers is not None
    assert found["target-duckdb"].kind == "target"


def test_what_cannot_be_resolved_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is no .*meltano\.yml"):
        of_project(tmp_path)
    panel = "plugins: {extractors: [{name: tap-a, inherit_from: tap-b}]}"
    (tmp_path / "meltano.yml").write_text(panel)
    with pytest.raises(SettingsError, match="tap-b, which is not there"):
        of_project(tmp_path)
    (tmp_path / "meltano.yml").write_text("plugins: {extractors: [{name: tap-nobody}]}")
    (connector,) = of_project(tmp_path)
    with pytest.raises(SettingsError, match="no such program is installed"):
        _ = connector.plugin_class


@pytest.mark.parametrize(
    ("today", "ok"),
    [("2027-08-31", True), ("2027-09-01", False), ("2027-12-01", False)],
)
def test_a_version_is_warned_of_thirty_days_before_its_end(today: str, ok: bool) -> None:
    finding = version_age("2026-10", date.fromisoformat(today), lives=12)
    assert finding.ok is ok
    assert "2027-10-01" in finding.advice


def test_a_version_lives_as_long_as_the_vendor_says() -> None:
    assert version_age("2026-09", date(2028, 1, 1), lives=18).ok
    assert not version_age("2026-09", date(2028, 2, 15), lives=18).ok
    assert not version_age("v3", date(2026, 11, 23)).ok


@pytest.mark.parametrize(
    ("text", "ok"), [("2027-06-01", True), ("2026-12-20", False), ("soon", False)]
)
def test_a_key_is_warned_of_thirty_days_before_its_end(text: str, ok: bool) -> None:
    (finding,) = credentials_end({"credentials_end": text}, date(2026, 11, 23))
    assert finding.ok is ok
    assert finding.advice


def test_a_key_without_an_end_is_not_spoken_of() -> None:
    assert list(credentials_end({}, date(2026, 11, 23))) == []
