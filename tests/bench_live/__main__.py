"""`python -m tests.bench_live [--viewers 300] [--seconds 10] [--write] [--json FILE]`: what a livestream costs.

HLS viewers: low latency and ordinary, from the server alone and with Debian's nginx in front by the shipped site
(without its TLS, which costs the same whatever is served), beside nginx with files alone and nginx-rtmp.  The CPU time
of the server's process and of nginx's is read from /proc; viewers are a process by themselves.  Then a real stage: what
filming costs, how soon each tier sees something, and what direct viewers cost.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from signaling.egress.broadcasts import sizes
from tests.bench.cpu import cpu_ns
from tests.support.nginx import SITE
from tests.support.processes import Program

from . import report, rtmp, stage
from .report import LIMIT, Figures, Row
from .viewers import Counted, Viewer

WARM_UP_S = 3.0
NS_PER_S = 1_000_000_000
JOINS = 9
DIRECT_VIEWERS = 150
DIRECT_S = 20.0  # twice: of few hundredths of a core the tenths shall be right
SIZE_BPS = sizes(second=False)[0].bps


@contextmanager
def origin(folder: Path) -> Iterator[tuple[int, int, str]]:
    """(pid, port, path of the playlists' folder)."""
    with Program(
        [sys.executable, "-m", "tests.bench_live.origin", str(folder)], folder.parent / "origin.log"
    ) as server:
        log = folder.parent / "origin.log"
        server.wait_ready(lambda: bool(log.read_text().strip()))
        port, key, size = log.read_text().split()[:3]
        yield server.pid, int(port), f"/hls/{key}/{size}"


@contextmanager
def nginx(folder: Path, backend: int, hls: Path) -> Iterator[tuple[int, int]]:
    """(pid, port) of the shipped site without TLS, one worker."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if program is None:
        raise SystemExit("nginx is missing: apt-get install nginx-light")
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = SITE.read_text()
    for pattern, ours in (
        (r"(?s)server \{\s+listen 80;.*?\n\}\n", ""),
        (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port} backlog=4096;"),
        (r"listen \[::\][^;]*;", ""),
        (r"ssl_[a-z_]+ [^;]+;", ""),
        (r"server 127\.0\.0\.1:8080;", f"server 127.0.0.1:{backend};"),
        (r"root /var/cache/tongxin;", f"root {hls.parent};"),
    ):
        site = re.sub(pattern, ours, site)
    (folder / "site.conf").write_text(site)
    temporary = " ".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; worker_rlimit_nofile 20000; pid {folder / 'pid'}; error_log stderr;\n"
        "events { worker_connections 15000; }\n"
        f"http {{ access_log off; {temporary} include {folder / 'site.conf'}; }}\n"
    )
    with Program([program, "-e", "stderr", "-c", str(folder / "nginx.conf")], folder / "nginx.log") as proxy:

        def listens() -> bool:
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", port)) == 0

        proxy.wait_ready(listens)
        yield proxy.pid, port


async def watch(
    name: str, port: int, base: str, viewers: int, seconds: float, pids: tuple[int, int | None], *, low_latency: bool,
    playlist: str = "plain.m3u8",
) -> Row:  # fmt: skip
    counted = Counted()
    watching = []
    for number in range(viewers):
        viewer = Viewer(port, base, counted)
        watching.append(asyncio.create_task(viewer.low_latency() if low_latency else viewer.ordinary(playlist)))
        if number % 20 == 0:
            await asyncio.sleep(0.02)  # ordinary viewers are not all due at one moment
    await asyncio.sleep(WARM_UP_S)
    server, proxy = pids
    before = msgspec.structs.replace(counted)
    cpu_before = (cpu_ns(server), cpu_ns(proxy) if proxy else 0)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.sleep(seconds)
    took = loop.time() - begun
    cpu = (cpu_ns(server) - cpu_before[0], (cpu_ns(proxy) if proxy else 0) - cpu_before[1])
    alive = sum(not task.done() for task in watching)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    media = counted.media - before.media
    server_cpu, proxy_cpu = (one / NS_PER_S / took for one in cpu)
    return Row(
        name,
        alive,
        took,
        (counted.requests - before.requests) / took,
        (counted.media_bytes - before.media_bytes) * 8 / 1e6 / took,
        counted.refused - before.refused,
        (counted.late_ms - before.late_ms) / media if media else 0.0,
        server_cpu,
        proxy_cpu,
        int(alive / (server_cpu + proxy_cpu)) if server_cpu + proxy_cpu else 0,
    )


async def relayed(folder: Path, viewers: int, seconds: float) -> list[Row]:
    """HLS, by ourselves and beside others."""
    rows = []
    hls = folder / "hls"
    hls.mkdir()
    with origin(hls) as (server, port, base), nginx(folder / "nginx", port, hls) as (proxy, front):
        for low_latency in (True, False):
            kind = "low latency" if low_latency else "ordinary"
            count = viewers if low_latency else viewers * 3
            alone = await watch(
                f"{kind}, server alone", port, base, count, seconds, (server, None), low_latency=low_latency
            )
            behind = await watch(
                f"{kind}, behind nginx", front, base, count, seconds, (server, proxy), low_latency=low_latency
            )
            rows += [alone, behind]
        with rtmp.files(folder / "files", folder) as (files, files_port):
            rows.append(await watch(LIMIT, files_port, base, viewers * 3, seconds, (files, None), low_latency=False))
    if why := rtmp.missing():
        print(f"not beside nginx-rtmp: {why}", file=sys.stderr)
        return rows
    with rtmp.origin(folder / "rtmp", SIZE_BPS) as (peer, peer_port, peer_base):
        rows.append(
            await watch(
                "ordinary, nginx-rtmp",
                peer_port,
                peer_base,
                viewers * 3,
                seconds,
                (peer, None),
                low_latency=False,
                playlist=f"{rtmp.NAME}.m3u8",
            )
        )
    return rows


async def run(viewers: int, seconds: float) -> Figures:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        return Figures(
            await relayed(folder, viewers, seconds),
            await stage.films(folder / "films", seconds),
            await stage.first_pictures(folder / "first", JOINS),
            await stage.direct(folder / "direct", DIRECT_VIEWERS, max(seconds, DIRECT_S)),
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=300, help="of low latency; three times as many ordinary ones")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", action="store_true", help="the report to docs/performance-live.md")
    options = parser.parse_args()
    figures = asyncio.run(run(options.viewers, options.seconds))
    text = report.render(figures)
    print(text)
    if options.write:
        report.TARGET.write_text(text)
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    return 1 if any(row.refused or row.viewers == 0 for row in figures.relayed) else 0


if __name__ == "__main__":
    sys.exit(main())
