"""Cases into a record: equal runs are equal, every figure can be traced, and what fails is told with its text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.command import as_json, read_record
from evals.drafter import Drafted, PipelineDrafter
from evals.revision import revision
from evals.run import Setup, request_of, run
from evals.scorers import MEASURES
from schemas.draft import Draft, DraftParagraph, Reply, Task, Usage
from schemas.evaluation import EvalRun
from schemas.plan import PlanOptions, PlanRequest, SectionStatus
from schemas.prices import Prices
from service.errors import DeadlineError, InputError, NotConfiguredError
from service.writer.offline import OfflineWriter
from service.writer.recorded import RecordedWriter, Recorder
from service.writer.scripted import ScriptedWriter
from tests.evals.drafting import drafted, loaded, offline, settings


@pytest.fixture(scope="module")
def twice() -> tuple[EvalRun, EvalRun]:
    """Two runs over the same cases, each with fresh objects."""

    def once() -> EvalRun:
        setup = Setup(seed=3, revision="0123abcd", settings={"temperature": 0.3})
        return asyncio.run(run([loaded("ningbo"), loaded("harbin")], offline(), setup))

    return once(), once()


def test_two_runs_are_equal_but_for_id_and_clock(twice: tuple[EvalRun, EvalRun]) -> None:
    one, other = twice
    assert one.comparable == other.comparable
    assert one.fingerprint == other.fingerprint
    assert one.id.endswith(one.fingerprint)
    left = one.model_dump(exclude={"id", "clock"})
    assert left == other.model_dump(exclude={"id", "clock"})
    assert set(one.clock.cases) == {"ningbo", "harbin"}


def test_the_record_is_read_back_as_it_was_written(twice: tuple[EvalRun, EvalRun], tmp_path: Path) -> None:
    place = tmp_path / "run.json"
    place.write_text(as_json(twice[0]), encoding="utf-8")
    assert read_record(place) == twice[0]
    data = json.loads(place.read_text(encoding="utf-8"))
    assert data["version"] == 1
    assert "哈尔滨市" in place.read_text(encoding="utf-8"), "Chinese is readable"
    place.write_text(json.dumps({**data, "version": 2}), encoding="utf-8")
    with pytest.raises(InputError, match="评测记录"):
        read_record(place)


def test_what_a_record_says_of_itself(twice: tuple[EvalRun, EvalRun]) -> None:
    record = twice[0]
    assert (record.writer, record.model, record.seed, record.revision) == ("offline", "offline-1", 3, "0123abcd")
    assert record.settings == {"temperature": 0.3}
    assert record.measures == MEASURES
    ningbo, harbin = record.cases
    assert (ningbo.id, ningbo.held_out, ningbo.models) == ("ningbo", None, ("offline-1",))
    assert harbin.held_out == "harbin"
    assert "harbin" not in harbin.exemplars
    assert len(harbin.sections) == 26
    assert all(s.text for s in harbin.sections if s.status is SectionStatus.DONE)
    assert {s.case for s in record.scores} == {"ningbo", "harbin"}


def test_every_prompt_of_a_section_can_be_read(twice: tuple[EvalRun, EvalRun]) -> None:
    record = twice[0]
    asked = {p for c in record.cases for s in c.sections for p in s.prompts}
    assert asked == set(record.prompts)
    for prompt in record.prompts.values():
        assert prompt.template_hash.startswith("sha256:")
        assert [m.role for m in prompt.messages[:2]] == ["system", "user"]
        assert all(m.text in record.texts for m in prompt.messages)
    systems = {p.messages[0].text for p in record.prompts.values()}
    assert len(systems) == 2, "one for each case"


def test_scores_of_sections_add_up_to_the_case(twice: tuple[EvalRun, EvalRun]) -> None:
    scores = [s for s in twice[0].scores if s.case == "harbin" and s.scorer == "fact_recall"]
    whole = next(s for s in scores if s.section is None)
    assert whole.count == sum(s.count or 0 for s in scores if s.section)
    assert whole.of == sum(s.of or 0 for s in scores if s.section)
    assert whole.value == pytest.approx((whole.count or 0) / (whole.of or 1), abs=1e-6)


# --- a model that errs --------------------------------------------------------------------------------------------

INVENTED = "2016年，宁波市电子商务交易额达到98765亿元，增长77.7%。"


def scripted(answer: Callable[[Task], str | Reply | Exception]) -> PipelineDrafter:
    return PipelineDrafter(settings(), lambda: ScriptedWriter(answer))


def reply(text: str) -> Reply:
    draft = Draft(paragraphs=(DraftParagraph(text=text, facts=(), points=()),), gaps=(), proposals=())
    usage = Usage(prompt_tokens=1000, completion_tokens=100)
    return Reply(content=draft.model_dump_json(), writer="scripted", model="qwen-max-2017", usage=usage)


def test_what_fails_is_told_with_its_text_and_finding() -> None:
    def answer(task: Task) -> str | Reply | Exception:
        return DeadlineError("本节超过了时限") if task.section.id == "2.2" else reply(INVENTED)

    prices = Prices.model_validate({"currency": "元", "models": {"qwen-*": {"prompt": 2, "completion": 8}}})
    record = asyncio.run(run([loaded("ningbo")], scripted(answer), Setup(prices=prices)))
    (case,) = record.cases
    assert case.models == ("qwen-max-2017",)
    grounding = next(s for s in record.scores if s.scorer == "grounding" and s.section == "2.1")
    assert grounding.value == 0
    assert {f.excerpt for f in grounding.findings} == {"98765亿元", "77.7%"}
    wrong = [f for f in record.failures if f.section == "2.1" and f.scorer == "grounding"]
    assert {f.text for f in wrong} == {INVENTED}
    assert all(f.finding is not None and f.message == f.finding.message for f in wrong)
    failed = next(f for f in record.failures if f.section == "2.2" and f.scorer == "finished")
    assert failed.message == "本节超过了时限"
    assert record.usage.prompt_tokens > 26 * 1000
    assert record.cost is not None
    assert record.cost.amount > 0
    repairs = next(s for s in record.scores if s.scorer == "repairs" and s.section == "2.1")
    assert repairs.value
    sections = {s.id: s for s in case.sections}
    assert len(sections["2.1"].prompts) == len(set(sections["2.1"].prompts)) >= 2, "repairs are asked for anew"
    assert sections["2.2"].prompts, "a prompt without an answer is in the record, too"


def test_a_plan_from_elsewhere_has_prompts_by_hash_only() -> None:
    class Server:
        name = "http"
        model = "qwen-max"

        async def draft(self, request: PlanRequest) -> Drafted:
            made = await offline().draft(request)
            return Drafted(made.plan)

    record = asyncio.run(run([loaded("ningbo")], Server()))
    assert record.writer == "http"
    assert record.texts == {}
    assert record.prompts
    assert all(p.messages == () and p.template.endswith(".md.j2") for p in record.prompts.values())


def test_a_request_names_the_exemplars_that_may_teach() -> None:
    assert request_of(loaded("harbin")).options == PlanOptions(exemplars=("chengdu", "chongqing"))


def test_recordings_replay_without_a_writer(tmp_path: Path) -> None:
    case = loaded("ningbo")
    recorded = PipelineDrafter(settings(), lambda: Recorder(OfflineWriter(), tmp_path))
    replayed = PipelineDrafter(settings(), lambda: RecordedWriter(tmp_path))
    first = asyncio.run(run([case], recorded))
    again = asyncio.run(run([case], replayed))
    assert [s.text for s in again.cases[0].sections] == [s.text for s in first.cases[0].sections]
    assert again.scores == first.scores
    assert again.prompts == first.prompts
    gone = next(h for h, p in first.prompts.items() if p.section == "2.1")
    (tmp_path / f"{gone.replace(':', '-')}.json").unlink()
    with pytest.raises(NotConfiguredError, match=gone):
        asyncio.run(run([case], replayed))


def test_observers_see_the_plans() -> None:
    seen = {}
    case = loaded("ningbo")
    asyncio.run(run([case], offline(), Setup(seen=lambda one, made: seen.update({one.case.id: made.plan}))))
    assert seen["ningbo"] == drafted(case).plan


def test_the_revision_is_that_of_a_checkout(tmp_path: Path) -> None:
    assert revision(tmp_path) is None
    here = revision()
    assert here is None or len(here.rstrip("+")) == 40
