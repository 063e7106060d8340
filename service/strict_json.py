"""JSON as the standard means it: no duplicate keys, no NaN, no lone surrogates; numbers with a point are Decimal."""

from __future__ import annotations

import json
from decimal import Decimal

_FAULTS = {
    "Expecting value": "这里缺少一个值，或者多了一个逗号",
    "Expecting property name": "这里应是用英文双引号括起的键，请检查有无多余的逗号、中文引号或没有写完的内容",
    "Expecting ':'": "键的后面缺少英文冒号",
    "Expecting ','": '这里缺少英文逗号或右括号；文本中的英文双引号应写成 \\"',
    "Illegal trailing comma": "最后一项后面多了逗号",
    "Unterminated string": "从这里开始的文本没有结束，缺少英文双引号",
    "Invalid control character": "文本中有换行或制表符，请写成 \\n 或 \\t",
    "Invalid \\": "反斜杠后面的写法不对，反斜杠本身应写成 \\\\",
    "Extra data": "内容到此已经结束，后面还有多余的文字",
}
"""How the standard library's messages begin → what is to be mended."""


class StrictJSONError(ValueError):
    """The text is not strict JSON; the message says where and why (Chinese)."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise StrictJSONError(f"键“{key}”重复出现，请只保留一个")
        found[key] = value
    return found


def _refuse(name: str) -> object:
    raise StrictJSONError(f"{name}不是合法的 JSON 数值，请改为数字或 null")


def loads(text: str) -> object:
    """Parses one JSON value. StrictJSONError on anything the standard or good sense refuses."""
    try:
        value: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise StrictJSONError(f"第{error.lineno}行第{error.colno}列不是合法的 JSON（{_told(error)}）") from error
    except RecursionError as error:
        raise StrictJSONError("JSON 嵌套过深") from error
    except StrictJSONError:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise StrictJSONError("JSON 中有过长的数字") from error
    _refuse_surrogates(value)
    return value


def _told(error: json.JSONDecodeError) -> str:
    return next((told for begin, told in _FAULTS.items() if error.msg.startswith(begin)), error.msg)


def _refuse_surrogates(value: object) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if any("\ud800" <= c <= "\udfff" for c in item):
                raise StrictJSONError("文本中有不成对的代理字符（\\ud800–\\udfff），请删除")
        elif isinstance(item, dict):
            stack.extend(item.keys())
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
