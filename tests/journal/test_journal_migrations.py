"""A journal of an older version is brought up to date, with what it holds."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import crossdock.journal.store as store_module
from crossdock.journal import Journal
from crossdock.journal.schema import metadata

MIGRATIONS = Path(store_module.__file__).parent / "migrations"


def migrate(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with create_engine(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_what_was_acknowledged_before_keys_could_move(url: str) -> None:
    migrate(url, "0001")
    with create_engine(url).begin() as connection:
        connection.execute(
            text(
                "insert into acknowledged values"
                " ('s', 'crm:main', 'a', 'd1', 1, '2026-11-01T00:00:00+00:00', 'x', '{}', 'op')"
            )
        )
    journal = Journal(url)
    (row,) = journal.operations.acknowledged("s", "crm:main")
    assert row["changed_at"] == row["acknowledged_at"]
    journal.close()


def test_the_newest_migration_makes_the_schema(url: str) -> None:
    Journal(url).close()
    with create_engine(url).connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == store_module.HEAD
        made = {
            table: {row[1] for row in connection.execute(text(f"pragma table_info({table})"))}
            for table in metadata.tables
        }
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [store_module.HEAD]
    assert made == {
        name: {column.name for column in table.columns} for name, table in metadata.tables.items()
    }
