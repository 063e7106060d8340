"""`fangan eval`: what each command takes; the service's command line finds this through an entry point."""

# Only typer here: `fangan --help` reads this file.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="评测：对全部用例起草并评分，写出报告，比较两次评测，把守质量门槛。", no_args_is_help=True)


@app.callback()
def _commands() -> None:
    """评测：对全部用例起草并评分，写出报告，比较两次评测，把守质量门槛。"""


@app.command("run")
def run_command(
    *,
    writer: Annotated[
        str | None, typer.Option(metavar="offline|MODEL", help="起草器：offline 或模型名称。默认按 FANGAN_MODEL。")
    ] = None,
    case: Annotated[list[str] | None, typer.Option(help="只评这些用例，可多次填写。默认全部。")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="只评带这些标签的用例，可多次填写。")] = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="DIR", help="输出目录，写入 run.json 和 report.html。")
    ] = Path("eval"),
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
        Path | None,
        typer.Option(
            metavar="RUN", help="先前的评测（run.json 或其所在目录）：报告与它比较；与 --judge 同用时，逐节比较两稿。"
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(metavar="URL", help="由这个地址的服务起草，如 http://127.0.0.1:8000。默认在本进程中起草。"),
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(envvar="FANGAN_API_KEY", help="服务的密钥；不要写在命令行上，请用环境变量。")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机数种子，写入记录。")] = 0,
) -> None:
    """起草全部用例并评分，写出可复核的记录（run.json）和报告（report.html）。"""
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
        server=server,
        api_key=api_key,
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


@app.command("gate")
def gate_command(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="已有的评测；不写则先由离线起草器起草全部用例。")
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="先起草时，把记录和报告写入这个目录。")
    ] = None,
    thresholds: Annotated[Path | None, typer.Option(metavar="FILE", help="门槛文件。默认用自带的 gate.yaml。")] = None,
    baseline: Annotated[Path | None, typer.Option(metavar="FILE", help="基线。默认用自带的 baseline.json。")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="不与基线比较，而把本次评测定为新的基线。")] = False,
) -> None:
    """把守质量：有一项门槛未达到，或有一个评分比基线差，退出码即为1。"""
    from evals.gate import GateChoice, run_gate

    raise typer.Exit(run_gate(GateChoice(run=run, out=out, thresholds=thresholds, baseline=baseline, accept=accept)))


@app.command("report")
def report_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="评测：run.json 或其所在目录。", show_default=False)],
    *,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="写到这个文件。")] = Path("report.html"),
    against: Annotated[Path | None, typer.Option(metavar="RUN", help="与这份先前的评测比较。")] = None,
) -> None:
    """由已有的记录重新写出报告。"""
    from evals.command import read_record
    from evals.report import write_report

    write_report(read_record(run), out, read_record(against) if against else None)
