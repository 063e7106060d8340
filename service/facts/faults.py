"""What is wrong with a fact sheet's fields, in Chinese: the one place where pydantic's messages are translated."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from schemas.facts import Bound, Fact, FactSheet, Kind, Subject
from service.errors import Fault

NUMBERS = ("value", "growth", "share")
LARGEST = Decimal(10) ** 18
"""A hundred times the world's yearly product in 元; larger numbers are slips, and cost memory when printed."""
MOST_PLACES = 20
"""Digits after the point: what binary floats may leave behind, and no more."""

_LABELS = {
    "outline": "编制要点编号", "subject": "主体", "plan_year": "方案年份", "period": "实施期", "facts": "事实",
    "id": "编号", "indicator": "指标编号", "name": "名称", "value": "数值", "unit": "单位", "year": "年份",
    "growth": "增速", "share": "比重", "text": "文字", "kind": "性质", "bound": "限定", "title": "文件名称",
    "doc_number": "文号", "issuer": "发文机关", "source": "来源", "short_name": "简称", "province": "省份",
    "aliases": "别称",
}  # fmt: skip
_KINDS = {
    Kind.ACTUAL: "现状", Kind.TARGET: "目标", Kind.BENCHMARK: "对照", Kind.POLICY: "政策", Kind.PROJECT: "项目",
    Kind.ORGANISATION: "组织", Kind.MEASURE: "举措", Kind.OTHER: "其他",
}  # fmt: skip
_BOUNDS = {Bound.EXACT: "等于", Bound.AT_LEAST: "不低于", Bound.AT_MOST: "不超过", Bound.ABOUT: "约"}
_ALLOWED = {
    "kind": "、".join(f"{k.value}（{v}）" for k, v in _KINDS.items()),
    "bound": "、".join(f"{k.value}（{v}）" for k, v in _BOUNDS.items()),
}
_EXAMPLES = {
    "outline": "编制要点的编号，如 city-2017",
    "subject": '主体，如 {"name": "望海市"}',
    "plan_year": "方案年份，如 2017",
}
_FIELDS = {"": tuple(FactSheet.model_fields), "subject": tuple(Subject.model_fields), "facts": tuple(Fact.model_fields)}
_QUANTITY = re.compile(r"([-+]?[\d,]*\.?\d+)\s*(%|‰)?\s*(\D*)")
_RANGE = re.compile(r"([\d,.]+)\s*(?:[-~～—–－]|至|到)\s*([\d,.]+)\s*(\D*)")


def pointer(path: Iterable[str | int]) -> str:
    """JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def translated(errors: Iterable[ErrorDetails], sheet: Mapping[str, object]) -> Iterator[Fault]:
    """One fault for each place that pydantic complains about, however many complaints it has there."""
    seen = set()
    for error in errors:
        path = _field_path(error["loc"], error["type"])
        if not path and "period" in error["msg"]:
            path = ("period",)
        if path not in seen:
            seen.add(path)
            yield Fault(pointer(path), _detail(path, error, _at(sheet, path)))


def oversized(path: tuple[str | int, ...], value: object) -> Iterator[Fault]:
    """A number too large or too long to be a datum."""
    numbers = value if isinstance(value, list | tuple) else [value]
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
            continue
        exact = Decimal(str(number))
        exponent = exact.as_tuple().exponent
        if exact.is_finite() and (abs(exact) >= LARGEST or (isinstance(exponent, int) and exponent < -MOST_PLACES)):
            yield Fault(pointer(path), f"{_label(str(path[-1]))}的位数过多，请核对数值，大数请改用“万”“亿”作单位")
            return


def control_characters(value: object, path: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """Text that no document can hold: control characters other than tab and line breaks, lone surrogates."""
    stack = [(value, path)]
    while stack:
        item, place = stack.pop()
        if isinstance(item, str):
            if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\n\r" for c in item):
                yield Fault(pointer(place), "文字中有控制字符或残缺字符，请删除后重新填写")
        elif isinstance(item, Mapping):
            stack.extend((v, (*place, str(k))) for k, v in item.items())
        elif isinstance(item, list | tuple):
            stack.extend((v, (*place, n)) for n, v in enumerate(item))


def near(word: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Names that resemble a word, nearest first: whole words that differ little, then those that share a part."""
    return list(_near(word, tuple(names), limit))


@lru_cache(maxsize=256)
def _near(word: str, names: tuple[str, ...], limit: int) -> tuple[str, ...]:
    # A column that is misspelt once is misspelt in every row.
    found = process.extract(word, names, scorer=fuzz.ratio, limit=limit, score_cutoff=60)
    found += process.extract(word, names, scorer=fuzz.WRatio, limit=limit, score_cutoff=60)
    return tuple(dict.fromkeys(name for name, _, _ in found))[:limit]


def _field_path(loc: tuple[str | int, ...], kind: str) -> tuple[str | int, ...]:
    """The field that a loc is about: what pydantic adds for unions and pairs is cut off."""
    if kind in {"extra_forbidden", "invalid_key"}:
        return loc
    for n, step in enumerate(loc):
        if step in NUMBERS or step == "period":
            return loc[: n + 1]
    return loc


def _at(value: object, path: Iterable[str | int]) -> object:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _label(field: str) -> str:
    return f"{field}（{_LABELS[field]}）" if field in _LABELS else field


