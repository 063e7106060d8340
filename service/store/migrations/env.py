"""Alembic's entry: runs migrations on the connection that was handed to it, in the transaction it is in."""

from __future__ import annotations

from alembic import context

from service.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,  # SQLite's is, once its driver begins no transactions of its own
)
context.run_migrations()
