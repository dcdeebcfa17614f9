"""Search: filters over an index that lags, at most 10,000 results, one sort."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.call import Call, Reply
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.values import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.hubspot.crm import Crm
    from sandbox.hubspot.definitions import ObjectType
    from sandbox.hubspot.properties import Property

MAX_PAGE = 200
MAX_RESULTS = 10_000
MAX_GROUPS, MAX_FILTERS, MAX_ALL_FILTERS = 5, 6, 18


def search(crm: Crm, call: Call) -> Reply:
    """Answer what the index knew some seconds ago."""
    body = call.body if isinstance(call.body, dict) else {}
    kind, defined = call.kind, crm.store.definitions.of(call.kind)
    limit, offset = _window(body)
    groups = _groups(body, defined)
    query = str(body.get("query") or "").casefold().split()
    found = [
        (id_, values)
        for id_, values in crm.store.index[kind.name].visible(call.now).items()
        if (not groups or any(all(test(values) for test in group) for group in groups))
        and all(any(word in text.casefold() for text in values.values()) for word in query)
    ]
    found = _sorted(found, kind, body.get("sorts") or [], defined)
    page = found[offset : offset + limit]
    answer: dict[str, Any] = {
        "total": len(found),
        "results": [_result(kind, id_, values, body.get("properties")) for id_, values in page],
    }
    if offset + limit < len(found):
        answer["paging"] = {"next": {"after": str(offset + limit)}}
    return Reply(200, answer)


def _window(body: dict[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit", 10), str(body.get("after") or "0")
    if not isinstance(limit, int) or not 0 < limit <= MAX_PAGE:
        raise invalid(f"limit must be between 1 and {MAX_PAGE}, was {limit}")
    if not after.isdigit():
        raise invalid(f"after must be a number, was {after}")
    if int(after) + limit > MAX_RESULTS:
        raise ApiError(
            400,
            "VALIDATION_ERROR",
            f"Search results are limited to {MAX_RESULTS}; paging beyond them is not supported.",
        )
    return limit, int(after)


def _groups(
    body: dict[str, Any], defined: Mapping[str, Property]
) -> list[list[Callable[[Mapping[str, str]], bool]]]:
    groups = [group.get("filters") or [] for group in body.get("filterGroups") or []]
    if (
        len(groups) > MAX_GROUPS
        or any(len(filters) > MAX_FILTERS for filters in groups)
        or sum(map(len, groups)) > MAX_ALL_FILTERS
    ):
        raise invalid(
            f"At most {MAX_GROUPS} filterGroups with {MAX_FILTERS} filters each and "
            f"{MAX_ALL_FILTERS} filters in all are supported"
        )
    return [[_test(filter_, defined) for filter_ in filters] for filters in groups]


def _test(
    filter_: dict[str, Any], defined: Mapping[str, Property]
) -> Callable[[Mapping[str, str]], bool]:
    """One filter as a function of a record's values."""
    name, operator = filter_.get("propertyName"), filter_.get("operator")
    prop = defined.get(str(name))
    if prop is None:
        raise invalid(f"There was a problem with the request. Unknown property {name}")
    make = _OPERATORS.get(str(operator))
    if make is None:
        raise invalid(f"Invalid filter operator {operator}")
    test: Callable[[Mapping[str, str]], bool] = make(prop.name, prop.type, filter_)
    return test


def _one(kind: str, filter_: dict[str, Any], key: str = "value") -> Any:
    if filter_.get(key) in (None, ""):
        raise invalid(f"operator {filter_['operator']} requires {key}")
    return comparable(kind, str(filter_[key]))


def _many(kind: str, filter_: dict[str, Any]) -> set[Any]:
    values = filter_.get("values")
    if not isinstance(values, list) or not values:
        raise invalid(f"operator {filter_['operator']} requires values")
    return {comparable(kind, str(value)) for value in values}


def _compare(decide: Callable[[Any, Any], bool]) -> Any:
    def make(name: str, kind: str, filter_: dict[str, Any]) -> Any:
        wanted = _one(kind, filter_)
        return lambda values: name in values and decide(comparable(kind, values[name]), wanted)

    return make


def _between(name: str, kind: str, filter_: dict[str, Any]) -> Any:
    low, high = _one(kind, filter_), _one(kind, filter_, "highValue")
    return lambda values: name in values and low <= comparable(kind, values[name]) <= high


def _in(name: str, kind: str, filter_: dict[str, Any]) -> Any:
    wanted = _many(kind, filter_)
    return lambda values: name in values and comparable(kind, values[name]) in wanted


def _token(name: str, _kind: str, filter_: dict[str, Any]) -> Any:
    text = _one("string", filter_)
    pattern = re.compile(".*".join(re.escape(part) for part in text.split("*")))

    def matches(values: Mapping[str, str]) -> bool:
        words = re.split(r"[^\w*]+", values.get(name, "").casefold())
        return any(pattern.fullmatch(word) for word in [*words, values.get(name, "").casefold()])

    return matches


def _not(make: Any) -> Any:
    def negated(name: str, kind: str, filter_: dict[str, Any]) -> Any:
        test = make(name, kind, filter_)
        return lambda values: not test(values)

    return negated


def _has(name: str, _kind: str, _filter: dict[str, Any]) -> Any:
    return lambda values: name in values


_OPERATORS: dict[str, Any] = {
    "EQ": _compare(lambda value, wanted: value == wanted),
    "NEQ": _not(_compare(lambda value, wanted: value == wanted)),
    "LT": _compare(lambda value, wanted: value < wanted),
    "LTE": _compare(lambda value, wanted: value <= wanted),
    "GT": _compare(lambda value, wanted: value > wanted),
    "GTE": _compare(lambda value, wanted: value >= wanted),
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": _not(_in),
    "HAS_PROPERTY": _has,
    "NOT_HAS_PROPERTY": _not(_has),
    "CONTAINS_TOKEN": _token,
    "NOT_CONTAINS_TOKEN": _not(_token),
}


def _sorted(
    found: list[tuple[str, dict[str, str]]],
    kind: ObjectType,
    sorts: list[Any],
    defined: Mapping[str, Property],
) -> list[tuple[str, dict[str, str]]]:
    if len(sorts) > 1:
        raise invalid("Only one sort is supported")
    name, descending = kind.created, False
    if sorts and isinstance(sorts[0], str):
        name, descending = sorts[0].removeprefix("-"), sorts[0].startswith("-")
    elif sorts:
        name = sorts[0].get("propertyName", "")
        descending = sorts[0].get("direction") == "DESCENDING"
    prop = defined.get(name)
    if prop is None:
        raise invalid(f"Cannot sort by unknown property {name}")
    with_value = [item for item in found if name in item[1]]
    without = [item for item in found if name not in item[1]]
    with_value.sort(key=lambda item: int(item[0]))
    with_value.sort(key=lambda item: comparable(prop.type, item[1][name]), reverse=descending)
    return with_value + without


def _result(
    kind: ObjectType, id_: str, values: Mapping[str, str], names: list[str] | None
) -> dict[str, Any]:
    wanted = dict.fromkeys([*kind.system, *(names or kind.shown)])
    return {
        "id": id_,
        "properties": {name: values.get(name) for name in sorted(wanted)},
        "createdAt": values[kind.created],
        "updatedAt": values[kind.modified],
        "archived": False,
    }
