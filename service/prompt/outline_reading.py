"""A 编制要点 as a file (text or .docx) → its lines → the tree of its numbered headings; what is noise is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schemas.outline import Remark
from service.errors import FileInputError, InputError
from service.word_file import ZIP, read_docx

MAX_BYTES = 2_000_000
"""Of the file."""
MAX_CHARACTERS = 50_000
"""Of the text; the longest published 编制要点 has some 10 000."""
MAX_UNPACKED = 20_000_000
"""Of a .docx file's parts together."""
DEEPEST = 3
"""Levels that are chapters, groups and sections; what is numbered below them belongs to its section's guidance."""

_NUMERALS = "一二三四五六七八九十"
_N = rf"[{_NUMERALS}]{{1,3}}"
_STYLES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("part", re.compile(rf"第({_N}|\d{{1,2}})(?:章|部分)[ 　\t、.．：:]*"), "第{}部分 "),
    ("subpart", re.compile(rf"第({_N}|\d{{1,2}})节[ 　\t、.．：:]*"), "第{}节 "),
    ("han", re.compile(rf"({_N})[ 　]*[、．.，,][ 　]*"), "{}、"),
    ("bracketed_han", re.compile(rf"[（(][ 　]*({_N})[ 　]*[)）][ 　]*[、．.]?[ 　]*"), "（{}）"),
    ("decimal_3", re.compile(r"(\d{1,2}\.\d{1,2}\.\d{1,2})[、．.]?[ 　\t]+"), "{} "),
    ("decimal_2", re.compile(r"(\d{1,2}\.\d{1,2})[、．.]?[ 　\t]+"), "{} "),
    ("arabic", re.compile(r"(\d{1,2})[ 　]*[、．.](?!\d)[ 　\t]*"), "{}."),
    ("bracketed", re.compile(r"[（(][ 　]*(\d{1,2})[ 　]*[)）][ 　]*[、．.]?[ 　]*"), "（{}）"),
    ("half_bracketed", re.compile(r"(\d{1,2})[)）][ 　]*"), "{}）"),
    ("circled", re.compile(r"([①-⑳])[ 　]*"), "{}"),
)
_VOLUME = re.compile(rf"^第(?:{_N}|\d{{1,2}})篇[ 　]*[:：]?[ 　]*")
_NOISE = re.compile(
    r"(?:编制|编写|咨询|制作|发布)(?:单位|机构)[ 　]*[:：]|^(?:联系)?(?:电话|网址|邮箱|传真)[ 　]*[:：]|^https?://|^www\."
    r"|^第?[ 　]*[-—－]?[ 　]*\d{1,3}[ 　]*[-—－]?[ 　]*页?(?:[ 　,，/]*共?[ 　]*\d{1,3}[ 　]*页)?$|^(?:目录|目　+录|目 +录)$"
)
_CONTENTS_LINE = re.compile(r"(?:[.．…·]{3,}|\t)[ 　]*\d{1,3}$")
_TITLE = re.compile(r"编制要点|编制大纲|编写大纲|编制提纲|编写提纲|编写要点|方案|大纲|提纲")
_SPACE = re.compile(r"[ 　\t]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TOO_LARGE = "文档解压后过大，请只保留编制要点的文字后再提交"
_NO_DOCX = "文件不是有效的 .docx 文档，请用 Word 或 WPS 另存为 .docx 后再提交"
_STOPS = "。；;！？!?：:"
_OPEN_ENDS = "、，,（(《“"


@dataclass(slots=True)
class Item:
    """A numbered heading: `path` its place (5, 2, 1), `first` the rest of its line, `rest` the paragraphs below it."""

    path: tuple[int, ...]
    style: str
    number: str
    line: int
    first: str
    rest: list[tuple[int, str]] = field(default_factory=list)
    children: list[Item] = field(default_factory=list)

    @property
    def id(self) -> str:
        """5.2.1 for 五（二）1."""
        return ".".join(map(str, self.path))


@dataclass(slots=True)
class Tree:
    """What a file holds: its title ("" when it has none), its chapters, and what was found amiss."""

    title: str
    chapters: list[Item]
    remarks: list[Remark]


def read_lines(data: bytes) -> tuple[list[str], list[Remark]]:
    """Lines of a text file (UTF-8, UTF-16 or GB 18030) or paragraphs of a .docx. FileInputError for anything else."""
    if not data.strip():
        raise FileInputError("编制要点文件是空的，请提交有内容的文本或 .docx 文件")
    if len(data) > MAX_BYTES:
        raise FileInputError(f"编制要点超过{MAX_BYTES // 1_000_000}MB，请只保留编制要点的正文后再提交")
    lines, remarks = _docx(data) if data.startswith(ZIP) else (_text(data), [])
    if sum(map(len, lines)) > MAX_CHARACTERS:
        raise FileInputError(f"编制要点超过{MAX_CHARACTERS // 10_000}万字，请只保留编制要点的正文后再提交")
    return lines, remarks


def _text(data: bytes) -> list[str]:
    text = _decoded(data)
    if not text.strip():
        raise FileInputError("编制要点文件是空的，请提交有内容的文本或 .docx 文件")
    if _CONTROL.search(text) or not _HAN.search(text):
        raise FileInputError("编制要点不是中文文本，请提交 UTF-8 编码的文本或 .docx 文件")
    return text.splitlines()


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for candidate in (encoding, "gb18030"):
        try:
            return data.decode(candidate)
        except UnicodeDecodeError:
            continue
    raise FileInputError("编制要点的编码无法识别，请另存为 UTF-8 编码的文本或 .docx 后再提交")


def _docx(data: bytes) -> tuple[list[str], list[Remark]]:
    lines, properties, tables = read_docx(
        data,
        lambda document: (
            [p.text.replace("\n", " ") for p in document.paragraphs],
            [p.paragraph_format.element.pPr for p in document.paragraphs],
            len(document.tables),
        ),
        most=MAX_UNPACKED,
        too_large=_TOO_LARGE,
        invalid=_NO_DOCX,
    )
    if not any(line.strip() for line in lines):
        raise FileInputError("文档中没有文字，请提交含有编制要点正文的 .docx 文件")
    automatic = [
        n
        for n, (line, found) in enumerate(zip(lines, properties, strict=True), 1)
        if line.strip() and found is not None and found.numPr is not None
    ]
    remarks = []
    if automatic:
        told = f"第{automatic[0]}段等{len(automatic)}段使用了自动编号，编号不在文字之中、未能读入；请改为手工编号后重新导入"
        remarks.append(Remark(line=automatic[0], text=told))
    if tables:
        remarks.append(Remark(text=f"文档中有{tables}个表格，其中的文字未读入"))
    return lines, remarks


def read_tree(lines: Iterable[str], remarks: Iterable[Remark] = ()) -> Tree:
    """The headings of the lines, nested by their numbering. InputError when there is none."""
    reader = _Reader(list(remarks))
    for line, text in _paragraphs(list(lines)):
        if not reader.take(line, text):
            break
    if not reader.chapters:
        raise InputError("没有找到带编号的标题，请在各章节标题前写明编号，如“一、”“（一）”“1.”")
    return Tree(reader.title, reader.chapters, reader.remarks)


def _paragraphs(lines: list[str]) -> Iterator[tuple[int, str]]:
    """(number of its first line, text) of each paragraph: lines broken at the page's width are joined."""
    width = _width(lines)
    start, text, full = 0, "", False
    for n, raw in enumerate(lines, 1):
        line = raw.strip(" 　\t\ufeff")
        if not line:
            full = full and not width
            continue
        fresh = _numbered(line) or _NOISE.search(line) or _VOLUME.match(line)
        if text and not fresh and (full or text[-1] in _OPEN_ENDS):
            text += f" {line}" if text[-1].isascii() and line[0].isascii() else line
        else:
            if text:
                yield start, text
            start, text = n, line
        full = bool(width) and len(line) >= width - 2 and line[-1] not in _STOPS
    if text:
        yield start, text


def _width(lines: list[str]) -> int:
    """Characters of a full line where the text is broken at one width; 0 where each line is a paragraph."""
    sizes = [len(s) for line in lines if (s := line.strip(" 　\t"))]
    widest = max(sizes, default=0)
    full = sum(size >= widest - 2 for size in sizes)
    return widest if 16 <= widest <= 60 and full >= 3 and 5 * full >= len(sizes) else 0


def _numbered(line: str) -> tuple[str, str, int, str] | None:
    """(style, number as printed, its value, the rest) of a line that begins with a number."""
    for style, pattern, printed in _STYLES:
        if found := pattern.match(line):
            rest = line[found.end() :]
            if style == "half_bracketed" and not rest:
                return None
            return style, printed.format(found[1]), _value(found[1]), rest
    return None


def _value(numeral: str) -> int:
    if numeral[0] in "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳":
        return ord(numeral) - ord("①") + 1
    if numeral[0].isdecimal():
        return int(numeral.rpartition(".")[2])
    tens, ten, ones = numeral.rpartition("十")
    digit = _NUMERALS.index(ones) + 1 if ones and ones in _NUMERALS else 0
    return digit + (10 * (_NUMERALS.index(tens[0]) + 1 if tens else 1) if ten else 0)


class _Reader:
    """Takes paragraph by paragraph and keeps the headings that are open."""

    def __init__(self, remarks: list[Remark]) -> None:
        self.title = ""
        self.chapters: list[Item] = []
        self.remarks = remarks
        self._open: list[Item] = []

    def take(self, line: int, text: str) -> bool:
        """Whether to go on: a second outline in the same file ends the reading."""
        if _VOLUME.match(text) and self.chapters:
            self._remark(line, f"“{text[:30]}”起是另一份编制要点，未读入；需要时请单独导入")
            return False
        if _CONTENTS_LINE.search(text):
            self._remark(line, f"“{text[:20]}”带有页码，视为目录，未采用")
        elif (found := _numbered(text)) and found[3]:
            self._heading(line, *found)
        elif self._open and not _NOISE.search(text) and text != self.title:
            self._open[-1].rest.append((line, text))
        else:
            self._outside(line, text)
        return True

    def _outside(self, line: int, text: str) -> None:
        """What stands before the first heading, and noise anywhere."""
        shown = text if len(text) <= 40 else f"{text[:40]}……"
        name = _VOLUME.sub("", text)
        if _NOISE.search(text):
            self._remark(line, f"“{shown}”与编制要求无关，未采用")
        elif name == self.title:
            self._remark(line, f"标题“{shown}”重复，只保留一个")
        elif not self.title and not self._open and _TITLE.search(name) and len(name) <= 60:
            self.title = name
            if name != text:
                self._remark(line, f"标题前的“{text[: len(text) - len(name)].strip()}”未采用")
        else:
            self._remark(line, f"“{shown}”在第一个标题之前，未采用")

    def _heading(self, line: int, style: str, number: str, value: int, rest: str) -> None:
        while self._open and any(i.style == style for i in self._open):
            if self._open.pop().style == style:
                break
        depth = len(self._open)
        if depth >= DEEPEST:
            self._open[DEEPEST - 1].rest.append((line, f"{number}{rest}"))
            return
        if depth == 0 and value == 1 and self._is_contents(rest):
            first = self.chapters[0].line
            self._remark(first, f"第{first}行至第{line - 1}行与后文的标题重复，视为目录，未采用")
            self.chapters.clear()
        siblings = self._open[-1].children if self._open else self.chapters
        expected = siblings[-1].path[-1] + 1 if siblings else 1
        if value != expected:
            self._remark(line, f"“{number}{rest[:16]}”的编号不连续，应为第{expected}项；请核对是否有遗漏")
        parent = self._open[-1].path if self._open else ()
        item = Item((*parent, max(value, expected)), style, number, line, rest)
        siblings.append(item)
        self._open.append(item)

    def _is_contents(self, first: str) -> bool:
        """Whether the chapters read so far are a table of contents: bare headings, the first of which comes again."""
        return bool(self.chapters) and self.chapters[0].first == first and not any(i.rest for i in self.chapters)

    def _remark(self, line: int, text: str) -> None:
        self.remarks.append(Remark(line=line, text=text))
