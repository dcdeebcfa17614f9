"""The database of the journal: opened, brought up to date, read and written."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from crossdock import clock
from crossdock.errors import JournalError

#: The newest migration. A journal that is already there is not asked again.
HEAD = "0002"


def stamp(at: datetime | None = None) -> str:
    """A time as the journal writes it (default: real time now)."""
    return (at or clock.real_now()).isoformat(timespec="microseconds")


class Store:
    """Durable tables; what they mean is said by the parts of the journal.

    Args:
        url: SQLAlchemy URL; SQLite unless another is configured.
        durable: Whether a commit must outlive a power cut. Only what costs nothing to lose
            may do without.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = url
        self.engine = _engine(url, durable)
        self._upgrade()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is durable when the block ends."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise JournalError(
                f"the journal cannot be written: {error.orig}",
                hint="see that its disk has room and no other program holds it, then run again",
            ) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees what is committed and takes no lock."""
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def rows(self, statement: Any, **values: Any) -> list[dict[str, Any]]:
        """The rows of a select, as dictionaries."""
        with self.read() as connection:
            return [dict(row) for row in connection.execute(statement, values).mappings()]

    def put(
        self,
        db: Connection,
        table: Table,
        keys: Sequence[str],
        rows: Sequence[Mapping[str, Any]],
    ) -> None:
        """Insert rows; where there is one with the same `keys`, its other columns are set."""
        dialect = postgresql if self.engine.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(table)
        others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        db.execute(
            statement.on_conflict_do_update(index_elements=list(keys), set_=others),
            [dict(row) for row in rows],
        )

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def _upgrade(self) -> None:
        if self._version() == HEAD:
            return
        logging.getLogger("alembic").setLevel(logging.WARNING)
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _version(self) -> str | None:
        try:
            with self.read() as connection:
                return connection.execute(
                    text("select version_num from alembic_version")
                ).scalar_one_or_none()
        except DBAPIError:
            return None  # no such table: a journal that is new


def _engine(url: str, durable: bool) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 60, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute("pragma journal_mode = wal")
        connection.execute(f"pragma synchronous = {'full' if durable else 'off'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A reader that becomes a writer half-way would deadlock with another one.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
