"""Structural numerals: headings, ordinals, names, idioms, codes and enclosed text that state no quantity."""

from __future__ import annotations

import re
from bisect import bisect_right

from service.text.documents import document_numbers
from service.text.numerals import HAN_NUMERALS

Spans = list[tuple[int, int]]

_PAIRS = {"【": "】", "《": "》"}
_LONGEST_NAME = 30
"""Characters of the longest quoted name: “1个平台、2个体系、3个中心、N个站点”; a longer quotation is a statement."""

_N = rf"[\d{HAN_NUMERALS}]"
_LOCAL = re.compile(
    rf"""
    “?十[一二三四五六]五”?(?:时期|期间|期末|中期|初期|规划|末|期|以来)?
  | (?m:^)[ 　]*(?:\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}(?![\d%]) | \d{{1,2}}[.．、)）](?!\d) | [（(]{_N}{{1,3}}[)）])
  | [（(]\d{{1,2}}[)）]
  | (?<!\d)[2-6]G(?!b)
  | (?:附件|附表|附录|专栏|表格?|图|序号|编号|项目)[ ]?{_N}{{1,3}}(?![\d.]*[万亿%个家项])
  | 最[后初先前]{_N}(?:公里|千米|百米|米)
  | {_N}{{1,5}}(?:强|佳|优|杰)(?![化秀势质])
  | {_N}{{1,3}}(?:次产业|次元|大(?=[^小中型学数气概约])|级(?=联动|网络|体系|平台|市场|工作|物流|公共|服务|配送|指挥)|网融合|位一体|中全会|届)
  | \d{{1,2}}小时(?:经济|交通|生活|通勤|物流|服务|自助|便民|不间断|营业|在线|客服|值守|运行|监测|全天候)
  | \d{{1,2}}分钟(?:便民|生活|服务|经济|商圈)
  | \d{{1,2}}[×xX*]\d{{1,2}}(?:小时|天)?
  | \d天无理由
  | (?<=[园城心港地库区场馆院厦])[一二三四五]期
  | (?<![办展训了第过共有行成分设])[一二三四五]期(?=[\u4e00-\u9fff])(?![培班的])
  | (?<![\d{HAN_NUMERALS}])[一二三四五六七八九十][^条段个纵横项级类种大座家年月周\W\d](?=(?:高速(?!增|发)|铁路|高铁))
  | [一二三四五]期(?=工程|项目|投资|建设|规划|占地|总|用地)
  | \d{{1,3}}度\d{{1,2}}分(?:\d{{1,2}}秒)?
  | \d{{1,2}}年(?:打[好牢]?基础|强基础|见成?效|出成效|上台阶|上水平|求突破|大变样|大见效|大发展|新跨越)
  | \d{{1,4}}\+[\dNnXx+]+
  | \d[·•]\d{{1,2}}
  | {_N}{{1,3}}月{_N}{{1,3}}[日号]
  | 每月{_N}{{1,3}}[日号]
  | {_N}{{1,3}}(?:月份|季度|月(?=\d|底|末|初|中|上|下|[，、。；）)至到—\-]))
  | (?:每|逐|分|前|首|本)(?:[半一]?年|一?[季月])
  | [—-]\d{{1,2}}月
  | \d{{1,3}}(?:国道|省道|线|路|号线|高速|号文|号令|国集团|后|世纪|度全景)
    """,
    re.VERBOSE,
)
_IDIOM = re.compile(
    r"千[方家村山辛言军头差][^，。；、]百?[计户乡水苦语万面别]?|千家万户|千方百计|万村千乡|九省通衢|一带一路|万众创新|百花齐放"
    r"|四通一达|三品一标|五通一平|七通一平|三通一平|双百|百城千|千县万|百县千|万企|千企|百企"
)
_SINGLE = r"[一二两三四五六七八九十百千万]"
_COUNTING = "个家户人元名项万亿千百十件条所辆台张次成分倍番点年天月日季吨亩公平米立余多几来％%种类大级批位间组套"
_SLOGAN = re.compile(
    rf"{_SINGLE}{{1,2}}(?![{_COUNTING}])[^\W\d{HAN_NUMERALS}]{{1,3}}"
    rf"(?:{_SINGLE}{{1,2}}(?![{_COUNTING}])[^\W\d{HAN_NUMERALS}]{{1,3}})+"
)
_REACH = 14
"""Characters each side of a numeral in which a structural token that holds it must lie."""


class Structure:
    """Where a text encloses or names: built once, asked for each numeral. Linear in the text."""

    def __init__(self, folded: str) -> None:
        self._text = folded
        self._enclosed = _merge(_enclosed(folded) + [(n.start, n.end) for n in document_numbers(folded)])
        self._enclosed_starts = [start for start, _ in self._enclosed]
        self._quoted = _quoted(folded)
        self._quoted_starts = [start for start, _ in self._quoted]

    def encloses(self, at: int) -> bool:
        """Whether the place is inside 【】, 《》 or a document number."""
        return _covers(self._enclosed, self._enclosed_starts, at)

    def names(self, at: int) -> bool:
        """Whether the place is inside a short quotation: a name, a nickname, a slogan."""
        return _covers(self._quoted, self._quoted_starts, at)

    def holds(self, start: int, end: int) -> bool:
        """Whether a structural token overlaps the numeral and its unit at start:end."""
        first = max(0, start - _REACH)
        # 行首编号须看得见行首。
        window = self._text[first : end + _REACH]
        at_line_start = first == 0 or self._text[first - 1] == "\n"
        offset = first
        if not at_line_start:
            window, offset = " " + window, first - 1
            window = "。" + window[1:]
        return any(
            found.start() + offset < end and start < found.end() + offset
            for pattern in (_LOCAL, _IDIOM, _SLOGAN)
            for found in pattern.finditer(window)
        )


def _enclosed(folded: str) -> Spans:
    spans: Spans = []
    position = 0
    opening = re.compile(r"[【《]")
    while found := opening.search(folded, position):
        line_end = folded.find("\n", found.start())
        line_end = len(folded) if line_end < 0 else line_end
        close = folded.find(_PAIRS[found[0]], found.start(), line_end)
        position = (close if close >= 0 else line_end) + 1
        if close >= 0 or found[0] == "【":
            spans.append((found.start(), position))
    return spans


def _quoted(folded: str) -> Spans:
    return [m.span() for m in re.finditer(rf"[“「\"][^“”「」\"\n]{{1,{_LONGEST_NAME}}}[”」\"]", folded)]


def _merge(spans: Spans) -> Spans:
    merged: Spans = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _covers(spans: Spans, starts: list[int], at: int) -> bool:
    index = bisect_right(starts, at) - 1
    return index >= 0 and at < spans[index][1]
