"""Debian's nginx with its RTMP module: the same stream comes in by RTMP, is cut into HLS by nginx, and served by it.

It has no low latency and no second size; it is compared by ordinary HLS only.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.support.processes import Program

from .clips import write_file

MODULE: Final = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
NAME: Final = "bench"
PATIENCE_S: Final = 30.0


def missing() -> str:
    """What is not installed; "" when it can run."""
    if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None or not MODULE.exists():
        return "apt-get install nginx-light libnginx-mod-rtmp"
    return "" if shutil.which("ffmpeg") else "apt-get install ffmpeg"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def http_server(folder: Path, port: int, root: Path) -> str:
    """An `http` block that sends the files of `root`."""
    folders = " ".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"http {{ access_log off; {folders} sendfile on; keepalive_requests 100000; keepalive_timeout 75s;\n"
        f"server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }} }}\n"
    )


def _start(folder: Path, text: str) -> Program:
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; worker_rlimit_nofile 20000; pid {folder / 'pid'}; error_log stderr;\n{text}"
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    return Program([program, "-e", "stderr", "-c", str(folder / "nginx.conf")], folder / "nginx.log")


@contextmanager
def files(folder: Path, root: Path) -> Iterator[tuple[int, int]]:
    """(pid, port) of an nginx that sends files and nothing else: what serving costs at least."""
    folder.mkdir()
    port = free_port()
    with _start(folder, "events { worker_connections 15000; }\n" + http_server(folder, port, root)) as nginx:
        nginx.wait_ready(lambda: listens(port))
        yield nginx.pid, port


@contextmanager
def origin(folder: Path, bps: int) -> Iterator[tuple[int, int, str]]:
    """(pid, port, path of the playlist's folder), once there is something to play."""
    folder.mkdir()
    hls = folder / "hls"
    hls.mkdir()
    port, rtmp = free_port(), free_port()
    text = (
        f"load_module {MODULE};\nevents {{ worker_connections 15000; }}\n"
        f"rtmp {{ server {{ listen 127.0.0.1:{rtmp}; application live {{ live on; hls on; hls_path {hls};\n"
        "hls_fragment 2s; hls_playlist_length 20s; allow publish 127.0.0.1; deny publish all; deny play all; } } }\n"
        + http_server(folder, port, folder)
    )
    clip = folder / "clip.mp4"
    write_file(clip, bps)
    send = ["ffmpeg", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", str(clip), "-c", "copy", "-f", "flv"]
    with ExitStack() as stack:
        nginx = stack.enter_context(_start(folder, text))
        nginx.wait_ready(lambda: listens(port) and listens(rtmp))
        sender = stack.enter_context(Program([*send, f"rtmp://127.0.0.1:{rtmp}/live/{NAME}"], folder / "ffmpeg.log"))
        sender.wait_ready(lambda: len(list(hls.glob("*.ts"))) > 2, PATIENCE_S)
        yield nginx.pid, port, "/hls"
