"""Where a value comes from and what happened to it on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

#: What a value begins as: a field of a source, the name of the account that it was read from, a
#: row of a table that is there to be looked up in, a literal of the models, the business clock, or
#: something that could not be followed.
Kind = Literal["field", "account", "lookup", "constant", "clock", "untraced"]

#: One of these says nothing of where a value comes from as long as another input does.
_MINOR = frozenset({"constant", "clock", "account"})


@dataclass(frozen=True)
class Origin:
    """Where a value begins.

    Attributes:
        system: The source that holds it; empty for what no source holds.
        table: Its stream or table there.
        column: Its column, the text of a literal, or why it could not be followed.
        path: The steps from the column into its JSON, such as `("lineItems", "[]", "sku")`.
    """

    kind: Kind
    system: str = ""
    table: str = ""
    column: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """One way from an origin into a value.

    Attributes:
        steps: What happened on the way, in words, in order.
        part: Where in the value it stands, for a value that is a document.
        type: The type that it has now, as far as that is known.
        canonical: The last canonical column that it went through, `table.column`.
        value: The literal that it is, where that can be told: of an account's name.
    """

    origin: Origin
    steps: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    type: str | None = None
    canonical: str = ""
    value: str | None = None

    def then(self, words: str = "", type_: str | None = None) -> Flow:
        """The flow after one more thing happened to it."""
        steps = (*self.steps, words) if words and words not in self.steps else self.steps
        return replace(self, steps=steps, type=type_, value=None)


def path_text(path: Iterable[str]) -> str:
    """A path as people write it: `lineItems[].sku`."""
    text = ""
    for step in path:
        text += step if step.startswith("[") or not text else f".{step}"
    return text


def merged(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """The flows, one for each origin and place in the value: the one that says least wins."""
    best: dict[tuple[object, ...], Flow] = {}
    for flow in flows:
        key = (flow.origin, flow.part, flow.canonical)
        known = best.get(key)
        if known is None or _weight(flow) < _weight(known):
            best[key] = flow
    return tuple(best.values())


def telling(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """The flows without literals and account names, where the same part of a value has others."""
    found = merged(flows)
    major = {flow.part for flow in found if flow.origin.kind not in _MINOR}
    accounts = {flow.part for flow in found if flow.origin.kind == "account"} - major
    return tuple(
        flow
        for flow in found
        if flow.origin.kind not in _MINOR
        or (flow.part not in major and (flow.origin.kind == "account" or flow.part not in accounts))
    )


def without_nothing(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """The flows without NULL literals, as long as there are others: branches of a union."""
    found = merged(flows)
    return tuple(flow for flow in found if not is_nothing(flow)) or found


def is_nothing(flow: Flow) -> bool:
    """Whether it is the literal NULL."""
    return flow.origin.kind == "constant" and flow.origin.column.upper() == "NULL"


def _weight(flow: Flow) -> tuple[int, int, tuple[str, ...]]:
    return len(flow.steps), sum(map(len, flow.steps)), flow.steps
