"""The quantity reader: what is a quantity in official prose, and what is not."""

import json
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.quantities import Quantity, quantities
from tests.doubles.cost import growth
from tests.doubles.hang import hung

TRAPS = json.loads((files("evals") / "datasets" / "checks" / "number-traps.json").read_text(encoding="utf-8"))


def only(text: str) -> Quantity:
    found = quantities(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "excerpt", "low", "high", "dimension"),
    [
        ("电子商务交易额1.1万亿元", "1.1万亿元", 1.1e12, None, "CNY"),
        ("增幅２３．４％，", "２３．４％", 23.4, None, "percent"),
        ("规模两千亿美元", "两千亿美元", 2e11, None, "USD"),
        ("达到百分之十五", "百分之十五", 15, None, "percent"),
        ("比重达到三成五；", "三成五", 35, None, "percent"),
        ("人口自然增长率5.8‰", "5.8‰", 5.8, None, "permille"),
        ("实现翻两番", "翻两番", 4, None, "ratio"),
        ("增长1.3倍", "1.3倍", 1.3, None, "ratio"),
        ("建成2-3个基地", "2-3个", 2, 3, "count"),
        ("建成两到三个基地", "两到三个", 2, 3, "count"),
        ("支持10至15家市场", "10至15家", 10, 15, "enterprises"),
        ("年均增长18%—20%，", "18%—20%", 18, 20, "percent"),
        ("投资3000万—5000万元", "3000万—5000万元", 3e7, 5e7, "CNY"),
        ("分拨中心三四个", "三四个", 3, 4, "count"),
        ("建成300多个网点", "300多个", 300, None, "count"),
        ("吞吐量152.5万标箱", "152.5万标箱", 1525000, None, "volume"),
        ("出口带宽200Gbps", "200Gbps", 2e11, None, "data_rate"),
        ("提高0.1个百分点", "0.1个百分点", 0.1, None, "percentage_points"),
        ("增速居全省第二位，", "第二位", 2, None, "rank"),
        ("总量居全国第三，", "第三", 3, None, "rank"),
        ("余额10535.51[1]亿元", "10535.51[1]亿元", 1053551000000, None, "CNY"),
        ("人均GDP52,316元", "52,316元", 52316, None, "CNY"),
        ("完成1，560.8万件", "1，560.8万件", 15608000, None, "parcels"),
        ("带动1.2万农牧民增收", "1.2万", 12000, None, "text"),
        ("销售额 7.8 亿元", "7.8 亿元", 7.8e8, None, "CNY"),
        ("培训200 万 人次", "200 万 人次", 2000000, None, "person_times"),
        ("建成3 - 5 个基地", "3 - 5 个", 3, 5, "count"),
        ("建成一到两个平台", "一到两个", 1, 2, "count"),
        ("培育二十至三十家企业", "二十至三十家", 20, 30, "enterprises"),
        ("占总投资的一半以上", "一半", 50, None, "percent"),
        ("占全国的千分之九", "千分之九", 0.9, None, "percent"),
        ("沿301国道布局网点5个", "5个", 5, None, "count"),
        ("国道201线旁有网点5个", "5个", 5, None, "count"),
        ("全市2184家电子商务企业", "2184家", 2184, None, "enterprises"),
        ("培育200家电商企业", "200家", 200, None, "enterprises"),
        ("每100人拥有网店3.6家", "3.6家", 3.6, None, "enterprises"),
    ],
)
def test_read(text: str, excerpt: str, low: float, high: float | None, dimension: str) -> None:
    found = only(text)
    assert (found.text, text[found.start : found.end]) == (excerpt, excerpt)
    assert (found.low, found.high) == (Decimal(str(low)), Decimal(str(high if high is not None else low)))
    assert found.unit.dimension == dimension


