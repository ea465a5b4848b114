"""What `tongxin doctor` says beside a real server, a real relay and a certificate, and from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from collab.certificates import self_signed_certificate
from collab.doctor import probes
from collab.doctor.findings import Cure, Sentence, State
from tests.support import coturn, namespaces
from tests.support.coturn import Coturn
from tests.support.server import Tongxin
from tests.support.speech_model import build_model

TONGXIN = Path(sys.executable).parent / "tongxin"
HTTP_PORT = 8443
MEDIA_PORT = 8444
SECRET = "of these tests alone, 41ee"
REASON = namespaces.available() or coturn.available()


def ask(server: Tongxin, *words: str, command: Sequence[str] = (), **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **server.environment, **changes}
    return subprocess.run(
        [*command, str(TONGXIN), "doctor", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_from_outside_it_tries_what_visitors_would(server: Tongxin) -> None:
    done = ask(server, "--url", server.url)
    media = re.findall(r"media=(\d+)", server.output())[0]
    assert f"ok   The media plane answers on 127.0.0.1, UDP port {media}." in done.stdout, done.stdout + done.stderr
    assert f"ok   The media plane answers on 127.0.0.1, TCP port {media}" in done.stdout
    nobody = ask(server, "--url", "http://127.0.0.1:1")
    assert nobody.returncode == 1
    assert "FAIL No Tongxin server answers at http://127.0.0.1:1" in nobody.stdout


@pytest.mark.network_namespaces
@pytest.mark.skipif(bool(REASON), reason=REASON or "-")
def test_every_relay_is_tried_with_credentials_and_a_packet_to_the_media_plane(tmp_path: Path) -> None:
    (tmp_path / "pem").mkdir()
    pem = self_signed_certificate(tmp_path / "pem")
    with (
        namespaces.pair(61) as (near, _far),
        Coturn(tmp_path / "relay", near, SECRET, pem, allowed=[near.address]) as relay,
    ):
        settings = {
            "TONGXIN_TURN_URLS": ",".join(relay.urls),
            "TONGXIN_TURN_SECRET": SECRET,
            "TONGXIN_MEDIA_PORT": str(MEDIA_PORT),
            "TONGXIN_PUBLIC_ADDRESS": near.address,
        }
        with Tongxin(
            tmp_path / "server",
            address=near.address,
            http_port=HTTP_PORT,
            arguments=("--self-signed",),
            command=near.command,
            environment=settings,
        ) as server:
            here = {**settings, "TONGXIN_HTTP_HOST": near.address, "TONGXIN_HTTP_PORT": str(HTTP_PORT)}
            well = ask(server, command=near.command, **here).stdout
            for url in relay.urls:
                assert f"ok   The relay {url} works." in well, well
            wrong = ask(server, command=near.command, **{**here, "TONGXIN_TURN_SECRET": "not the relay's own one"})
            assert wrong.returncode == 1
            assert wrong.stdout.count("does not take the credentials") == len(relay.urls), wrong.stdout
            shut = ask(server, command=near.command, **{**here, "TONGXIN_PUBLIC_ADDRESS": "10.99.61.2"}).stdout
            assert "allowed-peer-ip=10.99.61.2" in shut, shut
            away = ask(server, command=near.command, **{**here, "TONGXIN_TURN_URLS": f"turn:{near.address}:9"}).stdout
            assert f"The relay turn:{near.address}:9 does not answer." in away


def test_a_certificate_is_read(tmp_path: Path) -> None:
    good, _ = self_signed_certificate(tmp_path)
    assert probes.certificate(good).state is State.OK
    broken = tmp_path / "broken.pem"
    broken.write_text("nothing")
    found = probes.certificate(broken)
    assert (found.sentence_code, found.cure_code) == (Sentence.CERTIFICATE_BAD, Cure.RENEW_CERTIFICATE)


def test_the_disk_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert probes.disk(tmp_path).sentence_code is Sentence.DISK_FINE
    monkeypatch.setattr(probes, "DISK_LOW_MB", 10**12)
    assert probes.disk(tmp_path).sentence_code is Sentence.DISK_LOW


def test_captions_say_what_they_lack(tmp_path: Path) -> None:
    assert probes.captions(None).sentence_code is Sentence.CAPTIONS_OFF
    found = probes.captions(tmp_path / "nowhere")
    assert (found.sentence_code, found.cure_code) == (Sentence.CAPTIONS_NO_FOLDER, Cure.SET_CAPTIONS_MODEL)
    assert probes.captions(tmp_path).sentence_code is Sentence.CAPTIONS_NO_MODEL
    build_model(tmp_path)
    assert probes.captions(tmp_path).state is State.OK
