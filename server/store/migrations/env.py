"""Alembic's way in: migrates over the connection that :mod:`server.store.migrate` gives."""

from alembic import context

from server.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=False,
)
context.run_migrations()
