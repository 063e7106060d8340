"""Takes the pictures of the pages in docs/: `python -m tests.web.browser.screenshots [FOLDER]`; needs Chromium, Pillow.

The plan is the sample city's, drafted offline without two of its facts, with a figure that somebody typed wrongly.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Page, expect

from tests.api.live import sheet
from tests.cli.serving import serving
from tests.web.browser.tabs import Tabs, chromium

SIZES = {1280: 900, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = 128
MOST = 120_000
"""Bytes of a picture."""
TEXT = (
    "望海市地处云岭省东南沿海，是全省重要的港口城市，年末常住人口【待补充：2016年常住人口，万人】。"
    "2016年，全市进出口总额96.8亿元，港口货物吞吐量力争年均增长【建议值：8%】。\n"
    "全市三次产业比重为9:47:44，社会消费品零售总额438.62亿元，比上年增长11.2%。"
)


def _keep(page: Page, path: Path) -> None:
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    assert size <= MOST, f"{path}: {size} bytes"
    print(f"{path} {size}")  # noqa: T201 - what the script is for


def _plan(tabs: Tabs) -> str:
    facts = [f for f in sheet()["facts"] if f.get("indicator") not in {"gdp", "population"}]
    plan = tabs.drafted(facts=facts)
    tabs.edit(plan, "2.1", TEXT)
    return plan


def take(folder: Path) -> None:
    """All of them."""
    with serving(Path(tempfile.mkdtemp(prefix="fangan-pictures-"))) as service, chromium() as browser:
        tabs = Tabs(browser, service.client)
        plan = _plan(tabs)
        for scheme in SCHEMES:
            for width, height in SIZES.items():
                look: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
                _keep(tabs.open("/", **look), folder / f"page-start-{width}-{scheme}.png")
                page = tabs.open(plan, **look)
                page.locator("#s-2_1").scroll_into_view_if_needed()
                page.locator("#s-2_1").evaluate("e => e.scrollIntoView({block: 'start'})")
                page.locator("#s-2_1 mark.s", has_text="438.62").focus()
                expect(page.locator("#note")).to_be_visible()
                page.wait_for_timeout(400)  # the list of findings follows the scrolling
                _keep(page, folder / f"page-plan-{width}-{scheme}.png")
        tabs.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3] / "docs")
