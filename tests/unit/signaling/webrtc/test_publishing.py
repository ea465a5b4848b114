from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rooms.core.model import Source
from signaling.webrtc import publishing, sdp
from signaling.webrtc.codecs import DEFAULT_PREFERENCE, Codec
from signaling.webrtc.publishing import PublishingAnswer, Request
from signaling.webrtc.sdp import Direction, Fingerprint, SdpError
from signaling.webrtc.transport import Candidate, LocalTransport

MIC_AND_CAMERA = {"0": Source.MICROPHONE, "1": Source.CAMERA}


@pytest.fixture
def answer(
    captured: Callable[[str], str], local: LocalTransport
) -> Callable[..., tuple[PublishingAnswer, sdp.SessionDescription]]:
    """Answer a captured offer, changed first when asked; our answer is parsed back as a client would."""

    def run(
        name: str,
        sources: dict[str, Source] | None = None,
        change: Callable[[str], str] = str,
        preference: tuple[Codec, ...] = DEFAULT_PREFERENCE,
        request: Request | None = None,
    ) -> tuple[PublishingAnswer, sdp.SessionDescription]:
        offer = sdp.parse(change(captured(name)))
        given_sources = MIC_AND_CAMERA if sources is None else sources
        made = publishing.answer_offer(offer, given_sources, local, preference, 4711, 1, request or Request())
        return made, sdp.parse(made.sdp)

    return run


Answer = Callable[..., tuple[PublishingAnswer, sdp.SessionDescription]]


@pytest.mark.parametrize(
    ("name", "codec", "rtx", "red", "mid", "transport_cc", "ssrc"),
    [
        ("chromium_publish", Codec.VP8, True, True, True, True, True),
        ("chromium_sendrecv", Codec.VP8, True, True, True, True, True),
        ("firefox_publish", Codec.VP8, True, False, True, True, True),
        ("aiortc_publish", Codec.VP8, True, False, True, False, True),
        ("obs_publish", Codec.H264, False, False, False, False, False),
    ],
)
def test_real_offers_are_answered(
    answer: Answer, name: str, codec: Codec, rtx: bool, red: bool, mid: bool, transport_cc: bool, ssrc: bool
) -> None:
    made, seen = answer(name)
    audio, video = made.streams
    assert (audio.bitstream.codec, audio.mid, audio.source) == (Codec.OPUS, "0", Source.MICROPHONE)
    assert (video.bitstream.codec, video.mid, video.source) == (codec, "1", Source.CAMERA)
    assert bool(audio.red_payload_type) is red
    assert bool(video.rtx_payload_type) is rtx
    assert bool(video.rtx_ssrc) is rtx
    assert bool(video.extensions.mid) is mid
    assert video.transport_cc is transport_cc
    assert (bool(audio.ssrc), bool(video.ssrc)) == (ssrc, ssrc)
    assert video.nack

    assert seen.ice_lite
    assert seen.bundle == tuple(media.mid for media in seen.media)
    for media in seen.media:
        assert (media.setup, media.ice_ufrag) == ("passive", "0123456789ab")
        assert media.kind == "application" or (media.rtcp_mux and media.direction is Direction.RECVONLY)
    assert seen.media[1].formats[0].payload_type == video.payload_type
    assert {entry.name for entry in seen.media[1].formats} <= {codec.value.lower(), "rtx"}
    assert made.sdp.count("a=candidate:") == 2 * len(seen.media)


def test_data_channels_are_agreed_on(answer: Answer) -> None:
    made, seen = answer("chromium_publish")
    assert made.data is not None
    assert (made.data.mid, made.data.remote_port, made.data.remote_max_message_bytes) == ("2", 5000, 262_144)
    assert seen.media[2].max_message_bytes == 65_536
    assert answer("obs_publish")[0].data is None


def test_the_same_offer_gives_the_same_answer(answer: Answer) -> None:
    assert answer("chromium_publish")[0] == answer("chromium_publish")[0]


@pytest.mark.parametrize("name", ["chromium_simulcast", "firefox_simulcast"])
def test_simulcast_is_answered_with_the_rids_offered(answer: Answer, name: str) -> None:
    made, _ = answer(name)
    assert [line for line in made.sdp.split("\r\n") if line.startswith(("a=rid", "a=simulcast"))] == [
        "a=rid:q recv", "a=rid:h recv", "a=rid:f recv", "a=simulcast:recv q;h;f",
    ]  # fmt: skip
    stream = made.streams[1]
    assert stream.rids == ("q", "h", "f")
    assert (stream.ssrc, stream.rtx_ssrc) == (0, 0)
    assert stream.extensions.rid
    assert stream.extensions.repaired_rid


