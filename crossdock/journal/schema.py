"""The journal's tables. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# Times are ISO 8601 text in UTC with microseconds, so that they sort and read the same
# in SQLite and PostgreSQL.
_TIME = 32

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("job", String(80), nullable=False),
    Column("environment", String(80), nullable=False),
    Column("state", String(16), nullable=False),  # open | ok | failed | aborted
    Column("started_at", String(_TIME), nullable=False),
    Column("ended_at", String(_TIME)),
    Column("business_at", String(_TIME), nullable=False),
    Column("parent_pid", Integer, nullable=False),
    Column("parent_started", Float, nullable=False),
    Column("message", Text),
)

failures = Table(
    "failures",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(40), nullable=False, index=True),
    Column("component", String(120), nullable=False),
    Column("instance", String(80)),
    Column("message", Text, nullable=False),
    Column("at", String(_TIME), nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("instance", String(80), primary_key=True),
    Column("ok", Boolean, nullable=False),
    Column("read_at", String(_TIME)),  # business time of the last complete read
    Column("checked_at", String(_TIME), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("message", Text),
)

models = Table(
    "models",
    metadata,
    Column("model", String(120), primary_key=True),
    Column("ok", Boolean, nullable=False),
    Column("run_id", String(40)),
    Column("built_at", String(_TIME), nullable=False),
    Column("message", Text),
)

operations = Table(
    "operations",
    metadata,
    Column("op_key", String(64), primary_key=True),
    Column("run_id", String(40), nullable=False, index=True),
    Column("sync", String(120), nullable=False),
    Column("destination", String(80), nullable=False),
    Column("object", String(80), nullable=False),
    Column("key", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("destination_id", String(200)),
    Column("match", JSON, nullable=False),
    Column("set", JSON, nullable=False),
    Column("before", JSON, nullable=False),
    Column("refs", JSON, nullable=False),
    Column("owned", JSON, nullable=False),  # every owned field once this has taken effect
    Column("reason", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("fence", Integer, nullable=False, default=0),
    Column("lease_holder", String(120)),
    Column("error", Text),
    Column("planned_at", String(_TIME), nullable=False),
    Column("updated_at", String(_TIME), nullable=False, index=True),
    Index("operations_by_key", "sync", "destination", "key"),
    Index("operations_by_state", "state"),
)

transitions = Table(
    "transitions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("op_key", String(64), nullable=False, index=True),
    Column("run_id", String(40)),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("at", String(_TIME), nullable=False),
    Column("detail", Text),
)

acknowledged = Table(
    "acknowledged",
    metadata,
    Column("sync", String(120), primary_key=True),
    Column("destination", String(80), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("destination_id", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("acknowledged_at", String(_TIME), nullable=False),
    Column("row_hash", String(32), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("op_key", String(64), nullable=False),
    Column("changed_at", String(_TIME)),  # acknowledged, or found under another key
    Index("acknowledged_by_id", "sync", "destination", "destination_id"),
)

# Records whose key became another one; what is written here is never changed.
key_moves = Table(
    "key_moves",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(40)),
    Column("sync", String(120), nullable=False),
    Column("destination", String(80), nullable=False),
    Column("from_key", String(200), nullable=False),
    Column("to_key", String(200), nullable=False),
    Column("destination_id", String(200)),
    Column("to_destination_id", String(200)),
    Column("op_key", String(64)),  # of an operation that had no outcome yet
    Column("outcome", String(16), nullable=False),  # moved | retired
    Column("fields", JSON, nullable=False),  # what was acknowledged until then
    Column("at", String(_TIME), nullable=False),
    Index("key_moves_by_sync", "sync", "destination"),
)

sync_books = Table(
    "sync_books",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("sync", String(120), primary_key=True),
    Column("destination", String(80), primary_key=True),
    Column("status", String(16), nullable=False),  # planned | skipped | guarded | failed
    Column("rows", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("blocked", JSON, nullable=False),
    Column("operations", Integer, nullable=False),
    Column("digest", String(64)),
    Column("message", Text),
    Column("states", JSON),  # filled when the books close
    Column("balanced", Boolean),
)

approvals = Table(
    "approvals",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("approved_by", String(120), nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_at", String(_TIME), nullable=False),
    Column("used_by_run", String(40)),
)

buckets = Table(
    "buckets",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("level", Float, nullable=False),
    Column("at", Float, nullable=False),  # seconds since 1970, real time
)
