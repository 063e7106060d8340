"""Units of Chinese statistics: what each measures and how many of the base unit it is."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from service.text.numerals import MAGNITUDES, fold

DIMENSIONS = (
    "CNY", "USD", "people", "person_times", "households", "enterprises", "count", "area", "length", "weight",
    "volume", "data_rate", "storage", "energy", "percent", "permille", "percentage_points", "rank", "ratio",
    "duration", "parcels", "text",
)  # fmt: skip
"""What a unit may measure: the vocabulary of the outlines' indicators."""


class Unit(NamedTuple):
    """`dimension` is one of DIMENSIONS; `base` the unit that `scale` counts in (元, 人, 平方米 …)."""

    dimension: str
    scale: Decimal
    base: str


# 面积换算按《中华人民共和国法定计量单位》，1公顷=15亩；数据量按1024进制。
_MU = Decimal(10000) / 15
_TABLE: dict[str, tuple[tuple[str, Decimal | int | str], ...]] = {
    "CNY/元": (("元", 1), ("元人民币", 1), ("块", 1), ("人民币", 1)),
    "USD/美元": (("美元", 1), ("美金", 1)),
    "CNY/欧元": (("欧元", 1),),
    "CNY/港元": (("港元", 1), ("港币", 1)),
    "CNY/日元": (("日元", 1),),
    "people/人": (("人", 1), ("名", 1)),
    "person_times/人次": (("人次", 1), ("人·次", 1), ("人天", 1)),
    "households/户": (("户", 1),),
    "enterprises/家": (("家", 1),),
    "parcels/件": (("件", 1), ("单", 1), ("票", 1), ("包", 1)),
    "area/平方米": (
        ("平方米", 1), ("㎡", 1), ("m2", 1), ("m²", 1), ("平米", 1), ("平方公里", 10**6), ("平方千米", 10**6),
        ("km2", 10**6), ("km²", 10**6), ("公顷", 10**4), ("亩", _MU),
    ),
    "length/米": (("米", 1), ("公里", 1000), ("千米", 1000), ("km", 1000), ("海里", 1852), ("厘米", "0.01")),
    "weight/吨": (("吨", 1), ("公斤", "0.001"), ("千克", "0.001"), ("斤", "0.0005"), ("载重吨", 1)),
    "volume/立方米": (("立方米", 1), ("m3", 1), ("m³", 1), ("升", "0.001")),
    "volume/标箱": (("标箱", 1), ("标准箱", 1), ("TEU", 1), ("个标箱", 1), ("个标准箱", 1)),
    "data_rate/bps": (
        ("bps", 1), ("kbps", 10**3), ("mbps", 10**6), ("gbps", 10**9), ("tbps", 10**12), ("mb/s", 10**6),
        ("gb/s", 10**9), ("m", 10**6), ("兆", 10**6), ("g", 10**9), ("兆比特每秒", 10**6),
    ),
    "storage/字节": (("字节", 1), ("mb", 2**20), ("gb", 2**30), ("tb", 2**40), ("pb", 2**50), ("eb", 2**60)),
    "energy/千瓦时": (("千瓦时", 1), ("kwh", 1), ("度电", 1)),
    "energy/千瓦": (("千瓦", 1), ("kw", 1), ("兆瓦", 1000), ("mw", 1000)),
    "energy/吨标准煤": (("吨标准煤", 1), ("吨标煤", 1)),
    "percent/%": (("%", 1),),
    "permille/‰": (("‰", 1),),
    "percentage_points/百分点": (("个百分点", 1), ("百分点", 1)),
    "rank/位": (("位", 1), ("名次", 1)),
    "ratio/倍": (("倍", 1),),
    "duration/年": (("年", 1), ("周年", 1)),
    "duration/天": (("天", 1), ("日", 1), ("小时", Decimal(1) / 24), ("个小时", Decimal(1) / 24),
                   ("分钟", Decimal(1) / 1440), ("秒", Decimal(1) / 86400), ("周", 7)),
    "duration/工作日": (("工作日", 1), ("个工作日", 1)),
    "duration/月": (("个月", 1), ("月", 1)),
    "length/车道": (("车道", 1),),
}  # fmt: skip
MEASURE_WORDS = (
    "个", "项", "所", "条", "台", "辆", "架", "套", "张", "座", "处", "组", "间", "栋", "幢", "部", "门", "支", "只",
    "头", "株", "棵", "艘", "列", "班", "趟", "笔", "篇", "起", "例", "宗", "款", "枚", "对", "副", "份", "本", "册",
    "场", "期", "次", "批", "种", "类", "片", "块", "盒", "箱", "袋", "瓶", "桶", "点", "分", "级", "席", "床", "面",
    "根", "口", "盏", "颗", "顶", "幅", "则", "句", "轮", "届", "层", "封", "枝", "卷", "羽", "尾", "匹", "机架",
    "标准机架", "个机架", "节", "课时", "学时", "人/年", "吨/年", "架次", "辆次", "列次", "班次", "车次", "艘次", "标台",
    "对次", "户次", "家次", "件次", "笔次", "条次", "批次", "场次", "帧", "集", "味", "道", "档", "路", "段", "线",
    "端口", "端", "芯", "芯公里", "皮长公里", "信道", "泊位", "个泊位", "万门", "重", "代", "站", "店", "村", "镇", "县", "城", "国",
    "字", "手", "页", "行", "把", "双", "件套", "剂", "吨次",
)  # fmt: skip
"""Count words: each is a unit of the dimension `count`."""


def _read_table() -> dict[str, Unit]:
    table = {word: Unit("count", Decimal(1), "个" if len(word) == 1 else word) for word in MEASURE_WORDS}
    for key, spellings in _TABLE.items():
        dimension, _, base = key.partition("/")
        table |= {spelt: Unit(dimension, Decimal(scale), base) for spelt, scale in spellings}
    return table


UNITS: dict[str, Unit] = _read_table()
"""Unit by its spelling without 万 or 亿, Latin letters in lower case (but TEU)."""
UNITS["teu"] = UNITS.pop("TEU")


@lru_cache(maxsize=512)
def read_unit(unit: str) -> Unit | None:
    """万平方米, 亿美元, 个工作日, 元/吨 … as dimension and factor; None for what is no unit.

    A rate (元/平方米) has the dimension of what stands before the stroke.
    """
    plain = fold(unit).strip().lower()
    if plain in UNITS:
        return UNITS[plain]
    if plain and plain[0] in MAGNITUDES and (inner := read_unit(plain[1:])):
        return inner._replace(scale=inner.scale * MAGNITUDES[plain[0]])
    if "/" in plain and (inner := read_unit(plain.partition("/")[0])):
        return inner._replace(base=f"{inner.base}/{plain.partition('/')[2]}")
    return None
