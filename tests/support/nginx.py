"""nginx with the site that we ship, changed only in what belongs to a machine: ports, certificate, folders."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.processes import Program

SITE = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
NAME = "meet.example.org"


class Nginx:
    """A running proxy before a server on 127.0.0.1; `trust` accepts its certificate."""

    def __init__(self, folder: Path, backend_port: int, hls: Path | None = None) -> None:
        """`hls`: TONGXIN_HLS_DIR of the server, named hls."""
        found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        if found is None:
            raise RuntimeError("nginx is missing; `make test` installs nginx-light")
        folder.mkdir()
        certificate, key = _make_certificate(folder)
        self.http_port, self.https_port = _free_ports()
        site = SITE.read_text()
        for pattern, ours in (
            (r"listen 80;", f"listen 127.0.0.1:{self.http_port};"),
            (r"listen 443 ", f"listen 127.0.0.1:{self.https_port} "),
            (r"listen \[::\][^;]*;", ""),
            (r"server 127\.0\.0\.1:8080;", f"server 127.0.0.1:{backend_port};"),
            (r"(ssl_certificate +)[^;]+;", rf"\g<1>{certificate};"),
            (r"(ssl_certificate_key +)[^;]+;", rf"\g<1>{key};"),
            (r"root /var/cache/tongxin;", f"root {(hls or folder / 'hls').parent};"),
        ):
            site, changed = re.subn(pattern, ours, site)
            if changed == 0:
                raise RuntimeError(f"deploy/nginx.conf has no {pattern}")
        (folder / "site.conf").write_text(site)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = " ".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder / 'pid'}; error_log stderr; events {{}}\n"
            f"http {{ access_log off; {folders} include {folder / 'site.conf'}; }}\n"
        )
        command = [found, "-e", "stderr", "-c", str(folder / "nginx.conf")]
        subprocess.run([*command, "-t", "-q"], check=True)
        self._program = Program(command, folder / "nginx.log")
        self._program.wait_ready(self._listens)
        self.trust = ssl.create_default_context(cafile=certificate)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._program.stop()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.https_port)) == 0


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", f"/CN={NAME}"),
            *("-addext", f"subjectAltName=DNS:{NAME}"),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