@pytest.mark.parametrize(
    ("change", "rids"),
    [
        (lambda text: text.replace("send q;h;f", "send f;h;q"), ("q", "h", "f")),
        (lambda text: text.replace("send q;h;f", "send ~f;q,h"), ("q", "f")),
        (lambda text: text.replace("send q;h;f", "recv x send q;h"), ("q", "h")),
        (lambda text: text.replace("send q;h;f", "send q"), ()),
        (lambda text: text.replace("send q;h;f", "recv q;h;f"), ()),
        (lambda text: text.replace("a=rid:f send", "a=rid:f send pt=127"), ("q", "h")),
        (lambda text: text.replace("a=rid:f send", "a=rid:f send max-width=640;pt=96"), ("q", "h", "f")),
        (lambda text: re.sub(r"a=extmap:\d+ urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r?\n", "", text), ()),
        (lambda text: re.sub(r"a=extmap:\d+ urn:ietf:params:rtp-hdrext:sdes:repaired.*\r?\n", "", text), ()),
    ],
)
def test_simulcast_is_taken_as_far_as_it_can_be_told_apart(
    answer: Answer, change: Callable[[str], str], rids: tuple[str, ...]
) -> None:
    made, _ = answer("chromium_simulcast", change=change)
    assert made.streams[1].rids == rids
    assert ("a=simulcast" in made.sdp) is bool(rids)


@pytest.mark.parametrize(
    "line", ["a=rid:q sideways", "a=rid:q/1 send", "a=rid:q send pt=x", "a=simulcast:send " + "q;" * 99]
)
def test_broken_simulcast_is_refused(answer: Answer, line: str) -> None:
    with pytest.raises(SdpError):
        answer("chromium_simulcast", change=lambda text: text.replace("a=simulcast:send q;h;f", line))


def test_red_is_sent_by_those_who_put_it_first(answer: Answer) -> None:
    _, seen = answer("chromium_publish")
    assert [entry.name for entry in seen.media[0].formats] == ["opus", "red"]
    _, seen = answer("chromium_publish", change=lambda text: text.replace("SAVPF 111 63", "SAVPF 63 111"))
    assert [entry.name for entry in seen.media[0].formats] == ["red", "opus"]


def test_feedback_is_what_the_core_sends(answer: Answer) -> None:
    _, seen = answer("chromium_publish")
    assert seen.media[1].formats[0].feedback == {"transport-cc", "ccm fir", "nack", "nack pli"}
    _, seen = answer("aiortc_publish")
    assert seen.media[1].formats[0].feedback == {"nack", "nack pli"}


def test_opus_keeps_stereo_and_silence_as_the_client_asks(answer: Answer) -> None:
    def opus(seen: sdp.SessionDescription) -> tuple[str | None, str | None]:
        entry = seen.media[0].formats[0]
        return entry.parameter("stereo"), entry.parameter("usedtx")

    assert opus(answer("chromium_publish")[1]) == (None, None)
    assert opus(answer("obs_publish")[1]) == ("1", None)
    asked = answer("chromium_publish", change=lambda text: text.replace("minptime=10;", "minptime=10;usedtx=1;"))
    assert opus(asked[1]) == (None, "1")
    shared = answer("chromium_publish", {"0": Source.SCREEN_AUDIO, "1": Source.SCREEN})
    assert opus(shared[1]) == ("1", None)


def test_what_is_not_named_stays_inactive(answer: Answer) -> None:
    made, seen = answer("chromium_publish", {"0": Source.MICROPHONE})
    assert [stream.mid for stream in made.streams] == ["0"]
    assert seen.media[1].direction is Direction.INACTIVE
    assert not seen.media[1].rejected  # it can become active without a new transport
    active = answer("chromium_publish")[1].media[1]
    assert seen.media[1] == replace(active, direction=Direction.INACTIVE)  # all else is as agreed before


def test_a_refused_section_is_refused_back(answer: Answer) -> None:
    made, seen = answer(
        "chromium_publish", {"0": Source.MICROPHONE}, lambda text: text.replace("m=video 9", "m=video 0")
    )
    assert seen.media[1].rejected
    assert seen.bundle == ("0", "2")
    assert len(made.streams) == 1


def test_our_preference_can_be_another(answer: Answer) -> None:
    made, _ = answer("chromium_publish", preference=(Codec.AV1, Codec.VP8))
    assert made.streams[1].bitstream.codec is Codec.AV1
    assert answer("chromium_publish", preference=(Codec.H264,))[0].streams[1].payload_type == 108


def test_a_page_is_answered_with_what_it_may_turn_to(answer: Answer) -> None:
    made, seen = answer("chromium_publish", request=Request(turns=True))
    video = made.streams[1]
    assert [item.bitstream.codec for item in video.formats] == [Codec.VP8, Codec.H264]
    assert [entry.name for entry in seen.media[1].formats] == ["vp8", "rtx", "h264", "rtx"]
    assert all(item.rtx_payload_type for item in video.formats)

    # what the server prefers beside them comes first; AV1 that it does not prefer is not agreed on
    made, _ = answer("chromium_publish", preference=(Codec.VP9, *DEFAULT_PREFERENCE), request=Request(turns=True))
    assert [item.bitstream.codec for item in made.streams[1].formats] == [Codec.VP9, Codec.VP8, Codec.H264]


