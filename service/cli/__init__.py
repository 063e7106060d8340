"""The command line: what each command takes; what it does stands beside, and is imported only when it runs."""

# Importing the web framework, the exporters or the model client here would make `fangan --help` slow.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.core import TyperGroup
from typer.main import get_group

from service.cli.console import report_crash, report_error, say, use_utf8
from service.cli.stored import SettingsShelf
from service.cli.usage import fold_help, told
from service.errors import FanganError
from service.prompt.shelves import standing

PLUGINS = "fangan.commands"
"""Entry points of further command groups, such as the evals: the service needs none of them."""


class _Commands(TyperGroup):
    """The commands here, and those that other packages bring; they are looked for only when one is asked for."""

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperGroup | None:  # type: ignore[override]
        """A command by its name."""
        if cmd_name not in self.commands:
            for found in _plugins(cmd_name):
                command = get_group(found.load())
                command.name = cmd_name
                self.add_command(command)
        return self.commands.get(cmd_name)  # type: ignore[return-value]

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """All names, for the help."""
        return [*super().list_commands(ctx), *(p.name for p in _plugins())]


def _plugins(name: str | None = None) -> Sequence[EntryPoint]:
    found = entry_points(group=PLUGINS)
    return tuple(found if name is None else found.select(name=name))


app = typer.Typer(
    name="fangan",
    cls=_Commands,
    help="依据事实表起草国家电子商务示范城市（示范基地）创建工作方案，并核查其中的每一个数字。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
outline_app = typer.Typer(help="编制要点：列出、查看、导入。", no_args_is_help=True)
facts_app = typer.Typer(help="事实表：生成模板、读取校验、并入补充的数据。", no_args_is_help=True)
keys_app = typer.Typer(help="接口密钥：新增、列出、吊销。", no_args_is_help=True)
app.add_typer(outline_app, name="outline")
app.add_typer(facts_app, name="facts")
app.add_typer(keys_app, name="keys")

Facts = Annotated[str, typer.Argument(metavar="FACTS", help="事实表，JSON、YAML 或 .xlsx 文件；- 表示从标准输入读取。")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="输出目录。")]


def _told_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"fangan {version('fangan')}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_told_version, is_eager=True, help="显示版本号并退出。")
    ] = False,
) -> None:
    del version


@app.command()
def demo(out: Out = Path("out")) -> None:
    """用虚构的望海市样例起草一份完整的方案：不用模型，不联网。"""
    from service.cli.draft import run_demo

    raise typer.Exit(run_demo(out))


@app.command()
def draft(
    facts: Facts,
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="输出目录，默认 out；与 --section 同用时可不写。")
    ] = None,
    model: Annotated[str | None, typer.Option(help="所用模型；offline 表示离线起草器。默认按 FANGAN_MODEL。")] = None,
    section: Annotated[str | None, typer.Option(help="只起草这一节（如 2.1），正文输出到标准输出。")] = None,
    exemplar: Annotated[list[str] | None, typer.Option(help="只用这些范例，可多次填写。默认全部。")] = None,
    instruction: Annotated[str | None, typer.Option(help="对写法的补充要求，不超过2000个字符。")] = None,
    sources: Annotated[
        Literal["none", "footnotes", "comments"], typer.Option(help="数据来源写作脚注、批注，或不写。")
    ] = "none",
    clean: Annotated[
        bool, typer.Option("--clean", help="另存一份不带标记的报送稿；尚有待补充、待修改之处时不予输出。")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="与 --clean 同用：仍有未处理之处也输出报送稿。")] = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="另存一份 PDF（有报送稿时为报送稿）；须已安装 LibreOffice。")
    ] = False,
) -> None:
    """依据事实表起草方案，输出 Word、Markdown、数据需求清单和来源记录。"""
    from service.cli.draft import ExportChoice, run_draft

    raise typer.Exit(
        run_draft(
            facts,
            out=out,
            model=model,
            section=section,
            exemplars=exemplar,
            instruction=instruction,
            export=ExportChoice(sources=sources, clean=clean, force=force, pdf=pdf),
        )
    )


