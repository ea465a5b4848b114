"""What a synthetic participant makes of the streams that it receives."""

from __future__ import annotations

from tests.soak import media, srtp


def test_a_stream_that_was_just_offered_is_not_silent_yet() -> None:
    stream = media.Incoming("microphone", video=False, ssrc=1, offered_at=100.0)
    assert stream.silent_s(101.0) == 1.0

    keys = srtp.SrtpKeys(bytes(srtp.KEY_BYTES + srtp.SALT_BYTES))
    sound = media.Outgoing(media.AUDIO_PAYLOAD_TYPE, "0", 48_000)
    stream.count(sound.packet(keys, bytes(60), 1, marker=False), now=103.0)

    assert stream.silent_s(104.5) == 1.5
