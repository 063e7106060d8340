"""A client of the HTTP service for other tools: sections, checks and plans as typed shapes. Needs schemas and httpx alone.

    with Client("http://127.0.0.1:8000") as fangan:
        plan = fangan.create_plan(fangan.parse_fact_sheet(Path("facts.xlsx")))
        for told in fangan.events(plan.id): ...
        Path("plan.docx").write_bytes(fangan.document(plan.id))

What is asked again by itself: reading, and making a plan, which goes under a key so that it is made once. Everything
else is sent once; whoever gets ConnectionFailedError for it reads how things stand. Fields that a newer service adds
are ignored.
"""

from __future__ import annotations

from service.client.answers import PlanFacts, Sheet, SheetSource
from service.client.client import Client
from service.client.errors import (
    BadAnswerError,
    ClientError,
    ConflictError,
    ConnectionFailedError,
    NotFoundError,
    RefusedError,
    ServiceFailedError,
    StillDraftingError,
    TooManyRequestsError,
    UnauthenticatedError,
)

__all__ = [
    "BadAnswerError",
    "Client",
    "ClientError",
    "ConflictError",
    "ConnectionFailedError",
    "NotFoundError",
    "PlanFacts",
    "RefusedError",
    "ServiceFailedError",
    "Sheet",
    "SheetSource",
    "StillDraftingError",
    "TooManyRequestsError",
    "UnauthenticatedError",
]
