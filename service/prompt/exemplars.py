"""The exemplar library: reads prompts/exemplars/*.md into approved plans whose passages show a section's register."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import Field, ValidationError
from rapidfuzz import process

from schemas import Model
from schemas.exemplar import Exemplar, Passage
from service.errors import PackageDataError, UnknownExemplarError

_FRONT = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_CHAPTER = re.compile(r"([一二三四五六七八九])、")
_SECTION = re.compile(r"（([一二三四五六七八九])）")
_ORDINALS = "一二三四五六七八九"
_NEAR = 60
"""Least rapidfuzz ratio (0–100) for an id to be offered as a near one."""


class _Front(Model):
    """The front matter as written."""

    id: str
    city: Annotated[str, Field(pattern=r"市$")]
    title: str
    source: str
    era: str
    nicknames: tuple[str, ...]
    lookalikes: tuple[str, ...]
    local_names: dict[str, str]
    masks: dict[str, str]
    cleaned: tuple[str, ...]
    passages: dict[str, dict[str, tuple[str, ...]]]


@cache
def exemplar_ids() -> tuple[str, ...]:
    """Ids of all shipped exemplars, in alphabetical order."""
    try:
        names = [entry.name for entry in (files("prompts") / "exemplars").iterdir()]
    except OSError as error:
        raise PackageDataError("范例目录 exemplars 缺失，请重新安装") from error
    return tuple(sorted(n.removesuffix(".md") for n in names if n.endswith(".md")))


def load_exemplar(exemplar_id: str) -> Exemplar:
    """The exemplar of that id, read once. UnknownExemplarError names near ids; PackageDataError if the file is damaged."""
    known = exemplar_ids()
    if exemplar_id not in known:
        near = [match[0] for match in process.extract(exemplar_id, known, limit=3, score_cutoff=_NEAR)]
        offer = f"相近的有 {'、'.join(near)}" if near else f"可用的有 {'、'.join(known)}"
        raise UnknownExemplarError(f"没有编号为“{exemplar_id}”的范例，{offer}，请改用其中之一")
    return _load(exemplar_id)


def chosen_exemplars(wanted: Iterable[str] | None = None) -> tuple[Exemplar, ...]:
    """The exemplars of these ids, each once, in the order asked for; all that ship where none are named."""
    return tuple(load_exemplar(i) for i in dict.fromkeys(exemplar_ids() if wanted is None else wanted))


@cache
def _load(exemplar_id: str) -> Exemplar:
    name = f"exemplars/{exemplar_id}.md"
    try:
        text = (files("prompts") / "exemplars" / f"{exemplar_id}.md").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackageDataError(f"范例文件 {name} 缺失或损坏，请重新安装") from error
    return parse_exemplar(text, name)


def parse_exemplar(text: str, name: str) -> Exemplar:
    """An exemplar from its Markdown with YAML front matter; `name` is the file's, for PackageDataError."""
    parts = _FRONT.match(text)
    if parts is None:
        raise PackageDataError(f"范例文件 {name} 缺少文首的 YAML 部分，请重新安装")
    try:
        front = _Front.model_validate(yaml.safe_load(parts["front"]))
    except (yaml.YAMLError, ValidationError) as error:
        raise PackageDataError(f"范例文件 {name} 文首的 YAML 部分有误：{error}") from error
    passages = tuple(_passages(parts["body"], front.passages, name))
    unused = front.passages.keys() - {p.id for p in passages}
    if unused:
        raise PackageDataError(f"范例文件 {name} 的 passages 列出了正文没有的段落：{'、'.join(sorted(unused))}")
    return Exemplar(
        id=front.id,
        city=front.city,
        title=front.title,
        source=front.source,
        era=front.era,
        nicknames=front.nicknames,
        lookalikes=front.lookalikes,
        local_names=tuple(front.local_names),
        masks={**front.masks, **front.local_names},
        cleaned=front.cleaned,
        passages=passages,
    )


def _passages(body: str, sections: Mapping[str, Mapping[str, tuple[str, ...]]], name: str) -> Iterator[Passage]:
    for number, heading, paragraphs in _headed(body, name):
        for place, paragraph in enumerate(paragraphs, start=1):
            passage = f"{number}-{place}" if len(paragraphs) > 1 else number
            if passage not in sections:
                raise PackageDataError(f"范例文件 {name} 的 passages 没有列出正文的段落 {passage}")
            yield Passage(id=passage, heading=heading, text=paragraph, sections=dict(sections[passage]))


def _headed(body: str, name: str) -> Iterator[tuple[str, str, list[str]]]:
    """(number such as 2.1, heading path, paragraphs) of each heading that has text of its own; `#` is the plan's title."""
    chapter = number = path = ""
    chapter_number = 0
    paragraphs: list[str] = []
    for line in (*filter(None, map(str.strip, body.split("\n"))), "#"):
        if not line.startswith("#"):
            if not number:
                raise PackageDataError(f"范例文件 {name} 的正文有一段不在任何标题之下：{line[:20]}")
            paragraphs.append(line)
            continue
        if paragraphs:
            yield number, path, paragraphs
            paragraphs = []
        title = line.lstrip("#").strip()
        if line.startswith("## "):
            chapter_number, chapter = _ordinal(_CHAPTER, title, name), title
            number, path = str(chapter_number), chapter
        elif line.startswith("### "):
            number, path = f"{chapter_number}.{_ordinal(_SECTION, title, name)}", chapter + title


def _ordinal(pattern: re.Pattern[str], title: str, name: str) -> int:
    found = pattern.match(title)
    if found is None:
        raise PackageDataError(f"范例文件 {name} 的标题没有序号：{title}")
    return _ORDINALS.index(found[1]) + 1
