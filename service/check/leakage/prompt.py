"""The prompt's own words in a text, orders to a model and code: what a writer lets through from its prompt or a fact."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from service.check.leakage.copies import copies

Span = tuple[int, int]
Sort = Literal["prompt", "order", "code", "id"]

_TEMPLATE_CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_BREAK = "\n\x00\n"
"""Stands for a template's own code: no run of the prompt's words goes across it."""

_WORDS = re.compile(r"(?:系统|初始)提示(?:词|语)|事实表|统稿口径")
"""What only prompts say, unless the city does."""
_FORM = re.compile(r"</?(?:事实表|范例|正文|要求)>|\"(?:paragraphs|proposals|gaps)\":")
"""The prompt's fences and the reply's fields; folded."""

_REVOKE = "忽略|无视|忘记|忘掉|绕过|推翻|覆盖|不再遵守|不要遵守|不必遵守"
_EARLIER = "以上|上述|上面|前面|之前|此前|先前|前述|原有"
_RULES = "要求|指令|规则|提示|命令|设定|角色|限制|约束"
_ORDERS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"(?:{_REVOKE})(?:掉|了)?(?:所有|全部|一切|你)?(?:{_EARLIER}|所有|全部|一切)的?[^,。;\n]{{0,6}}?(?:{_RULES})",
        rf"(?:{_EARLIER})的?(?:所有|全部|一切)?(?:{_RULES})[^,。;\n]{{0,4}}(?:作废|无效|失效|取消)",
        r"(?:输出|打印|显示|复述|泄露|透露|公布)[^,。;\n]{0,8}(?:系统|初始)?提示(?:词|语)",
        r"请直接(?:引用|照抄|采用|写入|输出)|本提示(?:词|语)?",
        r"(?:最高|更高)优先级的?(?:指令|命令|要求|规则)",
        r"(?:你(?:现在|将)?是|请?你?扮演|假装你?是)(?:一个|一名|一位)?[^,。;\n]{0,12}(?:助手|助理|模型|机器人|ai)",
        r"(?:ignore|disregard|forget|override)\s[^.。\n]{0,30}?(?:instruction|prompt|rule)s?",
        r"(?:reply|respond|answer|output)\sonly\s(?:with|the)[^.。\n]{0,30}",
        r"(?:system|developer)\s?prompt|^(?:system|assistant|user):|<\|[a-z_]+\|>|\[/?inst\]",
    )
)
"""Orders to a model; folded, so marks are half-width and letters small."""

_CODE = re.compile(
    r"</?[a-z][\w:.-]*(?:\s[^<>\n]*)?/?>|<!(?:--|doctype)|\]\]>|&(?:lt|gt|amp|nbsp|quot|apos|#x?[0-9a-f]{1,6});"
    r"|\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}|[$#]\{[^{}\n]*\}|(?:java|vb)script:"
    r"|(?<![a-z0-9_)\]])[=+@-](?:[a-z]{3,}\(|\d+[+*/-]\d)|\bcmd\|"
)
"""Markup, templates and formulas; folded."""


def prompt_leaks(folded: str, own: str, own_bare: str, ids: Collection[str]) -> Iterator[tuple[Span, Sort]]:
    """Spans of a folded text that come from a prompt or speak to a program.

    `own`, `own_bare`: the outline's and the facts' wording, which the prompt's words may stand in; orders and code are
    no matter of a plan whoever says them. `ids`: those of the facts.
    """
    for _, span in copies(folded, [_rules()], own_bare):
        yield span, "prompt"
    for match in _WORDS.finditer(folded):
        if match[0] not in own:
            yield match.span(), "prompt"
    for pattern in _ORDERS:
        yield from ((match.span(), "order") for match in pattern.finditer(folded))
    yield from ((match.span(), "prompt") for match in _FORM.finditer(folded))
    yield from ((match.span(), "code") for match in _CODE.finditer(folded))
    if (named := _named(tuple(ids))) is not None:
        for match in named.finditer(folded):
            yield match.span(), "id"


@cache
def _rules() -> str:
    """The wording of all prompts, without what stands for the case's own."""
    templates = (f for f in files("prompts").iterdir() if f.name.endswith(".md.j2"))
    texts = (f.read_text(encoding="utf-8") for f in sorted(templates, key=lambda f: f.name))
    return _BREAK.join(_TEMPLATE_CODE.sub(_BREAK, text) for text in texts)


@lru_cache(maxsize=16)
def _named(ids: tuple[str, ...]) -> re.Pattern[str] | None:
    """Ids that are no words: letters with a hyphen or a dot, such as turnover-2016."""
    odd = sorted({i.casefold() for i in ids if re.search(r"[A-Za-z][\w.-]*[-_.]\w|\d[-_.][A-Za-z]", i)}, key=len)
    if not odd:
        return None
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, reversed(odd)))})(?![\w-])", re.ASCII)
