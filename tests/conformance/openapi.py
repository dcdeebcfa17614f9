"""What HubSpot's OpenAPI descriptions say against the requests that were sent."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.conformance.bench import Sent

VERSION = "2026-09"
UNDESCRIBED = ("/crm/pipelines/",)
"""Addresses that HubSpot documents in prose, and of which the collection has no description."""


@cache
def descriptions(reference: Path) -> list[dict[str, Any]]:
    folder = reference / "vendor/hubspot" / VERSION
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def hubspot_problems(reference: Path, sent: Sequence[Sent]) -> list[str]:
    assert sent, "no request was sent"
    found: dict[str, None] = {}
    for item in sent:
        matching = [*_operations(descriptions(reference), item)]
        if not matching and item.path.startswith(UNDESCRIBED):
            continue
        if not matching:
            found[f"{item.method} {item.path} is in no description"] = None
            continue
        # The same address stands in several descriptions; one of them must agree.
        said = [_against(document, operation, item) for document, operation in matching]
        if all(said):
            found.update(dict.fromkeys(min(said, key=len)))
    return list(found)


def _operations(
    documents: Sequence[dict[str, Any]], item: Sent
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    path = item.path.partition("?")[0]
    for document in documents:
        for template, operations in document["paths"].items():
            pattern = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and item.method.lower() in operations:
                yield document, operations[item.method.lower()]


def _against(document: dict[str, Any], operation: dict[str, Any], item: Sent) -> list[str]:
    where = f"{item.method} {item.path}"
    names = {p["name"] for p in operation.get("parameters", ()) if p.get("in") == "query"}
    problems = [f"{where} takes no {name}" for name in item.params if name not in names]
    body = operation.get("requestBody")
    if body and item.json is not None:
        schema = next(iter(body["content"].values())).get("schema") or {}
        whole = {**schema, "components": document.get("components", {})}
        validator = jsonschema.Draft202012Validator(whole)
        # Its generator marks every field as required, also those that its own pages leave out.
        wrong = (e for e in validator.iter_errors(item.json) if e.validator != "required")
        problems += [f"{where}: {error.message}" for error in wrong]
    return problems
