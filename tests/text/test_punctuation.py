"""Normalising mends the form of Chinese text and nothing else."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.text.punctuation import normalise
from tests.doubles.cost import growth
from tests.doubles.hang import hung

MENDED = [
    ("全市国内生产总值达3268.5亿元,同比增长6.1%,三次产业结构为7.9:41.3:50.8。", "全市国内生产总值达3268.5亿元，同比增长6.1%，三次产业结构为7.9:41.3:50.8。"),
    ("国际 , 国内;城市 ; 农村", "国际，国内；城市；农村"),
    ("目标如下:加快发展!", "目标如下：加快发展！"),
    ("形成城市物流配送体系.", "形成城市物流配送体系。"),
    ("移动支付占比达到20%.", "移动支付占比达到20%。"),
    ("(一)总体目标", "（一）总体目标"),
    ("（一）、总体目标", "（一）总体目标"),
    ("移动金融可信服务管理设施(TSM)建设", "移动金融可信服务管理设施（TSM）建设"),
    ("1、完善城市电子商务物流配送体系。", "1.完善城市电子商务物流配送体系。"),
    ("2. 发展城市电子支付", "2.发展城市电子支付"),
    ("一. 摘要", "一、摘要"),
    ('鼓励电子商务"走出去"', "鼓励电子商务“走出去”"),
    ("解决'最后一公里'问题", "解决‘最后一公里’问题"),
    ('鼓励“走出去"', "鼓励“走出去”"),
    ("支持「互联网+」行动", "支持“互联网+”行动"),
    ("建成2-3个示范基地", "建成2～3个示范基地"),
    ("建成2~3个示范基地", "建成2～3个示范基地"),
    ("重点说明 3-5 年内创建工作的总体目标", "重点说明3～5年内创建工作的总体目标"),
    ("比重提高到15%-30%", "比重提高到15%～30%"),
    ("比重提高到15-30%", "比重提高到15～30%"),
    ("投资9亿-16亿元", "投资9亿～16亿元"),
    ("力争三-五年建成", "力争三～五年建成"),
    ("建设期2014-2016年", "建设期2014—2016年"),
    ("建设期2014年-2016年", "建设期2014年—2016年"),
    ("2017年06月03日印发", "2017年6月3日印发"),
    ("（发改高技[2011]463 号）", "（发改高技〔2011〕463号）"),
    ("发改高技(2011)0463号", "发改高技〔2011〕463号"),
    ("发改高技〔2011〕第463号", "发改高技〔2011〕463号"),
    ("商电发﹝2017﹞26号", "商电发〔2017〕26号"),
    ("望政发【2015】8号", "望政发〔2015〕8号"),
    ("　　推动金融 IC 卡应用", "推动金融IC卡应用"),
    ("增长６．１％，共２０家", "增长6.1%，共20家"),
    ("发展目标...任务", "发展目标……任务"),
    ("推广物联网--云计算", "推广物联网——云计算"),
    ("第一行\r\n第二行\x07\u200b", "第一行\n第二行"),
    ("支持B2B,B2C平台发展", "支持B2B，B2C平台发展"),
    ("《促进电子商务发展的若干意见(试行)》", "《促进电子商务发展的若干意见（试行）》"),
]  # fmt: skip

KEPT = [
    "交易额1,234,567.89万元",
    "会议于8:30开始",
    "三次产业比为3.6:51.2:45.2",
    "见https://www.gov.cn/zhengce/content/2017-06/03,a(1).htm的文件",
    "邮箱ec.office@gov.cn负责受理",
    "采用v1.2.3版本",
    "依据GB/T 1234-2012编制",
    "电话010-12345678",
    "总机62345678-801",
    "2017-06-03上线",
    "5-2单元",
    "投入R&D经费",
    "品牌为Hello World, Inc的产品",
    "1、2号楼相邻",
    "详见方案.docx附件",
    "他说\"好",
    "don't worry, be happy",
    "（一）第（一）、（二）项",
    "2014—2016年",
    "地处东经118°～120°之间",
]  # fmt: skip


@pytest.mark.parametrize(("printed", "official"), MENDED)
def test_mends(printed: str, official: str) -> None:
    assert normalise(printed) == official


@pytest.mark.parametrize("text", KEPT)
def test_leaves_alone(text: str) -> None:
    assert normalise(text) == text


TEXT = st.lists(
    st.one_of(
        st.sampled_from("电子商务城市年月日号第一二三十，。、；：（）《》“”〔〕％０５Ａ"),
        st.sampled_from("0123456789.,;:!?()[]-–~'\"%/ \n\u3000\tABab@+&"),
        st.sampled_from(["2014-2016年", "[2011]463 号", "https://a.cn/b,", "06月03日", "1、", "（一）、", "--", "..."]),
    ),
    max_size=60,
).map("".join)


@given(TEXT)
@example('“"')
@example("1、 1、城")
@example("电(（)）")
def test_is_idempotent(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=40))
def test_is_idempotent_on_anything(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def han(text: str) -> str:
    """Han characters; 第 may go from a document's number."""
    return "".join(re.findall(r"[\u3400-\u9fff]", text))


def digits(text: str) -> str:
    """The digits by value, without the zeros that pad a month, a day or a document's number."""
    return re.sub("0", "", "".join(unicodedata.normalize("NFKC", c) for c in text if c.isdecimal()))


@given(TEXT)
def test_changes_no_han_character_and_no_digit(text: str) -> None:
    mended = normalise(text)
    assert han(mended).replace("第", "") == han(text).replace("第", "")
    assert digits(mended) == digits(text)


@given(st.text(alphabet="abc XYZ019,.;:!?()-'\"/@", max_size=40))
def test_leaves_a_line_without_chinese(line: str) -> None:
    assert normalise(line) == re.sub(" +", " ", line).strip()


@given(st.lists(TEXT, max_size=4))
def test_lines_are_mended_one_by_one(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert normalise(text) == "\n".join(normalise(line) for line in text.split("\n"))


def test_the_cost_grows_with_the_text_only() -> None:
    sentence = "2016年,全市电子商务交易额达到680亿元,同比增长34.5%(高于全省3.3个百分点),建成2-3个示范基地。"
    assert growth(lambda times: normalise(f"{sentence}\n" * times), 20, 200) < 12
    assert growth(lambda times: normalise(sentence * times), 20, 200) < 12


def test_long_runs_do_not_hang() -> None:
    runs = ["1", "万", "【", "“", "(", " ", "\u3000", "中 ", "年,", ".", "-", "(一)"]
    assert hung("service.text.punctuation", "normalise", [run * (200_000 // len(run)) for run in runs]) is None
