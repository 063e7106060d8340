"""The empty Word file in the official layout of GB/T 9704—2012, as bytes, for the Word exporter to fill.

Page (GB/T 9704—2012, 5.2 and 7.1): A4; 版心 156 mm × 225 mm with 37 mm above and 28 mm on the binding side, 22 lines of
28 characters in 三号 (16 pt). Lines are exactly 28.95 pt (225 mm ÷ 22 = 28.99 pt; 29 pt would lose the last one), and
characters are set 0.25 pt closer, since 28 × 16 pt is wider than 156 mm. The grid is by lines only: LibreOffice puts
every character of a linesAndChars grid into a wide cell. Margins are Word's own, measured to the line box.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TypedDict
from xml.sax.saxutils import escape, quoteattr

from service.export.fonts import Face, Fonts

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_WML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

TITLE, BODY, NOTICE = "Title", "Body Text", "起草说明"
"""Names of styles; those of headings are heading 1 to heading 4."""
TABLE, CAPTION, TABLE_HEAD, TABLE_TEXT = "方案表格", "caption", "表头", "表文"
COVER_TITLE, COVER_LINE, CONTENTS, ATTACHMENT = "封面标题", "封面署名", "TOC Heading", "附件说明"
NUMBER_WIDTH, ATTACHMENT_LEFT = 20.0, 98.75
"""Points: the column of an attachment's number, and where its name begins: 二字, 附件：, the number."""
TEXT_WIDTH = 11906 - 1587 - 1474
"""Between the margins, in twips."""

_ONE, _TWO, _THREE, _FOUR, _SMALL_FOUR = 26, 22, 16, 14, 12
"""一号, 二号, 三号, 四号, 小四 in points."""
_LINE = 28.95


@dataclass(frozen=True, slots=True)
class _Style:
    """One paragraph style; lengths in points, `indent` in characters of its own size."""

    id: str
    name: str
    face: Face
    size: float = _THREE
    line: float = _LINE
    align: str = "both"
    indent: int = 2
    before: float = 0
    after: float = 0
    outline: int | None = None
    left: float = 0
    hanging: float = 0
    new_page: bool = False
    leader: bool = False
    """A tab at the right margin, led to by dots."""
    whole: bool = False
    """Never split by the end of a page."""
    keep: bool = False
    """Never parted from the next paragraph by the end of a page."""
    following: str = "BodyText"
    """Style of the paragraph that Enter begins after one of this style."""
    grid: bool = True
    """Whether lines keep to the page's 22."""
    built_in: bool = True
    """Whether Word knows the style by this name."""
    frame: bool = False
    """A rule around a grey ground: the paragraph is no part of the plan's text."""


class _Small(TypedDict, total=False):
    """What styles of small type have in common."""

    size: float
    line: float
    indent: int
    grid: bool
    built_in: bool


class _Front(TypedDict):
    """What styles of the title page and the contents have in common."""

    align: str
    indent: int


def base_document(fonts: Fonts) -> bytes:
    """A valid .docx without content: page, styles, page numbers, font substitutes, settings."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            (f"{_OFFICE}/relationships/officeDocument", "word/document.xml"),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            (f"{_OFFICE}/relationships/extended-properties", "docProps/app.xml"),
        ),
        "docProps/core.xml": _CORE,
        "docProps/app.xml": _APP,
        "word/_rels/document.xml.rels": _relationships(
            *((f"{_OFFICE}/relationships/{kind}", target) for kind, target in _DOCUMENT_PARTS)
        ),
        "word/document.xml": _DOCUMENT,
        "word/styles.xml": _styles(fonts),
        "word/settings.xml": _SETTINGS,
        "word/fontTable.xml": _font_table(fonts),
        "word/footer1.xml": _footer("right", fonts),
        "word/footer2.xml": _footer("left", fonts),
    }
    return packed({name: (_HEAD + text).encode() for name, text in parts.items()})


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip of the parts whose bytes depend on nothing but the parts: every entry is dated 1980-01-01."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, blob in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, blob)
    return stream.getvalue()


_DOCUMENT_PARTS = (
    ("styles", "styles.xml"),
    ("settings", "settings.xml"),
    ("fontTable", "fontTable.xml"),
    ("footer", "footer1.xml"),
    ("footer", "footer2.xml"),
)

_TYPES = {
    "/word/document.xml": f"{_WML}.document.main+xml",
    "/word/styles.xml": f"{_WML}.styles+xml",
    "/word/settings.xml": f"{_WML}.settings+xml",
    "/word/fontTable.xml": f"{_WML}.fontTable+xml",
    "/word/footer1.xml": f"{_WML}.footer+xml",
    "/word/footer2.xml": f"{_WML}.footer+xml",
    "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}

_CORE = f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"/>'

# No counts: Word computes its own when it opens the file, and a wrong one would be shown by file managers.
_APP = f'<Properties xmlns="{_OFFICE}/extended-properties"><Application>fangan</Application></Properties>'

# rId4 and rId5 are the footers' places in _DOCUMENT_PARTS. Twips: 210 × 297 mm; 37, 26, 35, 28 mm; footer 25 mm, which
# puts the page number's dashes 7 mm below the text (GB/T 9704—2012, 7.5).
_DOCUMENT = f"""<w:document {_W} {_R}><w:body><w:sectPr>\
<w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>\
<w:pgSz w:w="11906" w:h="16838"/>\
<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1417" w:gutter="0"/>\
<w:docGrid w:type="lines" w:linePitch="579"/>\
</w:sectPr></w:body></w:document>"""

