"""The ways in which a clean draft is made wrong, one thing at a time: each yields the places where it applies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from schemas.exemplar import Exemplar
from schemas.facts import FactSheet, Kind
from schemas.outline import Outline, Section
from service.check.case import BARE
from service.check.coverage import treated

_NUMBER = re.compile(r"(?<![\d〔.—～A-Za-z])\d+(?:\.\d+)?(?=[万亿]*(?:元|美元|人|户|家|个|%|平方米|平方公里|件))")
_YEAR = re.compile(r"20[12]\d(?=年(?!版))")


@dataclass(frozen=True, slots=True)
class Draft:
    """A clean draft: a whole plan with the facts it was written from."""

    name: str
    sheet: FactSheet
    outline: Outline
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: texts after it, and where a finding is due. `point`: the point whose treatment was dropped."""

    texts: Mapping[str, str]
    section: str
    start: int
    end: int
    point: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """Where a mutation applies: replace text[start:end] of a section by `new`; the finding is due in that span."""

    section: str
    start: int
    end: int
    new: str
    point: str | None = None

    def apply(self, draft: Draft) -> Mutation:
        """The draft with the change made."""
        text = draft.texts[self.section]
        changed = text[: self.start] + self.new + text[self.end :]
        return Mutation(
            {**draft.texts, self.section: changed},
            self.section,
            self.start,
            self.start + max(1, len(self.new)),
            self.point,
        )


Mutator = Callable[[Draft, tuple[Exemplar, ...]], Iterator[Site]]


def _substitutions(draft: Draft, pattern: str, new: Callable[[re.Match[str]], str | None]) -> Iterator[Site]:
    for section, text in draft.texts.items():
        for match in re.finditer(pattern, text):
            if _inside_placeholder(text, match.start()):
                continue
            replacement = new(match)
            if replacement is not None and replacement != match.group():
                yield Site(section, match.start(), match.end(), replacement)


def _inside_placeholder(text: str, at: int) -> bool:
    return text.rfind("【", 0, at) > text.rfind("】", 0, at)


