"""Answers one GraphQL request: parse, validate, price, throttle, execute."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from sandbox.shopify.cost import Cost
from sandbox.shopify.schema import admin_schema

if TYPE_CHECKING:
    from sandbox.shopify.context import Context
    from sandbox.shopify.throttle import Bucket

MAX_COST = 1000
DOCUMENTATION = "https://shopify.dev/api/usage/rate-limits"
Answer = dict[str, Any]


class Throttled(Exception):  # noqa: N818
    """The bucket does not hold the points that the query asks for."""

    def __init__(self, body: Answer) -> None:
        super().__init__("Throttled")
        self.body = body


@lru_cache(maxsize=512)
def _document(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return None, (error,)
    return document, tuple(validate(admin_schema(), document))


def run(
    context: Context,
    bucket: Bucket,
    query: str,
    variables: dict[str, Any] | None = None,
    operation_name: str | None = None,
) -> Answer:
    """The body of the answer, whose HTTP status is 200 whatever it says.

    Raises:
        Throttled: The limit is reached; nothing was executed.
    """
    document, errors = _document(query)
    if errors or document is None:
        return {"errors": [_formatted(error) for error in errors]}
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return {"errors": [{"message": "An operation name is required"}]}
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    cost = Cost(admin_schema(), operation, fragments, variables or {})
    requested = cost.requested()
    if requested > MAX_COST:
        return {"errors": [_too_expensive(requested)]}
    if not bucket.take(requested):
        raise Throttled(_throttled(requested, bucket))
    result = execute_sync(
        admin_schema(),
        document,
        context_value=context,
        variable_values=variables,
        operation_name=operation_name,
    )
    actual = cost.actual(result.data)
    bucket.give_back(max(0, requested - actual))
    answer: Answer = {"data": result.data}
    if result.errors:
        answer["errors"] = [_formatted(error) for error in result.errors]
    answer["extensions"] = {"cost": _cost(requested, actual, bucket)}
    if context.search_warnings:
        answer["extensions"]["search"] = context.search_warnings
    return answer


def _cost(requested: int, actual: int | None, bucket: Bucket) -> Answer:
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": bucket.status(),
    }


def _throttled(requested: int, bucket: Bucket) -> Answer:
    error = {
        "message": "Throttled",
        "extensions": {"code": "THROTTLED", "documentation": DOCUMENTATION},
    }
    return {"errors": [error], "extensions": {"cost": _cost(requested, None, bucket)}}


def _too_expensive(requested: int) -> Answer:
    return {
        "message": f"Query cost is {requested}, which exceeds the single query max cost limit "
        f"({MAX_COST}).\n\nSee {DOCUMENTATION} for more information on how the cost of a query "
        "is calculated.",
        "extensions": {
            "code": "MAX_COST_EXCEEDED",
            "cost": requested,
            "maxCost": MAX_COST,
            "documentation": DOCUMENTATION,
        },
    }


def _formatted(error: GraphQLError) -> Answer:
    return dict(error.formatted)