_SETTINGS = f"""<w:settings {_W}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>\
<w:characterSpacingControl w:val="compressPunctuation"/>\
<w:compat><w:balanceSingleByteDoubleByteWidth/><w:doNotExpandShiftReturn/><w:useFELayout/>\
<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>\
<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"""


def _content_types() -> str:
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in _TYPES.items())
    return f'<Types xmlns="{_PACKAGE}/content-types">{defaults}{overrides}</Types>'


def _relationships(*targets: tuple[str, str]) -> str:
    lines = (f'<Relationship Id="rId{n}" Type="{t}" Target="{p}"/>' for n, (t, p) in enumerate(targets, 1))
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def _footer(side: str, fonts: Fonts) -> str:
    """— 1 — in 四号 宋体, one character from the outer edge (GB/T 9704—2012, 7.5)."""
    face = _fonts(fonts.page_number, fonts.page_number, hint=True)
    properties = f'<w:rPr>{face}<w:sz w:val="{_FOUR * 2}"/><w:szCs w:val="{_FOUR * 2}"/></w:rPr>'

    def run(text: str) -> str:
        return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'

    return (
        f'<w:ftr {_W}><w:p><w:pPr><w:pStyle w:val="Footer"/>'
        f'<w:ind w:{side}Chars="100" w:{side}="{_FOUR * 20}"/><w:jc w:val="{side}"/></w:pPr>'
        f'{run("— ")}<w:fldSimple w:instr=" PAGE ">{run("1")}</w:fldSimple>{run(" —")}</w:p></w:ftr>'
    )


def _fonts(east: Face, latin: Face, *, hint: bool = False) -> str:
    asked = ' w:hint="eastAsia"' if hint else ""
    slots = {"ascii": latin, "eastAsia": east, "hAnsi": latin, "cs": latin}
    return f"<w:rFonts{asked}{''.join(f' w:{slot}={quoteattr(face.name)}' for slot, face in slots.items())}/>"


def _font_table(fonts: Fonts) -> str:
    """One entry for each name, with the substitutes of all uses that ask for it."""
    faces = [getattr(fonts, field.name) for field in fields(fonts)]
    east = {face.name for face in faces if face is not fonts.latin}
    serif = {face.name for face in (fonts.latin, fonts.title, fonts.page_number)}
    substitutes: dict[str, dict[str, None]] = {}
    for face in faces:
        substitutes.setdefault(face.name, {}).update(dict.fromkeys(face.fallbacks))

    def entry(name: str) -> str:
        others = ",".join(substitutes[name])
        charset = "86" if name in east else "00"  # 86: GB 2312
        return (
            f"<w:font w:name={quoteattr(name)}>{f'<w:altName w:val={quoteattr(others)}/>' if others else ''}"
            f'<w:charset w:val="{charset}"/><w:family w:val="{"roman" if name in serif else "modern"}"/>'
            '<w:pitch w:val="variable"/></w:font>'
        )

    return f"<w:fonts {_W}>{''.join(map(entry, substitutes))}</w:fonts>"


def _paragraph_styles(fonts: Fonts) -> Iterator[_Style]:
    yield _Style("Title", TITLE, fonts.title, size=_TWO, line=35, align="center", indent=0, after=_LINE)
    yield _Style("BodyText", BODY, fonts.body)
    for level, face in enumerate((fonts.chapter, fonts.section, fonts.body, fonts.body), 1):
        yield _Style(f"Heading{level}", f"heading {level}", face, outline=level - 1, keep=True)
    centred: _Front = {"align": "center", "indent": 0}
    yield _Style("CoverTitle", COVER_TITLE, fonts.title, size=_ONE, line=45, before=170, built_in=False, **centred)
    yield _Style("CoverLine", COVER_LINE, fonts.section, line=36, following="CoverLine", built_in=False, **centred)
    yield _Style("TOCHeading", CONTENTS, fonts.title, size=_TWO, line=35, after=_LINE, new_page=True, **centred)
    for level, face in enumerate((fonts.chapter, fonts.section, fonts.body), 1):
        left = (level - 1) * _THREE
        yield _Style(f"TOC{level}", f"toc {level}", face, align="left", indent=0, left=left, leader=True)
    yield _Style(
        "Attachment", ATTACHMENT, fonts.body, indent=0, left=ATTACHMENT_LEFT, hanging=NUMBER_WIDTH,
        following="Attachment", built_in=False,
    )  # fmt: skip
    small: _Small = {"size": _SMALL_FOUR, "line": 18, "indent": 0, "grid": False}
    own: _Small = {**small, "built_in": False}
    yield _Style("Notice", NOTICE, fonts.section, before=6, after=6, frame=True, following="Notice", **own)
    yield _Style("Caption", CAPTION, fonts.chapter, align="center", before=8, after=4, keep=True, **small)
    yield _Style("TableHead", TABLE_HEAD, fonts.chapter, align="center", following="TableText", **own)
    yield _Style("TableText", TABLE_TEXT, fonts.body, align="left", whole=True, following="TableText", **own)


