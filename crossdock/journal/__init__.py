"""The journal: what was meant, what came back, and who may act on it."""

from crossdock.journal.journal import Journal
from crossdock.journal.store import stamp

__all__ = ["Journal", "stamp"]
