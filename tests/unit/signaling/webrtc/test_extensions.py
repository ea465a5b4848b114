from __future__ import annotations

from signaling.webrtc import extensions
from signaling.webrtc.codecs import Bitstream, Codec
from signaling.webrtc.extensions import OFFERED, URI_OF, ExtensionIds
from signaling.webrtc.sdp import Direction, ExtensionMap, Media

VP8, AV1, OPUS = Bitstream(Codec.VP8), Bitstream(Codec.AV1), Bitstream(Codec.OPUS)


def section(*maps: tuple[int, str, Direction], mixed: bool = False) -> Media:
    found = tuple(ExtensionMap(number, URI_OF.get(name, name), direction) for number, name, direction in maps)
    return Media("video", 9, "UDP/TLS/RTP/SAVPF", ("96",), extensions=found, extmap_allow_mixed=mixed)


BOTH, SEND, RECEIVE = Direction.SENDRECV, Direction.SENDONLY, Direction.RECVONLY


def test_only_what_is_known_useful_and_flows_our_way_is_taken() -> None:
    offered = section(
        (4, "mid", BOTH), (3, "transport_cc", BOTH), (2, "abs_send_time", BOTH), (5, "playout_delay", RECEIVE),
        (12, "dependency_descriptor", SEND), (13, "video_orientation", BOTH), (1, "urn:unknown", BOTH),
    )  # fmt: skip
    assert extensions.accept(offered, VP8, sending=False) == ExtensionIds(mid=4, transport_cc=3, video_orientation=13)
    assert extensions.accept(offered, AV1, sending=False).dependency_descriptor == 12
    assert extensions.accept(offered, VP8, sending=True).playout_delay == 5
    assert extensions.accept(offered, OPUS, sending=False).video_orientation == 0


def test_send_time_serves_publishers_without_transport_feedback() -> None:
    assert extensions.accept(section((2, "abs_send_time", BOTH)), VP8, sending=False).abs_send_time == 2


def test_ids_beyond_the_one_byte_form_and_double_ids_are_left_out() -> None:
    assert extensions.accept(section((15, "mid", BOTH)), VP8, sending=False) == ExtensionIds()
    double = section((4, "mid", BOTH), (4, "transport_cc", BOTH))
    assert extensions.accept(double, VP8, sending=False) == ExtensionIds()


def test_mixed_forms_are_agreed_on_per_section() -> None:
    ids = extensions.accept(section((4, "mid", BOTH), mixed=True), VP8, sending=False)
    assert ids.allow_mixed == 1
    assert extensions.lines(ids) == ["a=extmap-allow-mixed", f"a=extmap:4 {URI_OF['mid']}"]


def test_our_offers_use_one_id_for_one_extension() -> None:
    ids = [number for number in OFFERED if number]
    assert len(set(ids)) == len(ids)
    assert max(ids) <= 14
    assert extensions.offered_for(VP8).dependency_descriptor == 0
    assert extensions.offered_for(AV1).dependency_descriptor == OFFERED.dependency_descriptor
    assert extensions.offered_for(OPUS).audio_level == OFFERED.audio_level