def _styles(fonts: Fonts) -> str:
    """Element order inside pPr, rPr and style is the schema's (ECMA-376 part 1, 17.3 and 17.7)."""
    defaults = (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{_fonts(fonts.body, fonts.latin)}"
        f'<w:kern w:val="2"/><w:sz w:val="{_THREE * 2}"/><w:szCs w:val="{_THREE * 2}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
    )
    own = "".join(_style(s, fonts) for s in _paragraph_styles(fonts))
    return f"<w:styles {_W}>{defaults}{_BUILT_IN}{own}{_TABLE_STYLE}</w:styles>"


def _style(style: _Style, fonts: Fonts) -> str:
    keep = "<w:keepNext/><w:keepLines/>" if style.keep else "<w:keepLines/>" if style.whole else ""
    broken = "<w:pageBreakBefore/>" if style.new_page else ""
    tab = f'<w:tab w:val="right" w:leader="dot" w:pos="{TEXT_WIDTH}"/>'
    tabs = f"<w:tabs>{tab}</w:tabs>" if style.leader else ""
    edge = 'w:val="single" w:sz="4" w:space="4" w:color="A6A6A6"'
    frame = (
        f"<w:pBdr><w:top {edge}/><w:left {edge}/><w:bottom {edge}/><w:right {edge}/></w:pBdr>"
        '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>'
    )
    off = "" if style.grid else '<w:snapToGrid w:val="0"/>'
    width = round(style.indent * style.size * 20)
    indent = f'<w:ind w:firstLineChars="{style.indent * 100}" w:firstLine="{width}"/>' if style.indent else ""
    if style.left or style.hanging:
        indent = f'<w:ind w:left="{round(style.left * 20)}" w:hanging="{round(style.hanging * 20)}"/>'
    if style.frame:
        indent = '<w:ind w:left="100" w:right="100"/>'  # the rule stands within the text's width
    outline = f'<w:outlineLvl w:val="{style.outline}"/>' if style.outline is not None else ""
    closer = '<w:spacing w:val="-5"/>' if style.size == _THREE else ""
    size = round(style.size * 2)
    custom = "" if style.built_in else ' w:customStyle="1"'
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{style.id}"><w:name w:val="{escape(style.name)}"/>'
        f'<w:basedOn w:val="Normal"/><w:next w:val="{style.following}"/><w:qFormat/>'
        f'<w:pPr>{keep}{broken}<w:widowControl w:val="0"/>{frame if style.frame else ""}{tabs}{off}'
        f'<w:spacing w:before="{round(style.before * 20)}" w:after="{round(style.after * 20)}" w:line="{round(style.line * 20)}"'
        f' w:lineRule="exact"/>{indent}<w:jc w:val="{style.align}"/>{outline}</w:pPr>'
        f"<w:rPr>{_fonts(style.face, fonts.latin)}{closer}"
        f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr></w:style>'
    )


# overflowPunct is on by default, and Word hangs punctuation with or without it. LibreOffice 7.4 reads it the other way
# round; without it, it hangs punctuation too, and leaves one in a hundred marks at the ends of justified lines unpainted.
_BUILT_IN = """<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>\
<w:pPr><w:widowControl w:val="0"/><w:overflowPunct/><w:jc w:val="both"/></w:pPr></w:style>\
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">\
<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>\
<w:style w:type="paragraph" w:styleId="Footer"><w:name w:val="footer"/><w:basedOn w:val="Normal"/>\
<w:pPr><w:snapToGrid w:val="0"/></w:pPr></w:style>\
<w:style w:type="paragraph" w:styleId="CommentText"><w:name w:val="annotation text"/><w:basedOn w:val="Normal"/>\
<w:pPr><w:jc w:val="left"/></w:pPr><w:rPr><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr></w:style>\
<w:style w:type="paragraph" w:styleId="FootnoteText"><w:name w:val="footnote text"/><w:basedOn w:val="Normal"/>\
<w:pPr><w:snapToGrid w:val="0"/><w:jc w:val="left"/></w:pPr><w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>\
</w:style>\
<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>\
<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>\
<w:style w:type="character" w:styleId="CommentReference"><w:name w:val="annotation reference"/>\
<w:basedOn w:val="DefaultParagraphFont"/><w:rPr><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr></w:style>"""

_EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_TABLE_STYLE = f"""<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>\
<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>\
<w:top w:w="28" w:type="dxa"/><w:left w:w="85" w:type="dxa"/><w:bottom w:w="28" w:type="dxa"/>\
<w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>\
<w:style w:type="table" w:customStyle="1" w:styleId="PlanTable"><w:name w:val="{TABLE}"/>\
<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders></w:tblPr></w:style>"""
