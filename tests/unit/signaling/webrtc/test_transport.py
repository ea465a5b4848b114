from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from signaling.webrtc import sdp, transport
from signaling.webrtc.sdp import SdpError
from signaling.webrtc.transport import LocalTransport

BOTH = ("actpass", "active")


def test_one_transport_is_read_from_a_bundle(captured: Callable[[str], str]) -> None:
    remote = transport.remote_transport(sdp.parse(captured("firefox_publish")), BOTH)
    assert remote.ufrag
    assert len(remote.fingerprints) == 1
    assert transport.remote_transport(sdp.parse(captured("chromium_answer")), ("active",)).session_id.isdigit()


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda text: text.replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1"), "BUNDLE"),
        (lambda text: text.replace("a=rtcp-mux\r\n", ""), "rtcp-mux"),
        (lambda text: text.replace("a=setup:actpass", "a=setup:passive"), "active DTLS role"),
        (lambda text: text.replace("a=fingerprint:sha-256", "a=fingerprint:md5"), "fingerprint"),
        (lambda text: "\r\n".join(line for line in text.split("\r\n") if "ice-pwd" not in line), "credentials"),
        (lambda text: text.replace("m=", "a=ice-lite\r\nm=", 1), "ICE-lite"),
        (lambda text: text.split("m=")[0], "no media"),
    ],
)
def test_what_does_not_fit_one_port_is_refused(
    captured: Callable[[str], str], change: Callable[[str], str], cause: str
) -> None:
    description = sdp.parse(change(captured("chromium_publish")))
    with pytest.raises(SdpError, match=cause):
        transport.remote_transport(description, BOTH)


def test_a_connection_is_known_by_certificate_and_session(captured: Callable[[str], str]) -> None:
    first = transport.remote_transport(sdp.parse(captured("chromium_publish")), BOTH)
    restarted = replace(first, ufrag="other", password="y" * 24)
    assert restarted.same_connection(first)
    assert restarted.restarts_ice(first)
    assert not first.restarts_ice(first)
    assert replace(first, session_id="1").same_connection(first)
    assert not replace(restarted, session_id="1").same_connection(first)
    assert not replace(first, fingerprints=()).same_connection(first)
    assert not transport.remote_transport(sdp.parse(captured("firefox_publish")), BOTH).same_connection(first)


def test_candidates_are_ranked_and_ended(local: LocalTransport) -> None:
    lines = transport.candidate_lines(local.candidates)
    assert lines == [
        "a=candidate:1 1 udp 1678745855 192.0.2.10 8080 typ host network-cost 999",
        "a=candidate:2 1 udp 1678745599 2001:db8::10 8080 typ host network-cost 999",
        "a=end-of-candidates",
    ]
    assert transport.media_line("audio", "UDP/TLS/RTP/SAVPF", (111,), local)[1] == "c=IN IP4 192.0.2.10"


def test_tcp_comes_behind_all_udp_and_in_one_section_only(local: LocalTransport) -> None:
    ways = (*local.candidates, *(replace(one, tcp=True) for one in local.candidates))
    lines = transport.candidate_lines(ways)
    assert lines[2:] == [
        "a=candidate:3 1 tcp 1519361791 192.0.2.10 8080 typ host tcptype passive network-cost 999",
        "a=candidate:4 1 tcp 1519361535 2001:db8::10 8080 typ host tcptype passive network-cost 999",
        "a=end-of-candidates",
    ]
    section = ["m=audio 8080 UDP/TLS/RTP/SAVPF 111", *lines]
    told = transport.text([*section, *section]).splitlines()
    assert [line for line in told if "tcptype" in line] == lines[2:4]
    assert told == [*section, *(line for line in section if "tcptype" not in line)]


def test_what_a_restart_finds_is_worth_more_than_what_was_before(local: LocalTransport) -> None:
    ways = (*local.candidates, *(replace(one, tcp=True) for one in local.candidates))
    before = 2**31
    for restarts in (2_000, 200, 3, 2, 1, 0):
        lines = transport.candidate_lines(ways, restarts)[:-1]
        worth = [int(line.split()[3]) for line in lines]
        assert sorted(set(worth), reverse=True) == worth
        assert worth[0] < min(before, 110 << 24)  # a peer's reflexive candidate is worth more (RFC 8445 5.1.2.2)
        assert all(line.endswith("network-cost 0" if restarts else "network-cost 999") for line in lines)
        before = worth[0]


def test_an_ice_fragment_can_be_read_back(local: LocalTransport) -> None:
    fragment = sdp.parse_ice_fragment(transport.ice_fragment(local, "0"))
    assert (fragment.ice_ufrag, fragment.ice_password, fragment.candidates) == (local.ufrag, local.password, 2)