def test_a_decision_changes_the_order_and_not_the_stream(answer: Answer) -> None:
    before, _ = answer("chromium_publish", request=Request(turns=True))
    decided = Request(turns=True, codecs={Source.CAMERA: Codec.H264})
    after, seen = answer("chromium_publish", request=decided)
    assert [entry.name for entry in seen.media[1].formats][::2] == ["h264", "vp8"]
    assert after.streams[1].bitstream.codec is Codec.H264
    assert after.streams[1].is_same(before.streams[1])
    assert not after.streams[1].is_same(answer("chromium_publish")[0].streams[1])

    layered = (Codec.VP9, Codec.VP8, Codec.H264)  # what was given up may be asked for again
    before, _ = answer("chromium_publish", preference=layered, request=Request(turns=True))
    after, _ = answer("chromium_publish", preference=layered, request=decided)
    assert [item.bitstream.codec for item in after.streams[1].formats] == [Codec.H264, Codec.VP9, Codec.VP8]
    assert after.streams[1].is_same(before.streams[1])


def test_a_second_stream_has_the_codec_that_was_asked_for_or_none(answer: Answer) -> None:
    asked = Request(turns=True, backups={"1": Codec.H264})
    made, _ = answer("chromium_publish", request=asked)
    assert [item.bitstream.codec for item in made.streams[1].formats] == [Codec.H264]
    assert (made.streams[1].backup, made.streams[0].backup) == (True, False)
    made, seen = answer("firefox_publish", request=asked)  # this Firefox has no H.264
    assert [stream.source for stream in made.streams] == [Source.MICROPHONE]
    assert seen.media[1].rejected


def _one_ssrc_for_all(text: str) -> str:
    return re.sub(r"a=ssrc:\d+", "a=ssrc:7", re.sub(r"FID \d+ \d+", "FID 7 8", text))


@pytest.mark.parametrize(
    ("sources", "change", "cause"),
    [
        ({"7": Source.CAMERA}, str, "no sending section with mid '7'"),
        ({"1": Source.MICROPHONE}, str, "cannot be carried"),
        ({"0": Source.MICROPHONE}, lambda text: text.replace("opus/48000/2", "speex/16000"), "no codec"),
        (MIC_AND_CAMERA, lambda text: text.replace("a=sendonly", "a=recvonly"), "no sending section"),
        (MIC_AND_CAMERA, _one_ssrc_for_all, "SSRC is used twice"),
        ({}, lambda text: text.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP").replace("UDP/DTLS/SCTP", "TCP"), "nothing"),
    ],
)
def test_what_cannot_be_taken_says_why(
    answer: Answer, sources: dict[str, Source], change: Callable[[str], str], cause: str
) -> None:
    with pytest.raises(SdpError, match=cause):
        answer("chromium_publish", sources, change)


def test_sections_of_a_whip_client_are_named_by_their_order(captured: Callable[[str], str]) -> None:
    offer = sdp.parse(captured("obs_publish"))
    assert publishing.sources_by_kind(offer) == MIC_AND_CAMERA
    assert publishing.sources_by_kind(sdp.parse(captured("chromium_view"))) == {}


OFFERS = [path.read_text() for path in (Path(__file__).parent / "captured").glob("*.sdp")]
LOCAL = LocalTransport(
    "ufrag", "password" * 4, Fingerprint("sha-256", ":".join(["AB"] * 32)), (Candidate("192.0.2.1", 1),)
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(OFFERS),
    st.lists(st.tuples(st.integers(0, 250), st.sampled_from(["drop", "double", "swap"])), max_size=12),
    st.dictionaries(st.sampled_from(["0", "1", "2", ""]), st.sampled_from(list(Source)), max_size=4),
)
def test_broken_offers_give_an_answer_or_one_clean_error(
    text: str, edits: list[tuple[int, str]], sources: dict[str, Source]
) -> None:
    lines = text.splitlines()
    for position, edit in edits:
        at = position % len(lines)
        if edit == "drop" and len(lines) > 1:
            del lines[at]
        elif edit == "double":
            lines.insert(at, lines[at])
        else:
            lines[at], lines[at - 1] = lines[at - 1], lines[at]
    with contextlib.suppress(SdpError):
        made = publishing.answer_offer(sdp.parse("\r\n".join(lines)), sources, LOCAL, DEFAULT_PREFERENCE, 1, 1)
        assert sdp.parse(made.sdp).media
