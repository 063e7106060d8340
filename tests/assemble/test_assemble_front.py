"""Title page and sources come from the facts; what they do not say is a placeholder or absent."""

from __future__ import annotations

from service.assemble.document import assemble
from tests import factories


def test_without_facts_the_cover_asks_for_who_and_when() -> None:
    cover = assemble(factories.plan(), factories.outline()).cover
    assert cover is not None
    assert [(s.text, s.mark) for s in (*cover.issuer, *cover.date)] == [
        ("【待补充：编制单位】", "placeholder"),
        ("【待补充：编制日期】", "placeholder"),
    ]


def test_facts_of_these_names_fill_the_cover() -> None:
    issuer = {"id": "issuer", "name": "申报单位", "text": "望海市人民政府", "kind": "other"}
    date = {"id": "date", "name": "成文日期", "text": "2017年6月3日", "kind": "other"}
    sheet = factories.fact_sheet(*factories.FACTS, issuer, date)
    cover = assemble(factories.plan(sheet=sheet), factories.outline()).cover
    assert cover is not None
    assert [(s.text, s.facts) for s in (*cover.issuer, *cover.date)] == [
        ("望海市人民政府", ("issuer",)),
        ("2017年6月3日", ("date",)),
    ]


def test_sources_are_those_of_cited_facts_that_name_one_in_the_order_of_the_text() -> None:
    sources = assemble(factories.plan(), factories.outline()).sources
    assert [s.text for s in sources] == [
        "2016年地区生产总值，来源：2016年统计公报。",
        "2016年常住人口，来源：2016年统计公报。",
        "2016年电子商务交易额，来源：市商务局。",
    ]
