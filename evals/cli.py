"""`fangan eval`: what each command takes; the service's command line finds this through an entry point."""

# Only typer here: `fangan --help` reads this file.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="评测：对全部用例起草并评分，比较两次评测，把守质量门槛。", no_args_is_help=True)


@app.callback()
def _commands() -> None:
    """评测：对全部用例起草并评分，比较两次评测，把守质量门槛。"""


@app.command("run")
def run_command(
    *,
    writer: Annotated[
        str | None, typer.Option(metavar="offline|MODEL", help="起草器：offline 或模型名称。默认按 FANGAN_MODEL。")
    ] = None,
    case: Annotated[list[str] | None, typer.Option(help="只评这些用例，可多次填写。默认全部。")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="只评带这些标签的用例，可多次填写。")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="输出目录，写入 run.json。")] = Path("eval"),
    record: Annotated[Path | None, typer.Option(metavar="DIR", help="把模型的答复录制到这个目录。")] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="DIR", help="用录制的答复代替模型；缺少录制时报错并指明提示词。")
    ] = None,
    inspect: Annotated[
        bool, typer.Option("--inspect", help="另写 inspect 日志，可用 inspect view 查看；需要依赖组 evals。")
    ] = False,
    judge: Annotated[
        str | None, typer.Option(metavar="MODEL", help="请这个模型把各稿与原方案两两比较。默认不请。")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="RUN.json", help="与 --judge 同用：逐节与这份评测记录中的稿子比较。")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机数种子，写入记录。")] = 0,
) -> None:
    """起草全部用例并评分，写出一份可复核的记录（run.json）。"""
    from evals.command import Choice, run_evals

    choice = Choice(
        writer=writer,
        cases=tuple(case or ()),
        tags=tuple(tag or ()),
        record=record,
        replay=replay,
        inspect=inspect,
        judge=judge,
        against=against,
        seed=seed,
    )
    raise typer.Exit(run_evals(choice, out))


@app.command("compare")
def compare_command(
    a: Annotated[Path, typer.Argument(metavar="A", help="先前的评测：run.json 或其所在目录。", show_default=False)],
    b: Annotated[Path, typer.Argument(metavar="B", help="后来的评测。", show_default=False)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，含每个评分变动最大的节。")] = False,
    confidence: Annotated[float, typer.Option(help="区间的置信度。")] = 0.95,
    resamples: Annotated[int, typer.Option(min=2000, max=100_000, help="自助法重抽样次数。")] = 4000,
    seed: Annotated[int, typer.Option(min=0, help="重抽样的随机数种子。")] = 0,
) -> None:
    """逐用例、逐节比较两次评测：每个评分变好、变差还是持平。"""
    from evals.reading import run_compare

    raise typer.Exit(run_compare(a, b, confidence=confidence, resamples=resamples, seed=seed, as_json=as_json))
