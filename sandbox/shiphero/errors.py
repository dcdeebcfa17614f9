"""ShipHero's errors: entries of `errors` in an answer with status 200."""

from __future__ import annotations

from math import ceil

# https://developer.shiphero.com/troubleshooting/error-glossary
INVALID_INPUT = 3
NOT_FOUND = 5
NOT_ALLOWED = 9
NOT_ENOUGH_CREDITS = 30


class ShipHeroError(Exception):
    """One refusal; the message is what the API says."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class CreditsError(ShipHeroError):
    """The account has not enough credits for an operation."""

    def __init__(self, required: int, remaining: int, rate: int) -> None:
        self.required = required
        self.remaining = remaining
        self.seconds = ceil((required - remaining) / rate)
        super().__init__(
            "There are not enough credits to perform the requested operation, which requires "
            f"{required} credits, but there are only {remaining} left. "
            f"In {self.seconds} seconds you will have enough credits to perform the operation",
            NOT_ENOUGH_CREDITS,
        )
