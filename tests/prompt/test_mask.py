"""Masked passages teach the register: no name, figure, period or title of the exemplar's city gets through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.exemplar import Exemplar, Passage
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.mask import mask

PASSAGES = [(i, p.id) for i in exemplar_ids() for p in load_exemplar(i).passages]

# Read off the printed plans, not out of the exemplars' own lists.
PROPER = {
    "chongqing": (
        "重庆 渝 长江 西部 三大 内陆 国际离岸云计算 国际电子商务外汇 统筹城乡 城乡资源对进 七大 新农村商网 万村千乡 课件 中国移动 手机支付 "
        "SIM 宽带重庆 一江 两翼 三洋 一枢纽 十一干线 三环 十射 三联线 三基地 四港区 引智 万名 12315 十二五"
    ),
    "harbin": (
        "哈 松花江 湿地 北药 医药企业电子商务联盟 宾西 中俄 对俄 东北亚 经济贸易洽谈会 木材 大米 国际数据城 松北 科技新城 奖励 暂行 "
        "投融资 若干意见 信用信息管理条例 征管办法 三年 十二五"
    ),
    "chengdu": "成都 蓉 北京 上海 广州 西安 武汉 重庆 昆明 兰州 个方向 条出省 超算 双进 政务大厅 百人 百次 过亿 万亿 票据示范 十二五",
}  # fmt: skip
KEPT = {
    "chongqing": "“走出去”工程 第三方平台服务商 CA认证中心 四级物流通道 移动电子商务 领导小组 主管副市长 我市 不低于 以上",
    "harbin": "第三方物流 IDC企业 数字证书 常务副市长 市发改委 年均增长 不低于 先行先试 《××办法》《××意见》",
    "chengdu": "B2B平台 外贸B2C企业 CA认证 三次产业 各区（市）县 主管市长 突破 达到 以上 形成全国性解决方案",
}


def masked(exemplar_id: str) -> str:
    exemplar = load_exemplar(exemplar_id)
    return "\n".join(mask(p.text, exemplar) for p in exemplar.passages)


@pytest.mark.parametrize(("exemplar_id", "passage_id"), PASSAGES)
def test_no_content_survives_in_any_passage(exemplar_id: str, passage_id: str) -> None:
    exemplar = load_exemplar(exemplar_id)
    [passage] = [p for p in exemplar.passages if p.id == passage_id]
    text = mask(passage.text, exemplar)
    proper = PROPER[exemplar_id].split()
    assert [name for name in proper if name in text] == []
    assert [name for name in (*exemplar.local_names, *exemplar.nicknames) if name in text] == []
    assert not re.search(r"\d", re.sub(r"B2[BC]", "", text))


@pytest.mark.parametrize("exemplar_id", exemplar_ids())
def test_the_register_survives(exemplar_id: str) -> None:
    text = masked(exemplar_id)
    assert [word for word in KEPT[exemplar_id].split() if word not in text] == []
    whole = "".join(p.text for p in load_exemplar(exemplar_id).passages)
    assert len(text) > 0.8 * len(whole)


def test_figures_keep_their_unit_and_bound() -> None:
    exemplar = load_exemplar("chongqing")
    assert mask("确保每年投入不低于3亿元，力争在渝知名企业达到3～5家，占15%以上。", exemplar) == (
        "确保每年投入不低于N亿元，力争在某市知名企业达到N家，占N%以上。"
    )


def test_a_title_keeps_its_genre() -> None:
    exemplar = load_exemplar("harbin")
    said = mask("制定《哈尔滨市企业应用电子商务交易奖励办法》《冰雪旅游电商“一件事”》。", exemplar)
    assert said == "制定《××办法》《××文件》。"


def test_fixed_terms_are_not_figures() -> None:
    exemplar = load_exemplar("chengdu")
    fixed = "加快三网融合，推动第三方支付，解决最后一公里，发展B2B、O2O，建设5G网络。"
    assert mask(fixed, exemplar) == fixed


@pytest.mark.parametrize("exemplar_id", exemplar_ids())
def test_masking_twice_changes_nothing(exemplar_id: str) -> None:
    once = masked(exemplar_id)
    assert mask(once, load_exemplar(exemplar_id)) == once


def test_an_exemplar_without_marks_is_masked_by_its_names() -> None:
    passage = Passage(id="1", heading="一、目标", text="山海市实施“数字山海”工程，投资2.5亿元。")
    exemplar = Exemplar(
        id="shanhai", city="山海市", title="山海市方案", source="虚构", era="十三五", local_names=("数字山海",), passages=(passage,)
    )  # fmt: skip
    assert mask(passage.text, exemplar) == "某市实施“××”工程，投资N亿元。"


@given(st.text(alphabet="重庆渝成都蓉哈尔滨市2500亿元%～.《》办法“”十二五，。电子商务", max_size=60))
def test_any_text_is_masked_without_fail(text: str) -> None:
    for exemplar_id in exemplar_ids():
        exemplar = load_exemplar(exemplar_id)
        said = mask(text, exemplar)
        assert exemplar.city.removesuffix("市") not in said
        assert mask(said, exemplar) == said
