"""The text of a 编制要点 → an Outline that plans can be drafted on, with remarks on all that was left out or supplied."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from schemas.limit import TextLimit
from schemas.outline import Chapter, CitedPolicy, Group, ImportedOutline, Outline, Remark, Rule, Section
from service.errors import InputError
from service.prompt.outline_points import CATALOGUES, UNKNOWN_DEPARTMENT, Catalogue, sort_of, split
from service.prompt.outline_reading import Item, read_lines, read_tree
from service.prompt.outlines import OUTLINE_ID, outline_ids
from service.text.documents import document_numbers, titles
from service.text.punctuation import normalise

DEFAULT_ID = "imported"
SHORTEST, PER_POINT, FIRST, LONGEST = 300, 60, 240, 1400
"""字 of a section: a start and so much for each point, within bounds; fitted to the two shipped outlines."""
KEPT_BACK = 0.9
"""Share of a limit that the sections aim at together: headings and the last sentence need the rest."""
LONGEST_TITLE = 30
LONGEST_SENTENCE = 500
"""Characters of a sentence that is looked at for rules; the longest of the two shipped outlines has some 130."""

_SUMMARY = re.compile(r"^(?:内容|方案)?(?:摘要|概要|提要)$")
_ATTACHMENTS = re.compile(r"附件|证明(?:文件|材料)|附表|附录")
_LIMIT = re.compile(
    r"(?:字数)?(?:应|须)?(?:控制在|不超过|不多于|不得超过|限)[ ]*(\d{3,6})[ ]*个?字(?:以内|之内|以下|内)?|(\d{3,6})[ ]*个?字(?:以内|之内|以下)"
)
_ABOUT = re.compile(r"(?:约|控制在|一般为?)?[ ]*(\d{3,6})[ ]*个?字左右|约[ ]*(\d{3,6})[ ]*个?字")
_NOTE = re.compile(r"^[（(]?(?:注|备注|说明)[ ]*[:：]")
_PARTED = re.compile(
    rf"^([^。：:；;，,、\s]{{2,{LONGEST_TITLE}}}[\u4e00-\u9fff”）)])[ 　\t]+(?=[\u4e00-\u9fff“《（(])(.+)$"
)
_SENTENCE = re.compile(rf"^([^。：:；;\n]{{2,{LONGEST_TITLE}}})[。：:](.+)$")
_CONTEXT = re.compile(r"^(?:面向|围绕|结合|根据|按照|针对|从|以|立足)")
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("horizon", re.compile(r"[^，。；]*(\d)～(\d)年内?[^，。；]*目标[^，。；]*")),
    ("above_average", re.compile(r"[^，。；（]*应?高于(?:本省|全省)平均水平")),
    ("organisation", re.compile(r"^(?=.*主管领导)(?=.*牵头部门).*")),
    ("fund", re.compile(r"[^。；]*资金额度[^。；]*管理办法[^。；]*")),
    ("problems", re.compile(r"[^。；]*问题(?:及|和|与)[^。；]{0,6}(?:应对|对策|解决)[^。；]*")),
)


def import_outline(data: bytes, outline_id: str = DEFAULT_ID, source: str = "") -> ImportedOutline:
    """The outline in a text file or .docx, and the remarks. FileInputError, InputError: it cannot be read as one.

    `source` is what the outline's source field says; its title when there is none.
    """
    if not OUTLINE_ID.fullmatch(outline_id):
        raise InputError(
            f"编号“{outline_id[:64]}”不合规则，请用小写字母、数字和连字符，以字母或数字开头，不超过64个字符"
        )
    if outline_id in outline_ids():
        raise InputError(f"编号 {outline_id} 已用于自带的编制要点，请另取一个编号")
    lines, remarks = read_lines(data)
    tree = read_tree(lines, remarks)
    title = normalise(tree.title) or "编制要点"
    if not tree.title:
        tree.remarks.append(Remark(text="没有找到编制要点的标题，题为“编制要点”；请在结果中改正"))
    build = _Build(title, tree.remarks)
    outline = build.outline(outline_id, tree.chapters, source or f"《{title}》")
    return ImportedOutline(outline=outline, remarks=tuple(sorted(build.remarks, key=lambda r: r.line or 0)))


def outline_yaml(imported: ImportedOutline) -> str:
    """The outline as a file of the outline library; the remarks stand in `cleaned`."""
    told = tuple(r.describe() for r in imported.remarks)
    outline = imported.outline.model_copy(update={"cleaned": (*imported.outline.cleaned, *told)})
    data = outline.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)


class _Build:
    """One import: what its chapters have in common, and what there is to remark."""

    def __init__(self, title: str, remarks: list[Remark]) -> None:
        self._title = title
        self.remarks = remarks
        self._park = bool(re.search(r"基地|园区", title))
        self._catalogue = Catalogue(CATALOGUES[::-1] if self._park else CATALOGUES)

    def outline(self, outline_id: str, items: list[Item], source: str) -> Outline:
        """All of it."""
        chapters = _with_summaries(tuple(self._chapter(i) for i in items))
        guidance = [(s.id, s.guidance or s.title) for c in chapters for s in c.sections]
        texts = [t for c in chapters for t in (c.guidance, *(g.guidance for g in c.groups))]
        own = [i.name for i in self._catalogue.used.values() if i.department == UNKNOWN_DEPARTMENT]
        if own:
            shown = "、".join(own[:3])
            self._remark(
                None, f"{len(own)}项要求没有现成的指标，按文字说明处理，责任部门待定：{shown}{'等' if own[3:] else ''}"
            )
        self._remark(None, "各节的目标字数按要求的多少推算，请核对")
        if not self._park and not re.search(r"市|综合试验区|试验区", self._title):
            self._remark(None, "方案以“我市”自称；主体不是城市的，请核对 subject_word 和方案标题")
        return Outline(
            id=outline_id,
            title=self._title,
            document_title=_document_title(self._title),
            subject_word="基地" if self._park else "市",
            source=source,
            indicators=tuple(self._catalogue.used.values()),
            policies=tuple(_policies("\n".join((*texts, *(g for _, g in guidance))))),
            rules=tuple(_rules(guidance)),
            chapters=chapters,
        )

    def _chapter(self, item: Item) -> Chapter:
        notes = self._notes(item)
        title, guidance = self._heading(item)
        limit = _limit("\n".join((notes, guidance)))
        sections: list[Section] = []
        groups: list[Group] = []
        for child in item.children:
            name, text = (child.first, "")
            if child.children:
                name, text = self._heading(child)
                groups.append(Group(id=child.id, number=child.number, title=name, guidance=text))
                sections.extend(self._section(leaf, f"{title}{name}") for leaf in child.children)
            else:
                sections.append(self._section(child, title))
        if not item.children:
            sections = [self._section(item, title, title, guidance)]
            guidance = ""
        if limit and item.children:
            sections = _fitted(sections, limit)
        return Chapter(
            id=item.id,
            number=item.number,
            title=title,
            guidance=guidance,
            note=notes,
            limit=limit,
            groups=tuple(groups),
            sections=tuple(sections),
        )

    def _section(self, item: Item, chapter: str, title: str = "", guidance: str = "") -> Section:
        if not title:
            title, guidance = self._heading(item)
        checklist = bool(_ATTACHMENTS.search(title)) and not item.children
        items = self._attachments(item) if checklist else []
        if items:
            guidance = "；".join(items) + "。"
        sort = sort_of(title if _SUMMARY.match(chapter) else chapter)
        points = self._catalogue.points(item.id, guidance or title, sort, items)
        if not points:
            points = self._catalogue.points(item.id, title, sort, (title,))
        length = max(SHORTEST, min(LONGEST, FIRST + PER_POINT * len(points)))
        about = _limit(guidance)
        near = _ABOUT.search(guidance)
        length = round(KEPT_BACK * about.maximum) if about else int(near[1] or near[2]) if near else length
        if about and item.path[1:]:
            self._remark(item.line, f"“{title}”要求{about.maximum}字以内，按此定目标字数；只有整章的字数限制会被核查")
        return Section(
            id=item.id,
            number=item.number,
            title=title,
            guidance=guidance or f"{title}。",
            points=points,
            target_length=max(1, length),
            checklist=checklist,
        )

    def _heading(self, item: Item) -> tuple[str, str]:
        """(title, guidance): parted where the line itself parts them; a title is made where the text has none."""
        rest = "".join(normalise(text) for _, text in item.rest)
        for pattern in (_PARTED, _SENTENCE):
            if (found := pattern.match(item.first)) and _is_title(found[1]):
                return normalise(found[1]), normalise(found[2]) + rest
        whole = normalise(item.first)
        bare = whole.rstrip("。：；")
        if len(bare) <= LONGEST_TITLE and not re.search("[。；：]" if whole == bare else "[。；：，]", bare):
            return bare, rest or (whole if whole != bare else "")
        title = short_title(whole)
        self._remark(item.line, f"第{item.id}节没有小标题，题目“{title}”由首句提炼，请核对")
        return title, whole + rest

    def _notes(self, item: Item) -> str:
        """Notes about the chapter (注：……), taken out from wherever below its heading they stand."""
        found = []
        for one in _all(item):
            notes = [(line, t) for line, t in one.rest if _NOTE.match(t)]
            one.rest = [p for p in one.rest if p not in notes]
            found.extend(notes)
        for line, text in found:
            if _LIMIT.search(normalise(text)):
                self._remark(line, f"注“{normalise(text).strip('（）')}”作为第{item.id}章的字数限制")
            else:
                self._remark(line, f"注“{text[:30]}”记在第{item.id}章，不作为要求")
        return "".join(normalise(text) for _, text in sorted(found))

    def _attachments(self, item: Item) -> list[str]:
        lines = [text for _, text in item.rest]
        parts = [p for line in lines for p in re.split(r"(?<=[\u4e00-\u9fff）)])[ 　\t]+(?=[\u4e00-\u9fff])", line)]
        return [p.rstrip("。；;") for part in parts for p in split(normalise(part), "；。")]

    def _remark(self, line: int | None, text: str) -> None:
        self.remarks.append(Remark(line=line, text=text))


def short_title(text: str) -> str:
    """A title of at most 20 characters from the first clause that says what is done."""
    clauses = split(text, "，。；：")
    clause = next((c for c in clauses if not _CONTEXT.match(c)), clauses[0] if clauses else text)
    clause = re.sub(r"(?:方面)?的?(?:有关|相关)?(?:举措|措施|情况)$", "", re.split("以及|及其", clause)[0])
    clause = re.sub(r"^(?:本市|我市|基地|园区)(?:在|拟|将)?(?=..)", "", clause)
    last = clause.rpartition("的")[2]
    if len(last) >= 4 and len(clause) > 12:
        clause = last
    return clause[:20]


def _is_title(text: str) -> bool:
    return not _CONTEXT.match(text) and text.count("，") + text.count(",") <= 1 and "、" not in text[:-1][20:]


def _all(item: Item) -> Iterator[Item]:
    yield item
    for child in item.children:
        yield from _all(child)


def _limit(text: str) -> TextLimit | None:
    found = _LIMIT.search(text)
    return TextLimit(maximum=int(found[1] or found[2])) if found and not _ABOUT.search(text) else None


def _fitted(sections: list[Section], limit: TextLimit) -> list[Section]:
    """Targets that together keep the limit, in proportion."""
    total = sum(s.target_length for s in sections)
    share = KEPT_BACK * limit.maximum / total
    return [s.model_copy(update={"target_length": max(1, round(share * s.target_length))}) for s in sections]


def _with_summaries(chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """Sections of a summary draw on the chapters whose titles say the same thing; on the whole body where none does."""
    body = [c for c in chapters if not _SUMMARY.match(c.title)]
    if not body:
        return chapters

    def marked(section: Section) -> Section:
        word = re.sub(r"^创建工作|^建设|^主要|^重点", "", section.title)[-2:]
        drawn = tuple(s.id for c in body if word in c.title for s in c.sections if not s.checklist)
        return section.model_copy(update={"summary": True, "summarises": drawn, "checklist": False})

    return tuple(
        c if c in body else c.model_copy(update={"sections": tuple(marked(s) for s in c.sections)}) for c in chapters
    )


def _document_title(title: str) -> str:
    core = re.sub(r"^(?:(?:19|20)\d\d年)|[—-]*[（(]?(?:编制|编写)(?:要点|大纲|提纲)[）)]?$|[（(]试行[）)]$", "", title)
    core = core.replace("{", "{{").replace("}", "}}")
    if found := re.fullmatch(r"(.+?)创建(工作)?(实施)?方案", core):
        return f"{{subject}}创建{found[1]}{found[2] or ''}{found[3] or ''}方案"
    return f"{{subject}}{core}"


def _policies(text: str) -> Iterator[CitedPolicy]:
    """Documents that the outline cites with their numbers; a title without one is taken when it names a policy."""
    numbers = list(document_numbers(text))
    seen = set()
    for title in titles(text):
        number = next((n for n in numbers if 0 <= n.start - title.end <= 1), None)
        if title.text not in seen:
            seen.add(title.text)
            yield CitedPolicy(
                title=title.text, doc_number=number.standard if number else None, year=number.year if number else None
            )


def _rules(guidance: list[tuple[str, str]]) -> Iterator[Rule]:
    """What a check can test, wherever the guidance says it."""
    for rule, pattern in _RULES:
        found = [
            (section, m)
            for section, text in guidance
            for sentence in split(text, "。；")
            if len(sentence) <= LONGEST_SENTENCE and (m := pattern.search(sentence))
        ]
        if not found:
            continue
        parameters = {"low": int(found[0][1][1]), "high": int(found[0][1][2])} if rule == "horizon" else {}
        yield Rule.model_validate(
            {
                "id": rule,
                "text": found[0][1][0].strip(),
                "sections": tuple(dict.fromkeys(section for section, _ in found)),
                "parameters": parameters,
            }
        )
