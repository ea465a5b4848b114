"""Runs the application on its listening socket until a signal asks it to stop."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import ssl
from collections.abc import Callable

import structlog
from aiohttp import web
from msgspec import Struct

from collab.addresses import bindable, machine_addresses
from collab.app import LINKS, MEDIA, MEDIA_PORTS, QUIET, TCP_PLAN, build_app
from collab.certificates import self_signed_certificate
from collab.config import Settings
from collab.heap import stays
from collab.keys import check_secret_file, prepare_data_folder
from collab.meetings.first_start import FirstLinks
from collab.problems import StartFailure
from rooms.tasks import TaskOwner

from .door import Door
from .idle import allow_many_sockets

KEEP_ALIVE_S = 75.0

log = structlog.get_logger("serve")


class Listening(Struct, frozen=True):
    """What is told once the server can be reached."""

    base_url: str
    http_port: int
    media_port: int
    links: FirstLinks
    lan_urls: tuple[str, ...]  # for others on the local network; only with HTTPS, for without it they get no camera


async def serve(settings: Settings, *, self_signed: bool, tell: Callable[[Listening], None]) -> None:
    """Until SIGTERM or SIGINT.  Raises StartFailure."""
    allow_many_sockets()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tls = await asyncio.to_thread(_tls, settings, self_signed)
    async with build_app(settings) as app:
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=float(max(settings.drain_s, 1)),
            keepalive_timeout=KEEP_ALIVE_S,
        )
        await runner.setup()
        tasks = TaskOwner()
        server = runner.server
        if server is None:
            raise AssertionError("the runner was set up")
        door = Door(server, tls, app[MEDIA].adopt_tcp if app[TCP_PLAN].shared else None)
        try:
            tasks.start(app[QUIET].run(server), "quiet connections")
            port = _open(door, settings)
            lan_urls = await asyncio.to_thread(_lan_urls, settings, port, tls)
            stays()
            tell(Listening(_base_url(settings, port, tls), port, app[MEDIA_PORTS][0], app[LINKS], lan_urls))
            await stop.wait()
            log.info("stopping")
        finally:
            await door.close()
            await tasks.close()
            await runner.cleanup()
    log.info("stopped")


def _open(door: Door, settings: Settings) -> int:
    try:
        return door.open(bindable(settings.http_host), settings.http_port)
    except OSError as error:
        raise StartFailure(
            f"TCP port {settings.http_port} cannot be opened on {settings.http_host} ({error.strerror or error}): "
            "stop the program that has it, or set TONGXIN_HTTP_PORT."
        ) from error


def _tls(settings: Settings, self_signed: bool) -> ssl.SSLContext | None:
    certificate, key = settings.tls_certificate, settings.tls_key
    if self_signed:
        prepare_data_folder(settings.data_dir)
        certificate, key = self_signed_certificate(settings.data_dir)
    if certificate is None or key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        check_secret_file(key)
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise StartFailure(
            f"TONGXIN_TLS_CERTIFICATE and TONGXIN_TLS_KEY cannot be used ({error}): give a PEM chain and its key."
        ) from error
    return context


def _lan_urls(settings: Settings, port: int, tls: ssl.SSLContext | None) -> tuple[str, ...]:
    host = ipaddress.ip_address(settings.http_host)
    if settings.public_url or tls is None or not host.is_unspecified:
        return ()
    addresses = (one for one in machine_addresses() if one.version == 4 or host.version == 6)
    return tuple(f"https://{f'[{one}]' if one.version == 6 else one}:{port}" for one in addresses)


def _base_url(settings: Settings, port: int, tls: ssl.SSLContext | None) -> str:
    """Under which the one who started the server can open it; a wildcard address is opened as localhost."""
    if settings.public_url:
        return settings.public_url
    host = settings.http_host
    if host in ("0.0.0.0", "::"):  # noqa: S104 -- compared, not bound
        host = "localhost"
    elif ":" in host:
        host = f"[{host}]"
    scheme, usual = ("https", 443) if tls else ("http", 80)
    return f"{scheme}://{host}" + ("" if port == usual else f":{port}")
