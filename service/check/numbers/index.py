"""The index of a ledger: its figures by group and size, its names as sets of character pairs; built once per sheet."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, reduce
from operator import or_
from weakref import WeakKeyDictionary

from schemas.facts import Kind
from service.check.numbers.entries import Entry, entries, ones, place_of
from service.check.numbers.words import measure, name_parts, pairs
from service.facts.ledger import Ledger

_TAIL = 3
_GENERIC = "电子商务"
"""Goes without saying in these plans, so it tells no name from another."""
_WHOSE = re.compile("全省|全国|全区|自治区")
"""Says whose a figure is; with the pair that it forms with the next word it is no part of what the figure is of."""
_BASES = ("基地", "园区", "产业园")
_OWN = re.compile("^(?:基地|园区)年?")
_ROOM = (0.84, 1.18)
"""How far a fact may lie from a mention for any approximator to hold: a first sieve before the exact test."""


@dataclass(frozen=True, slots=True)
class Named:
    """An entry with its name as sets (bits) of character pairs; `other` are the names its indicator also goes by."""

    entry: Entry
    mask: int
    head: int
    """The last pairs: the noun that the number belongs to."""
    size: int
    core: int
    """Without 全省 and other words that only say whose it is."""
    other: tuple[int, ...]
    indicator: str | None
    core_size: int
    telling: tuple[int, ...]
    """Its names without what goes without saying."""
    words: int
    """All pairs of all its names."""
    label: int = 0
    """For a figure of a fact's words: what just that figure is called there."""
    made_of: tuple[Named, ...] = ()
    """For a figure that the text computed before: the facts it was computed from."""