def _digit(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    def bump(match: re.Match[str]) -> str:
        number = match.group()
        first = int(number[0])
        return str(first % 8 + 2 if first % 8 + 2 != first else 9) + number[1:]

    return _substitutions(draft, _NUMBER.pattern, bump)


def _tenfold(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    def shift(match: re.Match[str]) -> str:
        number = match.group()
        return number.replace(".", "") if "." in number else number + "0"

    return _substitutions(draft, _NUMBER.pattern, shift)


def _last_digit(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    def bump(match: re.Match[str]) -> str:
        number = match.group()
        return number[:-1] + str((int(number[-1]) + 3) % 10)

    return _substitutions(draft, _NUMBER.pattern, bump)


def _extra_digit(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    return _substitutions(draft, r"(?<![\d.])\d+\.\d+(?=[万亿%])", lambda m: m.group() + "7")


def _magnitude(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    swap = {"亿": "万", "万": "亿"}
    return _substitutions(draft, r"(?<=\d)[万亿](?=元|美元|人|户|件)", lambda m: swap[m.group()])


def _currency(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    return _substitutions(draft, r"(?<=\d)(亿|万)(美元|元)", lambda m: m[1] + ("元" if m[2] == "美元" else "美元"))


def _percentage_points(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    return _substitutions(draft, r"(?<=\d)%(?!～|—)", lambda _: "个百分点")


def _year(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    # Only a year that a figure follows in the same clause carries a claim.
    pattern = r"(20[12]\d)(年[^，。；“”《》（）]{0,24}?)(\d+(?:\.\d+)?(?:[万亿]+元|[万亿]*美元|%|[万亿]*人))"
    for section, text in draft.texts.items():
        for match in re.finditer(pattern, text):
            if not _inside_placeholder(text, match.start()) and not re.search(r"20[12]\d", match[2]):
                new = str(int(match[1]) - 7) + match[2] + match[3]
                yield Site(section, match.start(), match.end(), new)


def _direction(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    swap = {"增长": "下降", "提高": "下降", "下降": "增长"}
    return _substitutions(draft, r"(?<!年均)(增长|提高|下降)(\d+(?:\.\d+)?(?:%|个百分点))", lambda m: swap[m[1]] + m[2])


def _swap(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    pattern = r"(\d+(?:\.\d+)?)((?:[万亿]+元|%)[^。\d]{2,60}?)(\d+(?:\.\d+)?)(?=[万亿]+元|%)"
    for section, text in draft.texts.items():
        for match in re.finditer(pattern, text):
            unit = re.match(r"[万亿]+元|%", match[2])
            after = re.match(r"[万亿]+元|%", text[match.end() :])
            same = unit and after and unit.group() == after.group()
            if same and match[1] != match[3] and not _inside_placeholder(text, match.start()):
                yield Site(section, match.start(), match.end(), match[3] + match[2] + match[1])


def _achieved(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    pattern = r"到20[12]\d年[末底]?，(?:力争)?([^。；，【】]{2,30}?)(?:达到|增加到|提高到|发展到)(\d[^。；，【】]*)"
    yield from _substitutions(draft, pattern, lambda m: f"目前，{m[1]}已达到{m[2]}")
    last = draft.sheet.plan_year - 1
    yield from _substitutions(draft, pattern, lambda m: f"{last}年，{m[1]}为{m[2]}")


def _benchmark(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    subject = draft.sheet.subject.name
    pattern = r"(?:全省|云岭省|浙江省)((?:本省)?[^。；，【】]{2,20}?\d+(?:\.\d+)?(?:%|亿元))"
    return _substitutions(draft, pattern, lambda m: subject + m[1])


def _bound(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    swap = {"以上": "以下", "不低于": "不超过", "不少于": "不超过", "以内": "以上"}
    pattern = r"(不低于|不少于)?(\d+(?:\.\d+)?(?:[万亿]*(?:元|美元|人|家|户|个)|%))(以上|以内)?"

    def turn(match: re.Match[str]) -> str | None:
        if not match[1] and not match[3]:
            return None
        return swap.get(match[1] or "", "") + match[2] + swap.get(match[3] or "", "")

    return _substitutions(draft, pattern, turn)


def _invented(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    claims = (
        "全市电商直播基地达到37个。",
        "建成县级共同配送中心实现降本16.3%。",
        "电子商务企业专利授权量累计4126件。",
        "跨境包裹日均处理能力达到8.6万件。",
    )
    for section, text in draft.texts.items():
        for n, match in enumerate(re.finditer(r"。(?=\n|$)", text)):
            yield Site(section, match.end(), match.end(), claims[n % len(claims)])


def _other_city(draft: Draft, exemplars: tuple[Exemplar, ...]) -> Iterator[Site]:
    names = [e.city for e in exemplars if e.city != draft.sheet.subject.name]
    pattern = "|".join(map(re.escape, draft.sheet.subject.names))
    n = 0

    def other(_: re.Match[str]) -> str:
        nonlocal n
        n += 1
        return names[n % len(names)]

    return _substitutions(draft, pattern, other)


def _other_project(draft: Draft, exemplars: tuple[Exemplar, ...]) -> Iterator[Site]:
    projects = {
        "重庆市": ("推进“一江两翼三洋”国际物流大通道工程。", "实施创新人才“引智计划”。"),
        "哈尔滨市": ("在哈南国际数据城内辟建电子商务园区。", "支持松花江湿地旅游文化节手机网站建设和应用。"),
        "成都市": ("大力促进电子商务进企业、进家庭的“双进工程”。", "开发开放成都超算中心商用服务。"),
    }
    own = draft.sheet.subject.name
    foreign = [p for e in exemplars if e.city != own for p in projects[e.city]]
    for section, text in draft.texts.items():
        for n, match in enumerate(re.finditer(r"。(?=\n|$)", text)):
            yield Site(section, match.end(), match.end(), foreign[n % len(foreign)])


def _copied(draft: Draft, exemplars: tuple[Exemplar, ...]) -> Iterator[Site]:
    foreign = [
        sentence + "。"
        for e in exemplars
        if e.city != draft.sheet.subject.name
        for p in e.passages
        for sentence in p.text.replace("\n", "").split("。")
        if 30 <= len(sentence) <= 70 and not re.search(r"\d", sentence)
    ]
    for n, (section, text) in enumerate(draft.texts.items()):
        for k, match in enumerate(re.finditer(r"。(?=\n|$)", text)):
            yield Site(section, match.end(), match.end(), foreign[(7 * n + k) % len(foreign)])


def _doc_number(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    number = r"〔(20\d\d)〕(\d+)号"
    yield from _substitutions(draft, number, lambda m: f"〔{m[1]}〕{int(m[2]) + 13}号")
    yield from _substitutions(draft, number, lambda m: f"〔{int(m[1]) - 1}〕{m[2]}号")


def _title(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    swap = {"意见": "规划", "办法": "条例", "通知": "决定", "方案": "纲要", "规划": "意见"}
    titled = r"(《[^》]{6,60}?)(意见|办法|通知|方案|规划)》(?=（[^）]*〔)"
    yield from _substitutions(draft, titled, lambda m: m[1].replace("促进", "推动") + swap[m[2]] + "》")
    yield from _substitutions(draft, titled, lambda m: m[1].replace("电子商务", "数字经济") + m[2] + "》")


def _era(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    year = draft.sheet.plan_year
    claims = (
        (
            "“十二五”时期是我市加快发展电子商务的关键时期，要抓紧落实各项任务。"
            if year > 2015
            else "“十四五”时期，各项任务要按期完成。"
        ),
        ("市市场监督管理局要会同有关部门抓好落实。" if year < 2018 else "市国税局要会同有关部门抓好落实。"),
    )
    if BARE in draft.texts:
        return  # a labelled text has no year of its own
    for section, text in draft.texts.items():
        for n, match in enumerate(re.finditer(r"。(?=\n|$)", text)):
            yield Site(section, match.end(), match.end(), claims[n % 2])


def _dropped_point(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    for section in draft.outline.sections:
        text = draft.texts.get(section.id, "")
        for state in treated(section, text):
            if state.state != "covered" or state.point.optional:
                continue
            # Every sentence that treats the point goes; what is left is the section without it.
            rest = "".join(s for s in re.split(r"(?<=[。\n])", text) if not _treats(section, state.point.id, s))
            if len(rest) < len(text):
                yield Site(section.id, 0, len(text), rest, state.point.id)


def _treats(section: Section, point: str, sentence: str) -> bool:
    return any(s.point.id == point and s.state != "missing" for s in treated(section, sentence))


def _lead(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    if BARE in draft.texts:
        return  # a single text has no other section to disagree with
    yield from _substitutions(
        draft, r"(?:常务副市长|分管副市长|副市长|市长)(?=任组长|担任组长)", lambda m: "市委副书记" if m else None
    )


def _one_section_target(draft: Draft, _: tuple[Exemplar, ...]) -> Iterator[Site]:
    targets = {
        str(f.value) for f in draft.sheet.facts if f.kind is Kind.TARGET and not isinstance(f.value, tuple) and f.value
    }

    def bump(match: re.Match[str]) -> str | None:
        return str(int(float(match.group()) * 2)) if match.group() in targets else None

    return _substitutions(draft, _NUMBER.pattern, bump)


KINDS: Mapping[str, Mutator] = {
    "digit": _digit,
    "last digit": _last_digit,
    "ten times": _tenfold,
    "more digits than known": _extra_digit,
    "magnitude": _magnitude,
    "currency": _currency,
    "% → 个百分点": _percentage_points,
    "year": _year,
    "direction": _direction,
    "two figures swapped": _swap,
    "target told as achieved": _achieved,
    "province told as city": _benchmark,
    "bound turned": _bound,
    "invented figure": _invented,
    "target of one section": _one_section_target,
    "another city's name": _other_city,
    "another city's project": _other_project,
    "sentence copied": _copied,
    "document number": _doc_number,
    "document title": _title,
    "era": _era,
    "lead changed": _lead,
    "point dropped": _dropped_point,
}
