"""Writes a new connector from the templates: its folders, and its entries elsewhere."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from pathlib import Path
from typing import Literal

from crossdock.control_panel import ControlPanel, insert_into_table
from crossdock.errors import CrossdockError

Kind = Literal["tap", "target"]
LONGEST = 24
_NAME = re.compile(r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$")
_ONE_LINE_IMPORT = re.compile(r"from \S+ import [^(]*$")
_ENTRIES = "entries"
_SUFFIX = ".tpl"
_TABLES = {
    "scripts": "project.scripts",
    "checks": 'project.entry-points."crossdock.checks"',
    "sandbox": 'project.entry-points."crossdock.sandbox"',
}


class ScaffoldError(CrossdockError):
    """A connector cannot be written as asked; nothing was."""


@dataclass(frozen=True)
class Name:
    """What a new system is called: `acme_store` in code, `acme-store` as a program."""

    snake: str

    @classmethod
    def parse(cls, text: str) -> Name:
        """Read a name given as `acme-store` or `acme_store`.

        Raises:
            ScaffoldError: It is no name that a package, a schema and a program can have.
        """
        if not _NAME.match(text) or len(text) > LONGEST:
            raise ScaffoldError(
                f"{text!r} is no name for a connector",
                hint=f"write it in small letters, digits and single hyphens, {LONGEST} at most,"
                " beginning with a letter: acme-store",
            )
        snake = text.replace("-", "_")
        if keyword.iskeyword(snake):
            raise ScaffoldError(f"{text!r} is a word of Python's own", hint="choose another name")
        return cls(snake)

    @property
    def words(self) -> Mapping[str, str]:
        """What stands for each mark of a template."""
        parts = self.snake.split("_")
        return {
            "@name@": self.snake,
            "@kebab@": "-".join(parts),
            "@NAME@": self.snake.upper(),
            "@Class@": "".join(part.capitalize() for part in parts),
            "@title@": " ".join(parts).capitalize(),
        }

    def fill(self, text: str) -> str:
        """A template's text with this name in it."""
        for mark, word in self.words.items():
            text = text.replace(mark, word)
        return text


def write(kind: Kind, name: Name, project: Path) -> list[Path]:
    """Write a connector into a project: all of it, or nothing.

    Returns:
        The files that are new, and those that have new entries, relative to the project.

    Raises:
        ScaffoldError: It is there already, or a target has no tap to read back with.
    """
    if kind == "target" and not (project / "taps" / name.snake / "client.py").exists():
        raise ScaffoldError(
            f"there is no taps/{name.snake} whose client target-{name.words['@kebab@']} could use",
            hint=f"run `crossdock new tap {name.words['@kebab@']}` first: what a target wrote is"
            " read back by the tap of the same system",
        )
    templates = files("crossdock").joinpath("templates", kind)
    new = {project / path: text for path, text in _filled(templates, name)}
    if there := sorted(str(path.relative_to(project)) for path in new if path.exists()):
        raise ScaffoldError(f"{there[0]} is there already", hint="choose another name")
    changed = _entries(templates.joinpath(_ENTRIES), name, project)
    for path, text in {**new, **changed}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [path.relative_to(project) for path in (*sorted(new), *changed)]


def _filled(folder: Traversable, name: Name, at: Path = Path()) -> Iterator[tuple[Path, str]]:
    for item in folder.iterdir():
        if item.is_dir():
            if not (item.name == _ENTRIES and at == Path()):
                yield from _filled(item, name, at / name.fill(item.name))
        elif item.name.endswith(_SUFFIX):
            path = at / name.fill(item.name).removesuffix(_SUFFIX)
            text = name.fill(item.read_text(encoding="utf-8"))
            yield path, _with_sorted_imports(text) if path.suffix == ".py" else text


def _with_sorted_imports(text: str) -> str:
    """Where a module stands among its like depends on the name that was filled in."""
    lines: list[str] = []
    imports = groupby(
        text.splitlines(keepends=True), lambda line: bool(_ONE_LINE_IMPORT.match(line))
    )
    for together, run in imports:
        lines += sorted(run, key=lambda line: line.split()[1]) if together else run
    return "".join(lines)


def _entries(folder: Traversable, name: Name, project: Path) -> dict[Path, str]:
    """The files that a connector has entries in, with these entries.

    A file's name says where its text goes: `meltano.plugins.extractors`,
    `meltano.environments.sandbox.config.plugins.extractors`, `pyproject.scripts`.
    """
    panel_at, packages_at = project / "meltano.yml", project / "pyproject.toml"
    panel, packages = ControlPanel(panel_at.read_text()), packages_at.read_text()
    for item in sorted(folder.iterdir(), key=lambda found: found.name):
        where, text = item.name.removesuffix(_SUFFIX), name.fill(item.read_text(encoding="utf-8"))
        target, _, place = where.partition(".")
        if target == "meltano":
            panel = panel.with_item(place.split("."), text)
        else:
            packages = insert_into_table(packages, _TABLES[place], text)
    return {panel_at: panel.text, packages_at: packages}
