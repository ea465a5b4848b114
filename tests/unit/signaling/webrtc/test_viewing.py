from __future__ import annotations

from collections.abc import Callable

import pytest

from rooms.core.model import TrackKind
from signaling.webrtc import sdp, viewing
from signaling.webrtc.codecs import DEFAULT_PREFERENCE, Bitstream, Codec, H264Profile
from signaling.webrtc.sdp import Direction, SdpError
from signaling.webrtc.transport import LocalTransport
from signaling.webrtc.viewing import ViewingAnswer

CONSTRAINED = Bitstream(Codec.H264, H264Profile.CONSTRAINED_BASELINE, 1)


def answer(text: str, local: LocalTransport, draw_ssrc: Callable[[], int]) -> ViewingAnswer:
    return viewing.answer_offer(sdp.parse(text), local, DEFAULT_PREFERENCE, 4711, draw_ssrc, "viewer")


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_every_codec_that_both_know_stays(
    captured: Callable[[str], str], local: LocalTransport, draw_ssrc: Callable[[], int], browser: str
) -> None:
    made = answer(captured(f"{browser}_view"), local, draw_ssrc)
    audio, video = made.sections
    assert (audio.kind, video.kind) == (TrackKind.AUDIO, TrackKind.VIDEO)
    assert (audio.ssrc, video.rtx_ssrc, video.ssrc) == (1000, 1001, 1002)
    for codec in (Codec.VP8, Codec.VP9, Codec.AV1):
        entry = video.format_for(Bitstream(codec))
        assert entry is not None
        assert entry.rtx_payload_type
        assert entry.extensions.mid
    assert (video.format_for(CONSTRAINED) is not None) is (browser == "chromium")
    opus = audio.format_for(Bitstream(Codec.OPUS))
    assert opus is not None
    assert bool(opus.red_payload_type) is (browser == "chromium")

    seen = sdp.parse(made.sdp)
    for media in seen.media:
        assert (media.direction, media.setup) == (Direction.SENDONLY, "passive")
        assert media.msid.startswith("viewer ")
    assert seen.media[1].ssrc_groups[0].ssrcs == (1002, 1001)


def test_sections_that_only_send_are_refused(
    captured: Callable[[str], str], local: LocalTransport, draw_ssrc: Callable[[], int]
) -> None:
    text = captured("chromium_view")
    made = answer(text.replace("a=recvonly", "a=sendonly", 1), local, draw_ssrc)
    assert [section.kind for section in made.sections] == [TrackKind.VIDEO]
    assert sdp.parse(made.sdp).media[0].rejected
    with pytest.raises(SdpError, match="can receive"):
        answer(text.replace("a=recvonly", "a=sendonly"), local, draw_ssrc)
