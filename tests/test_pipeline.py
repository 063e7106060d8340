"""The pipeline through its entry points: order, repairs, failures, the summary's limit, budgets; a scripted writer."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.draft import Reply, Task, Usage
from schemas.facts import FactSheet
from schemas.finding import CheckName, Severity
from schemas.plan import Event, Plan, PlanOptions, PlanRequest, PlanStatus, SectionStatus
from service.errors import OverloadedError, UnauthorisedError, UnknownSectionError
from service.facts.intake import read_sheet
from service.pipeline import Kit, draft_plan, draft_section
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline
from service.text.counting import count
from service.writer.offline import OfflineWriter
from service.writer.scripted import ScriptedWriter

DATASETS = Path(__file__).parents[1] / "evals" / "datasets"


def sheet(name: str = "wanghai") -> FactSheet:
    return read_sheet((DATASETS / f"{name}.json").read_bytes(), outline=load_outline)


def request(name: str = "wanghai", **options: object) -> PlanRequest:
    return PlanRequest(sheet=sheet(name), options=PlanOptions.model_validate(options))


def kit(writer: object, **more: object) -> Kit:
    outline = load_outline(str(more.pop("outline", "city-2017")))
    exemplars = tuple(load_exemplar(i) for i in exemplar_ids())
    return Kit(outline, exemplars, writer, **more)  # type: ignore[arg-type]


def content(task: Task, *texts: str, facts: tuple[str, ...] = ()) -> str:
    points = [p.id for p in task.section.points]
    paragraphs = [{"text": t, "facts": list(facts), "points": points} for t in texts]
    return json.dumps({"paragraphs": paragraphs, "gaps": [], "proposals": []}, ensure_ascii=False)


def offline_answers() -> dict[tuple[str, str], str]:
    """What the offline writer says for every section, so that a scripted one can say it too."""
    said: dict[tuple[str, str], str] = {}

    class Listening(OfflineWriter):
        async def write(self, task: Task, on_delta: Callable[[str], None] | None = None) -> Reply:
            reply = await super().write(task, on_delta)
            said.setdefault((task.section.id, task.kind), reply.content)
            return reply

    asyncio.run(draft_plan(request(), kit(Listening())))
    return said


@pytest.fixture(scope="module")
def good() -> dict[tuple[str, str], str]:
    return offline_answers()


def scripted(good: dict[tuple[str, str], str], **special: Callable[[Task], object]) -> ScriptedWriter:
    def answer(task: Task) -> object:
        if task.section.id in special:
            return special[task.section.id](task)
        return good[task.section.id, "summary" if task.section.summary else "section"]

    return ScriptedWriter(answer)  # type: ignore[arg-type]


def plan_of(writer: object, req: PlanRequest | None = None, **more: object) -> tuple[Plan, list[Event]]:
    events: list[Event] = []
    plan = asyncio.run(draft_plan(req or request(), kit(writer, **more), events.append))
    return plan, events


def test_all_sections_then_the_summary_from_the_body(good: dict[tuple[str, str], str]) -> None:
    writer = scripted(good)
    plan, events = plan_of(writer)
    assert [s.id for s in plan.sections] == [s.id for s in load_outline("city-2017").sections]
    kinds = [t.kind for t in writer.tasks]
    assert kinds == ["section"] * 22 + ["summary"] * 4
    assert all(t.body for t in writer.tasks[22:])
    assert {e.section for e in events if e.event == "section"} == {s.id for s in plan.sections}
    assert events[-1].event == "end"


def test_one_failing_section_leaves_the_rest(good: dict[tuple[str, str], str]) -> None:
    def down(_: Task) -> Exception:
        return OverloadedError("模型接口过载，请稍后重试")

    plan, _ = plan_of(scripted(good, **{"3.2": down}))
    status = {s.id: s.status for s in plan.sections}
    assert status["3.2"] is SectionStatus.FAILED
    failed = next(s for s in plan.sections if s.id == "3.2")
    assert failed.failure is not None
    assert failed.failure.type == "overloaded"
    assert failed.gaps is not None
    assert Counter(status.values())[SectionStatus.FAILED] == 1
    assert plan.status is PlanStatus.NEEDS_REVIEW


def test_a_refused_key_is_tried_once_not_26_times(good: dict[tuple[str, str], str]) -> None:
    writer = ScriptedWriter(lambda _: UnauthorisedError("模型接口拒绝了密钥，请检查 OPENAI_API_KEY"))
    plan, _ = plan_of(writer, concurrency=1)
    assert len(writer.tasks) == 1
    assert plan.status is PlanStatus.FAILED


def test_an_invented_figure_is_sent_back_and_the_better_draft_stays() -> None:
    text = "2016年，全市常住人口312.6万人，拥有网店9.7万家。"

    def answer(task: Task) -> str:
        return content(task, text if task.attempt == 1 else text.replace("，拥有网店9.7万家", ""))

    writer = ScriptedWriter(answer)
    result = asyncio.run(draft_section(request(), "2.1", kit(writer)))
    first, second = result.attempts[:2]
    assert [f.excerpt for f in first.findings if f.check is CheckName.NUMBERS] == ["9.7万家"]
    assert first.kept
    assert second.kept
    assert "9.7万家" not in result.text
    asked = writer.tasks[1].prompt.messages[-1].content
    assert "9.7万家" in asked


def test_a_repair_that_makes_it_worse_is_thrown_away() -> None:
    def answer(task: Task) -> str:
        invented = "拥有网店9.7万家。" if task.attempt == 1 else "拥有网店9.7万家，快递网点3.1万个，从业人员88万人。"
        return content(task, f"2016年，全市常住人口312.6万人，{invented}")

    result = asyncio.run(draft_section(request(), "2.1", kit(ScriptedWriter(answer))))
    assert [a.kept for a in result.attempts] == [True, False, False]
    assert "3.1万个" not in result.text
    assert result.status is SectionStatus.NEEDS_REVIEW
    assert any(f.severity is Severity.ERROR and f.excerpt == "9.7万家" for f in result.findings)


def test_unreadable_replies_are_asked_again_then_fail_the_section() -> None:
    writer = ScriptedWriter(lambda _: "对不起，我不能输出 JSON。")
    result = asyncio.run(draft_section(request(), "2.1", kit(writer)))
    assert [bool(a.faults) for a in result.attempts] == [True, True, True]
    assert result.failure is not None
    assert result.failure.type == "invalid-reply"
    assert "请重写本节" in result.failure.message
    assert len(writer.tasks) == 3
    assert "不是合法的 JSON" in writer.tasks[1].prompt.messages[-1].content


def test_a_summary_over_its_limit_is_condensed_not_cut(good: dict[tuple[str, str], str]) -> None:
    def long(task: Task) -> str:
        said = json.loads(good[task.section.id, "summary"])
        if task.kind != "condense":
            said["paragraphs"] += [
                {"text": "要抓好各项任务落实，确保创建工作取得实效。" * 60, "facts": [], "points": []} for _ in range(3)
            ]
        return json.dumps(said, ensure_ascii=False)

    writer = scripted(good, **{"1.2": long})
    plan, _ = plan_of(writer)
    assert "condense" in {t.kind for t in writer.tasks}
    summary = "\n".join(f"{s.title}\n{s.text}" for s in plan.sections if s.id.startswith("1."))
    assert count(summary).characters <= 3500
    assert not [f for s in plan.sections for f in s.findings if f.check is CheckName.LENGTH]


def test_a_summary_that_cannot_be_condensed_is_delivered_whole_and_marked(good: dict[tuple[str, str], str]) -> None:
    filler = "要抓好各项任务落实，确保创建工作取得实效。" * 180

    def stubborn(task: Task) -> str:
        said = json.loads(good[task.section.id, "summary"])
        said["paragraphs"].append({"text": filler, "facts": [], "points": []})
        return json.dumps(said, ensure_ascii=False)

    plan, _ = plan_of(scripted(good, **{"1.2": stubborn}))
    assert filler in next(s.text for s in plan.sections if s.id == "1.2")
    assert plan.status is PlanStatus.NEEDS_REVIEW
    lengths = [f for s in plan.sections for f in s.findings if f.check is CheckName.LENGTH]
    assert lengths or [f for f in plan.findings if f.check is CheckName.LENGTH]


def test_the_token_budget_stops_clearly_and_keeps_what_is_finished(good: dict[tuple[str, str], str]) -> None:
    def answer(task: Task) -> Reply:
        text = good[task.section.id, "summary" if task.section.summary else "section"]
        usage = Usage(prompt_tokens=900, completion_tokens=100)
        return Reply(content=text, writer="scripted", model="scripted-1", usage=usage)

    plan, _ = plan_of(ScriptedWriter(answer), concurrency=1, token_budget=5000)
    done = [s for s in plan.sections if s.status is SectionStatus.DONE]
    stopped = [s for s in plan.sections if s.failure and s.failure.type == "token-budget"]
    assert len(done) == 5
    assert len(done) + len(stopped) == 26
    assert all("FANGAN_TOKEN_BUDGET" in s.failure.message for s in stopped if s.failure)


def test_concurrency_is_bounded(good: dict[tuple[str, str], str]) -> None:
    running = most = 0

    class Counting(ScriptedWriter):
        async def write(self, task: Task, on_delta: Callable[[str], None] | None = None) -> Reply:
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                return await super().write(task, on_delta)
            finally:
                running -= 1

    writer = Counting(
        lambda t: good[t.section.id, "summary" if t.section.summary else "section"],
        0.01,
    )
    plan_of(writer, concurrency=4)
    assert most == 4


def test_chosen_sections_only_and_an_unknown_one_is_named(good: dict[tuple[str, str], str]) -> None:
    plan, _ = plan_of(scripted(good), request(sections=["2.1", "6.2"]))
    assert [s.id for s in plan.sections] == ["2.1", "6.2"]
    with pytest.raises(UnknownSectionError, match=r"9\.9"):
        plan_of(scripted(good), request(sections=["9.9"]))


def test_a_bug_in_one_section_does_not_lose_the_others(
    good: dict[tuple[str, str], str], caplog: pytest.LogCaptureFixture
) -> None:
    def bug(_: Task) -> str:
        raise KeyError("bug")

    plan, _ = plan_of(scripted(good, **{"5.1.2": bug}))
    broken = next(s for s in plan.sections if s.id == "5.1.2")
    assert broken.failure is not None
    assert broken.failure.type == "internal"
    assert sum(1 for s in plan.sections if s.text) == 25
    assert "section 5.1.2 failed" in caplog.text


@pytest.mark.parametrize("name", ["wanghai", "ningbo", "chongqing", "harbin", "chengdu", "wanghai-base"])
def test_the_offline_plan_is_whole_within_its_limit_and_the_same_again(name: str) -> None:
    req = request(name)
    first = asyncio.run(draft_plan(req, kit(OfflineWriter(), outline=req.sheet.outline)))
    again = asyncio.run(draft_plan(req, kit(OfflineWriter(), outline=req.sheet.outline)))
    assert first.model_dump_json() == again.model_dump_json()
    assert all(s.text for s in first.sections)
    assert not [s for s in first.sections if s.failure]
    summary = [s for s in first.sections if s.id in {"1.1", "1.2", "1.3", "1.4"} and req.sheet.outline == "city-2017"]
    counts = count("\n".join(f"（一）{s.title}\n{s.text}" for s in summary))
    assert counts.words <= 3500
    assert counts.characters <= 3500


def test_wanghai_offline_has_no_error_and_no_gap() -> None:
    plan, _ = plan_of(OfflineWriter())
    errors = [f for s in plan.sections for f in s.findings if f.severity is Severity.ERROR]
    assert not errors
    assert not plan.gaps
    assert plan.status is PlanStatus.DONE


def test_every_gap_of_ningbo_is_a_placeholder_in_its_section() -> None:
    plan, _ = plan_of(OfflineWriter(), request("ningbo"))
    gaps = list(plan.gaps)
    assert len(gaps) > 40
    for section in plan.sections:
        for gap in section.gaps:
            assert f"{gap.name}" in section.text
            assert "【待补充：" in section.text
