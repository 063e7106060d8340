"""The spreadsheets on the command line: template, parse, draft's data request, merge."""

import io
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import openpyxl

from service.facts.form import REQUEST, REQUEST_LABELS
from tests.cli.conftest import Run

NINGBO = Path(str(files("evals") / "datasets" / "ningbo.json"))


def edited(path: Path, change: Callable[[openpyxl.Workbook], None]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    change(book)
    book.save(path)


def test_a_template_filled_with_facts_parses_to_the_same_facts(run: Run, tmp_path: Path) -> None:
    made = run("facts", "template", "city-2017", "-o", "填报/事实表.xlsx", "--facts", NINGBO)
    assert made.code == 0, made.err
    parsed = run("facts", "parse", tmp_path / "填报" / "事实表.xlsx")
    assert (parsed.code, parsed.out) == (0, run("facts", "parse", NINGBO).out)
    assert {p.name for p in (tmp_path / "填报").iterdir()} == {"事实表.xlsx"}


def test_faults_are_told_by_cell(run: Run, tmp_path: Path) -> None:
    run("facts", "template", "city-2017", "-o", "f.xlsx", "--facts", NINGBO)
    edited(tmp_path / "f.xlsx", lambda book: book["其他"].__setitem__("C4", "很多"))
    told = run("facts", "parse", "f.xlsx")
    assert told.code == 2
    assert "其他!C4：“很多”不是数字" in told.err


def test_a_template_of_another_outline_is_refused(run: Run) -> None:
    told = run("facts", "template", "base", "-o", "f.xlsx", "--facts", NINGBO)
    assert (told.code, "city-2017" in told.err) == (2, True)


def test_a_folder_is_no_file_to_write(run: Run, tmp_path: Path) -> None:
    assert run("facts", "template", "base", "-o", tmp_path).code == 2


def test_the_data_request_of_a_draft_is_filled_in_and_merged(run: Run, tmp_path: Path) -> None:
    assert run("draft", NINGBO, "-o", "out", "--model", "offline").code in {0, 1}
    request = tmp_path / "out" / "gaps.xlsx"
    assert run("facts", "merge", NINGBO, request, "-o", "new.json").code == 2  # nothing has been filled in
    columns = {field: column for column, field in enumerate(REQUEST_LABELS, 1)}

    def answer(book: openpyxl.Workbook) -> None:
        sheet = book[REQUEST]
        row = next(r for r in range(4, sheet.max_row + 1) if sheet.cell(r, columns["indicator"]).value == "location")
        sheet.cell(row, columns["text"]).value = "位于东海之滨，长江三角洲南翼"

    edited(request, answer)
    merged = run("facts", "merge", NINGBO, request, "-o", "new.json")
    assert merged.code == 0, merged.err
    assert "并入1条事实" in merged.err
    facts = json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))["facts"]
    assert (facts[-1]["indicator"], facts[-1]["text"]) == ("location", "位于东海之滨，长江三角洲南翼")
    assert run("facts", "parse", "new.json").code == 0


def test_facts_to_gaps_to_facts_without_a_draft(run: Run, tmp_path: Path) -> None:
    asked = run("facts", "gaps", NINGBO, "-o", "gaps.xlsx")
    assert asked.code == 0, asked.err
    lacking = int(re.findall(r"待补充的数据：(\d+)项", asked.err)[0])
    columns = {field: column for column, field in enumerate(REQUEST_LABELS, 1)}

    def answer(book: openpyxl.Workbook) -> None:
        sheet = book[REQUEST]
        for row in range(4, sheet.max_row + 1):
            part = sheet.cell(row, columns["part"]).value
            if part is not None:
                told = f"已有{sheet.cell(row, columns['asked']).value}的安排" if part == "text" else 12.5
                sheet.cell(row, columns[str(part)]).value = told

    edited(tmp_path / "gaps.xlsx", answer)
    merged = run("facts", "merge", NINGBO, "gaps.xlsx", "-o", "new.json")
    assert merged.code == 0, merged.err
    assert lacking > 0
    assert "待补充的数据：0项" in run("facts", "gaps", "new.json", "-o", "none.xlsx").err
