"""Help in Chinese, and what is wrong with a command as it was typed, with where its help is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from typer import TyperException

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.style import StyleType

_OR = re.compile(r"'?\s*/\s*'?")
_TOLD = (
    (r"Missing argument '(.+)'\.", r"缺少参数 \1"),
    (r"Missing option '(.+)'\.", r"缺少选项 \1"),
    (r"No such option: (\S+)(?: \(Possible options: (.+)\))?", r"没有选项 \1，是否应为 \2"),
    (r"No such command '(.+?)'\.(?: Did you mean (.+)\?)?", r"没有命令 \1，是否应为 \2"),
    (r"Got unexpected extra argument\(s\) \((.+)\)", r"多出了参数 \1"),
    (r"Option '(.+)' requires an argument\.", r"选项 \1 后面缺少内容"),
    (r"Option '(.+)' does not take a value\.", r"选项 \1 后面不能带内容"),
    (r"Invalid value for '(.+?)': .*is not one of (.+)\.", r"\1 只能是 \2"),
    (r"Invalid value for '(.+?)': .*valid integer.*", r"\1 应为整数"),
    (r"Invalid value for '(.+?)': .*less than or equal to (\d+)", r"\1 不能大于 \2"),
    (r"Invalid value for '(.+?)': .*greater than or equal to (\d+)", r"\1 不能小于 \2"),
)
"""Typer's messages; one that is not among them is told as it is."""


def told(error: TyperException) -> str:
    """One sentence; where Typer says of which command, with the way to its help. "" for one that showed its help."""
    message = error.format_message()
    if not message:
        return ""
    for pattern, said in _TOLD:
        if (found := re.fullmatch(pattern, message, re.DOTALL)) is not None:
            message = _OR.sub("、", found.expand(said).removesuffix("，是否应为 ")).replace("'", "").replace(", ", "、")
            break
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "fangan"
    return f"{message}；用法见 {command} --help"


def fold_help() -> None:
    """Helps are shown whole: Typer's tables cut off a word wider than its column, and Chinese has no spaces."""
    from rich.table import Table  # noqa: PLC0415  slow to import, and only helps need it
    from rich.text import Text  # noqa: PLC0415
    from typer import rich_utils  # noqa: PLC0415

    class Folding(Table):
        def add_row(
            self, *cells: RenderableType | None, style: StyleType | None = None, end_section: bool = False
        ) -> None:
            super().add_row(*cells, style=style, end_section=end_section)
            for column in self.columns:
                column.overflow = "fold"

    vars(rich_utils).update(Table=Folding, Columns=Text(" ").join)
