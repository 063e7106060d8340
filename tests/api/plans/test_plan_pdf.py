"""A plan as PDF over HTTP, with a small program in LibreOffice's place and without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.plans.plans import Office, problem

SOFFICE = r"""#!/bin/sh
for argument; do
  case "$previous" in --outdir) out=$argument;; esac
  previous=$argument
done
printf '%%PDF-1.6\n%%%%EOF\n' > "$out/plan.pdf"
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_libreoffice_it_is_not_implemented(office: Office, programs: Path) -> None:
    plan = office.drafted(["2.1"])
    found = problem(office.client.get(f"{plan}/document?format=pdf"), 501, "pdf-unavailable")
    assert "libreoffice-writer-nogui" in found["detail"]
    assert office.client.get(f"{plan}/document").status_code == 200


def test_with_it_the_pages_come(office: Office, programs: Path) -> None:
    (programs / "soffice").write_text(SOFFICE, encoding="utf-8")
    (programs / "soffice").chmod(0o755)
    answer = office.client.get(f"{office.drafted(['2.1'])}/document?format=pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert 'filename="plan.pdf"' in answer.headers["content-disposition"]


def test_one_that_fails_is_told(office: Office, programs: Path) -> None:
    (programs / "soffice").write_text("#!/bin/sh\nexit 81\n", encoding="utf-8")
    (programs / "soffice").chmod(0o755)
    plan = office.drafted(["2.1"])
    assert "退出码 81" in problem(office.client.get(f"{plan}/document?format=pdf"), 503, "pdf-failed")["detail"]
