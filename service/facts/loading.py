"""What a caller sends (JSON or YAML, bytes or text) → plain data, before anything is known about its fields."""

from __future__ import annotations

import re
from decimal import Decimal

import yaml

from service.errors import FileInputError
from service.strict_json import StrictJSONError, loads

MAX_BYTES = 2_000_000
"""2 MB, as the error's title says: some thousand facts with long texts."""
MAX_DEPTH = 20
"""A fact sheet needs four levels; deeper nesting is no fact sheet."""
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE, _FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")


def load(source: bytes | str) -> object:
    """Plain data of one JSON or YAML document; None for an empty one. Numbers with a point are Decimal.

    Raises FileInputError: over 2 MB, not UTF-8, not JSON or YAML, duplicate keys, anchors, nesting over 20 levels.
    """
    if len(source) > MAX_BYTES:
        raise FileInputError(f"事实表超过{MAX_BYTES // 1_000_000}MB，请拆分或删去无关内容后再提交")
    text = _decoded(source) if isinstance(source, bytes) else source.removeprefix("\ufeff")
    if not text.strip():
        return None
    if text.lstrip()[0] in "{[":
        try:
            return loads(text)
        except StrictJSONError as error:
            raise FileInputError(f"事实表无法读取：{error}") from error
    return _yaml(text)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileInputError("事实表不是 UTF-8 编码，请用“另存为”改为 UTF-8 编码的 JSON 或 YAML 文件") from error


def _yaml(text: str) -> object:
    try:
        return _Builder().build(text)
    except yaml.YAMLError as error:
        raise FileInputError(f"事实表不是合法的 JSON 或 YAML：{_told(error)}") from error
    except ValueError as error:  # an integer of thousands of digits, a lone surrogate
        raise FileInputError("事实表不是合法的 JSON 或 YAML：有过长的数字或无法识别的字符，请检查后重新提交") from error


def _told(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"第{mark.line + 1}行第{mark.column + 1}列附近有误，" if mark is not None else ""
    return f"{where}请检查缩进是否对齐、冒号后面有无空格、括号和引号是否成对，缩进不能用制表符"


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(text: str) -> object:
    """YAML 1.2's core types only: 2016-01-01, 1:30 and yes stay text."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return Decimal(text)
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    return False if _FALSE.fullmatch(text) else text


class _Builder:
    """Builds plain data from YAML events, so that nothing is built that the events already refuse, and nothing recurs."""

    def __init__(self) -> None:
        self._open: list[dict[str, object] | list[object]] = []
        self._keys: list[str | None] = []
        self._done: list[object] = []

    def build(self, text: str) -> object:
        for event in yaml.parse(text, Loader=_PARSER):
            if isinstance(event, yaml.NodeEvent):
                self._refuse(event)
            if isinstance(event, yaml.ScalarEvent):
                self._add(_scalar(event.value) if event.implicit[0] else event.value, event)
            elif isinstance(event, yaml.MappingStartEvent):
                self._start({}, event)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._start([], event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._keys.pop()
        if len(self._done) > 1:
            raise FileInputError("一个文件只能有一张事实表，请删去多余的 YAML 文档（--- 之后的部分）")
        return self._done[0] if self._done else None

    def _refuse(self, event: yaml.NodeEvent) -> None:
        line = _line(event)
        if event.anchor is not None:
            raise FileInputError(f"事实表第{line}行用了 YAML 锚点或引用（& 或 *），请改为直接写出内容")
        if getattr(event, "tag", None) is not None:
            raise FileInputError(f"事实表第{line}行用了 YAML 标签（!），请删去标签，直接写内容")

    def _start(self, collection: dict[str, object] | list[object], event: yaml.NodeEvent) -> None:
        if len(self._open) == MAX_DEPTH:
            raise FileInputError(f"事实表嵌套超过{MAX_DEPTH}层，请按模板的结构填写")
        self._add(collection, event)
        self._open.append(collection)
        self._keys.append(None)

    def _add(self, item: object, event: yaml.NodeEvent) -> None:
        if not self._open:
            self._done.append(item)
        elif isinstance(parent := self._open[-1], list):
            parent.append(item)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = self._key(item, event)
        else:
            parent[key] = item
            self._keys[-1] = None

    def _key(self, item: object, event: yaml.NodeEvent) -> str:
        line = _line(event)
        if isinstance(item, dict | list):
            raise FileInputError(f"事实表第{line}行的键不是文字，请按模板的字段名填写")
        key = event.value if isinstance(event, yaml.ScalarEvent) else str(item)
        if key in self._open[-1]:
            raise FileInputError(f"事实表第{line}行的键“{key}”重复出现，请只保留一个")
        return str(key)
