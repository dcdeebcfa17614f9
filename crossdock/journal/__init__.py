"""The journal: what was meant, what came back, and who may act on it."""

from crossdock.journal.store import Journal, stamp

__all__ = ["Journal", "stamp"]
