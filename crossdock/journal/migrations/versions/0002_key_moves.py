"""Keys that became others: a log of its own, and when an acknowledged row last changed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the log, and the time by which tap-journal reads on."""
    op.create_table(
        "key_moves",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=True),
        sa.Column("sync", sa.String(length=120), nullable=False),
        sa.Column("destination", sa.String(length=80), nullable=False),
        sa.Column("from_key", sa.String(length=200), nullable=False),
        sa.Column("to_key", sa.String(length=200), nullable=False),
        sa.Column("destination_id", sa.String(length=200), nullable=True),
        sa.Column("to_destination_id", sa.String(length=200), nullable=True),
        sa.Column("op_key", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("key_moves_by_sync", "key_moves", ["sync", "destination"], unique=False)
    op.add_column("acknowledged", sa.Column("changed_at", sa.String(length=32), nullable=True))
    op.execute("update acknowledged set changed_at = acknowledged_at")
