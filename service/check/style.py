"""The style check: faults of official form that normalising punctuation cannot mend (checks.md, style)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schemas.finding import CheckName, Finding, Severity
from service.check.case import BARE, Case
from service.text.punctuation import normalise

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_MARKED = re.compile(r"【(?:待补充|建议值)[^【】\n]*】")

_MARKDOWN = (
    r"\*\*[^*\n]*\*\*|\*\*|^ {0,3}#{1,6} *(?=\S)|^ {0,3}[-*+] *(?=[\u4e00-\u9fff“《])|^ {0,3}>+ ?|`{1,3}|^\|.*\|$"
    r"|\[[^\]\n]*\]\(\w+://[^)\n]*\)"
)
_OWN_NOTE = (
    r"[（(【\[](?:注|备注|说明|编者注|编写说明|起草说明|提示|示例|TODO)[:：][^）)】\]\n]*[）)】\]]?"
    r"|此处(?:应|可|需|请)?(?:补充|填写|插入|略)|(?:根据|按照)(?:您|用户|上述|以上)?提供的(?:资料|信息|事实|数据|材料)"
    r"|以下(?:是|为)(?:修改|起草|撰写|改写)后?的|(?:希望|如需)(?:以上|进一步|对您)[^。\n]*"
)
_MODEL_SPEAKS = (
    r"作为(?:一个|一名)?(?:AI|人工智能|大?语言模型)(?:语言)?(?:助手|模型|程序)?(?=，?我)[^。\n]*"
    r"|(?:很抱歉|对不起)，?我|我(?:无法|不能|没有办法)(?:提供|获取|确认|访问)[^，。\n]*"
)
_FAULTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), message)
    for pattern, message in (
        (_MARKDOWN, "正文留有Markdown标记，请删去"),
        (_OWN_NOTE, "正文留有起草者自己的说明，请删去或改为正文"),
        (_MODEL_SPEAKS, "这是模型自己的话，不是方案正文，请删去"),
        (
            r"[，、；：][，、；：。！？]+|。[，、；：。！？]+|[！？][，、；：。]+|[！？]{2,}",
            "标点重复或连用，请只保留一个",
        ),
        (r"[”’]、[“‘]|》、《", "标有引号或书名号的并列成分之间通常不用顿号（GB/T 15834—2011），请删去"),
        (r"等……|……等", "“等”与省略号不并用，请只保留一个"),
        (
            r"(?<![\d.])\d+(?:\.\d+)?～\d+(?:\.\d+)?%",
            "百分数的范围两端都要写百分号，如15%～30%（GB/T 15835—2011），请核实后补写",
        ),
        (
            r"(?<![\d.])\d+(?:\.\d+)?～\d+(?:\.\d+)?[万亿]",
            "范围两端的“万”“亿”都要写出，如9亿～16亿（GB/T 15835—2011），请核实后补写",
        ),
        (
            r"(?<!\d)\d+[千百]\d*[千百]?万?(?=[元人家户个])",
            "“千”“百”不与阿拉伯数字连用，请写成1300万、4000一类（GB/T 15835—2011）",
        ),
        (r"(?:下降|减少|降低|缩小)了?\d+(?:\.\d+)?倍", "减少不用倍数表示，请改为百分数或“降至几分之几”"),
        (r"的的|了了|是是|在在|为为|和和|与与", "疑有衍字，请核对"),
        (r"[，、]$", "本段停在句中，请写完"),
    )
)

_LEFT_OVER = re.compile(rf"(?<=[{_HAN}，。；：）》”])[,;:!?()\[\]\"'<>]|[,;:!?()\[\]\"'<>](?=[{_HAN}（《“])")
_PAIRS = {"（": "）", "《": "》", "【": "】", "〔": "〕", "“": "”", "‘": "’", "〈": "〉"}
_CLOSING = {close: open_ for open_, close in _PAIRS.items()}
_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十\d]{1,3}）|\d{1,2}\.)[^，。；！？]{1,40}$"
)
_ENDED = re.compile(r"[。！？；：…][”’）》】]*$|[。！？][（(][^（()）\n]*[）)]$")
_SHORT = 12
"""A line of fewer characters without a comma may be a heading or a table's cell."""


def check_style(case: Case) -> Iterable[Finding]:
    """Marks, notes, broken pairs and unfinished sentences that a person has to look at. Info findings."""
    for section_id, text in case.texts.items():
        section = case.outline.sections_by_id.get(section_id)
        shown = _MARKED.sub(lambda m: "某" * len(m[0]), text)
        found = {*_faults(shown), *_unpaired(shown), *_left_over(shown)}
        if section is None or not section.checklist:
            found |= set(_unfinished(shown))
        for start, end, message in sorted(found):
            yield Finding(
                check=CheckName.STYLE,
                severity=Severity.INFO,
                section=None if section_id == BARE else section_id,
                start=start,
                end=end,
                excerpt=text[start:end],
                message=message,
            )


_Found = tuple[int, int, str]


def _faults(text: str) -> Iterator[_Found]:
    for pattern, message in _FAULTS:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), message


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with the place where it begins."""
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def _left_over(text: str) -> Iterator[_Found]:
    """Half-width marks beside Chinese in lines that normalising leaves as they are."""
    for at, line in _lines(text):
        marks = list(_LEFT_OVER.finditer(line))
        if marks and normalise(line) == line:
            for mark in marks:
                yield at + mark.start(), at + mark.end(), f"汉字旁有半角标点“{mark[0]}”，请改用全角并核对是否成对"


def _unpaired(text: str) -> Iterator[_Found]:
    """Brackets and quotes without their pair, paragraph by paragraph."""
    for at, line in _lines(text):
        open_marks: list[tuple[str, int]] = []
        for n, char in enumerate(line, at):
            if char in _PAIRS:
                open_marks.append((char, n))
            elif char in _CLOSING:
                if open_marks and open_marks[-1][0] == _CLOSING[char]:
                    open_marks.pop()
                else:
                    yield n, n + 1, f"“{char}”没有与之相对的前半，请补全或删去"
        for char, n in open_marks:
            yield n, n + 1, f"“{char}”没有与之相对的后半，请补全或删去"


def _unfinished(text: str) -> Iterator[_Found]:
    for at, line in _lines(text):
        written = line.rstrip()
        heading = _HEADING.match(written) or (len(written) < _SHORT and not re.search("[，；]", written))
        if written and not heading and not _ENDED.search(written) and written[-1] not in "，、":
            yield at + len(written) - 1, at + len(written), "本段末尾没有句号，请写完或补上"
