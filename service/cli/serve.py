"""`fangan serve`: the HTTP service on this machine."""

from __future__ import annotations

import ipaddress
import socket

import uvicorn

from service.cli.console import say
from service.errors import SettingsError
from service.main import OFFLINE, create_app, model_of
from service.settings import load_settings

GRACE = 10
"""Seconds that running requests get to finish when the service is stopped."""


def run_server(host: str | None, port: int | None) -> None:
    """Serves until it is stopped. SettingsError for an address that is not this machine's or a port that is taken."""
    settings = load_settings()
    address = settings.host if host is None else host
    number = settings.port if port is None else port
    family = _loopback(address)
    app = create_app(settings)
    with _bound(family, address, number) as listener:
        shown = f"[{address}]" if family is socket.AF_INET6 else address
        model = model_of(settings)
        say(f"服务地址：http://{shown}:{listener.getsockname()[1]}，接口说明见 /docs，按 Ctrl+C 停止")
        say("起草器：内置的离线起草器，不使用模型" if model == OFFLINE else f"起草器：模型 {model}")
        config = uvicorn.Config(app, log_level="info", timeout_graceful_shutdown=GRACE)
        uvicorn.Server(config).run(sockets=[listener])


def _loopback(address: str) -> socket.AddressFamily:
    """The family of an address of this machine. SettingsError for any other."""
    try:
        ip = ipaddress.ip_address("127.0.0.1" if address == "localhost" else address.strip("[]"))
    except ValueError:
        ip = None
    if ip is None or not ip.is_loopback:
        raise SettingsError(
            f"不能监听“{address}”：接口尚不支持密钥，只允许本机访问；请用 127.0.0.1、::1 或 localhost，对外提供服务时由反向代理转发并鉴权"
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
