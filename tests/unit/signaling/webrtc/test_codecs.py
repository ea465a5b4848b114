from __future__ import annotations

import pytest

from signaling.webrtc.codecs import (
    DEFAULT_PREFERENCE,
    Bitstream,
    Codec,
    H264Profile,
    bitstream_of,
    carrier_parameters,
    choose,
    h264_profile,
    red_of,
    rtx_of,
)
from signaling.webrtc.sdp import Format


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("42e01f", H264Profile.CONSTRAINED_BASELINE),
        ("42c01f", H264Profile.CONSTRAINED_BASELINE),
        ("42001f", H264Profile.BASELINE),
        ("420010", H264Profile.BASELINE),
        ("4d0032", H264Profile.MAIN),
        ("4D801F", H264Profile.CONSTRAINED_BASELINE),
        ("58a01e", H264Profile.BASELINE),
        ("58e01e", H264Profile.CONSTRAINED_BASELINE),
        ("640c1f", H264Profile.CONSTRAINED_HIGH),
        ("640032", H264Profile.HIGH),
        ("f4001f", None),
        ("42e0", None),
        ("zzzzzz", None),
    ],
)
def test_h264_profiles(text: str, profile: H264Profile | None) -> None:
    assert h264_profile(text) is profile


def video(number: int, name: str, parameters: str = "") -> Format:
    return Format(number, name, 90_000, parameters=parameters)


@pytest.mark.parametrize(
    ("kind", "entry", "expected"),
    [
        ("audio", Format(111, "opus", 48_000, 2), Bitstream(Codec.OPUS)),
        ("audio", Format(111, "opus", 16_000, 2), None),
        ("audio", Format(9, "g722", 8_000), None),
        ("video", video(96, "vp8"), Bitstream(Codec.VP8)),
        ("video", video(98, "vp9", "profile-id=0"), Bitstream(Codec.VP9)),
        ("video", video(98, "vp9"), Bitstream(Codec.VP9)),
        ("video", video(100, "vp9", "profile-id=2"), None),
        ("video", video(45, "av1", "level-idx=5;profile=0;tier=0"), Bitstream(Codec.AV1)),
        ("video", video(47, "av1", "profile=1"), None),
        ("video", video(99, "h264"), Bitstream(Codec.H264, H264Profile.BASELINE, 0)),
        (
            "video",
            video(99, "h264", "Packetization-Mode=1; profile-level-id=42e01f"),
            Bitstream(Codec.H264, H264Profile.CONSTRAINED_BASELINE, 1),
        ),
        ("video", video(99, "h264", "packetization-mode=2;profile-level-id=42e01f"), None),
        ("video", video(97, "rtx", "apt=96"), None),
        ("video", Format(96, "vp8", 48_000), None),
    ],
)
def test_what_a_format_stands_for(kind: str, entry: Format, expected: Bitstream | None) -> None:
    assert bitstream_of(kind, entry) == expected


def test_our_preference_chooses_and_then_the_best_h264() -> None:
    offered = [
        video(102, "h264", "packetization-mode=0;profile-level-id=42e01f"),
        video(104, "h264", "packetization-mode=1;profile-level-id=64001f"),
        video(106, "h264", "packetization-mode=1;profile-level-id=42e01f"),
        video(98, "vp9"),
        video(96, "vp8"),
    ]
    assert _chosen(offered, DEFAULT_PREFERENCE) == 96
    assert _chosen(offered[:4], DEFAULT_PREFERENCE) == 106
    assert _chosen(offered[:2], DEFAULT_PREFERENCE) == 102
    assert _chosen(offered[1:2], DEFAULT_PREFERENCE) == 104
    assert _chosen(offered, (Codec.VP9, Codec.VP8)) == 98
    assert _chosen(offered, (Codec.AV1,)) is None


def _chosen(formats: list[Format], preference: tuple[Codec, ...]) -> int | None:
    found = choose("video", formats, preference)
    return None if found is None else found[0].payload_type


def test_rtx_and_red_belong_to_their_format() -> None:
    opus, red = Format(111, "opus", 48_000, 2), Format(63, "red", 48_000, 2, "111/111")
    formats = [video(96, "vp8"), video(97, "rtx", "apt=96"), video(98, "rtx", "apt=99"), opus, red]
    assert rtx_of(formats, 96) == formats[1]
    assert rtx_of(formats, 45) is None
    assert red_of(formats, 111) == red
    assert red_of([Format(63, "red", 48_000, 2, "111/9")], 111) is None
    assert carrier_parameters(formats[1], formats[0]) == "apt=96"
    assert carrier_parameters(red, opus) == "111/111"