@app.command()
def check(
    draft: Annotated[
        str, typer.Argument(metavar="DRAFT", help="要核查的文稿，.docx、Markdown 或文本；- 表示标准输入。")
    ],
    facts: Annotated[str, typer.Option(metavar="FACTS", help="事实表，JSON、YAML 或 .xlsx 文件；- 表示标准输入。")],
    section: Annotated[
        str | None,
        typer.Option(help="只核查这一节（如 2.1）：文稿有标题时取该节的部分，没有时全文都算。默认按标题分节。"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，与 POST /v1/checks 相同，另附各节文本。")] = False,
) -> None:
    """核查一份文稿：每个数字有无依据，每份文件是否属实，以及编制要点的各项要求。"""
    from service.cli.check import run_check

    raise typer.Exit(run_check(draft, facts, section, as_json=as_json))


@outline_app.command("list")
def outline_list() -> None:
    """列出可用的编制要点。"""
    from service.cli.catalogue import list_outlines

    list_outlines()


@outline_app.command("show")
def outline_show(
    outline: Annotated[str, typer.Argument(metavar="ID", help="编号，如 city-2017。")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，与 GET /v1/outlines/{id} 相同。")] = False,
) -> None:
    """查看一份编制要点：章节、要求、指标、字数。"""
    from service.cli.catalogue import show_outline

    show_outline(outline, as_json=as_json)


@outline_app.command("import")
def outline_import(
    source: Annotated[str, typer.Argument(metavar="FILE", help="编制要点，文本或 .docx 文件；- 表示标准输入。")],
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT.yaml", help="写入的 YAML 文件。默认输出到标准输出。")
    ] = None,
    name: Annotated[str, typer.Option("--id", metavar="ID", help="编号：小写字母、数字和连字符。")] = "imported",
    store: Annotated[bool, typer.Option("--store", help="存入数据库，之后即可按它填写事实表、起草和核查。")] = False,
) -> None:
    """读取一份编制要点的文本，转成章节、要求和指标（YAML）；需要人工核对之处逐条列出。"""
    from service.cli.catalogue import read_outline

    read_outline(source, out, name, kept=store)


@facts_app.command("parse")
def facts_parse(facts: Facts) -> None:
    """读取事实表，输出规范的 JSON；有误时一次列出全部错误。"""
    from service.cli.catalogue import parse_facts

    parse_facts(facts)


@facts_app.command("template")
def facts_template(
    outline: Annotated[str, typer.Argument(metavar="OUTLINE", help="编制要点的编号，如 city-2017。")],
    *,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="F.xlsx", help="写入的 .xlsx 文件。")],
    facts: Annotated[str | None, typer.Option(metavar="FACTS", help="已有的事实表，填入模板。默认为空白模板。")] = None,
) -> None:
    """生成供各部门填写的事实表模板（Excel、WPS）。"""
    from service.cli.sheets import write_template

    write_template(outline, out, facts)


@facts_app.command("gaps")
def facts_gaps(
    facts: Facts,
    *,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="GAPS.xlsx", help="写入的 .xlsx 文件。")],
) -> None:
    """列出事实表还缺的数据，生成可发给各部门填写的数据需求清单（Excel、WPS）。"""
    from service.cli.sheets import write_gaps

    write_gaps(facts, out)


@facts_app.command("merge")
def facts_merge(
    facts: Facts,
    gaps: Annotated[str, typer.Argument(metavar="GAPS.xlsx", help="填好的数据需求清单。")],
    *,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="NEW.json", help="写入的新事实表。")],
) -> None:
    """把填好的数据需求清单（gaps.xlsx）并入事实表，写成新的 JSON。"""
    from service.cli.sheets import merge

    merge(facts, gaps, out)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="监听的 IP 地址；没有密钥时只能是本机地址。默认按 FANGAN_HOST。")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="端口，0 表示任选。默认按 FANGAN_PORT。")] = None,
) -> None:
    """启动 HTTP 服务。"""
    from service.cli.serve import run_server

    run_server(host, port)


@app.command()
def worker() -> None:
    """只起草方案，不提供接口：多台机器共用一个 Postgres 数据库时使用。"""
    from service.cli.worker import run_worker

    run_worker()


Name = Annotated[str, typer.Argument(metavar="NAME", help="密钥的名称：小写字母、数字和连字符，不超过40个。")]


@keys_app.command("add")
def keys_add(
    name: Name,
    *,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="每分钟的请求数上限。默认按 FANGAN_REQUESTS_PER_MINUTE。")
    ] = None,
    plans_at_once: Annotated[
        int | None, typer.Option(min=1, max=1000, help="同时起草的方案数上限。默认按 FANGAN_PLANS_AT_ONCE。")
    ] = None,
) -> None:
    """新增一个密钥，只显示这一次；数据库中仅保存其哈希值。"""
    from service.cli.keys import add_key

    add_key(name, requests_per_minute, plans_at_once)


@keys_app.command("list")
def keys_list() -> None:
    """列出所有密钥的名称、新增和吊销的时间。"""
    from service.cli.keys import list_keys

    list_keys()


@keys_app.command("revoke")
def keys_revoke(name: Name) -> None:
    """吊销一个密钥，立即生效，不能恢复；它名下的方案仍然保留。"""
    from service.cli.keys import revoke_key

    revoke_key(name)


@app.command()
def doctor() -> None:
    """检查安装、设置和模型接口。"""
    from service.cli.doctor import run_doctor

    raise typer.Exit(run_doctor())


def main() -> None:
    """The entry point. Exit code 0 fine, 1 findings of severity error, 2 bad input, 70 a fault of the program."""
    use_utf8()
    if "--help" in sys.argv or len(sys.argv) <= 2:  # a group by itself shows its help
        fold_help()
    try:
        with standing(SettingsShelf()):
            code = app(prog_name="fangan", standalone_mode=False)
    except typer.TyperException as error:
        if message := told(error):
            say(f"错误：{message}")
        sys.exit(2)
    except FanganError as error:
        report_error(error)
        sys.exit(2)
    except Exception as error:  # the last resort: a drafter has no use for a traceback
        report_crash(error)
        sys.exit(70)
    sys.exit(code if isinstance(code, int) else 0)
