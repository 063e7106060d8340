"""Each scorer on a draft without fault, and on the same draft with one thing changed: the score that should move does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from evals.scorers import MEASURES, SCORERS, score
from evals.scorers.sample import Sample
from schemas.draft import Usage
from schemas.evaluation import CaseScore
from schemas.finding import CheckName
from schemas.plan import Attempt, Failure, Gap, Plan, SectionResult, SectionStatus
from schemas.prices import Price, Prices
from tests.evals.drafting import sample

Change = Callable[[str], str]


def with_text(of: Sample, section: str, change: Change) -> Sample:
    """The sample with one section's text changed; what the plan says of its own findings stays as it was."""

    def changed(result: SectionResult) -> SectionResult:
        text = change(result.text)
        assert text != result.text
        return result.model_copy(update={"text": text})

    return with_result(of, section, changed)


def with_result(of: Sample, section: str, change: Callable[[SectionResult], SectionResult]) -> Sample:
    sections = tuple(change(s) if s.id == section else s for s in of.plan.sections)
    plan: Plan = of.plan.model_copy(update={"sections": sections})
    return replace(of, plan=plan)


def scores(of: Sample, scorer: str) -> dict[str | None, CaseScore]:
    method = next(m for measure, m in SCORERS if measure.name == scorer)
    return {s.section: s for s in method(of)}


def whole(of: Sample, scorer: str) -> CaseScore:
    return scores(of, scorer)[None]


def value(of: Sample, scorer: str) -> float:
    found = whole(of, scorer).value
    assert found is not None
    return found


def test_every_scorer_is_named_once_and_scores_belong_to_it(chongqing: Sample) -> None:
    names = [m.name for m in MEASURES]
    assert len(set(names)) == len(names)
    shares = {m.name for m in MEASURES if m.share}
    found = score(chongqing)
    assert {s.scorer for s in found} == set(names) - {"tokens", "cost"}
    assert all(0 <= s.value <= 1 for s in found if s.scorer in shares and s.value is not None)
    assert all(s.case == "chongqing" for s in found)


def test_a_draft_without_fault(wanghai: Sample) -> None:
    for name in ("grounding", "coverage", "policies", "finished"):
        assert value(wanghai, name) == 1, name
    for name in ("leakage", "consistency", "era", "rules", "style", "length", "repairs"):
        assert value(wanghai, name) == 0, name
    assert whole(wanghai, "placeholders").value is None
    assert 0.9 < value(wanghai, "fact_recall") < 1
    assert "gdp-2015" in scores(wanghai, "fact_recall")["2.1"].explanation


@pytest.mark.parametrize(
    ("scorer", "section", "change", "check"),
    [
        ("grounding", "2.1", lambda t: t.replace("1105.04", "1150.04", 1), CheckName.NUMBERS),
        ("grounding", "2.1", lambda t: t + "\n全市共有国家级高新技术企业86家。", CheckName.NUMBERS),
        ("coverage", "3.2", lambda t: "我市将进一步加强各项工作。", CheckName.COVERAGE),
        ("policies", "5.1.1", lambda t: t + "\n落实《望海市电子商务信用惩戒管理条例》。", CheckName.POLICIES),
        ("leakage", "5.4.1", lambda t: t + "\n依托哈南国际数据城开展服务。", CheckName.LEAKAGE),
        ("era", "2.1", lambda t: t + "\n“十二五”时期将继续推进各项工作。", CheckName.ERA),
        ("style", "2.1", lambda t: "**" + t + "**", CheckName.STYLE),
    ],
)
def test_a_fault_lowers_its_scorer_and_says_where(
    wanghai: Sample, scorer: str, section: str, change: Change, check: CheckName
) -> None:
    better = next(m.better for m in MEASURES if m.name == scorer)
    changed = with_text(wanghai, section, change)
    before, after = scores(wanghai, scorer), scores(changed, scorer)
    for place in (section, None):
        old, new = before[place].value, after[place].value
        assert old is not None
        assert new is not None
        assert (new < old) if better == "higher" else (new > old), place
    assert any(f.check is check for f in after[section].findings)
    others = {i for i in before if i not in (section, None)}
    assert all(before[i] == after[i] for i in others)


def test_a_contradiction_between_sections(wanghai: Sample) -> None:
    changed = with_text(wanghai, "4.2", lambda t: t.replace("2800亿元", "3600亿元"))
    assert value(changed, "consistency") > value(wanghai, "consistency")


def test_facts_that_are_left_out(wanghai: Sample) -> None:
    changed = with_text(wanghai, "2.1", lambda t: t.split("\n")[0])
    before, after = scores(wanghai, "fact_recall"), scores(changed, "fact_recall")
    lost = (before["2.1"].count or 0) - (after["2.1"].count or 0)
    assert lost > 0
    assert after["2.1"].of == before["2.1"].of
    assert before[None].count == (after[None].count or 0) + lost
    assert value(changed, "grounding") == 1, "what is not said is not wrong"


def test_a_fact_told_in_words_counts_when_most_of_it_is_said(wanghai: Sample) -> None:
    fact = next(f for f in wanghai.sheet.facts if f.id == "location")
    assert fact.text is not None
    used = with_text(wanghai, "2.1", lambda t: "望海市" + (fact.text or ""))
    unused = with_text(wanghai, "2.1", lambda t: "望海市地理位置优越，交通便利。")
    assert "location" not in scores(used, "fact_recall")["2.1"].explanation
    assert "location" in scores(unused, "fact_recall")["2.1"].explanation


