"""nginx-rtmp with the configuration that we ship, changed only in what belongs to a machine: ports and secret."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.processes import Program

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "nginx-rtmp.conf"
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
SECRET = "a-secret-of-the-tests"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class NginxRtmp:
    """Asks the server on 127.0.0.1:`backend_port`; its application "sink" takes anything from anyone."""

    def __init__(self, folder: Path, port: int, backend_port: int) -> None:
        found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        if found is None or not MODULE.exists():
            raise RuntimeError("nginx-rtmp is missing; `make test` installs nginx-light and libnginx-mod-rtmp")
        folder.mkdir()
        self.port = port
        text = CONFIGURATION.read_text()
        for pattern, ours in (
            (r"listen 1935;", f"listen 127.0.0.1:{port};"),
            (r"listen \[::\][^;]*;", ""),
            (r"127\.0\.0\.1:8080", f"127.0.0.1:{backend_port}"),
            (r"CHANGE-ME-0123456789", SECRET),
            (r"notify_update_timeout 5s", "notify_update_timeout 1s"),
        ):
            text, changed = re.subn(pattern, ours, text)
            if changed == 0:
                raise RuntimeError(f"deploy/nginx-rtmp.conf has no {pattern}")
        sink = "application sink { live on; idle_streams off; }"
        (folder / "rtmp.conf").write_text(text.replace("application live", f"{sink}\n\n        application live", 1))
        (folder / "nginx.conf").write_text(
            f"load_module {MODULE}; daemon off; master_process off; pid {folder / 'pid'}; error_log stderr;\n"
            f"events {{}}\ninclude {folder / 'rtmp.conf'};\n"
        )
        self._program = Program([found, "-e", "stderr", "-c", str(folder / "nginx.conf")], folder / "nginx.log")
        self._program.wait_ready(self._listens)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.stop()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
