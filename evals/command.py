"""`fangan eval run`: cases and writer chosen, the run made, its record and report written and told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.cases import Loaded, chosen_cases, load_case
from evals.compare import pooled_value
from evals.drafter import Drafted, Drafter, PipelineDrafter
from evals.judge import AgainstExemplar, AgainstRun, Judge
from evals.revision import revision
from evals.run import Referee, Setup, run
from evals.served import ServedDrafter, address, connected
from evals.tables import short
from schemas.evaluation import EvalRun
from service.cli.console import say
from service.cli.files import output
from service.errors import InputError, NotConfiguredError
from service.export.prices import read_prices
from service.main import OFFLINE, build_endpoint, build_writer, close, model_of
from service.settings import Settings, load_settings
from service.writer.protocol import Writer
from service.writer.recorded import RecordedWriter, Recorder

RECORD = "run.json"
REPORT = "report.html"
LOGS = "inspect"
_SHOWN = (
    "concurrency", "context_tokens", "deadline", "max_repairs", "rung", "temperature", "thinking", "token_budget",
)  # fmt: skip
"""Settings that bear on a draft; none is secret."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for on the command line."""

    writer: str | None = None
    cases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    record: Path | None = None
    replay: Path | None = None
    inspect: bool = False
    judge: str | None = None
    against: Path | None = None
    seed: int = 0
    server: str | None = None
    """Address of the service that drafts; None: the pipeline in this process does."""
    api_key: str | None = field(default=None, repr=False)


def run_evals(choice: Choice, folder: Path) -> int:
    """Runs, writes `run.json` and `report.html`; returns the exit code: 1 when a section failed, whatever the scores."""
    _refuse(choice)
    against = read_record(choice.against) if choice.against else None
    with output(folder):  # proves that it can be written before any work is done
        record, drafted = make_run(choice)
        place = write_run(record, folder, against)
    if choice.inspect:
        _log([load_case(c) for c in chosen_cases(choice.cases, choice.tags)], drafted, folder / LOGS, choice.seed)
    _tell(record, place)
    return int(any(s.failure for c in record.cases for s in c.sections))


def make_run(choice: Choice) -> tuple[EvalRun, dict[str, Drafted]]:
    """The run, and the plans by case."""
    _refuse(choice)
    cases = [load_case(c) for c in chosen_cases(choice.cases, choice.tags)]
    drafted: dict[str, Drafted] = {}
    return asyncio.run(_run(cases, choice, load_settings(), drafted)), drafted


def write_run(record: EvalRun, folder: Path, against: EvalRun | None = None) -> Path:
    """The record and the page to read it by; returns the record's place."""
    from evals.report import report  # noqa: PLC0415  draws, and what it draws with takes its time to import

    page = report(record, against)
    with output(folder) as staging:
        place, _ = staging.finish({RECORD: as_json(record).encode(), REPORT: page.encode()})
    return place


def _refuse(choice: Choice) -> None:
    if choice.record and choice.replay:
        raise InputError("--record 和 --replay 不能同时使用，请只选其一")
    if choice.server and (choice.record or choice.replay or choice.inspect):
        raise InputError("服务不交出提示词，--server 不能与 --record、--replay、--inspect 同时使用")
    if choice.inspect and find_spec("inspect_ai") is None:
        raise InputError("没有安装 inspect-ai，不能写 inspect 日志；请安装依赖组 evals，或去掉 --inspect")


def as_json(record: EvalRun) -> str:
    """The record as it is kept: Chinese unescaped, one field a line, so that two can be compared by eye."""
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def read_record(place: Path) -> EvalRun:
    """The record in a file or in the folder of `fangan eval run -o`. InputError when there is none."""
    try:
        return EvalRun.model_validate_json((place / RECORD if place.is_dir() else place).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"评测记录 {place} 读不到或不是 fangan eval run 写出的文件，请检查路径") from error


