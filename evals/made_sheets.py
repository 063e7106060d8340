"""Before the evals: the fact sheets that are made by rule, `large` and `no-targets`; `python -m evals.made_sheets` writes them."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

DATASETS = Path(__file__).parent / "datasets"
SEED = 2017
YEARS = (2014, 2015, 2016)
DISTRICTS = (
    "汀浦区", "澄江区", "雁湖区", "云麓区", "锦溪市", "石梁市", "青岩县", "白沙县", "龙泓县", "枫林县", "松阳岭县", "南屿县",
)  # fmt: skip
"""Of the invented 澜川市: four districts, two county-level cities, six counties."""
_INVENTED = "虚构数据，仅供演示："

Fact = dict[str, object]
Series = tuple[str, str, str, int, tuple[float, float], tuple[float, float], str, str | None]
"""id, name, unit, decimals, first year's bounds, yearly growth's bounds in per cent, source, the city's indicator."""

_SERIES: tuple[Series, ...] = (
    ("gdp", "地区生产总值", "亿元", 2, (80, 420), (5, 10), "统计公报", "gdp"),
    ("retail", "社会消费品零售总额", "亿元", 2, (25, 180), (9, 13), "统计公报", "retail-sales"),
    ("population", "常住人口", "万人", 2, (21, 95), (-0.6, 1.1), "统计公报", "population"),
    ("turnover", "电子商务交易额", "亿元", 2, (9, 160), (22, 48), "市商务局电子商务统计", "ecommerce-volume"),
    ("online", "网络零售额", "亿元", 2, (3, 44), (24, 52), "市商务局电子商务统计", None),
    ("parcels", "快递业务量", "万件", 1, (260, 4200), (28, 57), "市邮政管理局", "parcels"),
    ("firms", "电子商务应用企业", "家", 0, (110, 980), (12, 31), "市商务局电子商务统计", "application-enterprises"),
)

_OTHERS: tuple[Fact, ...] = (
    {"id": "location", "indicator": "location", "name": "城市区位", "source": "市统计局",
     "text": "位于云岭省中部澜川平原，辖4区2市6县，是全省重要的综合交通枢纽"},
    {"id": "strategy", "indicator": "strategy", "name": "城市总体发展战略目标与定位", "source": "市发展改革委",
     "text": "建设云岭省中部区域性商贸物流中心和现代农业示范区"},
    {"id": "need-growth", "indicator": "demand-growth", "name": "培育经济增长动力的需求", "source": "市商务局",
     "text": "传统批发市场增长放缓，需要以电子商务带动市场转型"},
    {"id": "problems", "indicator": "problems", "name": "电子商务发展存在的主要问题", "source": "市商务局",
     "text": "区县之间发展不平衡，山区县物流成本高，农产品标准化程度低"},
    {"id": "countermeasures", "indicator": "countermeasures", "name": "拟采取的应对措施", "source": "市商务局",
     "text": "对山区县配送给予补助，建设农产品分级包装中心"},
    {"id": "policy-1", "indicator": "policies-issued", "kind": "policy", "year": 2015, "source": "市政府办公室",
     "title": "澜川市关于加快电子商务发展的实施意见", "doc_number": "澜政发〔2015〕19号"},
    {"id": "policy-2", "indicator": "policies-issued", "kind": "policy", "year": 2016, "source": "市政府办公室",
     "title": "澜川市县域电子商务发展行动方案", "doc_number": "澜政办发〔2016〕44号"},
    {"id": "goal", "indicator": "goal", "name": "总体目标", "year": 2021, "kind": "target", "source": "市政府常务会议纪要",
     "text": "到2021年，建成覆盖城乡的电子商务服务体系，成为云岭省中部电子商务中心城市"},
    {"id": "turnover-2021", "indicator": "target-volume", "name": "电子商务交易额", "value": 7500, "unit": "亿元",
     "year": 2021, "kind": "target", "bound": "at_least", "source": "市政府常务会议纪要"},
    {"id": "growth-2021", "indicator": "target-growth", "name": "电子商务交易额年均增长率", "value": 33, "unit": "%",
     "year": 2021, "kind": "target", "bound": "at_least", "source": "市政府常务会议纪要"},
    {"id": "penetration-2021", "indicator": "target-penetration", "name": "企业电子商务应用普及率", "value": 82,
     "unit": "%", "year": 2021, "kind": "target", "source": "市政府常务会议纪要"},
    {"id": "prov-growth", "indicator": "provincial-average", "name": "全省电子商务交易额", "growth": 31.2, "year": 2016,
     "kind": "benchmark", "subject": "云岭省", "source": "云岭省统计资料"},
    {"id": "project-park", "indicator": "project-logistics-park", "name": "澜川电子商务物流园", "value": 18.6,
     "unit": "亿元", "kind": "project", "source": "市发展改革委", "text": "集中布局分拨、冷链和云仓，建设期为2017—2019年"},
    {"id": "project-points", "indicator": "project-delivery-points", "name": "县乡村三级配送站点工程", "value": 3.2,
     "unit": "亿元", "kind": "project", "source": "市邮政管理局", "text": "改造乡镇站和村级点，建设期为2017—2020年"},
    {"id": "project-produce", "indicator": "measure-industry-platforms", "name": "澜川农产品电子商务平台", "value": 0.9,
     "unit": "亿元", "kind": "project", "source": "市农业局", "text": "提供分级、追溯和在线交易，建设期为2018—2020年"},
    {"id": "m-loans", "indicator": "measure-microloans", "name": "中小网商小额贷款政策", "kind": "measure",
     "source": "市金融办", "text": "设立网商贷款风险补偿资金，鼓励银行依据交易记录发放信用贷款"},
    {"id": "m-statistics", "indicator": "measure-statistics", "name": "电子商务统计体系", "kind": "measure",
     "source": "市统计局", "text": "建立市、县两级电子商务统计制度，重点企业按月直报"},
    {"id": "m-land", "indicator": "measure-storage-land", "name": "物流配送仓储用地政策", "kind": "measure",
     "source": "市国土资源局", "text": "支持利用闲置厂房改建仓储设施"},
    {"id": "m-sme", "indicator": "measure-sme", "name": "中小企业利用第三方平台", "kind": "measure",
     "source": "市商务局", "text": "组织平台企业到区县开展对接培训"},
    {"id": "m-go-out", "indicator": "measure-go-global", "name": "电子商务“走出去”", "kind": "measure",
     "source": "市商务局", "text": "支持企业建设海外仓和展示中心"},
    {"id": "lead", "indicator": "lead", "name": "主管领导", "kind": "organisation", "source": "市政府办公室",
     "text": "由常务副市长任领导小组组长"},
    {"id": "department", "indicator": "lead-department", "name": "牵头部门", "kind": "organisation",
     "source": "市政府办公室", "text": "市发展改革委为牵头部门"},
    {"id": "participants", "indicator": "participants", "name": "参与部门", "kind": "organisation",
     "source": "市政府办公室", "text": "市商务局、市财政局、市统计局、市农业局、市邮政管理局为成员单位"},
    {"id": "coordination", "indicator": "coordination", "name": "部门间协调工作机制", "kind": "organisation",
     "source": "市政府办公室", "text": "每季度召开一次联席会议"},
    {"id": "fund", "indicator": "fund", "name": "电子商务发展专项资金", "value": 5000, "unit": "万元", "kind": "measure",
     "source": "市财政局", "text": "2017—2021年市财政每年安排"},
    {"id": "fund-rules", "indicator": "fund-rules", "name": "专项资金使用管理办法", "kind": "measure",
     "source": "市财政局", "text": "实行项目库管理、专家评审和公示"},
    {"id": "publicity", "indicator": "publicity", "name": "宣传引导", "kind": "measure", "source": "市委宣传部",
     "text": "每年举办电子商务应用推广周"},
)  # fmt: skip


