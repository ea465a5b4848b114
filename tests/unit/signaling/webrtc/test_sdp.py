from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.webrtc import sdp
from signaling.webrtc.sdp import Direction, ExtensionMap, SdpError, SsrcGroup

CAPTURED = sorted(path.stem for path in (Path(__file__).parent / "captured").glob("*.sdp"))
HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n"


@pytest.mark.parametrize("name", CAPTURED)
def test_what_real_stacks_write_is_read(captured: Callable[[str], str], name: str) -> None:
    description = sdp.parse(captured(name))
    assert description.session_id.isdigit()
    assert description.bundle[0] == "0"
    for media in description.media:
        assert media.rejected or media.ice_ufrag
        assert media.rejected or media.fingerprints[0].algorithm == "sha-256"
        assert media.kind == "application" or media.formats


def test_the_parts_of_a_chromium_offer(captured: Callable[[str], str]) -> None:
    audio, video, data = sdp.parse(captured("chromium_publish")).media
    assert (audio.kind, audio.mid, audio.direction, audio.rtcp_mux, audio.setup) == (
        "audio", "0", Direction.SENDONLY, True, "actpass",
    )  # fmt: skip
    opus = audio.formats[0]
    assert (opus.payload_type, opus.name, opus.clock_rate, opus.channels) == (111, "opus", 48_000, 2)
    assert opus.parameter("useinbandfec") == "1"
    assert opus.parameter("stereo") is None
    assert opus.feedback == {"transport-cc"}
    assert ExtensionMap(4, "urn:ietf:params:rtp-hdrext:sdes:mid") in audio.extensions
    assert video.formats[0].feedback == {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}
    assert video.ssrc_groups == (SsrcGroup("FID", video.ssrcs),)
    assert audio.extmap_allow_mixed
    assert (data.sctp_port, data.max_message_bytes, data.payloads) == (5000, 262_144, ("webrtc-datachannel",))


def test_bundle_only_sections_of_firefox_are_not_refused(captured: Callable[[str], str]) -> None:
    audio, video, data = sdp.parse(captured("firefox_publish")).media
    assert (video.port, video.bundle_only, video.rejected) == (0, True, False)
    assert (data.port, data.rejected) == (0, False)
    assert audio.extensions[1].direction is Direction.RECVONLY


def test_simulcast_is_seen(captured: Callable[[str], str]) -> None:
    for name in ("chromium_simulcast", "firefox_simulcast"):
        video = sdp.parse(captured(name)).media[1]
        assert [rid.name for rid in video.simulcast_sent] == ["q", "h", "f"]


def test_values_of_the_session_level_hold_for_all_sections(captured: Callable[[str], str]) -> None:
    for media in sdp.parse(captured("obs_publish")).media:
        assert (media.ice_ufrag, media.setup) == ("wTgW", "actpass")
        assert media.fingerprints[0].value.startswith("7C:1C")


def test_a_description_without_sections_is_read() -> None:
    assert sdp.parse(HEAD).media == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=1\r\n",
        "hello",
        "v=0\r\nno equals sign\r\n",
        "v=0\r\n=x\r\n",
        "v=0\r\no=too short\r\n",
        HEAD + "m=audio\r\n",
        HEAD + "m=audio 70000 UDP/TLS/RTP/SAVPF 111\r\n",
        HEAD + "m=audio -9 UDP/TLS/RTP/SAVPF 111\r\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF opus\r\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF 300\r\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus\r\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/fast/2\r\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 op us/48000\r\n",
        HEAD + AUDIO + "a=fmtp:x y\r\n",
        HEAD + AUDIO + "a=rtcp-fb:999 nack\r\n",
        HEAD + AUDIO + "a=ssrc:0 cname:x\r\n",
        HEAD + AUDIO + "a=ssrc:4294967296 cname:x\r\n",
        HEAD + AUDIO + "a=ssrc-group:FID one two\r\n",
        HEAD + AUDIO + "a=ssrc-group:FID\r\n",
        HEAD + AUDIO + "a=extmap:1\r\n",
        HEAD + AUDIO + "a=extmap:one urn:x\r\n",
        HEAD + AUDIO + "a=extmap:1/sideways urn:x\r\n",
        HEAD + AUDIO + "a=mid:with space\r\n",
        HEAD + AUDIO + "a=ice-ufrag:a\r\n",
        HEAD + AUDIO + "a=ice-pwd:tooshort\r\n",
        HEAD + AUDIO + "a=fingerprint:sha-256 nothex\r\n",
        HEAD + AUDIO + "a=fingerprint:sha-256 AB:CD\r\n",
        HEAD + AUDIO + "a=setup:maybe\r\n",
        HEAD + AUDIO + "a=mid:0\r\n" + AUDIO + "a=mid:0\r\n",
        HEAD + AUDIO * 74,
        HEAD + "a=" + "x" * 5_000,
        HEAD + "a=x\0y\r\n",
        HEAD + "a=x:y\r\n" * 20_000,
        HEAD + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:99999\r\n",
        HEAD + "m=audio 9 UDP/TLS/RTP/SAVPF " + " ".join(str(n % 128) for n in range(200)),
        HEAD + AUDIO + "a=ssrc:" + "9" * 400 + " cname:x\r\n",
        HEAD + AUDIO + "a=ssrc:\u0661 cname:x\r\n",
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(SdpError):
        sdp.parse(text)


def test_unknown_lines_and_hash_functions_are_passed_over() -> None:
    media = sdp.parse(HEAD + "b=AS:30\r\nz=?\r\n" + AUDIO + "a=what:ever\r\na=fingerprint:md2 AB:CD\r\n").media[0]
    assert media.fingerprints == ()
    assert media.formats[0].name == "opus"


def test_ice_fragments() -> None:
    fragment = sdp.parse_ice_fragment(
        "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
        "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n"
    )
    assert (fragment.ice_ufrag, fragment.ice_password, fragment.candidates) == ("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1", 1)
    assert sdp.parse_ice_fragment("a=end-of-candidates\r\n").candidates == 0
    for bad in ("", "a=mid:0\r\n", "a=candidate:1 1 udp\r\n", "a=ice-ufrag:?\r\n", "x"):
        with pytest.raises(SdpError):
            sdp.parse_ice_fragment(bad)


LINES = sorted(
    {
        line
        for name in CAPTURED
        for line in (Path(__file__).parent / "captured" / f"{name}.sdp").read_text().splitlines()
    }
)
JUNK = st.text(st.characters(codec="utf-8"), max_size=40)
MUTATED = st.lists(
    st.one_of(
        st.sampled_from(LINES),
        st.builds(
            lambda line, junk, at: line[: at % len(line)] + junk, st.sampled_from(LINES), JUNK, st.integers(0, 400)
        ),
        JUNK,
    ),
    max_size=120,
)


@settings(max_examples=300, deadline=None)
@given(MUTATED)
def test_hostile_text_gives_a_description_or_one_clean_error(lines: list[str]) -> None:
    for text in ("\r\n".join(lines), "v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\n" + "\r\n".join(lines)):
        for parser in (sdp.parse, sdp.parse_ice_fragment):
            with contextlib.suppress(SdpError):
                parser(text)