class Writers:
    """Gives the writer of each plan, recording or replaying where that was asked for, and closes what it built.

    The offline writer keeps something of its plan, so each plan has its own; a model's connections are shared.
    """

    def __init__(self, choice: Choice, settings: Settings, *, judging: bool = False) -> None:
        self._record, self._replay = choice.record, choice.replay
        self._shared: Writer | None = None
        if choice.replay is not None:
            if not choice.replay.is_dir():
                raise NotConfiguredError(f"没有录制目录 {choice.replay}，请先用 --record 录制")
        elif judging:
            self._shared = build_endpoint(settings, choice.judge)
        elif (name := model_of(settings, choice.writer)) != OFFLINE:
            self._shared = build_writer(settings, name)
        self._settings = settings

    def __call__(self) -> Writer:
        """The writer of one plan."""
        if self._replay is not None:
            return RecordedWriter(self._replay)
        writer = self._shared or build_writer(self._settings, OFFLINE)
        return Recorder(writer, self._record) if self._record else writer

    async def aclose(self) -> None:
        """Closes connections; to be awaited on the loop that they were used on."""
        if self._shared is not None:
            await close(self._shared)


def referees(judging: Writer, against: Path | None) -> Iterator[Referee]:
    """Beside the exemplars, and beside an earlier run where one is given."""
    judge = Judge(judging)
    yield AgainstExemplar(judge)
    if against is not None:
        yield AgainstRun(judge, read_record(against))


def shown(settings: Settings) -> dict[str, str | int | float | bool | None]:
    """What a record says of the settings."""
    return settings.model_dump(include=set(_SHOWN))


async def _run(cases: list[Loaded], choice: Choice, settings: Settings, drafted: dict[str, Drafted]) -> EvalRun:
    """The run; fills `drafted` with the plans by case."""
    judging = Writers(choice, settings, judging=True) if choice.judge else None
    setup = Setup(
        seed=choice.seed,
        revision=None if choice.server else revision(),
        settings={**({"server": address(choice.server)} if choice.server else shown(settings)), "judge": choice.judge},
        referees=tuple(referees(judging(), choice.against)) if judging else (),
        prices=read_prices(settings.prices) if settings.prices else None,
        seen=lambda case, made: drafted.update({case.case.id: made}),
    )
    try:
        async with _drafting(choice, settings) as drafter:
            return await run(cases, drafter, setup)
    finally:
        if judging is not None:
            await judging.aclose()


@asynccontextmanager
async def _drafting(choice: Choice, settings: Settings) -> AsyncIterator[Drafter]:
    """Whoever drafts; connections are closed at the end."""
    if choice.server is not None:
        with connected(choice.server, choice.api_key) as client:
            yield ServedDrafter(client, choice.writer)
        return
    writers = Writers(choice, settings)
    try:
        yield PipelineDrafter(settings, writers)
    finally:
        await writers.aclose()


def _log(cases: list[Loaded], drafted: dict[str, Drafted], folder: Path, seed: int) -> None:
    from evals.tasks import write_logs  # noqa: PLC0415  takes seconds to import, and is not always installed

    say(f"inspect 日志：{write_logs(cases, drafted, folder, seed)}")


def _tell(record: EvalRun, place: Path) -> None:
    table = Table(title=f"评测 {record.id}（{record.writer}，{len(record.cases)}例，{record.clock.seconds:.1f}秒）")
    for heading in ("评分", "用例", "合计", "最差", "最差的用例"):
        table.add_column(heading, justify="left" if heading.startswith(("评分", "最差的")) else "right")
    for measure in record.measures:
        own = [s for s in record.scores if s.scorer == measure.name]
        values = [(s.value, s.case) for s in own if s.section is None and s.value is not None]
        if values:
            worst = (min if measure.better == "higher" else max)(values, key=lambda v: v[0])
            alike = measure.better == "neither" or len({value for value, _ in values}) == 1
            told = () if alike else (short(worst[0]), worst[1])
            table.add_row(measure.title, str(len(values)), short(pooled_value(measure, own)), *told)
    Console(stderr=True).print(table)
    say(f"待看的问题：{len(record.failures)}处；记录：{place}")
