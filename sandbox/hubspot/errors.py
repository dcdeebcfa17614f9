"""HubSpot's refusals, worded and shaped as the API does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

PORTAL_ID = 48151623


@dataclass
class ApiError(Exception):
    """A refusal with its status and body."""

    status: int
    category: str
    message: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    context: dict[str, list[str]] = field(default_factory=dict)
    sub_category: str | None = None

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The answer to a request that is refused as a whole."""
        body: dict[str, Any] = {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            "category": self.category,
        }
        if self.sub_category:
            body["subCategory"] = self.sub_category
        if self.errors:
            body["errors"] = self.errors
        if self.context:
            body["context"] = self.context
        return body

    def entry(self, trace_id: str | None = None) -> dict[str, Any]:
        """One entry of a partial answer's `errors`."""
        context = dict(self.context)
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "errors": self.errors,
            "context": context,
            "links": {},
        }


@dataclass(frozen=True)
class Wrong:
    """One property value that HubSpot does not take."""

    name: str
    code: str
    message: str


def refuse_values(wrong: list[Wrong]) -> ApiError:
    """Name each property value that was wrong, in both of the vendor's ways."""
    listed = [
        {
            "isValid": False,
            "message": item.message,
            "error": item.code,
            "name": item.name,
            "localizedErrorMessage": item.message,
            "portalId": PORTAL_ID,
        }
        for item in wrong
    ]
    return ApiError(
        400,
        "VALIDATION_ERROR",
        f"Property values were not valid: {json.dumps(listed, separators=(',', ':'))}",
        errors=[
            {"message": i.message, "code": i.code, "context": {"propertyName": [i.name]}}
            for i in wrong
        ],
    )


def invalid(message: str) -> ApiError:
    return ApiError(400, "VALIDATION_ERROR", message)


def not_found(singular: str, object_id: str) -> ApiError:
    return ApiError(
        404,
        "OBJECT_NOT_FOUND",
        f"No {singular} found for ID {object_id}",
        context={"id": [object_id]},
    )


def some_not_found(singular: str, ids: list[str]) -> ApiError:
    """What a batch says about the ids that it could not find."""
    return ApiError(
        404,
        "OBJECT_NOT_FOUND",
        f"Could not get some {singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        context={"ids": ids},
    )
