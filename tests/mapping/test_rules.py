"""Each rule on paired fixtures: a query, and the words for its column `x`."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import pytest

from crossdock.mapping import rules
from tests.mapping.support import query, words

CASES = Path(__file__).parent / "cases"


def cases() -> list[tuple[str, str, set[str]]]:
    """(rule, query, words), from the files of `cases/`."""
    found = []
    for file in sorted(CASES.glob("*.txt")):
        for block in file.read_text().split("\n\n"):
            lines = block.strip().splitlines()
            expected = {line[3:] for line in lines if line.startswith("=> ")}
            sql = "\n".join(line for line in lines if not line.startswith("=> "))
            found.append((file.stem, sql, expected))
    return found


@pytest.mark.parametrize(("rule", "sql", "expected"), cases())
def test_a_rule_says_what_the_query_does(rule: str, sql: str, expected: set[str]) -> None:
    assert words(query(sql).flows("x")) == expected


def test_every_rule_has_cases_and_is_asked() -> None:
    modules = {module.name for module in pkgutil.iter_modules(rules.__path__)}
    assert {file.stem for file in CASES.glob("*.txt")} == modules
    assert {rule.__name__ for rule in rules.RULES} == modules
