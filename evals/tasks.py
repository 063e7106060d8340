"""The same cases and scorers as an inspect task, so that `inspect eval` runs them and `inspect view` opens the logs.

    inspect eval evals/tasks.py                                  the offline writer
    inspect eval evals/tasks.py -T writer=MODEL                  a model through our own client
    inspect eval evals/tasks.py -T writer=inspect --model openai/MODEL
                                                                 a model through inspect's

The one module that imports inspect: it takes seconds to import and is no dependency of the service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from pathlib import Path

import anyio.to_thread
from inspect_ai import Task, eval, task  # noqa: A004  inspect's own name
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as InspectSample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    ResponseSchema,
    get_model,
)
from inspect_ai.scorer import Score, Target, mean, scorer, stderr
from inspect_ai.scorer import Scorer as InspectScorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import JSONSchema

from evals.cases import Loaded, chosen_cases, load_case
from evals.command import Choice, Writers
from evals.drafter import Drafted, PipelineDrafter
from evals.run import assert_held_out, request_of, sample_of
from evals.scorers import SCORERS
from evals.scorers.sample import Sample, Scorer
from schemas.draft import Message, Reply, Usage
from schemas.draft import Task as WritingTask
from schemas.evaluation import Measure
from schemas.plan import Plan
from service.errors import ProtocolError
from service.settings import Settings, load_settings
from service.writer.extract import find_object
from service.writer.protocol import OnDelta

INSPECT = "inspect"
"""The writer's name that stands for the model that inspect was given."""
PLAN = "plan"
"""Where a sample's store keeps the plan, for the scorers and for whoever reads the log."""
_CHAT: Mapping[str, Callable[[str], ChatMessage]] = {
    "system": lambda text: ChatMessageSystem(content=text),
    "user": lambda text: ChatMessageUser(content=text),
    "assistant": lambda text: ChatMessageAssistant(content=text),
}
Source = Callable[[Loaded], Awaitable[Drafted]]
"""Where a case's plan comes from."""


class InspectWriter:
    """Implements Writer: asks a model through inspect, which logs, caches and limits its calls."""

    name = INSPECT
    reads_prompt = True

    def __init__(self, model: Model) -> None:
        self._model = model
        self.model = str(model)

    async def write(self, task: WritingTask, on_delta: OnDelta | None = None) -> Reply:
        """The model's answer. ProtocolError for whatever inspect raises."""
        prompt = task.prompt
        schema = ResponseSchema(name="draft", json_schema=JSONSchema.model_validate(prompt.json_schema), strict=True)
        try:
            output = await self._model.generate(
                [_chat(m) for m in prompt.messages],
                config=GenerateConfig(response_schema=schema, max_tokens=prompt.max_output_tokens),
            )
        except Exception as error:
            raise ProtocolError(f"通过 inspect 调用模型 {self.model} 失败（{type(error).__name__}）") from error
        return Reply(
            content=find_object(output.completion) or output.completion,
            writer=self.name,
            model=output.model or self.model,
            usage=_usage(output),
        )


def _chat(message: Message) -> ChatMessage:
    return _CHAT[message.role](message.content)


def _usage(output: ModelOutput) -> Usage:
    """Inspect counts tokens read from or written to a cache beside the others; here they are part of the prompt's."""
    used = output.usage
    if used is None:
        return Usage(estimated=True)
    cached, stored = used.input_tokens_cache_read or 0, used.input_tokens_cache_write or 0
    return Usage(
        prompt_tokens=used.input_tokens + cached + stored,
        cached_tokens=cached,
        completion_tokens=used.output_tokens,
    )


# --- where plans come from ----------------------------------------------------------------------------------------


def _drafting(choice: Choice, settings: Settings) -> Source:
    """Our own writers draft in a thread with a loop of its own: the checks between the calls would block the others."""

    async def one(loaded: Loaded) -> Drafted:
        writers = Writers(choice, settings)
        try:
            return await PipelineDrafter(settings, writers).draft(request_of(loaded))
        finally:
            await writers.aclose()

    async def source(loaded: Loaded) -> Drafted:
        return await anyio.to_thread.run_sync(lambda: asyncio.run(one(loaded)))

    return source


