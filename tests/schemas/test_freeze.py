"""The frozen JSON Schemas are those of the models, and a real sheet and draft satisfy them."""

import json
from pathlib import Path

from schemas.facts import FactSheet
from schemas.freeze import FOLDER, PUBLIC, differences, freeze, rendered


def test_the_models_still_have_the_frozen_schemas() -> None:
    diff = differences()
    assert diff == "", f"schemas changed; if that is meant, run `python -m schemas.freeze`:\n{diff}"


def test_a_changed_model_shows_as_a_readable_diff(tmp_path: Path) -> None:
    freeze(tmp_path)
    path = tmp_path / "Finding.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"excerpt"', '"quotation"'), encoding="utf-8")
    (tmp_path / "Gone.json").write_text("{}\n", encoding="utf-8")
    diff = differences(tmp_path)
    assert '-        "quotation"' in diff or '-    "quotation"' in diff
    assert "--- frozen/Gone.json" in diff
    freeze(tmp_path)
    assert differences(tmp_path) == ""


def test_every_public_model_is_written_with_its_chinese_readable() -> None:
    assert set(rendered()) == {f"{m.__name__}.json" for m in PUBLIC} == {p.name for p in FOLDER.glob("*.json")}
    assert all("\\u" not in text for text in rendered().values())
    assert "【待补充" in rendered()["Draft.json"] or "【建议值" in rendered()["Draft.json"]


def test_no_public_model_takes_unknown_fields() -> None:
    for name, text in rendered().items():
        assert json.loads(text)["additionalProperties"] is False, name


def test_numbers_are_numbers_on_the_wire() -> None:
    sheet = FactSheet.model_validate(
        {"outline": "city-2017", "subject": {"name": "望海市"}, "plan_year": 2017,
         "facts": [{"id": "gdp", "name": "地区生产总值", "value": 1105.04, "unit": "亿元", "growth": 7.0},
                   {"id": "bases", "name": "电子商务示范基地", "value": [2, 3], "unit": "个"}]}
    )  # fmt: skip
    facts = json.loads(sheet.model_dump_json())["facts"]
    assert facts[0]["value"] == 1105.04
    assert facts[0]["growth"] == 7
    assert facts[1]["value"] == [2, 3]
    assert FactSheet.model_validate_json(sheet.model_dump_json()) == sheet
