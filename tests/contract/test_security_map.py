"""docs/security.md names tests that exist, and the numbers that were promised are the ones in force."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rooms.core import model
from rooms.core.codes import Code
from signaling import codec, messages, session
from tests.suite import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:tests|static)/[\w./]+)::([^`]+)`", PAGE)))
# The command `tongxin guest` and the doctor, which a person starts; and the one client for addresses of others, with
# time and size bounded, which push services and webhooks (every address looked at: test_outward.py) and the OpenID
# provider that the operator has named are asked through; and the way to other platforms, to an address that was
# looked at (test_addresses.py of collab/restream).  Nothing else that a request starts.
MAY_CONNECT = {
    "collab/edge/outward.py",
    "collab/edge/visiting.py",
    "collab/doctor/probes.py",
    "signaling/restream/__main__.py",
    "signaling/testguest.py",
    "signaling/webrtc/probe.py",
}
CONNECTING = re.compile(
    r"\bClientSession\b|\burllib\.request\b|\bopen_connection\(|\bcreate_connection\(|\bhttp\.client\b"
)
# Who asks through that one client.
MAY_ASK_OUTWARD = {"collab/notices/push_http.py", "collab/webhooks/push_http.py", "collab/oidc/provider_http.py"}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_the_page_names_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text()
    form = {".py": rf"def {name}\(", ".c": rf"^static void {name}\(", ".ts": rf'it\("{name}"'}[Path(file).suffix]
    assert re.search(form, text, re.MULTILINE)


def test_every_row_has_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not re.match(r"\| (class|number) ", line)]
    assert len(rows) > 40
    assert [row for row in rows if "::" not in row] == []


def test_the_server_opens_no_connection_for_anybody() -> None:
    assert _modules_with(CONNECTING) == MAY_CONNECT
    assert _modules_with(re.compile(r"\bOutwardClient\(")) == MAY_ASK_OUTWARD


def test_the_numbers_are_the_ones_that_were_promised() -> None:
    assert messages.FRAME_MAX_BYTES == 256 * 1024
    assert messages.JSON_DEPTH_MAX == 16
    assert (session.RATE_PER_S, session.BURST) == (60, 120)
    assert model.CHAT_TEXT_MAX_CHARS == 4_000
    assert messages.SDP_MAX_CHARS == 128 * 1024
    assert model.TRACKS_PER_PARTICIPANT_MAX == 64
    assert session.AUTHENTICATE_WITHIN_MS == 10_000


def test_a_list_of_tracks_ends_at_its_limit() -> None:
    media = [{"mid": str(number), "source": "camera"} for number in range(model.TRACKS_PER_PARTICIPANT_MAX + 1)]
    publish = {"type": "publish", "id": 1, "sdp": "v=0"}
    assert isinstance(codec.decode(json.dumps({**publish, "media": media[:-1]}).encode()), messages.Publish)
    with pytest.raises(codec.ProtocolError) as refused:
        codec.decode(json.dumps({**publish, "media": media}).encode())
    assert refused.value.code is Code.BAD_MESSAGE


def _modules_with(pattern: re.Pattern[str]) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for package in ("collab", "rooms", "signaling")
        for path in (ROOT / package).rglob("*.py")
        if pattern.search(path.read_text())
    }
