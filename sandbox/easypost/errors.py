"""EasyPost's refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class ApiError(Exception):
    """A refusal with its status and body."""

    status: int
    code: str
    message: str
    errors: list[Any] = field(default_factory=list)

    @property
    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "errors": self.errors}}


def not_found(what: str = "resource") -> ApiError:
    return ApiError(404, "NOT_FOUND", f"The requested {what} could not be found.")


def required(name: str) -> ApiError:
    wrong = [{"field": name, "message": "cannot be blank"}]
    return ApiError(422, "PARAMETER.REQUIRED", "Missing required parameter.", wrong)


def invalid(name: str, message: str) -> ApiError:
    wrong = [{"field": name, "message": message}]
    return ApiError(422, "PARAMETER.INVALID", "Invalid parameter.", wrong)


UNKNOWN_KEY = ApiError(
    401,
    "APIKEY.INACTIVE",
    "This API key is no longer active. Please use a different API key or reactivate this key.",
)
TOO_MANY = ApiError(
    429, "RATE_LIMITED", "You have exceeded the rate limit. Please slow down and try again."
)
