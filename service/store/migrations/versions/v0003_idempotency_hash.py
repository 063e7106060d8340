"""The request that an idempotency key stands for, kept apart from the facts, which may be changed afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; there is no way back but a backup."""
    op.add_column("plans", sa.Column("idempotency_hash", sa.Text(), nullable=True))
    # Of a plan whose facts were changed before, the first request is not known any more: the present one stands for it.
    op.execute("UPDATE plans SET idempotency_hash = request_hash WHERE idempotency_key IS NOT NULL")
