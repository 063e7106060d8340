"""Every test of the store that takes `url` runs on SQLite and on Postgres."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'product.sqlite'}"
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """For what only SQLite does."""
    return f"sqlite:///{tmp_path / 'product.sqlite'}"
