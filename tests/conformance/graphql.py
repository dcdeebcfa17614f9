"""What a vendor's GraphQL schema says against the documents that were sent."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    build_schema,
    parse,
    validate,
)
from graphql.execution import get_variable_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conformance.bench import Sent


@cache
def shopify_schema(reference: Path) -> GraphQLSchema:
    with gzip.open(reference / "vendor/shopify/admin_2026-10.json.gz") as file:
        content = json.load(file)
    return build_client_schema(content["data"], assume_valid=True)


@cache
def shiphero_schema(reference: Path) -> GraphQLSchema:
    return build_schema((reference / "vendor/shiphero/schema_2023-02.graphql").read_text())


def shopify_problems(reference: Path, sent: Sequence[Sent]) -> list[str]:
    return _problems(shopify_schema(reference), sent)


def shiphero_problems(reference: Path, sent: Sequence[Sent]) -> list[str]:
    return _problems(shiphero_schema(reference), sent)


def _problems(schema: GraphQLSchema, sent: Sequence[Sent]) -> list[str]:
    found: dict[str, None] = {}
    documents = [item.json for item in sent if isinstance(item.json, dict) and "query" in item.json]
    assert documents, "no document was sent"
    for body in documents:
        for problem in _of_document(schema, body["query"], body.get("variables") or {}):
            found[problem] = None
    return list(found)


def _of_document(schema: GraphQLSchema, query: str, variables: dict[str, Any]) -> list[str]:
    tree = parse(query)
    problems = [str(error.message) for error in validate(schema, tree)]
    for node in tree.definitions:
        if isinstance(node, OperationDefinitionNode) and not problems:
            values = get_variable_values(schema, node.variable_definitions or (), variables)
            if isinstance(values, list):
                problems += [error.message for error in values]
    # A bulk operation's query is a document of its own.
    inner = variables.get("query")
    if isinstance(inner, str) and inner.lstrip().startswith(("{", "query")):
        problems += [error.message for error in validate(schema, parse(inner))]
    return problems
