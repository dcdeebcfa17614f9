"""Credits: what a request may cost, what it did cost, and what the account still has.

The estimate counts the records that a request asks for; the charge counts those it got.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
)

from sandbox.shiphero.errors import CreditsError
from sandbox.shiphero.paging import DEFAULT_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from graphql import DocumentNode, SelectionSetNode

MAX_CREDITS = 4004
PER_SECOND = 60
MUTATION = 5
NESTED_PAGE = 10
HARD_CAP = 7000
HARD_CAP_WINDOW = timedelta(minutes=5)
FREE = ("user_quota",)


class Credits:
    """The account's credits, refilled by the sandbox's clock."""

    def __init__(self, now: datetime) -> None:
        self._level = float(MAX_CREDITS)
        self._at = now
        self.consumed = 0
        self._requests: deque[datetime] = deque()

    def level(self, now: datetime) -> int:
        """Whole credits that are there now."""
        gained = (now - self._at).total_seconds() * PER_SECOND
        self._level = min(float(MAX_CREDITS), self._level + gained)
        self._at = now
        return int(self._level)

    def require(self, estimate: int, now: datetime) -> None:
        """Let an operation begin.

        Raises:
            CreditsError: The account has less than the estimate.
        """
        if self.level(now) < estimate:
            raise CreditsError(estimate, self.level(now), PER_SECOND)

    def charge(self, cost: int) -> None:
        self._level -= cost
        self.consumed += cost

    def too_many(self, now: datetime) -> bool:
        """Count a request; answer whether it is beyond the cap that credits cannot buy."""
        while self._requests and self._requests[0] <= now - HARD_CAP_WINDOW:
            self._requests.popleft()
        if len(self._requests) >= HARD_CAP:
            return True
        self._requests.append(now)
        return False


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation that a request runs, if it can be told."""
    found = [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        and (not name or (node.name and node.name.value == name))
    ]
    return found[0] if len(found) == 1 else None


class Estimate:
    """What an operation asks for, field by field."""

    def __init__(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._variables = variables
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._extra = MUTATION if operation.operation is OperationType.MUTATION else 0
        self.fields = list(self._selected(operation.selection_set))

    def of(self, field: FieldNode) -> int:
        """The cost of one root field at most."""
        if field.name.value in FREE:
            return 0
        return max(1, self._nodes(field.selection_set, DEFAULT_PAGE)) + self._extra

    def actual(self, field: FieldNode, data: Any) -> int:
        """The cost of one root field by what it answered."""
        if field.name.value in FREE:
            return 0
        return max(1, nodes(data)) + self._extra

    def complexity_key(self, field: FieldNode) -> str | None:
        """Under which name the answer says what it cost, if it was asked."""
        for inner in self._selected(field.selection_set):
            if inner.name.value == "complexity":
                return response_key(inner)
        return None

    def analyzes(self, field: FieldNode) -> bool:
        return self._argument(field, "analyze") is True

    def _nodes(self, selection: SelectionSetNode | None, default: int) -> int:
        total = 0
        for field in self._selected(selection):
            inner = list(self._selected(field.selection_set))
            edges = next((item for item in inner if item.name.value == "edges"), None)
            if edges is None:
                total += self._nodes(field.selection_set, default)
                continue
            first = self._argument(field, "first")
            count = first if isinstance(first, int) else default
            total += count * (1 + self._nodes(edges.selection_set, NESTED_PAGE))
        return total

    def _argument(self, field: FieldNode, name: str) -> Any:
        for argument in field.arguments or ():
            if argument.name.value != name:
                continue
            value = argument.value
            if isinstance(value, VariableNode):
                return self._variables.get(value.name.value)
            return int(value.value) if isinstance(value, IntValueNode) else _plain(value)
        return None

    def _selected(self, selection: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._selected(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in self._fragments:
                yield from self._selected(self._fragments[node.name.value].selection_set)


def response_key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def nodes(data: Any) -> int:
    """How many records of connections an answer holds."""
    if isinstance(data, dict):
        edges = data.get("edges")
        own = len(edges) if isinstance(edges, list) else 0
        return own + sum(nodes(value) for value in data.values())
    if isinstance(data, list):
        return sum(nodes(item) for item in data)
    return 0


def _plain(value: Any) -> Any:
    return getattr(value, "value", None)
