"""The tables, as SQLAlchemy knows them; a change here needs a migration, and a test says so when it is missing."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service.store.types import Json, Moment, Serial, Words


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that migrations can change them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class PlanTable(Base):
    """Plans."""

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key"),
        Index(None, "owner", "id"),
        Index(None, "status"),
    )

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    owner: Mapped[str] = mapped_column(Words)
    status: Mapped[str] = mapped_column(Words)
    title: Mapped[str] = mapped_column(Words)
    outline: Mapped[str] = mapped_column(Words)
    subject: Mapped[str] = mapped_column(Words)
    request: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    request_hash: Mapped[str] = mapped_column(Words)
    idempotency_key: Mapped[str | None] = mapped_column(Words)
    idempotency_hash: Mapped[str | None] = mapped_column(Words)
    writer: Mapped[str] = mapped_column(Words)
    model: Mapped[str | None] = mapped_column(Words)
    run: Mapped[int] = mapped_column()
    last_event: Mapped[int] = mapped_column()
    findings: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    summary_stale: Mapped[bool] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class SectionTable(Base):
    """Sections as they stand."""

    __tablename__ = "sections"
    __table_args__ = (Index(None, "status"),)

    plan_id: Mapped[str] = mapped_column(Words, ForeignKey(PlanTable.id, ondelete="CASCADE"), primary_key=True)
    section: Mapped[str] = mapped_column(Words, primary_key=True)
    position: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(Words)
    status: Mapped[str] = mapped_column(Words)
    revision: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column(Words)
    result: Mapped[JsonValue] = mapped_column(Json, nullable=True)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class RevisionTable(Base):
    """All versions of the sections; rows are added, never changed."""

    __tablename__ = "revisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plan_id", "section"], [SectionTable.plan_id, SectionTable.section], ondelete="CASCADE"
        ),
    )  # fmt: skip

    plan_id: Mapped[str] = mapped_column(Words, primary_key=True)
    section: Mapped[str] = mapped_column(Words, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Words)
    who: Mapped[str] = mapped_column(Words)
    why: Mapped[str | None] = mapped_column(Words)
    at: Mapped[datetime] = mapped_column(Moment)
    text: Mapped[str] = mapped_column(Words)
    result: Mapped[JsonValue] = mapped_column(Json, nullable=False)


class JobTable(Base):
    """What the jobs of a plan came to."""

    __tablename__ = "job_states"

    plan_id: Mapped[str] = mapped_column(Words, ForeignKey(PlanTable.id, ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Words, primary_key=True)
    run: Mapped[int] = mapped_column()
    failed: Mapped[bool] = mapped_column()
    state: Mapped[JsonValue] = mapped_column(Json, nullable=True)
    at: Mapped[datetime] = mapped_column(Moment)


class EventTable(Base):
    """What happened, in the order in which it was committed."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("plan_id", "key"),)

    plan_id: Mapped[str] = mapped_column(Words, ForeignKey(PlanTable.id, ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Words)
    data: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    at: Mapped[datetime] = mapped_column(Moment)


class ReplyTable(Base):
    """Replies received; no foreign key, as a reply that was paid for is kept whatever became of its plan."""

    __tablename__ = "replies"
    __table_args__ = (Index(None, "plan_id"),)

    key: Mapped[str] = mapped_column(Words, primary_key=True)
    plan_id: Mapped[str] = mapped_column(Words)
    section: Mapped[str] = mapped_column(Words)
    revision: Mapped[int] = mapped_column()
    attempt: Mapped[int] = mapped_column()
    model: Mapped[str] = mapped_column(Words)
    prompt_hash: Mapped[str] = mapped_column(Words)
    reply: Mapped[JsonValue] = mapped_column(Json, nullable=True)
    prompt_tokens: Mapped[int] = mapped_column()
    completion_tokens: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(Moment)


class KeyTable(Base):
    """API keys, by hash."""

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("sha256"),)

    name: Mapped[str] = mapped_column(Words, primary_key=True)
    sha256: Mapped[str] = mapped_column(Words)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    plans_at_once: Mapped[int | None] = mapped_column()
    requests_per_minute: Mapped[int | None] = mapped_column()


class OutlineTable(Base):
    """Imported outlines; one id to a database, so that a plan's outline is never in doubt."""

    __tablename__ = "outlines"

    id: Mapped[str] = mapped_column(Words, primary_key=True)
    owner: Mapped[str] = mapped_column(Words)
    data: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    sha256: Mapped[str] = mapped_column(Words)
    created_at: Mapped[datetime] = mapped_column(Moment)


class AuditTable(Base):
    """Every write, by whom; outlives the plan."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "plan_id", "id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(Words)
    action: Mapped[str] = mapped_column(Words)
    plan_id: Mapped[str] = mapped_column(Words)
    section: Mapped[str | None] = mapped_column(Words)
    detail: Mapped[JsonValue] = mapped_column(Json, nullable=True)


def _core(table: type[Base]) -> Table:
    """The table itself. Our statements name columns and give rows, and need nothing of the mapper's, which costs more."""
    found = table.__table__
    assert isinstance(found, Table)
    return found


PLANS, SECTIONS, REVISIONS = _core(PlanTable), _core(SectionTable), _core(RevisionTable)
JOBS, EVENTS, REPLIES = _core(JobTable), _core(EventTable), _core(ReplyTable)
KEYS, AUDIT, OUTLINES = _core(KeyTable), _core(AuditTable), _core(OutlineTable)
