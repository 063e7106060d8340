"""A sheet of the template while it is being written: where its columns are, and whose its rows are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from schemas.outline import Indicator
from service.facts.form import Form


@dataclass(slots=True)
class Page:
    """`columns`: number by field; `rows`: the rows to fill in and their indicators (None: for any)."""

    sheet: Worksheet
    form: Form
    columns: Mapping[str, int]
    rows: dict[int, Indicator | None] = field(default_factory=dict)

    def letter(self, name: str) -> str:
        """The column's letter."""
        return get_column_letter(self.columns[name])

    def cells(self, name: str, rows: Iterable[int]) -> list[str]:
        """The column's cells in these rows, neighbours as one range: F5:F7."""
        letter, runs = self.letter(name), list[list[int]]()
        for row in sorted(rows):
            if runs and runs[-1][1] == row - 1:
                runs[-1][1] = row
            else:
                runs.append([row, row])
        return [f"{letter}{a}:{letter}{b}" for a, b in runs]
