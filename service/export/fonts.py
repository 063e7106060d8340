"""The typefaces of a plan's documents, by their use in the layout of GB/T 9704—2012 (7.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface by the name that a document asks for, and what may stand in for it where that is not installed."""

    name: str
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fonts:
    """The typefaces of the layout; the names are those that most town halls have."""

    title: Face = Face("方正小标宋简体", ("FZXiaoBiaoSong-B05S", "华文中宋", "STZhongsong", "宋体"))
    chapter: Face = Face("黑体", ("SimHei", "思源黑体 CN", "Noto Sans CJK SC"))
    section: Face = Face("楷体_GB2312", ("楷体", "KaiTi", "华文楷体", "FandolKai"))
    body: Face = Face("仿宋_GB2312", ("仿宋", "FangSong", "华文仿宋", "FandolFang"))
    page_number: Face = Face("宋体", ("SimSun", "思源宋体 CN", "Noto Serif CJK SC"))
    latin: Face = Face("Times New Roman", ("Liberation Serif",))

    @classmethod
    def named(cls, names: Mapping[str, tuple[str, ...]]) -> Fonts:
        """Those of the layout, but for the uses in `names` (use → font and its substitutes, at least one name)."""
        return replace(cls(), **{use: Face(fonts[0], fonts[1:]) for use, fonts in names.items()})


LAYOUT = Fonts()
"""What a document asks for unless it is told otherwise."""