def _detail(path: tuple[str | int, ...], error: ErrorDetails, value: object) -> str:
    field = str(path[-1]) if path else ""
    if error["type"] in {"extra_forbidden", "invalid_key"}:
        return _unknown_field(path, field)
    if error["type"] == "missing" and field not in {"period", *NUMBERS}:
        return f"缺少 {_label(field)}，请补充"
    if not path or (len(path) == 2 and path[0] == "facts"):
        return _record_detail(error)
    return _value_detail(path, field, value)


def _value_detail(path: tuple[str | int, ...], field: str, value: object) -> str:
    if value is None:
        return f"{_label(field)}不能为 null，请填写{_EXAMPLES.get(field, '，或删去本项')}"
    if field in _ALLOWED:
        return f"{_label(field)}不能是“{_shown(value)}”，请从下列各项中选一项：{_ALLOWED[field]}"
    if field in NUMBERS:
        return number_detail(field, value)
    if field in {"year", "plan_year", "period"}:
        return year_detail(field, value)
    return _text_detail(path, field)


def _unknown_field(path: tuple[str | int, ...], field: str) -> str:
    known = _FIELDS[str(path[0])] if len(path) > 1 and path[0] in _FIELDS else _FIELDS[""]
    by_label = [name for name in known if _LABELS.get(name) == field]
    close = by_label or near(field, known)
    hint = f"是否应为 {'、'.join(_label(n) for n in close)}" if close else f"可用的字段有 {'、'.join(known)}"
    return f"没有名为“{_shown(field)}”的字段，{hint}？" if close else f"没有名为“{_shown(field)}”的字段，{hint}"


def _record_detail(error: ErrorDetails) -> str:
    if "at least one" in error["msg"]:
        return "这条事实没有内容，value、growth、share、text、title 至少填写一项"
    return '每条事实应是一个对象，如 {"id": "gdp-2016", "name": "地区生产总值", "value": 1105.04, "unit": "亿元"}'


def number_detail(field: str, value: object) -> str:
    """Why this is no number, and how to write it."""
    label = _label(field)
    pair = "数字或 [低值, 高值]" if field == "value" else "数字（百分数，不带%）"
    if isinstance(value, bool):
        return f"{label}应为{pair}，不能是 true 或 false"
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return f"{label}不是有限的数，请改为{pair}，没有数据的请删去本项"
    if isinstance(value, str):
        return _number_in_text(field, value)
    if field == "value" and isinstance(value, list | tuple):
        return _pair_detail(value)
    if field == "share" and isinstance(value, int | float | Decimal):
        return (
            f"{label}是占总体的百分数，应在0至100之间，不能是{_shown(value)}，请核对；两项之比请写入 value，单位用“%”"
        )
    return f"{label}应为{pair}"


def _pair_detail(value: list[object] | tuple[object, ...]) -> str:
    numbers = [v for v in value if isinstance(v, int | float | Decimal) and not isinstance(v, bool)]
    if len(value) == len(numbers) == 2 and numbers[0] > numbers[1]:
        return f"value（数值）的区间应低值在前，请写成 [{numbers[1]}, {numbers[0]}]"
    return "value（数值）的区间应由两个数字组成，请写成 [低值, 高值]，如 [2, 3]"


def _number_in_text(field: str, value: str) -> str:
    """“１,105.04亿元” → 写成数字 1105.04，单位“亿元”写入 unit."""
    folded = unicodedata.normalize("NFKC", value).strip()
    if field == "value" and (found := _RANGE.fullmatch(folded)):
        low, high = (_decimal(found[n]) for n in (1, 2))
        if low is not None and high is not None:
            return f"{_label(field)}写成了文字“{_shown(value)}”，请写成 [{low}, {high}]{_unit_hint(found[3])}"
    if (found := _QUANTITY.fullmatch(folded)) and (number := _decimal(found[1])) is not None:
        unit = (found[2] or "") + found[3] if field == "value" else ""
        return f"{_label(field)}写成了文字“{_shown(value)}”，请写成数字 {number}{_unit_hint(unit)}"
    return f"{_label(field)}应为数字，不能是文字“{_shown(value)}”；不是数量的内容请写入 text"


def _unit_hint(unit: str) -> str:
    return f"，单位“{unit.strip()}”写入 unit" if unit.strip() else ""


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def year_detail(field: str, value: object) -> str:
    """Why this is no year, or no pair of years, and how to write it."""
    if field == "period":
        ordered = isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(y, int) for y in value)
        fault = "的起始年不能晚于终止年，也不能超出1949至2100年" if ordered else "应为起始年和终止年两个数字"
        return f"{_label(field)}{fault}，请写成 [2017, 2021] 的样子"
    if isinstance(value, str) and (found := re.search(r"(?:19|20)\d\d", unicodedata.normalize("NFKC", value))):
        return f"{_label(field)}写成了文字“{_shown(value)}”，请写成数字 {found[0]}"
    return f"{_label(field)}应为1949至2100之间的四位年份数字"


def _text_detail(path: tuple[str | int, ...], field: str) -> str:
    if field == "id":
        return "id（编号）只能用英文字母、数字、点、下划线和连字符，以字母或数字开头，不超过64个字符，如 gdp-2016"
    if field == "facts":
        return "facts（事实）应为列表，一条事实一项；暂无事实时写 []"
    if field == "aliases":
        return 'aliases（别称）应为列表，如 ["望海"]'
    if field == "subject":
        return 'subject（主体）应为对象，至少写明 name，如 {"name": "望海市", "province": "云岭省"}'
    if path == ("subject", "name"):
        return "name（名称）应为1至60个字的文字，请写主体的全称，如“望海市”"
    return f"{_label(field)}应为文字，请用引号括起"


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "……"
