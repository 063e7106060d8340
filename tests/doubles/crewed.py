"""Durable plans in processes of their own, as the engine is one to a process: worked with, killed, and started again.

A scenario is an async function of a test module that gets a `Shop` and returns something that can be pickled. The
writer notes in a file of the data directory what it was asked and what it answered, so that a killed process leaves
its account.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select

from schemas.draft import Reply, Task, Usage
from schemas.outline import Outline
from schemas.plan import Event, PlanOptions, PlanRequest, PlanStatus
from schemas.stored import PlanRow, SectionRow
from service.drafting import Kit
from service.errors import FanganError, OverloadedError
from service.jobs.crew import Crew
from service.jobs.passing import Place
from service.jobs.plans import Plans
from service.jobs.till import nothing_to_close
from service.main import build_crew, build_kit
from service.settings import Settings
from service.store import Database, events, plans
from service.store.tables import ReplyTable
from service.writer.protocol import OnDelta
from tests.api.live import reply_of
from tests.doubles.offline_endpoint import sheet

PATIENCE = 60.0
"""Seconds after which a process that does not answer is a failure."""
SIX = ("1.1", "2.1", "2.2", "2.3", "4.1", "4.2")
"""Sections of a small plan: one of the summary, and what it is drawn from."""
CALLS = 9
"""Answers that such a plan takes: a repair of section 2.2, two of 4.1."""
OVER = (PlanStatus.DONE, PlanStatus.NEEDS_REVIEW, PlanStatus.FAILED, PlanStatus.CANCELLED)
_SIGNS = "天地玄黄宇宙洪荒日月盈昃辰宿列张"
_PRELOADED = ("tests.doubles.crewed", "dbos", "service.store")


@dataclass(frozen=True, slots=True)
class House:
    """What a process is to be. `word` changes what its writer says, as another version of the code would."""

    folder: Path
    database: str | None = None
    executor: str = "one"
    dies_at: Place | None = None
    after: int = 1
    latency: tuple[float, float] = (0.0, 0.02)
    refused: tuple[str, ...] = ()
    """Sections for which the writer fails."""
    held: tuple[str, ...] = ()
    """Sections that the writer answers only when they are let go."""
    word: str = ""
    max_repairs: int = 2
    token_budget: int | None = None
    plans_at_once: int = 16
    number_from: int = 0
    """Where two processes share a database: what the second's numbers begin with."""

    @property
    def account(self) -> Path:
        """What the writer was asked and paid for."""
        return self.folder / "calls"

    @property
    def gate(self) -> Path:
        """There when the held sections are let go."""
        return self.folder / "let-go"

    def asked(self) -> list[str]:
        """Sections that the writer was asked for, once for each time."""
        lines = self.account.read_text().splitlines() if self.account.exists() else []
        return [section for what, _, section, _ in map(str.split, lines) if what == "asked"]

    def paid(self) -> list[tuple[str, str, int]]:
        """Prompt, section and number of every answer that was paid for."""
        lines = self.account.read_text().splitlines() if self.account.exists() else []
        return [(p, s, int(n)) for what, p, s, n in map(str.split, lines) if what == "paid"]

    def paid_again(self, kept: Sequence[int]) -> list[int]:
        """Answers that were bought although one to the same prompt was in the ledger already (`kept`: their numbers)."""
        last = {prompt: number for prompt, _, number in self.paid()}
        return [n for prompt, _, n in self.paid() if n in kept and last[prompt] != n]


class Noting:
    """A writer whose text is a function of prompt and section, so that a text in the wrong place shows.

    The first answer for sections 2.2 and 4.1 has a figure without a source: they take several calls.
    """

    name = "noting"
    model = "noting-1"
    reads_prompt = True

    def __init__(self, house: House) -> None:
        self._house = house

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        del on_delta
        self._note("asked", task)
        await asyncio.sleep(random.uniform(*self._house.latency))
        while task.section.id in self._house.held and not self._house.gate.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if task.section.id in self._house.refused:
            raise OverloadedError("模型接口繁忙，请稍后重写本节")
        number = self._note("paid", task)
        wrong = (
            "2016年，全市完成相关投资98765.43亿元。"
            if task.section.id in ("2.2", "4.1") and task.kind != "repair"
            else ""
        )
        return Reply(
            content=reply_of(text_of(task, self._house.word) + wrong),
            writer=self.name,
            model=self.model,
            usage=Usage(prompt_tokens=900, completion_tokens=number),
        )

    def _note(self, what: str, task: Task) -> int:
        """The number of the call's line, by which the ledger knows the answer again."""
        with self._house.account.open("a+") as account:
            account.seek(0)
            number = self._house.number_from + len(account.readlines()) + 1
            account.write(f"{what} {task.prompt.hash}-{task.attempt} {task.section.id} {number}\n")
        return number


def text_of(task: Task, word: str = "") -> str:
    """What `Noting` writes: a text that belongs to this section and this prompt, and leaves every point open."""
    mark = "".join(_SIGNS[int(sign, 16)] for sign in task.prompt.hash.removeprefix("sha256:")[:8])
    points = "".join(f"{point.text}【待补充：{point.text}】。" for point in task.section.points)
    where = "".join(_SIGNS[ord(sign) % 16] for sign in task.section.id)
    return f"望海市坚持统筹推进，{word}稳步落实各项工作（{where}·{mark}）。{points}"


