"""A partner who orders by spreadsheet: what it puts into a folder, and what it finds there."""

from sandbox.mailbox.partner import Partner

__all__ = ["Partner"]
