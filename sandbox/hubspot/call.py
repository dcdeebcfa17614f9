"""What a handler gets and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.definitions import ObjectType, object_type
from sandbox.hubspot.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from starlette.datastructures import QueryParams

MAX_BATCH = 100


@dataclass(frozen=True)
class Call:
    """One request that passed authentication and limits.

    Attributes:
        path: The named parts of the path.
        url: The whole address without its query, for paging links.
    """

    path: Mapping[str, str]
    query: QueryParams
    body: Any
    url: str
    now: datetime
    correlation_id: str

    @property
    def kind(self) -> ObjectType:
        """The kind of record that the path is about."""
        return self.kind_at("kind")

    def kind_at(self, part: str) -> ObjectType:
        """The kind that one part of the path names.

        Raises:
            ApiError: 400, there is no such kind.
        """
        return named_kind(self.path[part])

    def names(self, key: str) -> list[str]:
        """A list in the query: repeated, comma separated, or both."""
        return [name for value in self.query.getlist(key) for name in value.split(",") if name]

    def flag(self, key: str) -> bool:
        return self.query.get(key, "false").lower() == "true"

    def number(self, key: str, default: int, most: int) -> int:
        """A page size in the query.

        Raises:
            ApiError: 400, it is no number or too large.
        """
        text = self.query.get(key, str(default))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise invalid(f"{key} must be between 1 and {most}, was {text}")
        return int(text)

    def inputs(self) -> list[dict[str, Any]]:
        """The inputs of a batch.

        Raises:
            ApiError: 400, there are none or too many.
        """
        inputs = self.body.get("inputs") if isinstance(self.body, dict) else None
        if not isinstance(inputs, list) or not all(isinstance(item, dict) for item in inputs):
            raise invalid("Some required fields were not set: [inputs]")
        if len(inputs) > MAX_BATCH:
            raise invalid(f"Maximum number of inputs ({MAX_BATCH}) in a batch request exceeded")
        return inputs

    def properties(self) -> dict[str, Any]:
        """The property values of a single write."""
        return property_values(self.body)


@dataclass(frozen=True)
class Reply:
    """A status and a JSON body; no body at all where it is None."""

    status: int
    body: Any = None


def named_kind(name: str) -> ObjectType:
    """The kind of record with this name.

    Raises:
        ApiError: 400, there is none.
    """
    kind = object_type(name)
    if kind is None:
        raise invalid(f"Unable to infer object type from: {name}")
    return kind


def property_values(item: Any) -> dict[str, Any]:
    """The `properties` of a write.

    Raises:
        ApiError: 400, they are missing.
    """
    values = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(values, dict):
        raise invalid("Some required fields were not set: [properties]")
    return values