@dataclass(frozen=True, slots=True)
class Shop:
    """What a scenario works with."""

    house: House
    crew: Crew
    plans: Plans
    say: Callable[[Any], None]
    """Tells the test something before the scenario ends."""

    async def create(
        self, name: str = "", sections: tuple[str, ...] | None = SIX, owner: str = "local", **more: Any
    ) -> str:
        """The id of a new plan; `name` makes its prompts its own."""
        options = PlanOptions(exemplars=(), sections=sections, instruction=name or None)
        request = PlanRequest(sheet=sheet(), options=options)
        return (await self.plans.create(request, owner, "noting", "noting-1", **more)).id

    @staticmethod
    async def pause() -> None:
        """A moment between two looks."""
        await asyncio.sleep(0.01)

    async def at_work(self, *sections: str) -> None:
        """Returns when the writer has been asked for each of these sections."""
        while not set(sections) <= set(self.house.asked()):
            await self.pause()

    def let_go(self) -> None:
        """The held sections are answered from now on."""
        self.house.gate.touch()

    async def over(self, *plan_ids: str) -> list[PlanRow]:
        """The plans, when all of them have ended."""
        return [await self.until(plan_id, lambda plan: plan.status in OVER) for plan_id in plan_ids]

    async def only(self) -> PlanRow:
        """The plan that there is, whoever made it."""
        async with self.plans.database.reading() as session:
            (plan,) = await plans.unfinished(session)
        return plan

    async def until(self, plan_id: str, so: Callable[[PlanRow], bool]) -> PlanRow:
        """The plan, when it is so."""
        async with asyncio.timeout(PATIENCE):
            while not so(plan := await self.plans.get(plan_id, None)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return plan

    async def sections(self, plan_id: str) -> dict[str, SectionRow]:
        """The plan's sections."""
        return {row.section: row for row in (await self.plans.whole(plan_id, None))[2]}

    async def texts(self, plan_id: str) -> dict[str, str]:
        """The plan's texts by section."""
        return {row.section: row.text for row in (await self.plans.whole(plan_id, None))[2]}

    async def kept(self) -> list[int]:
        """Numbers of the answers in the ledger."""
        async with self.plans.database.reading() as session:
            return list((await session.execute(select(ReplyTable.completion_tokens))).scalars())

    async def told(self, plan_id: str) -> list[tuple[int, str, Event]]:
        """All events: number, key, event."""
        async with self.plans.database.reading() as session:
            return [(e.seq, e.key, e.event) for e in await events.after(session, plan_id, 0, 100_000)]


Scenario = Callable[..., Awaitable[Any]]


class Apart:
    """A scenario in a process of its own."""

    def __init__(self, house: House, scenario: Scenario, *given: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(_PRELOADED))
        self._ours, theirs = context.Pipe()
        self.process: ForkServerProcess = context.Process(
            target=_run, args=(theirs, house, scenario, given), daemon=True
        )
        self.process.start()
        theirs.close()

    def hear(self) -> Any:
        """What the scenario tells next, or returns; None when the process was killed before it could."""
        assert self._ours.poll(PATIENCE), "the process does not answer"
        try:
            kind, told = self._ours.recv()
        except EOFError:
            return None
        if kind == "error":
            raise told
        return told

    def kill(self) -> None:
        """With -9."""
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Waits for the end of the process; its exit code."""
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None, "the process does not end"
        self._ours.close()
        return self.process.exitcode


def apart(house: House, scenario: Scenario, *given: Any) -> Any:
    """What the scenario returns; None when its process was killed at the place where the house dies."""
    process = Apart(house, scenario, *given)
    try:
        told = process.hear()
    except BaseException:
        process.kill()
        raise
    code = process.end()
    assert code == (0 if told is not None or house.dies_at is None else -signal.SIGKILL)
    return told


def all_keys_once(told: Sequence[tuple[int, str, Event]]) -> bool:
    """Numbers without a gap, each key once."""
    return [t[0] for t in told] == list(range(1, len(told) + 1)) and len({t[1] for t in told}) == len(told)


def _run(told: Connection, house: House, scenario: Scenario, given: Sequence[Any]) -> None:
    try:
        told.send(("result", asyncio.run(_in_shop(told, house, scenario, given))))
    except FanganError as error:
        told.send(("error", RuntimeError(f"{error.type}: {error.message}")))


async def _in_shop(told: Connection, house: House, scenario: Scenario, given: Sequence[Any]) -> Any:
    settings = Settings(
        _env_file=None, openai_api_key=None, openai_base_url=None, model=None, data_dir=house.folder,
        database_url=house.database, executor=house.executor, plans_at_once=house.plans_at_once, max_repairs=house.max_repairs,
        token_budget=house.token_budget,
    )  # fmt: skip
    writer = Noting(house)
    left = house.after

    def kit_for(outline: Outline, options: PlanOptions) -> Kit:
        return build_kit(settings, outline, options, writer)

    def passing(place: Place) -> None:
        nonlocal left
        if place == house.dies_at:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    crew = build_crew(settings, kit_for, nothing_to_close, passing)
    await crew.start()
    database = Database(house.database, house.folder)
    await database.open()
    handed: set[asyncio.Task[None]] = set()

    def hand(work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        handed.add(task)
        task.add_done_callback(handed.discard)

    shop = Shop(house, crew, Plans(database, kit_for, crew.engine, hand), lambda what: told.send(("said", what)))
    try:
        return await scenario(shop, *given)
    finally:
        await crew.stop()
        await database.close()
