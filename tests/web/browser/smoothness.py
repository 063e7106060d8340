"""How smoothly a plan's page scrolls, and takes typing, with 1,000 marked figures: `python -m tests.web.browser.smoothness`.

Drawn by software, without a graphics card, so that a drafter's machine does better. Frames are those of the browser's
own clock while the wheel turns from the first section to the last; a key's time is from its press to the next picture
(Event Timing, in steps of 8 ms; what takes less than 16 ms is not told at all).
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.cli.serving import serving
from tests.web.browser.tabs import Tabs, chromium

SENTENCE = "2016年，全市社会消费品零售总额438.62亿元，比上年增长11.2%，三次产业比重为9:47:44。"
MARKS = 1000
KEYS = "望海市依港而兴，商贸流通活跃，产业门类齐全。" * 4
OBSERVE = """() => {
  window.seen = { longtask: [], event: [] };
  new PerformanceObserver((l) => seen.longtask.push(...l.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
  new PerformanceObserver((l) => seen.event.push(...l.getEntries().filter((e) => /^(key|input|beforeinput)/.test(e.name))
    .map((e) => e.duration))).observe({ type: 'event', durationThreshold: 16 });
}"""
FRAMES = """() => { window.frames_ = []; let last = performance.now();
  const next = (now) => { frames_.push(now - last); last = now; window.turning && requestAnimationFrame(next); };
  window.turning = true; requestAnimationFrame(next); }"""


def _told(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    return {
        "n": len(values),
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95) - (len(ordered) > 1)], 1),
        "most": round(ordered[-1], 1),
    }


def _plan(tabs: Tabs) -> str:
    plan = tabs.drafted()
    sections = [s["id"] for s in tabs.service.get(f"/v1{plan}").json()["sections"]]
    body = [s for s in sections if not s.startswith("1.")]
    for section in body:
        tabs.edit(plan, section, "\n".join([SENTENCE * 5] * 3))
    return plan


def _scroll(page: Page) -> None:
    page.mouse.move(600, 500)
    height = page.evaluate("document.documentElement.scrollHeight")
    for _ in range(height // 240):
        page.mouse.wheel(0, 240)
        page.wait_for_timeout(16)


def measure() -> dict[str, object]:
    """All figures, milliseconds but for counts and bytes."""
    with serving(Path(tempfile.mkdtemp(prefix="fangan-smooth-"))) as service, chromium() as browser:
        tabs = Tabs(browser, service.client)
        plan = _plan(tabs)
        size = len(service.client.get(plan).content)
        page = tabs.open(plan)
        marks = page.locator("article mark").count()
        assert marks >= MARKS, marks
        page.evaluate(OBSERVE)
        page.evaluate(FRAMES)
        _scroll(page)
        frames = page.evaluate("() => { turning = false; return frames_; }")
        scrolled = page.evaluate("() => seen.longtask.splice(0)")
        page.locator("#s-4_1").get_by_role("button", name="编辑").click()
        area = page.locator("#s-4_1 textarea")
        expect(area).to_be_focused()
        page.evaluate("() => { seen.longtask.length = 0; seen.event.length = 0; }")
        area.press_sequentially(KEYS, delay=40)
        page.wait_for_timeout(1500)
        typed = page.evaluate("() => seen")
        tabs.close()
    return {
        "marks": marks, "page_bytes": size, "scroll_frames": _told(frames[1:]), "scroll_long_tasks": _told(scrolled),
        "keys": len(KEYS), "typing_events_of_16_or_more": _told(typed["event"]), "typing_long_tasks": _told(typed["longtask"]),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))  # noqa: T201 - what the script is for
