"""The console command, as an operator uses it: real processes, exit codes, one sentence for what went wrong."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from collab.addresses import machine_addresses
from collab.keys import prepare_data_folder
from collab.reports.keys import public_hex, report_key
from collab.reports.seal import sealed
from tests.support.api import PASSWORD, Browser
from tests.support.processes import Program
from tests.support.server import Tongxin

pytestmark = pytest.mark.timeout(180)  # whole servers and commands, each a process that is loaded anew

TONGXIN = str(Path(sys.executable).parent / "tongxin")


class Operator:
    """Runs commands on one data folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TONGXIN_", "LC_", "LANG"))}
        own = {"TONGXIN_DATA_DIR": str(folder / "data"), "TONGXIN_HTTP_PORT": "0", "TONGXIN_MEDIA_PORT": "0"}
        self.environment = {**clean, **own, "LANG": "C.UTF-8", **(environment or {})}

    def run(self, *words: str, said: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TONGXIN, *words],
            env={**self.environment, **environment},
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Tongxin]:
    with Tongxin(tmp_path / "server") as running:
        yield running


def test_help_names_every_command(operator: Operator) -> None:
    shown = operator.run("--help").stdout
    for command in ("serve", "worker", "migrate", "admin", "seed-demo", "doctor", "config", "verify-report", "guest"):
        assert re.search(rf"^\s+{command}\s", shown, re.MULTILINE), command
    assert operator.run("nonsense").returncode == 2


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("TONGXIN_HTTP_PORT", "eighty", "TONGXIN_HTTP_PORT is 'eighty'"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x", "DATABASE_URL"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "REDIS_URL"),
        ("TONGXIN_DATA_DIR", "/dev/null/data", "TONGXIN_DATA_DIR"),
        ("TONGXIN_TLS_CERTIFICATE", "/nothing.pem", "TONGXIN_TLS_KEY"),
    ],
)
def test_a_start_that_cannot_be_says_why_in_one_sentence(
    operator: Operator, variable: str, value: str, says: str
) -> None:
    done = operator.run("serve", TONGXIN_LOG_LEVEL="error", **{variable: value})
    assert done.returncode == 1
    (sentence,) = done.stderr.strip().splitlines()
    assert says in sentence
    assert sentence.endswith(".")


def test_a_taken_port_is_told(operator: Operator) -> None:
    for kind, variable in ((socket.SOCK_STREAM, "TONGXIN_HTTP_PORT"), (socket.SOCK_DGRAM, "TONGXIN_MEDIA_PORT")):
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind(("0.0.0.0", 0))  # noqa: S104
            if kind is socket.SOCK_STREAM:
                taken.listen()
            port = str(taken.getsockname()[1])
            done = operator.run("serve", TONGXIN_LOG_LEVEL="error", **{variable: port})
        assert (done.returncode, variable in done.stderr, port in done.stderr) == (1, True, True), done.stderr


