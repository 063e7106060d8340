"""`fangan doctor`: whether the installation, the settings and the model endpoint are fit for work."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit, urlunsplit

from service.cli.console import put
from service.errors import FanganError, SettingsError
from service.facts.faults import near
from service.main import OFFLINE, build_endpoint, model_of
from service.prompt.exemplars import exemplar_ids, load_exemplar
from service.prompt.outlines import load_outline, outline_ids
from service.prompt.tokens import count_tokens
from service.settings import Settings, load_settings, names, unknown_names

PATIENCE = 60.0
"""Seconds that a model endpoint gets for a small answer, whatever a section may take."""
_PACKAGES = ("fangan", "pydantic", "fastapi", "uvicorn", "openai", "tiktoken", "python-docx", "typer", "rich")


def run_doctor() -> int:
    """Prints one line for each matter; returns 0, or 1 when one of them is not in order."""
    fine = [_told(*item) for item in _matters()]
    if hint := _hint():
        put(hint)
    put("一切正常" if all(fine) else "有问题需要处理，见上面标有 ✗ 的各项")
    return 0 if all(fine) else 1


def _matters() -> Iterator[tuple[str, Callable[[], str]]]:
    yield "版本", _versions
    yield "编制要点", _outlines
    yield "范例", _exemplars
    yield "词表", _vocabulary
    try:
        settings = load_settings()
    except SettingsError as error:
        yield "设置", partial(_refused, error)
    else:
        yield "设置", lambda: _settings(settings)
        yield "起草器", lambda: _writer(settings)


def _told(name: str, matter: Callable[[], str]) -> bool:
    try:
        put(f"✓ {name}：{matter()}")
    except FanganError as error:
        put(f"✗ {name}：{error.message}")
        return False
    return True


def _refused(error: SettingsError) -> str:
    raise error


def _hint() -> str | None:
    """Settings that nothing reads, with the names that were probably meant."""
    known = list(names().values())
    told = [
        f"{name}{f'（是否应为 {close[0]}？）' if (close := near(name, known, 1)) else ''}" for name in unknown_names()
    ]
    return f"提示：环境变量 {'、'.join(told)} 不是本程序的设置，不起作用" if told else None


def _versions() -> str:
    return "，".join((f"Python {platform.python_version()}", *(f"{p} {_version(p)}" for p in _PACKAGES)))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "（未安装）"


def _outlines() -> str:
    return "、".join(f"{o.id}（{len(list(o.sections))}节）" for o in map(load_outline, outline_ids()))


def _exemplars() -> str:
    return "、".join(f"{e.id}（{len(e.passages)}段）" for e in map(load_exemplar, exemplar_ids()))


def _vocabulary() -> str:
    """Counting anything reads the file and compares its hash."""
    return f"校验无误，“国家电子商务示范城市”计{count_tokens('国家电子商务示范城市')}个词元"


def _settings(settings: Settings) -> str:
    budget = f"{settings.token_budget}词元" if settings.token_budget else "不限"
    key = "已设置" if settings.openai_api_key else "未设置"
    return (
        f"OPENAI_BASE_URL {_address(settings.openai_base_url)}，OPENAI_API_KEY {key}，"
        f"FANGAN_MODEL {settings.model or '未设置'}，同时起草{settings.concurrency}节，"
        f"每节至多修改{settings.max_repairs}次，每份方案的预算{budget}，监听 {settings.host}:{settings.port}"
    )


def _address(url: str | None) -> str:
    """Without what may be secret: a user's name and password, a query."""
    if not url:
        return "未设置"
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _writer(settings: Settings) -> str:
    if model_of(settings) == OFFLINE:
        return "内置的离线起草器，不使用模型，不联网；设置 FANGAN_MODEL 后改用模型"
    return asyncio.run(_probed(settings))


async def _probed(settings: Settings) -> str:
    """What the endpoint can do, asked with a few small questions."""
    writer = build_endpoint(settings.model_copy(update={"deadline": min(settings.deadline, PATIENCE)}))
    try:
        found = await writer.diagnose()
    finally:
        await writer.aclose()
    named = "" if found.answered == found.asked else f"（接口自称 {found.answered}）"
    abilities = (
        f"输出方式：{found.way}",
        "支持流式输出" if found.streams else "不支持流式输出",
        "报告用量" if found.counts_tokens else "不报告用量，用量为估算",
        "缓存提示词" if found.caches else "没有用到提示词缓存",
        *(("先思考再作答",) if found.thinks else ()),
        *found.notes,
    )
    return f"{found.host} 的模型 {found.asked}{named} 可用，{found.seconds:.1f}秒内答复；{'；'.join(abilities)}"
