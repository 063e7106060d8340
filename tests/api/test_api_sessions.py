"""What a session's cookie is worth: its key's hash and the service's secret, and nothing once either is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.api import sessions
from service.api.sessions import Sessions
from service.text.hashing import key_hash

HASH, OTHER = key_hash("k-office"), key_hash("k-other")


def test_a_session_outlives_a_restart_and_ends_with_its_key(tmp_path: Path) -> None:
    cookie = Sessions(tmp_path).begin("office", HASH)
    again = Sessions(tmp_path)
    assert again.holder(cookie, [("other", OTHER), ("office", HASH)]) == "office"
    assert again.holder(cookie, [("other", OTHER)]) is None
    assert again.holder(cookie, [("office", OTHER)]) is None


def test_another_service_does_not_know_it(tmp_path: Path) -> None:
    """Hashes alone make no session: they may be read where the database is."""
    cookie = Sessions(tmp_path / "one").begin("office", HASH)
    assert Sessions(tmp_path / "two").holder(cookie, [("office", HASH)]) is None
    assert Sessions(None).holder(cookie, [("office", HASH)]) is None


def test_a_changed_cookie_is_none(tmp_path: Path) -> None:
    known = Sessions(tmp_path)
    cookie = known.begin("office", HASH)
    name, end, rest = cookie.split(".", 2)
    for wrong in (
        "", ".", "...", "office", f"other.{end}.{rest}", f"{name}.{int(end) + 1}.{rest}", f"{name}.².{rest}",
        f"{name}.{'9' * 40}.{rest}", cookie[:-1], cookie + "0", cookie.upper(), "港." * 9,
    ):  # fmt: skip
        assert known.holder(wrong, [("office", HASH), ("other", HASH)]) is None


def test_a_session_ends_with_the_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Sessions(tmp_path)
    monkeypatch.setattr(sessions, "LIFE", -1)
    assert known.holder(known.begin("office", HASH), [("office", HASH)]) is None


def test_the_secret_is_the_owners_alone_and_a_folder_is_no_condition(tmp_path: Path) -> None:
    Sessions(tmp_path / "new").begin("office", HASH)
    assert (tmp_path / "new" / "session.secret").stat().st_mode & 0o777 == 0o600
    (tmp_path / "file").write_text("no folder")
    lost = Sessions(tmp_path / "file")
    assert lost.holder(lost.begin("office", HASH), [("office", HASH)]) == "office"


def test_a_forms_token_belongs_to_its_session(tmp_path: Path) -> None:
    known = Sessions(tmp_path)
    assert known.token("a") == Sessions(tmp_path).token("a")
    assert known.token("a") != known.token("b")
