"""Run by Alembic on the connection that the journal hands over."""

from alembic import context

from crossdock.journal.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
