"""`fangan eval run` as a user runs it, and the inspect task over the same cases."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from evals.command import Choice, read_record, run_evals
from service.errors import InputError, NotConfiguredError
from tests.cli.running import PATIENCE, environment, fangan
from tests.doubles.faults import Answer, whole
from tests.doubles.threaded import threaded


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("FANGAN_MODEL", "FANGAN_PRICES", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_run_from_the_command_line(tmp_path: Path) -> None:
    done = fangan(tmp_path, "eval", "run", "--writer", "offline", "--case", "ningbo", "-o", "out", "--seed", "5")
    assert done.returncode == 0, done.stderr
    record = read_record(tmp_path / "out" / "run.json")
    assert [c.id for c in record.cases] == ["ningbo"]
    assert record.seed == 5
    assert record.settings["max_repairs"] == 2
    assert not any("key" in name or "url" in name for name in record.settings)
    assert "数字有据率" in done.stderr
    again = fangan(
        tmp_path, "eval", "run", "--writer", "offline", "--case", "ningbo", "-o", "again", "--against", "out"
    )
    assert again.returncode == 0, again.stderr
    assert record.id in (tmp_path / "again" / "report.html").read_text("utf-8")


def test_the_evals_are_a_command_that_the_service_only_finds(tmp_path: Path) -> None:
    done = fangan(tmp_path, "--help")
    assert "eval" in done.stdout
    for module, absent in (("service.cli", "evals"), ("evals.command", "inspect_ai"), ("evals.command", "matplotlib")):
        script = f"import sys, {module}; sys.exit(any(m.split('.')[0] == '{absent}' for m in sys.modules))"
        code = subprocess.run([sys.executable, "-c", script], env=environment(tmp_path), cwd=tmp_path, check=False)
        assert code.returncode == 0, f"{module} imports {absent}"
    wrong = fangan(tmp_path, "eval", "run", "--case", "haerbin")
    assert wrong.returncode == 2
    assert "没有评测用例 haerbin" in wrong.stderr
    assert "run" in fangan(tmp_path, "eval", "--help").stdout


def test_record_and_replay(tmp_path: Path) -> None:
    said = tmp_path / "said"
    assert run_evals(Choice(writer="offline", cases=("ningbo",), record=said), tmp_path / "one") == 0
    assert run_evals(Choice(cases=("ningbo",), replay=said), tmp_path / "two") == 0
    one, two = (read_record(tmp_path / name / "run.json") for name in ("one", "two"))
    assert one.scores == two.scores
    assert two.writer == "recorded"
    with pytest.raises(NotConfiguredError, match="sha256:"):
        run_evals(Choice(cases=("harbin",), replay=said), tmp_path / "three")
    assert not (tmp_path / "three").exists()


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(record=Path("a"), replay=Path("b")), "不能同时使用"),
        (Choice(against=Path("run.json")), "run.json"),
    ],
)
def test_choices_that_do_not_go_together(tmp_path: Path, choice: Choice, told: str) -> None:
    with pytest.raises(InputError, match=told):
        run_evals(choice, tmp_path / "out")


def test_a_log_that_cannot_be_written_is_told_before_anything_is_drafted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.command.find_spec", lambda name: None)
    with pytest.raises(InputError, match="没有安装 inspect-ai"):
        run_evals(Choice(writer="offline", cases=("ningbo",), inspect=True), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_needs_an_endpoint_or_a_folder_says_so(tmp_path: Path) -> None:
    for choice in (
        Choice(writer="qwen-max", cases=("ningbo",)),
        Choice(writer="offline", cases=("ningbo",), judge="qwen-max"),
        Choice(cases=("ningbo",), replay=tmp_path / "nothing"),
    ):
        with pytest.raises(NotConfiguredError):
            run_evals(choice, tmp_path / "out")


def verdict(body: Mapping[str, Any]) -> Answer:
    """The shorter text is better; whatever else is asked is a mistake."""
    (message,) = body["messages"]
    first, second = (message["content"].split(f"<{m}稿>")[1].split(f"</{m}稿>")[0] for m in "甲乙")
    said = {"reason": "短的一稿更好", "better": "甲" if len(first) < len(second) else "乙"}
    return whole(json.dumps(said, ensure_ascii=False))


def test_a_judging_model_is_asked_over_its_endpoint_and_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    with threaded(verdict) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
        monkeypatch.setenv("FANGAN_RUNG", "json_schema")
        asked = Choice(writer="offline", cases=("harbin",), judge="qwen-max", record=said)
        assert run_evals(asked, tmp_path / "one") == 0
        assert len(server.requests) == 2
    one = read_record(tmp_path / "one" / "run.json")
    (score,) = (s for s in one.scores if s.scorer == "judge")
    assert score.value in {0, 1}
    assert score.explanation == "正序：短的一稿更好；反序：短的一稿更好"
    assert one.settings["judge"] == "qwen-max"
    assert "sk-0123456789" not in (tmp_path / "one" / "run.json").read_text(encoding="utf-8")
    again = Choice(cases=("harbin",), judge="qwen-max", replay=said, against=tmp_path / "one" / "run.json")
    assert run_evals(again, tmp_path / "two") == 0
    two = read_record(tmp_path / "two" / "run.json")
    assert next(s for s in two.scores if s.scorer == "judge") == score
    assert {s.value for s in two.scores if s.scorer == "judge_run"} == {0.5}, "the same texts"


INSPECT = """
    import json
    import sys
    from inspect_ai import eval
    from inspect_ai.log import read_eval_log
    from inspect_ai.model import ModelOutput, ModelUsage, get_model
    from evals.command import Choice, run_evals
    from pathlib import Path
    from evals.tasks import plans

    run_evals(Choice(writer="offline", cases=("ningbo",), inspect=True), Path("out"))
    (place,) = Path("out/inspect").glob("*.eval")
    ours = read_eval_log(str(place))

    def answer(messages, tools, choice, config):
        assert config.response_schema.name == "draft"
        draft = {"paragraphs": [{"text": "宁波市电子商务交易额98765亿元。", "facts": [], "points": []}], "gaps": [],
                 "proposals": []}
        output = ModelOutput.from_content("mock-2", "好的：" + json.dumps(draft, ensure_ascii=False))
        output.usage = ModelUsage(input_tokens=20, output_tokens=3, total_tokens=123, input_tokens_cache_read=100)
        return output

    model = get_model("mockllm/model", custom_outputs=answer)
    (asked,) = eval(plans(writer="inspect", case="ningbo"), model=model, log_dir="asked", display="none")
    json.dump(
        {
            name: {
                "status": log.status,
                "scores": {s.name: s.metrics["mean"].value for s in log.results.scores},
                "unscored": [s.name for s in log.results.scores if s.unscored_samples],
                "text": log.samples[0].output.completion,
            }
            for name, log in (("ours", ours), ("asked", asked))
        },
        sys.stdout,
    )
"""


@pytest.mark.skipif(find_spec("inspect_ai") is None, reason="inspect-ai is in the dependency group evals")
def test_inspect_reads_our_logs_and_its_models_write(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INSPECT)],
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    logs = json.loads(done.stdout.decode().splitlines()[-1])
    record = read_record(tmp_path / "out" / "run.json")
    ours = logs["ours"]
    assert ours["status"] == logs["asked"]["status"] == "success"
    values = {s.scorer: s.value for s in record.scores if s.section is None and s.value is not None}
    assert {n: v for n, v in ours["scores"].items() if n not in ours["unscored"]} == pytest.approx(values)
    assert record.cases[0].sections[4].text in ours["text"]
    assert logs["asked"]["scores"]["grounding"] == 0
    assert logs["asked"]["scores"]["tokens"] % 123 == 0, "tokens from a cache are part of the prompt's"
    assert "98765亿元" in logs["asked"]["text"]
