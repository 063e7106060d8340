"""`fangan eval run`: cases and writer chosen, the run made, its record written and told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.cases import Loaded, chosen_cases, load_case
from evals.drafter import Drafted, PipelineDrafter
from evals.revision import revision
from evals.run import Setup, run
from schemas.evaluation import EvalRun
from service.cli.console import say
from service.cli.files import output
from service.errors import InputError, NotConfiguredError
from service.export.prices import read_prices
from service.main import OFFLINE, build_writer, close, model_of
from service.settings import Settings, load_settings
from service.writer.protocol import Writer
from service.writer.recorded import RecordedWriter, Recorder

RECORD = "run.json"
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
    seed: int = 0


def run_evals(choice: Choice, folder: Path) -> int:
    """Runs and writes `run.json`; returns the exit code: 1 when a section failed, whatever the scores are."""
    settings = load_settings()
    if choice.record and choice.replay:
        raise InputError("--record 和 --replay 不能同时使用，请只选其一")
    cases = [load_case(c) for c in chosen_cases(choice.cases, choice.tags)]
    drafted: dict[str, Drafted] = {}
    with output(folder) as staging:
        record = asyncio.run(_run(cases, choice, settings, drafted))
        (place,) = staging.finish({RECORD: as_json(record).encode()})
    if choice.inspect:
        _log(cases, drafted, folder / LOGS, choice.seed)
    _tell(record, place)
    return int(any(s.failure for c in record.cases for s in c.sections))


def as_json(record: EvalRun) -> str:
    """The record as it is kept: Chinese unescaped, one field a line, so that two can be compared by eye."""
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def read_record(path: Path) -> EvalRun:
    """A record that was kept. InputError when it is not there or not one."""
    try:
        return EvalRun.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"评测记录 {path} 读不到或不是 fangan eval run 写出的文件，请检查路径") from error


def writer_of(choice: Choice, settings: Settings) -> Callable[[], Writer]:
    """Gives the writer of one plan. The offline one keeps something of its plan, so each plan has its own."""
    if choice.replay is not None:
        if not choice.replay.is_dir():
            raise NotConfiguredError(f"没有录制目录 {choice.replay}，请先用 --record 录制")
        replayed = RecordedWriter(choice.replay)
        return lambda: replayed
    name = model_of(settings, choice.writer)
    if name == OFFLINE:
        return lambda: _recorded(build_writer(settings, OFFLINE), choice.record)
    shared = build_writer(settings, name)
    return lambda: _recorded(shared, choice.record)


def shown(settings: Settings) -> dict[str, str | int | float | bool | None]:
    """What a record says of the settings."""
    return settings.model_dump(include=set(_SHOWN))


def _recorded(writer: Writer, folder: Path | None) -> Writer:
    return Recorder(writer, folder) if folder else writer


async def _run(cases: list[Loaded], choice: Choice, settings: Settings, drafted: dict[str, Drafted]) -> EvalRun:
    """The run; fills `drafted` with the plans by case."""
    writer_for = writer_of(choice, settings)
    setup = Setup(
        seed=choice.seed,
        revision=revision(),
        settings=shown(settings),
        prices=read_prices(settings.prices) if settings.prices else None,
        seen=lambda case, made: drafted.update({case.case.id: made}),
    )
    try:
        return await run(cases, PipelineDrafter(settings, writer_for), setup)
    finally:
        await close(writer_for())


def _log(cases: list[Loaded], drafted: dict[str, Drafted], folder: Path, seed: int) -> None:
    try:
        from evals.tasks import write_logs  # noqa: PLC0415  takes seconds to import, and is not always installed
    except ModuleNotFoundError as error:
        raise InputError("没有安装 inspect-ai，不能写 inspect 日志；请安装依赖组 evals，或去掉 --inspect") from error
    say(f"inspect 日志：{write_logs(cases, drafted, folder, seed)}")


def _tell(record: EvalRun, place: Path) -> None:
    table = Table(title=f"评测 {record.id}（{record.writer}，{len(record.cases)}例，{record.clock.seconds:.1f}秒）")
    for heading in ("评分", "用例", "平均", "最差", "最差的用例"):
        table.add_column(heading, justify="left" if heading.startswith(("评分", "最差的")) else "right")
    for measure in record.measures:
        scores = [
            (s.value, s.case)
            for s in record.scores
            if s.scorer == measure.name and s.section is None and s.value is not None
        ]
        if scores:
            worst = (min if measure.better == "higher" else max)(scores, key=lambda s: s[0])
            mean = sum(value for value, _ in scores) / len(scores)
            alike = measure.better == "neither" or worst[0] == mean
            told = () if alike else (_short(worst[0]), worst[1])
            table.add_row(measure.title, str(len(scores)), _short(mean), *told)
    Console(stderr=True).print(table)
    say(f"待看的问题：{len(record.failures)}处；记录：{place}")


def _short(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
