"""JSON as the standard means it: no duplicate keys, no NaN, no lone surrogates; numbers with a point are Decimal."""

from __future__ import annotations

import json
from decimal import Decimal


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
        raise StrictJSONError(f"第{error.lineno}行第{error.colno}列不是合法的 JSON（{error.msg}）") from error
    except RecursionError as error:
        raise StrictJSONError("JSON 嵌套过深") from error
    except StrictJSONError:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise StrictJSONError("JSON 中有过长的数字") from error
    _refuse_surrogates(value)
    return value


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
