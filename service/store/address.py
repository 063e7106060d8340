"""Where the database is: one setting, read once, turned into what each driver wants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.errors import SettingsError

FILE_NAME = "product.sqlite"
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_SQLITE = ("sqlite", "sqlite+aiosqlite")
_FORMS = "请写成 sqlite:////绝对路径/product.sqlite 或 postgresql://用户:密码@主机/库名"


@dataclass(frozen=True, slots=True)
class Address:
    """The URL without a driver."""

    url: URL

    @property
    def sqlite(self) -> bool:
        """Whether it is a file on this machine."""
        return self.url.drivername == "sqlite"

    @property
    def file(self) -> Path | None:
        """The SQLite file."""
        return Path(self.url.database or "") if self.sqlite else None

    @property
    def of_asyncio(self) -> URL:
        """For an AsyncEngine."""
        return self.url.set(drivername="sqlite+aiosqlite" if self.sqlite else "postgresql+psycopg")

    @property
    def of_threads(self) -> URL:
        """For an ordinary Engine."""
        return self.url.set(drivername="sqlite" if self.sqlite else "postgresql+psycopg")

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)


def address(url: str | None, folder: Path | None = None) -> Address:
    """Reads the setting; None is the file product.sqlite in `folder`."""
    if url is None:
        if folder is None:
            raise SettingsError("未设置数据库，也没有数据目录；请设置 FANGAN_DATABASE_URL")
        return Address(URL.create("sqlite", database=str(folder.absolute() / FILE_NAME)))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"FANGAN_DATABASE_URL 不是数据库地址；{_FORMS}") from error  # not quoted: a password
    if parsed.drivername in _POSTGRES:
        return Address(parsed.set(drivername="postgresql"))
    if parsed.drivername in _SQLITE and parsed.database not in (None, "", ":memory:"):
        return Address(parsed.set(drivername="sqlite", database=str(Path(parsed.database or "").absolute())))
    raise SettingsError(f"不支持这样的 FANGAN_DATABASE_URL（{parsed.drivername}）；{_FORMS}")