@pytest.mark.parametrize(
    ("text", "approach"),
    [
        ("约1.5万人", "about"),
        ("1.5万人左右", "about"),
        ("近9亿美元", "under"),
        ("不足1000家", "under"),
        ("突破3000亿元", "over"),
        ("超过28万人", "over"),
        ("40多个", "over"),
        ("15%以上", "over"),
        ("不低于3亿元", "over"),
        ("不超过50万元", "at_most"),
        ("控制在14%", "at_most"),
        ("14%以下", "at_most"),
        ("640家", "exact"),
    ],
)
def test_approximators_stay_outside_the_span(text: str, approach: str) -> None:
    assert only(text).approach == approach


def test_proportion() -> None:
    assert only("三次产业结构为7.1∶51.3∶41.6，").parts == (Decimal("7.1"), Decimal("51.3"), Decimal("41.6"))


@pytest.mark.parametrize(
    "text",
    [
        "一、总体要求\n（一）指导思想\n1.加快园区建设\n（1）物流园",
        "推进三网融合和4G网络覆盖，实施“一江两翼三洋”工程，破解“最后一公里”难题",
        "第三方支付、第一产业、第一书记、第四季度、第三届电商大会",
        "世界500强、全国百强县、新三板、附件2、表3、专栏1",
        "千方百计让电子商务走进千家万户，发挥九省通衢优势，落实万众创新",
        "十二五期间；“十三五”时期；2014—2016年；2016年6月底；二〇一五年",
        "支持B2B、O2O、C2M，取得ISO9001认证，参照GB/T 31524-2015，推广9610、1210模式",
        "发挥12315、12345热线作用，24小时服务，做到7×24小时响应",
        "发改高技〔2011〕463号、国发〔2015〕24号",
        "【待补充：2016年电子商务交易额，预计1.5万人】",
        "《电子商务发展三年行动计划（2016—2018年）》",
        "推动一二三产业融合，建立市、县、乡三级联动机制，构建“1+N”体系",
        "一县一园、一镇一品、一村一店，建设一个平台",
        "聚集数百家企业、几十个品牌",
    ],
)
def test_structure_is_no_quantity(text: str) -> None:
    assert quantities(text) == ()


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t["text"])
def test_traps(trap: Mapping[str, Any]) -> None:
    hard = [q for q in quantities(trap["text"]) if not q.loose]
    assert bool(hard) == trap["quantity"]


@given(
    st.text(
        alphabet="0123456789０１．.,，万亿千百十一二三两第翻番成分之百点%％个家元年至到—-～:∶[]【】《》“”约近超多余上下\n 增长",
        max_size=80,
    )
)
@settings(max_examples=300)
def test_spans_are_ordered_and_exact(text: str) -> None:
    end = 0
    for quantity in quantities(text):
        assert end <= quantity.start < quantity.end <= len(text)
        assert text[quantity.start : quantity.end] == quantity.text
        assert quantity.low <= quantity.high
        assert quantity.quantum > 0
        end = quantity.end


@given(st.integers(1, 99999), st.sampled_from(["", "万", "亿"]), st.sampled_from(["元", "家", "人次", "平方米", "%"]))
def test_reads_what_is_written(number: int, magnitude: str, unit: str) -> None:
    found = only(f"实现{number}{magnitude if unit != '%' else ''}{unit}。")
    factor = {"": 1, "万": 10**4, "亿": 10**8}[magnitude if unit != "%" else ""]
    assert found.low == number * factor


def test_the_cost_grows_with_the_text_only() -> None:
    sentence = "2016年，全市电子商务交易额达到680亿元，增长34.5%，建成2～3个示范基地，引进企业一百二十家。"
    assert growth(lambda times: quantities(sentence * times), 20, 200) < 12


def test_long_runs_do_not_hang() -> None:
    runs = ["1", "万", "【", "《", "“", "1,", "2-3-", "百分之"]
    assert hung("service.text.quantities", "quantities", [run * (200_000 // len(run)) for run in runs]) is None
