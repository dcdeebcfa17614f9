"""Puts entries into `meltano.yml` and `pyproject.toml` as text: comments and order stay."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from crossdock.errors import SettingsError


@dataclass(frozen=True)
class ControlPanel:
    """The text of a `meltano.yml`."""

    text: str

    def with_item(self, path: Sequence[str], item: str) -> ControlPanel:
        """The same with one more item at the end of a list.

        Args:
            path: Keys down to the list; an element of a list is named by its `name`.
            item: The item as YAML, from its `- name: ...` on, not indented.

        Raises:
            SettingsError: There is no such list, or it has an item of that name.
        """
        place = ".".join(path)
        root = yaml.compose(self.text)
        found = _descend(root, path)
        if not isinstance(found, yaml.SequenceNode) or found.flow_style or not found.value:
            raise SettingsError(
                f"meltano.yml has no list {place} to write into",
                hint="write it with one item below the other",
            )
        name = yaml.safe_load(item)[0]["name"]
        if name in (_named(element) for element in found.value):
            raise SettingsError(f"meltano.yml has {name} in {place} already")
        lines = self.text.splitlines(keepends=True)
        at = _last_line(found.value[-1]) + 1
        indent = " " * (found.value[0].start_mark.column - len("- "))
        added = [indent + line if line.strip() else line for line in item.splitlines(keepends=True)]
        text = "".join([*lines[:at], *added, *lines[at:]])
        _see_that_only_this_is_new(self.text, text, path, yaml.safe_load(item)[0])
        return ControlPanel(text)


def insert_into_table(text: str, table: str, entry: str) -> str:
    """A TOML text with one more line at the end of a table.

    Args:
        text: The TOML.
        table: Name of the table as it stands between the brackets.
        entry: `key = "value"`.

    Raises:
        SettingsError: There is no such table, or it has such a key.
    """
    lines = text.splitlines(keepends=True)
    heads = [number for number, line in enumerate(lines) if line.strip() == f"[{table}]"]
    if not heads:
        raise SettingsError(f"pyproject.toml has no table [{table}]")
    key = entry.partition("=")[0].strip()
    end = heads[0] + 1
    while end < len(lines) and lines[end].strip() and not lines[end].startswith("["):
        if lines[end].partition("=")[0].strip() == key:
            raise SettingsError(f"pyproject.toml has {key} in [{table}] already")
        end += 1
    # Beside its like: a tap after the taps.
    alike = [
        n for n in range(heads[0] + 1, end) if lines[n].split("-")[0] == key.split("-")[0] != key
    ]
    at = alike[-1] + 1 if alike else end
    changed = "".join([*lines[:at], entry.rstrip("\n") + "\n", *lines[at:]])
    tomllib.loads(changed)
    return changed


def _descend(node: Any, path: Sequence[str]) -> Any:
    for key in path:
        if isinstance(node, yaml.SequenceNode):
            node = next((element for element in node.value if _named(element) == key), None)
        elif isinstance(node, yaml.MappingNode):
            node = next((value for name, value in node.value if name.value == key), None)
        else:
            return None
    return node


def _named(node: Any) -> str | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value.value for key, value in node.value if key.value == "name"), None)


def _last_line(node: yaml.Node) -> int:
    """The line on which a node's own text ends; an alias ends on the line of its key."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        begin = node.start_mark.line
        ends = [max(_last_line(key), _last_line(value)) for key, value in node.value]
        return max([begin, *ends])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return max([node.start_mark.line, *map(_last_line, node.value)])
    block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
    return node.end_mark.line - (1 if block else 0)


def _see_that_only_this_is_new(before: str, after: str, path: Sequence[str], item: Any) -> None:
    """Read both again: text that is put in must not change the meaning of what was there."""
    expected, found = yaml.safe_load(before), yaml.safe_load(after)
    place: Any = expected
    for key in path:
        place = (
            next(element for element in place if element.get("name") == key)
            if isinstance(place, list)
            else place[key]
        )
    place.append(item)
    if expected != found:
        raise SettingsError(
            f"meltano.yml could not be written without changing more of it than {'.'.join(path)}",
            hint="put the entry in by hand",
        )
