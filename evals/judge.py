"""The optional judge: a model compares two texts, in both orders; used only where a model is named for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from jinja2 import Environment, StrictUndefined
from pydantic import ValidationError

from evals.scorers.sample import Sample, share
from evals.scorers.similarity import brief
from schemas import Model
from schemas.draft import Message, Prompt, Task
from schemas.evaluation import CaseScore, EvalRun, Measure
from schemas.outline import Section
from service.errors import NotConfiguredError, WriterError
from service.prompt.book import as_data_lines, prompt_hash, template_hash
from service.strict_json import StrictJSONError, loads
from service.writer.extract import find_object
from service.writer.protocol import Writer

TEMPLATE = "judge.md.j2"
_SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "better": {"type": "string", "enum": ["甲", "乙", "不相上下"]},
    },
    "required": ["reason", "better"],
    "additionalProperties": False,
}
"""The reason comes first: a verdict that is written after its reason follows from it."""


class _Said(Model):
    """What the model answered once."""

    reason: str
    better: Literal["甲", "乙", "不相上下"]


_Pair = tuple[Section, str, str, str]
"""Section (for its guidance), how the part is called, our text, the other."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a pair: 1 the first text is better, 0 the other, 0.5 neither, or the model changed its mind with the order."""

    points: float
    reasons: tuple[str, str]

    @property
    def told(self) -> str:
        """The reasons, in the order of asking."""
        return f"正序：{self.reasons[0]}；反序：{self.reasons[1]}"


@cache
def _environment() -> Environment:
    # A prompt is plain text for a model; what is not ours is defused before it comes here.
    return Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)  # noqa: S701


class Judge:
    """Asks a writer's model which of two texts is better. One task a question, so that replies can be recorded."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.model = writer.model

    async def pair(self, sample: Sample, section: Section, part: str, ours: str, theirs: str) -> Verdict:
        """Both orders. WriterError when the model cannot be asked or gives no verdict."""
        straight = await self._ask(sample, section, part, ours, theirs)
        reverse = await self._ask(sample, section, part, theirs, ours)
        points = {("甲", "乙"): 1.0, ("乙", "甲"): 0.0}.get((straight.better, reverse.better), 0.5)
        return Verdict(points, (straight.reason, reverse.reason))

    async def _ask(self, sample: Sample, section: Section, part: str, first: str, second: str) -> _Said:
        text = (
            _environment()
            .from_string((files("prompts") / TEMPLATE).read_text(encoding="utf-8"))
            .render(
                subject=as_data_lines(sample.sheet.subject.name),
                document_title=sample.outline.document_title.format(subject=as_data_lines(sample.sheet.subject.name)),
                part=part,
                guidance=section.guidance,
                first=as_data_lines(first),
                second=as_data_lines(second),
            )
        )
        messages = (Message(role="user", content=text),)
        prompt = Prompt(
            template=TEMPLATE,
            template_hash=template_hash(TEMPLATE),
            messages=messages,
            json_schema=_SCHEMA,
            hash=prompt_hash(messages, _SCHEMA),
            max_output_tokens=1024,
        )
        task = Task(kind="section", section=section, outline=sample.outline, sheet=sample.sheet, prompt=prompt)
        reply = await self._writer.write(task)
        try:
            return _Said.model_validate(loads(find_object(reply.content) or reply.content))
        except (StrictJSONError, ValidationError) as error:
            raise WriterError(
                f"评判模型 {self._writer.model} 的答复不是所要求的 JSON，请换用能输出 JSON 的模型"
            ) from error


class AgainstExemplar:
    """Implements Referee: the draft's summary beside the plan that the city really submitted."""

    measure = Measure(name="judge", title="评判：与原方案相比", better="higher", share=True)

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def __call__(self, sample: Sample, /) -> Sequence[CaseScore]:
        """One score, for a case with an exemplar."""
        summary = [s for s in sample.outline.sections if s.summary]
        if sample.exemplar is None or not summary:
            return ()
        chapter = next(c for c in sample.outline.chapters if summary[0] in c.sections)
        guidance = "\n".join(f"{s.title}：{s.guidance}" for s in summary)
        asked = summary[0].model_copy(update={"guidance": guidance})
        pair = (asked, chapter.title, brief(sample), sample.exemplar)
        return [await _score(self._judge, sample, self.measure.name, None, pair)]


class AgainstRun:
    """Implements Referee: each section beside the same section of an earlier run; equal texts are no question."""

    measure = Measure(name="judge_run", title="评判：与上次评测相比", better="higher", share=True)

    def __init__(self, judge: Judge, other: EvalRun) -> None:
        self._judge = judge
        self._other = {c.id: {s.id: s.text for s in c.sections} for c in other.cases}

    async def __call__(self, sample: Sample, /) -> Sequence[CaseScore]:
        """A score for each section that both runs have, and the case's mean."""
        pairs = self._pairs(sample, self._other.get(sample.case, {}))
        scores = [await _score(self._judge, sample, self.measure.name, i, pair) for i, pair in pairs]
        points = [s.value for s in scores if s.value is not None]
        total = CaseScore(
            case=sample.case,
            scorer=self.measure.name,
            value=share(sum(points), len(points)),
            count=sum(points),
            of=len(points),
        )
        return [*scores, total]

    @staticmethod
    def _pairs(sample: Sample, theirs: Mapping[str, str]) -> Iterator[tuple[str, _Pair]]:
        for section in sample.outline.sections:
            ours = sample.texts.get(section.id)
            if ours and (other := theirs.get(section.id)) and not section.checklist:
                yield section.id, (section, section.title, ours, other)


async def _score(judge: Judge, sample: Sample, scorer: str, section: str | None, pair: _Pair) -> CaseScore:
    """One verdict as a score; none where the model would not judge. NotConfiguredError for a missing recording."""
    asked, part, ours, theirs = pair
    if "".join(ours.split()) == "".join(theirs.split()):
        return CaseScore(case=sample.case, section=section, scorer=scorer, value=0.5, explanation="两稿相同")
    try:
        verdict = await judge.pair(sample, asked, part, ours, theirs)
    except NotConfiguredError:
        raise
    except WriterError as error:
        return CaseScore(case=sample.case, section=section, scorer=scorer, value=None, explanation=error.message)
    return CaseScore(case=sample.case, section=section, scorer=scorer, value=verdict.points, explanation=verdict.told)
