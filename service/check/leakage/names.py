"""Names: an exemplar's city, nicknames and local names in a text, also with the subject's name put in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from schemas.exemplar import Exemplar
from schemas.facts import Subject
from service.check.leakage.fold import fold

_BEFORE = "在来驻赴入抵离返留到去"
"""Verbs that take a city: 在渝, 来渝, 驻蓉."""
_AFTER = "企商籍"
"""What follows a city's one-character name: 渝企, 蓉商."""
_GENERIC = ("我市", "全市", "本市")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Names:
    """What to look for in folded texts: words, the same with the city swapped, lookalikes; all folded."""

    words: tuple[str, ...]
    swaps: tuple[str, ...]
    nicknames: tuple[re.Pattern[str], ...]
    lookalikes: tuple[str, ...]
    own: str

    @classmethod
    def of(cls, exemplar: Exemplar, subject: Subject, own: str) -> Names:
        """The exemplar's names that `own` (the outline's and the facts' wording, folded) does not have."""
        words = _words(exemplar.city, exemplar.nicknames, exemplar.local_names)
        swaps = _swaps(exemplar.city, exemplar.local_names, (*subject.names, *_GENERIC))
        return cls(
            words=tuple(w for w in words if w not in own),
            swaps=tuple(w for w in swaps if w not in own),
            nicknames=tuple(_nickname(n) for n in exemplar.nicknames if len(n) == 1),
            lookalikes=exemplar.lookalikes,
            own=own,
        )

    def swapped(self, folded: str) -> Iterator[Span]:
        """Spans of local names with the subject in the city's place: 宽带绵阳 for 宽带重庆."""
        return (span for word in self.swaps for span in _places(folded, word))

    def named(self, folded: str) -> Iterator[Span]:
        """Spans of the city's names and of its local names."""
        found = [span for word in self.words for span in _places(folded, word)]
        found += [m.span() for pattern in self.nicknames for m in pattern.finditer(folded) if m[0] not in self.own]
        if found:
            alike = [span for word in self.lookalikes for span in _places(folded, word)]
            yield from (f for f in found if not any(start < f[1] and f[0] < end for start, end in alike))


@lru_cache(maxsize=64)
def _words(city: str, nicknames: tuple[str, ...], local_names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, (city, city.removesuffix("市"), *(n for n in nicknames if len(n) > 1), *local_names)))


@lru_cache(maxsize=64)
def _swaps(city: str, local_names: tuple[str, ...], mine: tuple[str, ...]) -> tuple[str, ...]:
    short = city.removesuffix("市")
    slots = [(name, city if city in name else short) for name in local_names if short in name]
    return tuple(fold(name.replace(slot, own)) for name, slot in slots for own in mine)


@lru_cache(maxsize=64)
def _nickname(character: str) -> re.Pattern[str]:
    return re.compile(f"[{_BEFORE}]{character}|{character}[{_AFTER}]")


def _places(text: str, word: str) -> Iterator[Span]:
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + 1)
