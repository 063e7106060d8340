"""chrF: the same figures as the reference implementation, and floors below the score."""

from __future__ import annotations

from itertools import product

import pytest
from sacrebleu.metrics.chrf import CHRF

from evals.scorers import SCORERS
from evals.scorers.sample import Sample
from evals.scorers.similarity import brief, chrf
from service.prompt.exemplars import chosen_exemplars

TEXTS = (
    *(e.text for e in chosen_exemplars()),
    "电子商务",
    "加快发展 电子商务，\n到2021年，交易额不低于2000亿元。",
    "B2B 交易平台",
    "务商子电",
)


@pytest.mark.parametrize(("candidate", "reference"), list(product(TEXTS, TEXTS)))
def test_chrf_is_that_of_sacrebleu(candidate: str, reference: str) -> None:
    assert chrf(candidate, reference) == pytest.approx(CHRF().sentence_score(candidate, [reference]).score)


def test_chrf_of_nothing_is_nothing() -> None:
    assert chrf("", "电子商务") == chrf("电子商务", "") == chrf("", "") == 0


def test_a_draft_is_above_both_floors(chongqing: Sample) -> None:
    values = {s.scorer: s.value for _, method in SCORERS[-3:] for s in method(chongqing)}
    shuffled, other, own = values["chrf_shuffled"], values["chrf_other"], values["chrf"]
    assert shuffled is not None
    assert other is not None
    assert own is not None
    assert shuffled < other < own


def test_only_the_summary_is_compared(chongqing: Sample) -> None:
    assert chongqing.texts["1.1"] in brief(chongqing)
    assert chongqing.texts["2.1"] not in brief(chongqing)
