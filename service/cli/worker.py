"""`fangan worker`: drafts durable plans without the API, beside others on one Postgres database, until it is stopped."""

from __future__ import annotations

import asyncio
import signal

from service.cli.console import say
from service.errors import SettingsError
from service.logs import configure
from service.main import OFFLINE, build_worker, model_of
from service.settings import Settings, load_settings
from service.store.address import address


def run_worker() -> None:
    """Until SIGTERM or SIGINT: then nothing more is begun, and the replies of calls under way are kept.

    SettingsError on SQLite, where one process does all.
    """
    settings = load_settings()
    if address(settings.database_url, settings.data_dir).sqlite:
        raise SettingsError(
            "worker 用于多台机器共用一个 Postgres 数据库，请设置 FANGAN_DATABASE_URL；"
            "使用 SQLite 时，fangan serve 已兼任起草，不需要 worker"
        )
    configure()
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    worker = build_worker(settings)
    await worker.start()
    try:
        model = model_of(settings)
        who = "内置的离线起草器，不使用模型" if model == OFFLINE else f"模型 {model}"
        say(f"起草进程“{settings.executor}”已启动（{who}），按 Ctrl+C 停止")
        await stopped.wait()
        say("正在停止：等待已发出的模型调用返回并保存")
    finally:
        await worker.stop()
