"""SCORERS: every scorer with what it measures, in the order of the report, and the one way to run them.

Beside the main ones (grounding to placeholders), which say how good a plan is, stand those that say what it took and
how like the real plan it is. `chrf` means nothing without its two floors.
"""

from __future__ import annotations

from evals.scorers.effort import cost, finished, repairs, tokens
from evals.scorers.facts import fact_recall, grounding, statements
from evals.scorers.form import budget, consistency, coverage, era, leakage, length, policies, rules, style
from evals.scorers.honesty import placeholders
from evals.scorers.sample import Sample, Scorer
from evals.scorers.similarity import likeness, likeness_other, likeness_shuffled
from schemas.evaluation import CaseScore, Measure

SCORERS: tuple[tuple[Measure, Scorer], ...] = (
    (Measure(name="grounding", title="数字有据率", better="higher", share=True), grounding),
    (Measure(name="fact_recall", title="事实采用率", better="higher", share=True), fact_recall),
    (Measure(name="statements", title="原方案内容再现率", better="higher", share=True), statements),
    (Measure(name="coverage", title="要点覆盖率", better="higher", share=True), coverage),
    (Measure(name="policies", title="文件引用正确率", better="higher", share=True), policies),
    (Measure(name="placeholders", title="待补充属实率", better="higher", share=True), placeholders),
    (Measure(name="leakage", title="范例内容混入", better="lower"), leakage),
    (Measure(name="consistency", title="前后矛盾", better="lower"), consistency),
    (Measure(name="era", title="时代不符", better="lower"), era),
    (Measure(name="rules", title="未满足的编制要求", better="lower"), rules),
    (Measure(name="style", title="公文格式问题", better="lower"), style),
    (Measure(name="length", title="超出字数上限率", better="lower", share=True), length),
    (Measure(name="budget", title="篇幅与目标字数之比", better="neither"), budget),
    (Measure(name="finished", title="无需人工处理的节", better="higher", share=True), finished),
    (Measure(name="repairs", title="返修次数", better="lower"), repairs),
    (Measure(name="tokens", title="词元用量", better="lower"), tokens),
    (Measure(name="cost", title="费用", better="lower"), cost),
    (Measure(name="chrf", title="与原方案的相似度（chrF）", better="higher"), likeness),
    (Measure(name="chrf_shuffled", title="相似度下限：打乱字序", better="neither"), likeness_shuffled),
    (Measure(name="chrf_other", title="相似度下限：其他城市的方案", better="neither"), likeness_other),
)
MEASURES: tuple[Measure, ...] = tuple(measure for measure, _ in SCORERS)


def score(sample: Sample) -> tuple[CaseScore, ...]:
    """All scores of one plan: of each scorer its sections', then the case's."""
    return tuple(s for _, scorer in SCORERS for s in scorer(sample))
