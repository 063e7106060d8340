"""The durable engine, DBOS: the only file that knows it. Workflows carry ids and small jobs; texts are in the store.

What is relied on, and what would go wrong without it:

- A job is a workflow of its own with an id made of what it does (`plan:run:section-2.1-0`), so that enqueueing it twice is
  enqueueing it once. Inside there are no steps of the engine's: a job begun again finds its replies in the ledger and its
  result in the store.
- A plan's workflow enqueues and awaits its jobs one after the other. Replay counts its steps, so whatever decides
  about them is recorded (`Workshop.decide`).
- Plans wait in the store (status queued), jobs for a place of their own: a plan holds its while its jobs are done.
  Where several processes share a Postgres database, the places are those of the engine's queue, which every process
  looks into at intervals. On SQLite there is one process: its jobs start at once and wait for one of its places, so
  that nothing waits for a look, and an idle service looks for nothing.
- `application_version` never changes: a plan begun by older code is taken up by newer code. A change to the order
  of a plan's steps needs `DBOS.patch_async`.
- Portable JSON, never pickle: who can write the database must not be able to run code.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    Queue,
    SetEnqueueOptions,
    SetWorkflowID,
    WorkflowHandleAsync,
)
from dbos import error as dbos_error
from pydantic import JsonValue

from schemas.job import Job
from service.errors import FanganError, StoreError
from service.jobs.endings import begin_again, fail, give_up
from service.jobs.engine_file import local_engine
from service.jobs.steps import DurableSteps
from service.jobs.workshop import Workshop
from service.logs import about
from service.pipeline import draft_all
from service.store.faults import translated

T = TypeVar("T")
_NAME = "fangan"
_VERSION = "fangan-1"
_JOBS = "jobs"
_RECOVERIES = 100
"""Times that a workflow is taken up again before it is taken for one that kills its process."""
_IDLE, _BUSY = 0.3, 0.05
"""Seconds between looks into the queue: what a plan's first job waits for, and what an idle service costs; and while
plans are drafted."""
_UNUSED = 2.0
"""Seconds between looks for messages between workflows, which we do not send; a stop waits for the last look."""
_LOOKED = 0.5
"""Seconds between looks at a job that may be done in another process."""
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_log = logging.getLogger(__name__)
_workshop: Workshop | None = None
_engine: Engine | None = None
"""The engine is one to a process, and finds its functions by name: so there is one workshop to a process too."""
_tasks: set[asyncio.Task[Any]] = set()
_ends: dict[str, asyncio.Event] = {}
"""Job workflows that somebody in this process waits for: asking the database would be slower, and cost more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done at once: by all processes together, and for one API key."""

    jobs: int
    plans_per_owner: int = 4


class Engine:
    """Starts and stops DBOS, hands it plans and jobs, and takes up what dead processes left."""

    def __init__(self, url: str, executor: str) -> None:
        self._url = url
        self._executor = executor
        self._shared = not url.startswith("sqlite")
        self._plans_at_once = 1
        self.places = asyncio.Semaphore(1)
        """For jobs of a process that is alone."""
        self.waits = 0
        """Jobs that wait for one of them."""
        self._queue: Queue | None = None
        self._at_work: Counter[str] = Counter()
        """Plan → its workflows that run in this process."""

    async def start(self, workshop: Workshop, limits: Limits) -> None:
        """To be awaited on the loop that jobs are to run on; takes up at once what this executor left unfinished."""
        global _workshop, _engine
        _workshop, _engine = workshop, self
        config = DBOSConfig(
            name=_NAME,
            system_database_url=self._url,
            executor_id=self._executor,
            application_version=_VERSION,
            serializer=DBOSPortableJSONSerializer(),
            log_level="WARNING",
            system_database_engine=local_engine(self._url) if not self._shared else None,
            run_migrations=True,
            notification_listener_polling_interval_sec=_UNUSED,
        )
        self._plans_at_once = limits.plans_per_owner
        logging.getLogger("dbos").addFilter(_worth_telling)
        DBOS(config=config)
        DBOS.launch()
        self.places = asyncio.Semaphore(limits.jobs)
        if self._shared:
            self._queue = await DBOS.register_queue_async(
                _JOBS,
                global_concurrency=limits.jobs,
                partition_concurrency=limits.jobs,
                polling_interval_sec=_IDLE,
                on_conflict="always_update",
            )

    def stop(self) -> None:
        """Stops at once; what is unfinished is taken up at the next start."""
        global _workshop, _engine  # noqa: PLW0603
        DBOS.destroy()
        _workshop = _engine = None

    async def begin(self, plan_id: str, run: int) -> None:
        """Has the plan drafted, now or when one of its owner's plans has ended; begun before, it is not begun again."""
        plan = await _shop().admit(plan_id, run, self._plans_at_once)
        if plan is not None and not await self._begun(f"{plan_id}:{run}"):
            with SetWorkflowID(f"{plan_id}:{run}"):
                await DBOS.start_workflow_async(_plan, plan.owner, plan_id, run)

    async def begin_next(self, owner: str) -> None:
        """Begins what this owner has waiting, as far as there is room."""
        for plan in await _shop().queued(owner):
            await self.begin(plan.id, plan.run)

    def entered(self, plan_id: str) -> None:
        """To be told when a plan's workflow is at work in this process: the queue is looked into more often."""
        self._at_work[plan_id] += 1
        _apart(self._paced())

    def left(self, owner: str, plan_id: str) -> None:
        """To be told when it has ended: what waits is begun."""
        self._at_work[plan_id] -= 1
        self._at_work += Counter()  # drops those at nothing
        _apart(self._paced())
        _apart(self._tried(owner))

    async def _paced(self) -> None:
        if self._queue is not None:
            await self._queue.set_polling_interval_sec_async(_BUSY if self._at_work else _IDLE)

    async def _tried(self, owner: str) -> None:
        try:
            await self.begin_next(owner)
        except Exception:
            _log.exception("what waits will be begun by the next round")

    async def redraft(self, owner: str, plan_id: str, run: int, job: Job) -> None:
        """Has one section drafted again, and the plan checked after it."""
        name = _redraft_id(plan_id, run, job)
        if not await self._begun(name):
            with SetWorkflowID(name):
                await DBOS.start_workflow_async(_redraft, owner, plan_id, run, job.model_dump(mode="json"))

    async def _begun(self, workflow: str) -> bool:
        """Whether there is such a workflow. To start one that there is would be to wait for it, over and over."""
        return await DBOS.get_workflow_status_async(workflow) is not None

    async def cancel(self, plan_id: str, run: int) -> None:
        """Takes what waits out of the queues; what runs finds the plan cancelled before its next call."""
        whole = f"{plan_id}:{run}"
        for found in await DBOS.list_workflows_async(
            workflow_id_prefix=whole,
            status=["ENQUEUED", "PENDING"],
            load_input=False,
            load_output=False,
        ):
            if found.workflow_id == whole or found.workflow_id.startswith(f"{whole}:"):  # not run 10 with run 1
                await DBOS.cancel_workflow_async(found.workflow_id, cancel_children=True)

    async def ended(self, plan_id: str, run: int) -> bool:
        """Whether the run's workflow has come to an end, whatever it was; False where there is none."""
        return await self._ended(f"{plan_id}:{run}")

    async def redraft_ended(self, plan_id: str, run: int, job: Job) -> bool:
        """The same of a redraft."""
        return await self._ended(_redraft_id(plan_id, run, job))

    async def _ended(self, workflow: str) -> bool:
        status = await DBOS.get_workflow_status_async(workflow)
        return status is not None and status.status in _ENDED

    async def executors(self) -> set[str]:
        """Names of the processes, this one left out, that were at work on something."""
        found = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        return {w.executor_id for w in found if w.executor_id} - {self._executor}

    async def take_over(self, executor: str) -> int:
        """Puts what the dead process of that name was at back into the queues; returns how many workflows.

        The engine's own recovery, which it calls internal: a test holds that it is there and does this.
        """
        return len(await asyncio.to_thread(DBOS._recover_pending_workflows, [executor]))  # noqa: SLF001

    async def started(self, owner: str, name: str, plan_id: str, run: int, job: Job) -> WorkflowHandleAsync[None]:
        """Has the job done when there is a place for it; begun before, it is not begun again. StoreError."""
        told = job.model_dump(mode="json")
        with translated():
            if self._shared:
                with SetWorkflowID(name), SetEnqueueOptions(queue_partition_key=owner):
                    return await DBOS.enqueue_workflow_async(_JOBS, _job, plan_id, run, told)
            with SetWorkflowID(name):
                return await DBOS.start_workflow_async(_job, plan_id, run, told)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """One of the places; in a process that is not alone the engine's queue has given it."""
        if self._shared:
            yield
            return
        self.waits += 1
        try:
            await self.places.acquire()
        finally:
            self.waits -= 1
        try:
            yield
        finally:
            self.places.release()

    async def waiting(self) -> int:
        """Jobs that wait for a place."""
        return self.waits + len(await DBOS.list_workflows_async(status="ENQUEUED", load_input=False, load_output=False))

    async def forget(self, plan_ids: Sequence[str]) -> None:
        """Deletes the engine's own record of these plans."""
        for plan_id in plan_ids:
            found = await DBOS.list_workflows_async(
                workflow_id_prefix=f"{plan_id}:", load_input=False, load_output=False
            )
            if found:
                await DBOS.delete_workflows_async([w.workflow_id for w in found])