def test_a_secret_that_others_can_read_stops_the_start(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    key = tmp_path / "data" / "self-signed.key"
    key.write_text("secret")
    key.chmod(0o644)
    done = operator.run("serve")
    assert done.returncode == 1
    assert f"chmod 600 {key}" in done.stderr


def test_config_shows_what_is_in_force_and_no_secret(operator: Operator) -> None:
    done = operator.run("config", DATABASE_URL="postgresql://u:verysecretindeed@h/d", TONGXIN_HTP_PORT="1")
    assert "TONGXIN_HTTP_PORT=0\n" in done.stdout
    assert "verysecretindeed" not in done.stdout + done.stderr
    assert done.stderr == "TONGXIN_HTP_PORT is not a setting; TONGXIN_HTTP_PORT is one.\n"


def test_a_report_is_verified_and_a_changed_one_is_not(operator: Operator, tmp_path: Path) -> None:
    prepare_data_folder(tmp_path / "data")
    key = report_key(tmp_path / "data")
    (tmp_path / "report.pdf").write_bytes(sealed(b"%PDF-1.7\n%%EOF\n", "ab" * 32, key))
    done = operator.run("verify-report", str(tmp_path / "report.pdf"))
    assert (done.returncode, "unchanged" in done.stdout, "ab" * 32 in done.stdout) == (0, True, True), done.stderr

    foreign = operator.run("verify-report", str(tmp_path / "report.pdf"), TONGXIN_DATA_DIR=str(tmp_path / "other"))
    assert (foreign.returncode, public_hex(key) in foreign.stderr) == (1, True)
    trusted = operator.run(
        "verify-report",
        str(tmp_path / "report.pdf"),
        "--key",
        public_hex(key),
        TONGXIN_DATA_DIR=str(tmp_path / "other"),
    )
    assert trusted.returncode == 0

    changed = (tmp_path / "report.pdf").read_bytes().replace(b"1.7", b"1.6")
    (tmp_path / "report.pdf").write_bytes(changed)
    done = operator.run("verify-report", str(tmp_path / "report.pdf"), LANG="zh_CN.UTF-8")
    assert (done.returncode, "改动过" in done.stderr) == (1, True)
    missing = operator.run("verify-report", str(tmp_path / "none.pdf"))
    assert (missing.returncode, "none.pdf" in missing.stderr) == (1, True)


def test_migrate_says_what_it_did(operator: Operator) -> None:
    assert operator.run("migrate").stdout.startswith("applied: 0001, 0002, ")
    assert operator.run("migrate").stdout == "nothing to do\n"


def test_a_demo_park_is_made_once_and_never_over_a_real_one(operator: Operator, tmp_path: Path) -> None:
    made = operator.run("seed-demo", "--password", "try this park 7")
    assert made.returncode == 0, made.stderr
    assert "Password (of everybody): try this park 7" in made.stdout
    assert "admin@tongxin-park.example" in made.stdout
    again = operator.run("seed-demo", LANG="zh_CN.UTF-8")
    assert again.returncode == 0
    assert "已经在这个数据库里" in again.stdout
    assert re.findall(r"\d+", again.stdout) == re.findall(r"\d+", made.stdout.splitlines()[2])

    real = Operator(tmp_path / "real")
    assert real.run("admin", "create", "lin@park.example", "--name", "Lin", said=PASSWORD).returncode == 0
    refused = real.run("seed-demo")
    assert (refused.returncode, "1 accounts" in refused.stderr) == (1, True), refused


def test_a_token_is_the_last_word_and_makes_its_room(operator: Operator) -> None:
    made = operator.run("admin", "token", "--room", "bench", "--publish")
    assert re.fullmatch(r"room bench\n[\w-]{43}\n", made.stdout)
    assert operator.run("admin", "token", "--room", "bench", "--subscribe").returncode == 0
    for wrong in (
        ["--room", "no!", "--publish"],
        ["--room", "bench"],
        ["--room", "bench", "--publish", "--hours", "0"],
    ):
        refused = operator.run("admin", "token", *wrong)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)


def test_the_doctor_finds_a_fresh_machine_well_and_says_so_in_the_language_of_the_shell(operator: Operator) -> None:
    done = operator.run("doctor")
    assert done.returncode == 0, done.stdout
    assert "ok   The database (sqlite) answers." in done.stdout or "has an older schema" in done.stdout
    assert "valkey-server" in done.stdout
    assert "数据目录" in operator.run("doctor", LANG="zh_CN.UTF-8").stdout


def test_the_doctor_says_what_is_wrong_and_what_to_do(operator: Operator) -> None:
    done = operator.run(
        "doctor",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/x",
        REDIS_URL="redis://127.0.0.1:1/0",
        TONGXIN_PUBLIC_ADDRESS="127.0.0.1",
        TONGXIN_PUBLIC_URL="http://192.168.1.10:8080",
    )
    assert done.returncode == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 4, done.stdout
    for cure in ("correct DATABASE_URL", "correct REDIS_URL", "Set TONGXIN_PUBLIC_ADDRESS", "--self-signed"):
        assert any(cure in line for line in failed), cure
    assert "Traceback" not in done.stderr


