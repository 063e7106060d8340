"""GET /v1/exemplars: the approved plans whose register is taught, with the sections that their passages fit."""

from __future__ import annotations

from fastapi import APIRouter

from schemas.exemplar import Exemplar
from schemas.wire import ExemplarRow
from service.api.examples import EXEMPLARS
from service.api.problems import documented
from service.prompt.exemplars import exemplar_ids, load_exemplar

router = APIRouter(prefix="/v1/exemplars", tags=["exemplars"])


@router.get(
    "",
    summary="List the exemplars",
    responses={200: {"content": {"application/json": {"example": EXEMPLARS}}}},
)
def exemplars() -> list[ExemplarRow]:
    """Every exemplar that ships, by id."""
    return [
        ExemplarRow(id=e.id, city=e.city, title=e.title, source=e.source, era=e.era, passages=len(e.passages))
        for e in map(load_exemplar, exemplar_ids())
    ]


@router.get("/{exemplar}", summary="One exemplar with its passages", responses=documented(404))
def exemplar(exemplar: str) -> Exemplar:
    """The passages with the sections they fit, by outline, and what must not leave the plan."""
    return load_exemplar(exemplar)