def _worth_telling(record: logging.LogRecord) -> bool:
    """The engine logs a traceback for each workflow that was cancelled; that is what was asked for, and no error."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, dbos_error.DBOSAwaitedWorkflowCancelledError | dbos_error.DBOSWorkflowCancelledError)


def _shop() -> Workshop:
    if _workshop is None:
        raise RuntimeError("the engine is not started")
    return _workshop


def _apart(work: Coroutine[object, object, T]) -> asyncio.Task[T]:
    """Has it done outside of the workflow that says so, which must have the same steps each time."""
    task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return task


def _enters(plan_id: str) -> None:
    if _engine is not None:
        _engine.entered(plan_id)


def _leaves(owner: str, plan_id: str) -> None:
    if _engine is not None and not _shop().closing:
        _engine.left(owner, plan_id)


@DBOS.workflow(name="plan", max_recovery_attempts=_RECOVERIES)
async def _plan(owner: str, plan_id: str, run: int) -> None:
    workshop = _shop()
    if not await workshop.begin(plan_id, run):
        return
    _enters(plan_id)

    async def dispatch(jobs: Sequence[Job]) -> None:
        await _dispatched(owner, plan_id, run, jobs)

    try:
        shared = await workshop.run_of(plan_id)
        settled = await workshop.settled(plan_id, run)
        await draft_all(shared, DurableSteps(workshop, plan_id, run, dispatch, settled))
        await workshop.finish(plan_id, run, str(run))
    except StoreError as error:  # the engine's own record: what is the store's is waited for where it is written
        _log.warning("plan %s is begun again: %s", plan_id, error.type)
        await begin_again(workshop.database, plan_id, run)
    except FanganError as error:  # no endpoint for its model, say
        await fail(workshop.database, plan_id, run, error.message)
    except Exception:
        if not workshop.closing:  # else it is the engine that ends, not the plan
            _log.exception("plan %s broke off", plan_id)
            await fail(workshop.database, plan_id, run, "程序出错，已记入日志；已完成的章节均已保存，可继续起草")
        raise
    finally:
        _leaves(owner, plan_id)


@DBOS.workflow(name="redraft", max_recovery_attempts=_RECOVERIES)
async def _redraft(owner: str, plan_id: str, run: int, job: dict[str, JsonValue]) -> None:
    wanted = Job.model_validate(job)
    _enters(plan_id)
    try:
        await _dispatched(owner, plan_id, run, [wanted])
        await _shop().finish(plan_id, run, f"{run}:{wanted.key}:plan")
    except FanganError as error:
        await give_up(_shop().database, plan_id, run, wanted, error.message)
    except Exception:
        if not _shop().closing:
            _log.exception("plan %s: %s broke off", plan_id, wanted.key)
            await give_up(
                _shop().database, plan_id, run, wanted, "程序出错，已记入日志；原有文字未改动，可再次重写本节"
            )
        raise
    finally:
        _leaves(owner, plan_id)


@DBOS.workflow(name="job", max_recovery_attempts=_RECOVERIES)
async def _job(plan_id: str, run: int, job: dict[str, JsonValue]) -> None:
    wanted = Job.model_validate(job)
    assert _engine is not None
    with about(plan=plan_id, section=wanted.section, job=wanted.key):
        async with _engine.place():
            _log.info("job begun")
            await _shop().do(plan_id, run, wanted)
            _log.info("job done")
    if (end := _ends.get(_job_id(plan_id, run, wanted))) is not None:
        end.set()


def _job_id(plan_id: str, run: int, job: Job) -> str:
    return f"{plan_id}:{run}:{job.key}"


def _redraft_id(plan_id: str, run: int, job: Job) -> str:
    return f"{plan_id}:{run}:{job.key}:whole"


async def _dispatched(owner: str, plan_id: str, run: int, jobs: Sequence[Job]) -> None:
    """Begins all, then awaits them one after the other: the order of the engine's steps is always the same."""
    assert _engine is not None
    names = {_job_id(plan_id, run, job): job for job in jobs}
    _ends.update((name, asyncio.Event()) for name in names)
    try:
        for name, job in names.items():
            await _engine.started(owner, name, plan_id, run, job)
        for name, job in names.items():
            await _until_ended(name, plan_id, run, job)
    finally:
        for name in names:
            _ends.pop(name, None)


async def _until_ended(name: str, plan_id: str, run: int, job: Job) -> None:
    """Returns when the job was done: told so in this process, seen in the store where another one does it.

    Not by the engine's own waiting, which would record for each job that it was waited for. What a job came to stands
    in the store; where the engine has given it up there is nothing, and the plan cannot go on.
    """
    while not _ends[name].is_set():
        try:
            await asyncio.wait_for(_ends[name].wait(), _LOOKED)
        except TimeoutError:
            if await _shop().done(plan_id, run, job):
                return
            if await _apart(_given_up(name)):
                raise RuntimeError(f"{name} was given up by the engine") from None


async def _given_up(name: str) -> bool:
    status = await DBOS.get_workflow_status_async(name)
    return status is not None and status.status in _ENDED and status.status != "SUCCESS"