async def test_a_server_prints_its_links_and_the_commands_work_beside_it(server: Tongxin, tmp_path: Path) -> None:
    operator = Operator(tmp_path / "server")
    made = operator.run(
        "admin", "create", "zhou@park.example", "--name", "Zhou", "--organization", "Valley", said=f"{PASSWORD}\n"
    )
    assert made.stdout == "made zhou@park.example\n", made.stderr
    weak = operator.run("admin", "create", "wu@park.example", "--name", "Wu", said="short\n")
    assert (weak.returncode, "too_short" in weak.stderr) == (1, True)
    link = operator.run("admin", "reset", "zhou@park.example").stdout.strip()
    unknown = operator.run("admin", "reset", "nobody@park.example")
    assert (unknown.returncode, "not_found" in unknown.stderr) == (1, True)
    browser = Browser(server.url)
    try:
        assert (await browser.sign_in("zhou@park.example")).json["features"]["administer_park"] is True
        body = {"token": link.partition("token=")[2], "password": "quite another phrase"}
        assert (await browser.post("/api/password-reset", body)).status == 200
        assert (await browser.post("/api/password-reset", body)).code == "not_found"
        token = operator.run("admin", "token", "--room", server.meeting_link, "--subscribe").stdout.split()[-1]
        seated = await browser.join(server.room_code, token)
        assert seated.reply["type"] == "joined"
        assert seated.reply["publish"] == []
        await seated.close()
    finally:
        await browser.close()


async def test_a_stopping_server_sends_everybody_elsewhere_and_leaves_nothing(tmp_path: Path) -> None:
    server = Tongxin(tmp_path / "server")
    browser = Browser(server.url)
    try:
        entry = await browser.post(f"/api/rooms/{server.room_code}/guests", {"name": "G"})
        seated = await browser.join(server.room_code, entry.json["token"])
        children = _children(server.program.pid)
        assert children  # the private valkey-server
        server.program.send(signal.SIGTERM)
        assert (await seated.until("closing"))["code"] == "moved"
    finally:
        await browser.close()
    assert server.stop() == 0
    assert _children_that_live(children) == []
    data = tmp_path / "server" / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    with Tongxin(tmp_path / "server") as again:
        assert again.room_code == server.room_code


def test_an_interrupted_server_ends_well_too(tmp_path: Path) -> None:
    server = Tongxin(tmp_path / "server")
    assert server.program.stop(signal.SIGINT) == 0


async def test_self_signed_https_gives_phones_a_secure_context(tmp_path: Path) -> None:
    everywhere = {"TONGXIN_HTTP_HOST": "0.0.0.0", "LC_ALL": "C"}  # noqa: S104
    with Tongxin(tmp_path / "server", arguments=["--self-signed"], environment=everywhere) as server:
        for address in machine_addresses():
            if address.version == 4:
                assert f"On this network: https://{address}:{server.http_port}/m/" in server.output()
        assert server.url.startswith("https://")
        trusting = ssl.create_default_context(cafile=str(tmp_path / "server" / "data" / "self-signed.pem"))
        async with ClientSession(connector=TCPConnector(ssl=trusting)) as session:
            async with session.get(f"{server.url}/api/doctor") as response:
                checks = {one["name"]: one["state"] for one in (await response.json())["checks"]}
            async with session.get(f"{server.url}/api/me") as response:
                assert "Secure" in response.headers["Set-Cookie"]
        assert checks["https"] == "ok"
    key = tmp_path / "server" / "data" / "self-signed.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_doctor_beside_a_running_server_asks_it(server: Tongxin, tmp_path: Path) -> None:
    http, media = re.findall(r"listening http=(\d+) media=(\d+)", server.output())[0]
    ports = {"TONGXIN_HTTP_PORT": http, "TONGXIN_MEDIA_PORT": media}
    here = {"TONGXIN_HTTP_HOST": "127.0.0.1", "TONGXIN_MEDIA_ADDRESS": "127.0.0.1"}
    done = Operator(tmp_path / "server", {**ports, **here}).run("doctor")
    assert done.returncode == 0, done.stdout
    assert f"ok   A Tongxin server answers on TCP port {http}." in done.stdout, done.stdout
    assert f"ok   The media plane answers on 127.0.0.1, UDP port {media}." in done.stdout


def test_a_guest_without_a_server_gets_one_sentence(operator: Operator) -> None:
    done = operator.run("guest", "--room", "abc-defg-hij", "--url", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert "The test guest could not stay" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_guest_comes_and_goes(server: Tongxin, tmp_path: Path, operator: Operator) -> None:
    command = [TONGXIN, "guest", "--room", server.meeting_link]
    with Program(command, tmp_path / "guest.log", environment=operator.environment) as guest:
        guest.wait_ready(lambda: "publishing" in guest.output())
        assert guest.stop(signal.SIGINT) == 130


def _children_that_live(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "--parent", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(line) for line in listed.split()]