def large() -> dict[str, object]:
    """300 facts of 澜川市: seven series of twelve districts over three years, the city's sums, and what a plan needs.

    The districts of a year add up to the city, and every growth is that of the values printed.
    """
    draw = random.Random(SEED)  # noqa: S311 - statistics of an invented city, not a secret
    facts: list[Fact] = [fact for series in _SERIES for fact in _series(series, draw)]
    facts += [{**fact, "source": f"{_INVENTED}{fact['source']}"} for fact in _OTHERS]
    subject = {"name": "澜川市", "short_name": "澜川", "province": "云岭省", "aliases": []}
    return {"outline": "city-2017", "subject": subject, "plan_year": 2017, "period": [2017, 2021], "facts": facts}


def _series(series: Series, draw: random.Random) -> list[Fact]:
    name, title, unit, places, start, rates, source, indicator = series
    rows: dict[str, list[float]] = {}
    for district in DISTRICTS:
        values = [round(draw.uniform(*start), places)]
        for _ in YEARS[1:]:
            values.append(round(values[-1] * (1 + draw.uniform(*rates) / 100), places))
        rows[district] = values
    totals = [round(sum(column), places) for column in zip(*rows.values(), strict=True)]
    facts = _facts(name, title, unit, totals, source, {"indicator": indicator} if indicator else {})
    for n, (district, values) in enumerate(rows.items(), 1):
        facts += _facts(f"{name}-d{n:02}", district + title, unit, values, source, {"subject": district})
    return facts


def _facts(
    name: str, title: str, unit: str, values: Sequence[float], source: str, more: Mapping[str, object]
) -> list[Fact]:
    facts: list[Fact] = []
    for n, (year, value) in enumerate(zip(YEARS, values, strict=True)):
        number = int(value) if unit == "家" else value
        fact: Fact = {"id": f"{name}-{year}", "name": title, **more, "value": number, "unit": unit, "year": year}
        if n:
            fact["growth"] = round((value / values[n - 1] - 1) * 100, 1)
        facts.append({**fact, "source": f"{_INVENTED}{year}年{source}" if "统计公报" in source else _INVENTED + source})
    return facts


def no_targets() -> dict[str, object]:
    """`wanghai` without a single target: what is there now is known at length, what is to be is not."""
    sheet: dict[str, object] = json.loads((DATASETS / "wanghai.json").read_text(encoding="utf-8"))
    facts = sheet["facts"]
    assert isinstance(facts, list)
    return {**sheet, "facts": [fact for fact in facts if fact.get("kind") != "target"]}


MADE: Mapping[str, Callable[[], dict[str, object]]] = {"large": large, "no-targets": no_targets}


def written(sheet: Mapping[str, object]) -> str:
    """The sheet as the datasets write it: one fact a line."""
    head = "".join(
        f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)},\n" for k, v in sheet.items() if k != "facts"
    )
    facts = sheet["facts"]
    assert isinstance(facts, list)
    lines = ",\n".join(f"    {json.dumps(fact, ensure_ascii=False)}" for fact in facts)
    return f'{{\n{head}  "facts": [\n{lines}\n  ]\n}}\n'


def main() -> int:
    """Writes every sheet that is made by rule."""
    for name, make in MADE.items():
        (DATASETS / f"{name}.json").write_text(written(make()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