def _asking(settings: Settings) -> Source:
    """Inspect's model answers on inspect's loop."""

    async def source(loaded: Loaded) -> Drafted:
        model = get_model()
        return await PipelineDrafter(settings, lambda: InspectWriter(model)).draft(request_of(loaded))

    return source


def _kept(drafted: Mapping[str, Drafted]) -> Source:
    async def source(loaded: Loaded) -> Drafted:
        return drafted[loaded.case.id]

    return source


# --- solver and scorers -------------------------------------------------------------------------------------------


@solver
def draft_case(source: Source) -> Solver:
    """Drafts the plan of the sample's case; its prompts are seen to keep out what the case holds out."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        loaded = _loaded(str(state.sample_id))
        drafted = await source(loaded)
        assert_held_out(loaded, drafted)
        plan = drafted.plan
        state.store.set(PLAN, plan.model_dump_json())
        state.output = ModelOutput.from_content(plan.writer, _readable(plan))
        return state

    return solve


def _readable(plan: Plan) -> str:
    parts = (f"## {s.id} {s.title}（{s.status}）\n\n{s.text}" for s in plan.sections)
    return f"# {plan.title}\n\n" + "\n\n".join(parts)


@lru_cache(maxsize=32)
def _loaded(case: str) -> Loaded:
    (found,) = chosen_cases([case])
    return load_case(found)


@lru_cache(maxsize=4)
def _sample(case: str, plan: str, seed: int) -> Sample:
    """One sample for all scorers of a plan, so that the checks run once."""
    return sample_of(_loaded(case), Plan.model_validate_json(plan), seed=seed)


def _inspect_scorer(measure: Measure, method: Scorer, seed: int) -> InspectScorer:
    @scorer(metrics=[mean(), stderr()], name=measure.name)
    def made() -> InspectScorer:
        async def judge(state: TaskState, target: Target) -> Score:
            sample = _sample(str(state.sample_id), state.store.get(PLAN), seed)
            scores = await anyio.to_thread.run_sync(lambda: list(method(sample)))
            whole = next((s for s in scores if s.section is None), None)
            if whole is None or whole.value is None:
                return Score.unscored(explanation="没有可评的内容")
            told = [f"{s.section} {s.explanation}" for s in scores if s.section and s.explanation]
            return Score(
                value=whole.value,
                explanation="\n".join(t for t in (measure.title, whole.explanation, *told) if t),
                metadata={
                    "sections": {s.section: s.value for s in scores if s.section},
                    "findings": [f.model_dump(mode="json") for s in scores for f in s.findings],
                },
            )

        return judge

    return made()


def _task(cases: list[Loaded], source: Source, seed: int) -> Task:
    samples = [
        InspectSample(
            id=c.case.id,
            input=f"{c.sheet.subject.name}，{c.outline.id}，事实{len(c.sheet.facts)}条",
            target=c.reference or "",
            metadata={"sheet": c.case.sheet, "sheet_hash": c.sheet_hash, "tags": list(c.case.tags)},
        )
        for c in cases
    ]
    return Task(
        name="fangan",
        dataset=MemoryDataset(samples, name="cases"),
        solver=draft_case(source),
        scorer=[_inspect_scorer(measure, method, seed) for measure, method in SCORERS],
    )


@task
def plans(
    writer: str = "offline", case: str = "", tag: str = "", record: str = "", replay: str = "", seed: int = 0
) -> Task:
    """The cases (several ids or tags with commas between them) drafted by a writer and scored."""
    settings = load_settings()
    choice = Choice(
        writer=writer,
        cases=tuple(filter(None, case.split(","))),
        tags=tuple(filter(None, tag.split(","))),
        record=Path(record) if record else None,
        replay=Path(replay) if replay else None,
    )
    source = _asking(settings) if writer == INSPECT else _drafting(choice, settings)
    return _task([load_case(c) for c in chosen_cases(choice.cases, choice.tags)], source, seed)


def write_logs(cases: list[Loaded], drafted: Mapping[str, Drafted], folder: Path, seed: int = 0) -> Path:
    """Inspect's log of a run that was made already; returns its file."""
    (log,) = eval(
        _task(cases, _kept(drafted), seed), model="none/none", log_dir=str(folder), display="none", log_level="warning"
    )
    return Path(log.location)
