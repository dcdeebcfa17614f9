"""What a vendor's answer can mean for us.

* ApiError: a request that did not do what it should
  * AuthError: the credentials are wrong or lack a scope
  * RateLimited: the limit did not lift within the time that we wait
  * VendorDown: no usable answer after all tries; nothing took effect
  * Rejected: the vendor understood and refused; the same request will fail again
  * OutcomeUnknown: a write left us and no answer came back; it must be read back
"""

from __future__ import annotations

from typing import Any

from crossdock.errors import CrossdockError


class ApiError(CrossdockError):
    """A request that did not do what it should.

    Args:
        message: What is wrong, without secrets or personal data.
        connector: Name of the connector, such as `tap-shopify`.
        stream: Stream or object that the request was for.
        path: Path of the URL, without its query.
        attempt: Number of tries so far.
        hint: What to do next.
        status: HTTP status, where there was one.
        code: The vendor's own error code or category, where there was one.
    """

    def __init__(
        self,
        message: str,
        *,
        connector: str,
        stream: str,
        path: str,
        attempt: int = 1,
        hint: str | None = None,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(f"{connector}: {stream}: {message} ({path}, attempt {attempt})", hint=hint)
        self.reason = message
        self.connector = connector
        self.stream = stream
        self.path = path
        self.attempt = attempt
        self.status = status
        self.code = code
        self.body: Any = None
        """The decoded answer, for code that looks closer; it is never printed."""


class AuthError(ApiError):
    """The credentials are wrong or lack a scope."""


class RateLimited(ApiError):  # noqa: N818
    """The limit did not lift within the time that we wait; nothing took effect."""


class VendorDown(ApiError):  # noqa: N818
    """No usable answer after all tries; nothing took effect."""


class Rejected(ApiError):  # noqa: N818
    """The vendor understood and refused; the same request will fail again."""


class OutcomeUnknown(ApiError):  # noqa: N818
    """A write left us and no answer came back: whether it took effect must be read back."""
