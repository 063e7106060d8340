"""An exemplar: an approved plan whose register is taught, never its content."""

from __future__ import annotations

from schemas import Model


class Passage(Model):
    """A piece of an exemplar that fits certain sections; `sections` maps outline id → section ids."""

    id: str
    heading: str
    """The heading path as printed, such as 二、主要任务（二）完善服务保障体系."""
    text: str
    sections: dict[str, tuple[str, ...]] = {}


class Exemplar(Model):
    """An approved plan with what must not leave it."""

    id: str
    city: str
    title: str
    source: str
    era: str
    """The plan period it was written in, such as 十二五."""
    nicknames: tuple[str, ...] = ()
    """Other names of the city: 蓉城, or one character such as 渝, which counts only where it names it (在渝, 渝企)."""
    lookalikes: tuple[str, ...] = ()
    """Words that hold a name or nickname of the city and mean something else: 隆重庆祝, 芙蓉, 哈密."""
    local_names: tuple[str, ...] = ()
    """Places, bodies, companies, projects and measures of that city, masked in prompts and refused in drafts."""
    masks: dict[str, str] = {}
    """The neutral mark that stands for a local name, or for another wording that prompts hide, such as ××工程."""
    cleaned: tuple[str, ...] = ()
    """What was normalised against the printed source."""
    passages: tuple[Passage, ...]

    @property
    def text(self) -> str:
        """The whole plan with its headings; a heading over several passages stands once."""
        above = ("", *(p.heading for p in self.passages))
        parts = (
            (p.heading if p.heading != last else "", p.text) for p, last in zip(self.passages, above, strict=False)
        )
        return "\n".join(part for pair in parts for part in pair if part)
