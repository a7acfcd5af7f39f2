"""Runs one store's revisions over the connection, and within the transaction, that are handed in."""  # noqa: INP001 - Alembic runs it

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table=context.config.attributes["version_table"]
)
context.run_migrations()
