"""Drafts a case's plan over HTTP: what a running service delivers is scored like what the pipeline gives here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from evals.drafter import Drafted
from schemas.plan import Plan, PlanRequest, PlanStatus, SectionResult
from schemas.wire import PlanView, SectionView
from service.client import Client, ClientError, RefusedError, ServiceFailedError
from service.errors import Fault, InputError, NotConfiguredError, WriterError

POLL = 0.3
"""Seconds between two looks at a plan that is being drafted."""


class ServedDrafter:
    """Implements Drafter: a service at an address. Its plans are deleted when they are read, or given up.

    `name` and `model` are known once the first plan was made. The service keeps its prompts to itself.
    """

    def __init__(self, client: Client, model: str | None = None) -> None:
        """`model`: asked for with each plan; None for the one that the service is set to."""
        self._client = client
        self._asked = model
        self.name = "server"
        self.model = model or ""

    async def draft(self, request: PlanRequest) -> Drafted:
        """InputError for a wrong address or request, NotConfiguredError, WriterError for a service that fails."""
        options = request.options.model_copy(update={"model": self._asked})
        with _told():
            creating = asyncio.ensure_future(asyncio.to_thread(self._client.create_plan, request.sheet, options))
            try:
                view = await self._ended((await asyncio.shield(creating)).id)
                sections = [await asyncio.to_thread(self._client.section, view.id, s.id) for s in view.sections]
            finally:  # what is half drafted is to cost nobody anything more: not even when it was only just asked for
                with contextlib.suppress(ClientError):
                    self._client.delete((await creating).id)
        self.name, self.model = view.writer, view.model or ""
        return Drafted(_plan(request, view, sections))

    async def _ended(self, plan: str) -> PlanView:
        while True:
            view = await asyncio.to_thread(self._client.plan, plan)
            if view.status not in (PlanStatus.QUEUED, PlanStatus.DRAFTING):
                return view
            await asyncio.sleep(POLL)


def connected(url: str, api_key: str | None = None) -> Client:
    """A client of the service there. InputError for an address that is none."""
    with _told():
        return Client(url, api_key)


def address(url: str) -> str:
    """The service as a record names it: without name and password. InputError for an address that is none."""
    try:
        return str(httpx.URL(url).copy_with(userinfo=b""))
    except httpx.InvalidURL as error:
        raise InputError(f"服务地址 {url} 写得不对，应如 http://127.0.0.1:8000") from error


@contextmanager
def _told() -> Iterator[None]:
    """The client's errors as the command line tells errors."""
    try:
        yield
    except ServiceFailedError as error:
        kind = NotConfiguredError if error.type.endswith("/not-configured") else WriterError
        raise kind(error.detail) from error
    except RefusedError as error:
        raise InputError(error.detail, [Fault(e.pointer, e.detail) for e in error.errors]) from error
    except ClientError as error:
        raise InputError(error.detail) from error


def _plan(request: PlanRequest, view: PlanView, sections: list[SectionView]) -> Plan:
    return Plan(
        title=view.title,
        status=view.status,
        sheet=request.sheet,
        options=request.options,
        writer=view.writer,
        sections=tuple(map(_result, sections)),
        findings=view.findings,
    )


def _result(view: SectionView) -> SectionResult:
    shared = SectionResult.model_fields.keys() & SectionView.model_fields.keys()
    return SectionResult.model_validate({name: getattr(view, name) for name in shared})