def test_documents_that_are_only_planned_are_not_due_where_issued_ones_are_asked_for() -> None:
    harbin = sample("harbin")
    planned = [f.id for f in harbin.sheet.facts if f.text and f.text.startswith("拟")]
    assert len(planned) > 5
    assert not any(i in scores(harbin, "fact_recall")["3.2"].explanation for i in planned)
    assert "已有却" not in scores(harbin, "placeholders")["3.2"].explanation


def test_statements_of_the_real_plan(chongqing: Sample, wanghai: Sample) -> None:
    assert value(chongqing, "statements") > 0.8
    assert scores(wanghai, "statements") == {}
    other = replace(chongqing, exemplar=chongqing.others[0])
    assert value(other, "statements") < value(chongqing, "statements") / 3, "another city's plan says other things"
    emptied = chongqing
    for section in chongqing.texts:
        emptied = with_text(emptied, section, lambda t: "")
    assert value(emptied, "statements") == 0


def test_asking_for_what_the_sheet_has_is_not_honest(wanghai: Sample, chongqing: Sample) -> None:
    idle = with_text(wanghai, "2.1", lambda t: t + "\n全市生产总值为【待补充：2016年地区生产总值，亿元】。")
    assert value(idle, "placeholders") == 0
    assert "地区生产总值" in scores(idle, "placeholders")["2.1"].explanation
    other_year = with_text(wanghai, "2.1", lambda t: t + "\n全市生产总值为【待补充：2008年地区生产总值，亿元】。")
    assert value(other_year, "placeholders") == 1
    unknown = with_text(wanghai, "2.1", lambda t: t + "\n全市无人机航线为【待补充：2016年无人机航线，条】。")
    assert value(unknown, "placeholders") == 1
    assert value(chongqing, "placeholders") == 1
    assert (whole(chongqing, "placeholders").of or 0) > 100


def test_a_row_of_the_data_request_for_what_is_known(wanghai: Sample) -> None:
    point = next(p for p in wanghai.outline.sections_by_id["2.1"].points if "gdp" in p.indicators)
    gap = Gap(
        section="2.1",
        point=point.id,
        point_text=point.text,
        name="地区生产总值",
        question="2016年全市地区生产总值是多少？",
        department="市统计局",
    )
    asked = with_result(wanghai, "2.1", lambda r: r.model_copy(update={"gaps": (gap,)}))
    assert value(asked, "placeholders") == 0


def test_length_of_the_summary_and_use_of_the_budget(wanghai: Sample) -> None:
    long = with_text(wanghai, "1.2", lambda t: t + "加快推进电子商务各项工作。" * 300)
    assert value(long, "length") == 1
    assert "3500" in whole(long, "length").explanation
    assert value(long, "budget") > value(wanghai, "budget")
    assert scores(long, "budget")["1.1"] == scores(wanghai, "budget")["1.1"]


def test_rules_of_the_outline(wanghai: Sample) -> None:
    bare = with_text(wanghai, "6.2", lambda t: "设立电子商务发展资金。")
    assert value(bare, "rules") > value(wanghai, "rules")


def test_sections_that_fail_or_need_review(wanghai: Sample) -> None:
    failure = Failure(type="deadline", message="本节超过了时限")
    failed = with_result(
        wanghai, "2.1", lambda r: r.model_copy(update={"status": SectionStatus.FAILED, "text": "", "failure": failure})
    )
    assert scores(failed, "finished")["2.1"].value == 0
    assert scores(failed, "finished")["2.1"].explanation == "本节超过了时限"
    assert 0.9 < value(failed, "finished") < 1
    assert scores(failed, "coverage")["2.1"].value == 0


def attempts(result: SectionResult) -> SectionResult:
    first: Attempt = result.attempts[0]
    usage = Usage(prompt_tokens=9000, cached_tokens=8000, completion_tokens=600)
    asked = first.model_copy(update={"usage": usage, "model": "qwen-max"})
    again = asked.model_copy(update={"kind": "repair"})
    return result.model_copy(update={"attempts": (asked, again)})


def test_repairs_tokens_and_money(wanghai: Sample) -> None:
    asked = with_result(wanghai, "2.1", attempts)
    assert value(asked, "repairs") == 1
    assert scores(asked, "repairs")["2.1"].of == 2
    assert value(asked, "tokens") == 19200
    assert "16000" in scores(asked, "tokens")["2.1"].explanation
    assert scores(wanghai, "tokens") == {}
    assert scores(asked, "cost") == {}
    price = Price(prompt=Decimal(2), cached=Decimal("0.5"), completion=Decimal(8))
    priced = replace(asked, prices=Prices(currency="元", models={"qwen-*": price}))
    assert value(priced, "cost") == pytest.approx((2 * 1000 * 2 + 2 * 8000 * 0.5 + 2 * 600 * 8) / 1_000_000)
    unknown = replace(asked, prices=Prices(currency="元", models={"glm-*": price}))
    assert whole(unknown, "cost").value is None
