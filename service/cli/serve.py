"""`fangan serve`: the HTTP service, for this machine alone until there are API keys."""

from __future__ import annotations

import gc
import ipaddress
import socket
import sys
from importlib.util import find_spec

import uvicorn

from service.cli.console import say
from service.cli.keys import has_keys
from service.errors import SettingsError
from service.logs import configure
from service.main import OFFLINE, create_app, model_of
from service.settings import Settings, load_settings, telemetry_wanted

_COLLECTED = 20_000
"""New objects after which the collector looks for rings among them: a checked text makes thousands, none in rings."""
_TURN = 0.0005
"""Seconds after which a thread that computes lets another one go on: the plans are checked in one thread while another
answers requests, and each of its many short waits would take ten times as long."""
GRACE = 10
"""Seconds that running requests get to finish when the service is stopped."""


def run_server(host: str | None, port: int | None) -> None:
    """Serves until it is stopped. SettingsError for an address that may not be served, or a port that is taken."""
    settings = load_settings()
    address = settings.host if host is None else host
    number = settings.port if port is None else port
    family = _family(address, settings)
    app = create_app(settings, telemetry=_telemetry())
    with _bound(family, address, number) as listener:
        shown = f"[{address.strip('[]')}]" if family is socket.AF_INET6 else address
        model = model_of(settings)
        say(f"服务地址：http://{shown}:{listener.getsockname()[1]}，接口说明见 /docs，按 Ctrl+C 停止")
        say("起草器：内置的离线起草器，不使用模型" if model == OFFLINE else f"起草器：模型 {model}")
        configure()
        sys.setswitchinterval(_TURN)
        gc.collect()
        gc.freeze()  # what was imported stays; looking through it again and again would find nothing
        gc.set_threshold(_COLLECTED)
        # The guard logs what was answered; the server's own lines would hold what was searched for.
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE
        )
        uvicorn.Server(config).run(sockets=[listener])


def _telemetry() -> bool:
    """Whether spans and measures are sent: asked for, and what sends them is installed."""
    if not telemetry_wanted():
        return False
    try:
        found = find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        found = False
    if not found:
        say("提示：设置了 OTEL_ 变量，但未安装 OpenTelemetry，不会发送；请安装 fangan[otel]")
    return found


def _family(address: str, settings: Settings) -> socket.AddressFamily:
    """The family of an address. SettingsError for none, and for another than this machine's while there is no key."""
    try:
        ip = ipaddress.ip_address("127.0.0.1" if address == "localhost" else address.strip("[]"))
    except ValueError as error:
        raise SettingsError(f"不能监听“{address}”：应为 IP 地址或 localhost，如 127.0.0.1、0.0.0.0、::1") from error
    if not ip.is_loopback and not has_keys(settings):
        raise SettingsError(
            f"不能监听“{address}”：还没有密钥，只允许本机访问；请用 127.0.0.1、::1 或 localhost，"
            "对外提供服务前先用 fangan keys add 新增密钥，或设置 FANGAN_API_KEYS"
        )
    return socket.AF_INET6 if ip.version == 6 else socket.AF_INET


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.strip("[]"), port))
    except OSError as error:
        listener.close()
        raise SettingsError(f"无法监听 {address} 的端口 {port}，可能已被占用，请用 --port 换一个端口") from error
    return listener
