"""Our SDL is a strict subset of the vendor's schema."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from graphql import GraphQLSchema, build_client_schema, build_schema, find_breaking_changes
from graphql.utilities import BreakingChangeType

from sandbox.shopify import schema as ours

if TYPE_CHECKING:
    from pathlib import Path

SDL = "\n".join((ours._FOLDER / name).read_text("utf-8") for name in ours.SDL)
DIRECTIVES = {
    BreakingChangeType.DIRECTIVE_REMOVED,
    BreakingChangeType.DIRECTIVE_ARG_REMOVED,
    BreakingChangeType.DIRECTIVE_LOCATION_REMOVED,
    BreakingChangeType.DIRECTIVE_REPEATABLE_REMOVED,
    BreakingChangeType.REQUIRED_DIRECTIVE_ARG_ADDED,
}


@pytest.fixture(scope="module")
def vendors(reference: Path) -> GraphQLSchema:
    path = reference / "vendor" / "shopify" / "admin_2026-10.json.gz"
    content = json.loads(gzip.decompress(path.read_bytes()))["data"]
    return build_client_schema({"__schema": content["__schema"]}, assume_valid=True)


def missing(sdl: str, vendors: GraphQLSchema) -> list[str]:
    """What a client of this SDL could not do with the vendor."""
    changes = find_breaking_changes(build_schema(sdl), vendors)
    return [change.description for change in changes if change.type not in DIRECTIVES]


@pytest.mark.reference
def test_a_client_of_ours_would_work_with_the_vendor(vendors: GraphQLSchema) -> None:
    assert missing(SDL, vendors) == []


@pytest.mark.reference
@pytest.mark.parametrize(
    ("ours_now", "invented"),
    [
        ("  confirmed: Boolean!", "  confirmed: Boolean!\n  bogus: String"),
        ("  note: String", "  note: String!"),
        ("  UNFULFILLED", "  UNFULFILLED\n  LOST"),
        ("includeClosed: Boolean", "includeOpen: Boolean"),
        ("type Weight {", "type Heaviness { a: Int }\ntype Weight {"),
    ],
)
def test_an_invention_would_be_found(vendors: GraphQLSchema, ours_now: str, invented: str) -> None:
    assert ours_now in SDL
    assert missing(SDL.replace(ours_now, invented), vendors)