class LedgerIndex:
    """Look-ups over one sheet. Bits number the character pairs of all names; pairs that no name has are unknown."""

    def __init__(self, ledger: Ledger) -> None:
        self._bits: dict[str, int] = {}
        self._indicators = _catalogue(ledger)
        self.own = ledger.subject
        self.plan_year = ledger.sheet.plan_year
        self.newest = max((f.year for f in ledger.facts if f.kind is Kind.ACTUAL and f.year), default=0)
        """The last year that the sheet says what there is of."""
        self.catalogue: list[tuple[str, int]] = []
        self._catalogued: dict[int, list[tuple[str, int]]] = {}
        self.named: list[Named] = []
        self.projects: list[tuple[Named, Named, int]] | None = None
        """Projects with their whole and what is done, found at the first use (projects.py)."""
        self.ones: tuple[Named, ...] = ()
        self._learn(_GENERIC)
        self.generic = self.mask(_GENERIC)
        self._named_of(ledger)
        self._by_group: dict[str, list[Named]] = {}
        for named in self.named:
            self._by_group.setdefault(named.entry.group, []).append(named)
        for group in self._by_group.values():
            group.sort(key=lambda n: n.entry.size)
        self._worded: dict[str, list[Named]] = {}
        for named in self.named:
            if named.label:
                self._worded.setdefault(named.entry.group, []).append(named)
        self._by_digits: dict[Decimal, list[Named]] = {}
        for named in self.named:
            value = named.entry.fact.value
            if named.entry.facet == "value" and isinstance(value, Decimal):
                self._by_digits.setdefault(value, []).append(named)
        self.measured = Counter(measure(n.entry.fact.unit or "") for n in self.named if n.entry.facet == "value")
        self.elsewhere = [
            (n, place)
            for n in self.named
            if n.entry.benchmark and (place := place_of(n.entry.fact)) and place not in self.own.names
        ]
        self._sizes = {g: [float(n.entry.size) for n in group] for g, group in self._by_group.items()}

    def _named_of(self, ledger: Ledger) -> None:
        for spelling in self._indicators:
            self._learn(spelling)
        read = list(entries(ledger.facts, ledger.subject))
        for entry in read:
            self._learn(entry.words)
        for spelling, indicator in self._indicators.items():
            mask = self.mask(spelling)
            if mask.bit_count() >= 4:
                self._catalogued.setdefault(self._head(spelling), []).append((indicator, mask))
            if mask.bit_count() >= 3:
                self.catalogue.append((indicator, mask))
        spellings: dict[str, list[int]] = {}
        for indicator, mask in self.catalogue:
            spellings.setdefault(indicator, []).append(mask)
        for entry in read:
            self.named.append(self._name(entry, spellings))
        self.ones = tuple(self._name(entry, spellings) for entry in ones(ledger.facts, ledger.subject))

    def _name(self, entry: Entry, spellings: Mapping[str, list[int]]) -> Named:
        mask = self.mask(entry.words)
        indicator = entry.fact.indicator or self._indicators.get("".join(name_parts(entry.fact.name)))
        other = tuple(spellings.get(indicator or "", ()))
        plain = self._without_own(entry.words)
        core = self.mask(_WHOSE.sub("|", plain))
        return Named(
            entry=entry,
            mask=mask,
            head=self._head(entry.words),
            size=max(1, mask.bit_count()),
            core=core,
            core_size=core.bit_count(),
            telling=tuple(
                dict.fromkeys(
                    self._telling(m) for m in (mask, *((self.mask(plain),) if plain != entry.words else ()), *other)
                )
            ),
            other=other,
            indicator=indicator,
            words=reduce(or_, other, mask),
            label=self.mask(entry.label),
        )

    def _without_own(self, words: str) -> str:
        """营业收入 of 基地年营业收入, where the plan is that of a 基地."""
        return _OWN.sub("", words) if self.own.name.endswith(_BASES) else words

    def _telling(self, mask: int) -> int:
        telling = mask & ~self.generic
        return telling if telling.bit_count() >= 2 else mask

    def _learn(self, words: str) -> None:
        for pair in pairs(words):
            self._bits.setdefault(pair, 1 << len(self._bits))

    def _head(self, words: str) -> int:
        last = pairs(words)[-2:]
        return self._bits.get(last[-1], 0) if last else 0

    def tail(self, words: str) -> int:
        """The last pairs of a label: the noun that stands right before the number."""
        found = 0
        for pair in pairs(words)[-_TAIL:]:
            found |= self._bits.get(pair, 0)
        return found

    def ending(self, label: str) -> Iterator[tuple[str, int]]:
        """Indicators of the outline whose name may end the label, with their pairs."""
        for pair in pairs(label)[-_TAIL:]:
            yield from self._catalogued.get(self._bits.get(pair, 0), ())

    def mask(self, words: str) -> int:
        """The known pairs of a text, as bits."""
        bits = self._bits
        found = 0
        for pair in pairs(words):
            found |= bits.get(pair, 0)
        return found

    def group(self, name: str) -> Sequence[Named]:
        """All entries of a group, by size."""
        if name == "number":
            return [n for n in self.named if n.entry.group != "percent"]
        return self._by_group.get(name, ())

    def showing(self, digits: Decimal) -> Sequence[Named]:
        """Values written with these digits, whatever their unit."""
        return self._by_digits.get(digits, ())

    def worded(self, group: str) -> Sequence[Named]:
        """Figures of the group that stand in a fact's words, with a label of their own."""
        return self._worded.get(group, ())

    def near(self, group: str, low: float) -> Iterator[Named]:
        """Entries of the group whose size is near enough for any approximator."""
        if group == "number":
            yield from (n for n in self.named if n.entry.group != "percent" and _near(float(n.entry.size), low))
            return
        sizes = self._sizes.get(group)
        if sizes is None:
            return
        first = bisect_left(sizes, low * _ROOM[0] - 1e-9)
        last = bisect_right(sizes, low * _ROOM[1] + 1e-9)
        yield from self._by_group[group][first:last]


def _near(size: float, low: float) -> bool:
    return low * _ROOM[0] <= size <= low * _ROOM[1]


def _catalogue(ledger: Ledger) -> dict[str, str]:
    """Spelling (synonyms made one) to indicator, for quantities that the outline names; targets share their names."""
    spellings: dict[str, str] = {}
    for indicator in ledger.outline.indicators:
        if indicator.dimension == "text" or indicator.kind is not Kind.ACTUAL:
            continue
        for name in (indicator.name, *indicator.synonyms):
            spelling = "".join(name_parts(name))
            if len(spelling) >= 3:
                spellings.setdefault(spelling, indicator.id)
    return spellings


_INDICES: WeakKeyDictionary[Ledger, LedgerIndex] = WeakKeyDictionary()


def index_of(ledger: Ledger) -> LedgerIndex:
    """The index of this ledger, built at its first use and kept as long as the ledger lives."""
    found = _INDICES.get(ledger)
    if found is None:
        found = _INDICES[ledger] = LedgerIndex(ledger)
    return found


@lru_cache(maxsize=4096)
def unknown_pairs(words: str) -> int:
    """How many pairs a label has, known or not."""
    return len(pairs(words))
