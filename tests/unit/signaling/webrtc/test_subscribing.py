from __future__ import annotations

from collections.abc import Callable

import pytest

from rooms.core.model import Source, TrackKind
from signaling.webrtc import sdp
from signaling.webrtc.codecs import Bitstream, Codec, H264Profile
from signaling.webrtc.sdp import Direction, SdpError
from signaling.webrtc.subscribing import SLOTS_MAX, StaleRevision, SubscribingOffer, SubscribingOfferer, Wanted
from signaling.webrtc.transport import LocalTransport

OPUS, VP8, VP9, AV1 = (Bitstream(codec) for codec in (Codec.OPUS, Codec.VP8, Codec.VP9, Codec.AV1))
H264 = Bitstream(Codec.H264, H264Profile.CONSTRAINED_BASELINE, 1)


def mic(name: str, generation: int = 0) -> Wanted:
    return Wanted(f"{name}-mic", name, Source.MICROPHONE, OPUS, generation)


def camera(name: str, bitstream: Bitstream = VP8, generation: int = 0) -> Wanted:
    return Wanted(f"{name}-cam", name, Source.CAMERA, bitstream, generation)


class Client:
    """The other side, sans browser: answers what it is offered, and can leave things out."""

    def __init__(self, offerer: SubscribingOfferer, local: LocalTransport) -> None:
        self.offerer = offerer
        self.local = local

    def offer(self) -> tuple[SubscribingOffer, sdp.SessionDescription]:
        made = self.offerer.offer(self.local)
        assert made is not None
        return made, sdp.parse(made.sdp)

    def answer_text(self, offered: sdp.SessionDescription, refuse: tuple[str, ...] = ()) -> str:
        kept = " ".join(media.mid for media in offered.media if not media.rejected and media.mid not in refuse)
        lines = ["v=0", "o=- 99 2 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {kept}"]
        for media in offered.media:
            if media.rejected or media.mid in refuse:
                lines += [f"m={media.kind} 0 UDP/TLS/RTP/SAVPF 0", f"a=mid:{media.mid}", "a=inactive"]
                continue
            payloads = " ".join(str(entry.payload_type) for entry in media.formats)
            direction = "recvonly" if media.direction is Direction.SENDONLY else "inactive"
            lines += [
                f"m={media.kind} 9 UDP/TLS/RTP/SAVPF {payloads}", f"a=mid:{media.mid}", f"a={direction}",
                "a=rtcp-mux", "a=setup:active", "a=ice-ufrag:abcd", "a=ice-pwd:0123456789abcdef01234567",
                "a=fingerprint:sha-256 " + ":".join(["CD"] * 32),
            ]  # fmt: skip
            for entry in media.formats:
                channels = f"/{entry.channels}" if entry.channels > 1 else ""
                lines.append(f"a=rtpmap:{entry.payload_type} {entry.name}/{entry.clock_rate}{channels}")
                lines += [f"a=fmtp:{entry.payload_type} {entry.parameters}"] if entry.parameters else []
            lines += [f"a=extmap:{extension.id} {extension.uri}" for extension in media.extensions]
        return "\r\n".join(lines) + "\r\n"

    def negotiate(self, refuse: tuple[str, ...] = ()) -> sdp.SessionDescription:
        made, offered = self.offer()
        self.answered = self.offerer.answer(made.revision, sdp.parse(self.answer_text(offered, refuse)))
        return offered


@pytest.fixture
def offerer(draw_ssrc: Callable[[], int]) -> SubscribingOfferer:
    return SubscribingOfferer(4711, draw_ssrc)


@pytest.fixture
def client(offerer: SubscribingOfferer, local: LocalTransport) -> Client:
    return Client(offerer, local)


def test_an_offer_shows_whose_track_it_is(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((camera("ana"), mic("ana")))
    made, offered = client.offer()
    video, audio = offered.media
    assert made.revision == 1
    assert [(slot.mid, slot.wanted) for slot in made.slots] == [("0", camera("ana")), ("1", mic("ana"))]
    assert (video.msid, audio.msid) == ("ana ana-cam", "ana ana-mic")
    assert (video.direction, video.setup) == (Direction.SENDONLY, "actpass")
    assert video.ssrc_groups[0].ssrcs == video.ssrcs == (1000, 1001)
    assert audio.ssrcs == (1002,)
    assert [entry.name for entry in audio.formats] == ["opus", "red"]
    assert offered.bundle == ("0", "1")
    assert made.sdp.count("a=candidate:") == 4


def test_an_answer_binds_what_it_accepts(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((camera("ana"), mic("ana")))
    client.negotiate()
    video, audio = client.answered.bindings
    assert (video.wanted, video.ssrc, video.rtx_ssrc, video.payload_type, video.rtx_payload_type) == (
        camera("ana"), 1000, 1001, 96, 97,
    )  # fmt: skip
    assert (audio.payload_type, audio.red_payload_type, audio.rtx_ssrc) == (111, 63, 0)
    assert (video.extensions.mid, audio.extensions.audio_level) == (4, 1)
    assert client.answered.remote.fingerprints[0].value.startswith("CD")
    assert offerer.offer(client.local) is None  # nothing new to say


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_the_answers_of_real_browsers(
    captured: Callable[[str], str], offerer: SubscribingOfferer, client: Client, browser: str
) -> None:
    h264 = camera("bo", H264)
    screen = Wanted("cy-screen", "cy", Source.SCREEN, AV1)
    offerer.want((camera("ana"), mic("ana"), h264, camera("cy", VP9), screen))
    client.offer()
    answered = offerer.answer(1, sdp.parse(captured(f"{browser}_answer")))
    bound = {binding.wanted: binding for binding in answered.bindings}
    assert {camera("ana"), mic("ana"), camera("cy", VP9), screen} <= set(bound)
    assert bound[camera("ana")].extensions.mid == 4
    assert bool(bound[mic("ana")].red_payload_type) is (browser == "chromium")
    assert answered.refused == (() if browser == "chromium" else (h264,))  # this Firefox has no H.264


def test_one_offer_is_outstanding_and_changes_are_gathered(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((mic("ana"),))
    made, offered = client.offer()
    offerer.want((mic("ana"), camera("ana")))
    offerer.want((mic("ana"), camera("ana"), mic("bo")))
    assert offerer.offer(client.local) is None
    with pytest.raises(StaleRevision):
        offerer.answer(2, sdp.parse(client.answer_text(offered)))
    offerer.answer(made.revision, sdp.parse(client.answer_text(offered)))
    second, _ = client.offer()
    assert second.revision == 2
    assert [slot.wanted for slot in second.slots] == [mic("ana"), camera("ana"), mic("bo")]
    with pytest.raises(StaleRevision):
        offerer.answer(1, sdp.parse(client.answer_text(offered)))


def test_a_slot_is_kept_goes_inactive_and_is_taken_over(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((camera("ana"), camera("bo")))
    client.negotiate()
    offerer.want((camera("bo"),))
    offered = client.negotiate()
    assert [media.direction for media in offered.media] == [Direction.INACTIVE, Direction.SENDONLY]
    assert [binding.wanted for binding in client.answered.bindings] == [camera("bo")]

    offerer.want((camera("bo"), camera("cy"), mic("cy")))
    offered = client.negotiate()
    assert [media.msid for media in offered.media] == ["cy cy-cam", "bo bo-cam", "cy cy-mic"]
    assert [media.mid for media in offered.media] == ["0", "1", "2"]
    assert offered.media[0].ssrcs == (1004, 1005)  # a new stream has new SSRCs
    assert offered.media[1].ssrcs == (1002, 1003)


def test_a_new_generation_stays_in_its_slot(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((camera("ana"), camera("bo")))
    client.negotiate()
    offerer.want((camera("bo"), camera("ana", VP9, generation=1)))
    offered = client.negotiate()
    assert [media.msid for media in offered.media] == ["ana ana-cam", "bo bo-cam"]
    assert offered.media[0].formats[0].name == "vp9"
    assert offered.media[0].ssrcs == (1004, 1005)


def test_a_refused_section_is_recycled_and_its_codec_remembered(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((mic("ana"), camera("ana", H264)))
    client.negotiate(refuse=("1",))
    assert client.answered.refused == (camera("ana", H264),)
    assert offerer.want((mic("ana"), camera("ana", H264), camera("bo", H264))) == (
        camera("ana", H264), camera("bo", H264),
    )  # fmt: skip
    offered = client.negotiate()
    assert offered.media[1].rejected

    assert offerer.want((mic("ana"), mic("bo"))) == ()
    offered = client.negotiate()
    assert [(media.kind, media.mid, media.rejected) for media in offered.media] == [
        ("audio", "0", False), ("audio", "2", False),
    ]  # fmt: skip


def test_a_section_that_a_page_switches_off_is_not_a_missing_codec(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((mic("ana"), camera("ana")))
    made, offered = client.offer()
    text = client.answer_text(offered)
    head, _, tail = text.rpartition("a=recvonly")
    answered = offerer.answer(made.revision, sdp.parse(head + "a=inactive" + tail))
    assert answered.refused == (camera("ana"),)
    assert offerer.want((mic("ana"), camera("ana"), camera("bo"))) == (camera("ana"),)
    assert offerer.want((mic("ana"), camera("ana", generation=1))) == ()


def test_empty_slots_bring_the_transport_up(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.prepare((TrackKind.AUDIO, TrackKind.VIDEO))
    offered = client.negotiate()
    assert [media.direction for media in offered.media] == [Direction.INACTIVE, Direction.INACTIVE]
    offerer.want((camera("ana"), mic("ana")))
    offered = client.negotiate()
    assert [media.msid for media in offered.media] == ["ana ana-mic", "ana ana-cam"]


def test_a_restart_replaces_the_outstanding_offer(offerer: SubscribingOfferer, client: Client) -> None:
    offerer.want((mic("ana"),))
    _, offered = client.offer()
    offerer.restart()
    second, _ = client.offer()
    assert (second.revision, offerer.next_revision) == (2, 3)
    with pytest.raises(StaleRevision):
        offerer.answer(1, sdp.parse(client.answer_text(offered)))
    offerer.answer(2, sdp.parse(client.answer_text(offered)))


def test_slots_are_bounded(offerer: SubscribingOfferer, client: Client) -> None:
    cameras = tuple(camera(str(number)) for number in range(52))
    everybody = (*cameras, *(mic(str(number)) for number in range(SLOTS_MAX - 49)))
    assert offerer.want(everybody) == everybody[SLOTS_MAX:]
    made, offered = client.offer()
    assert len(offered.media) == SLOTS_MAX
    assert len(client.answer_text(offered)) < sdp.SDP_MAX_CHARS  # so that the answer of such an offer can be sent
    assert len(made.slots) == SLOTS_MAX


def test_each_h264_profile_has_its_own_payload_type(offerer: SubscribingOfferer, client: Client) -> None:
    profiles = [Bitstream(Codec.H264, profile, mode) for profile in H264Profile for mode in (0, 1)]
    wanted = tuple(camera(str(number), bitstream) for number, bitstream in enumerate(profiles))
    assert offerer.want(wanted) == ()
    offered = client.negotiate()
    numbers = [entry.payload_type for media in offered.media for entry in media.formats]
    assert len(set(numbers)) == 2 * len(profiles)
    assert len(client.answered.bindings) == len(profiles)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda text: text.replace("a=setup:active", "a=setup:passive"), "active DTLS role"),
        (lambda text: text[: text.rindex("m=")], "another number"),
        (lambda text: text.replace("a=mid:0", "a=mid:9"), "BUNDLE|order"),
        (lambda text: text.replace("a=mid:0", "a=mid:9").replace("BUNDLE 0", "BUNDLE 9"), "another order"),
    ],
)
def test_bad_answers_leave_the_offer_outstanding(
    offerer: SubscribingOfferer, client: Client, change: Callable[[str], str], cause: str
) -> None:
    offerer.want((mic("ana"), camera("ana")))
    made, offered = client.offer()
    good = client.answer_text(offered)
    with pytest.raises(SdpError, match=cause):
        offerer.answer(made.revision, sdp.parse(change(good)))
    assert len(offerer.answer(made.revision, sdp.parse(good)).bindings) == 2


def turning(name: str, *alternatives: Bitstream, first: Bitstream = VP8) -> Wanted:
    return Wanted(f"{name}-cam", name, Source.CAMERA, first, 0, alternatives)


def without_h264(text: str) -> str:
    kept = (line for line in text.replace(" 102 103", "").split("\r\n") if ":102 " not in line and ":103 " not in line)
    return "\r\n".join(kept)


def test_a_track_that_may_turn_is_offered_in_all_that_it_may_come_in(
    offerer: SubscribingOfferer, client: Client
) -> None:
    offerer.want((turning("ana", H264),))
    offered = client.negotiate()
    assert [entry.name for entry in offered.media[0].formats] == ["vp8", "rtx", "h264", "rtx"]
    formats = client.answered.bindings[0].formats
    assert [item.bitstream for item in formats] == [VP8, H264]
    assert [(item.payload_type, item.rtx_payload_type) for item in formats] == [(96, 97), (102, 103)]


def test_what_an_answer_leaves_out_is_not_decodable(offerer: SubscribingOfferer, client: Client) -> None:
    assert offerer.decodes(H264)  # nothing is known yet
    offerer.want((turning("ana", H264),))
    made, offered = client.offer()
    answered = offerer.answer(made.revision, sdp.parse(without_h264(client.answer_text(offered))))
    assert [item.bitstream for item in answered.bindings[0].formats] == [VP8]
    assert (offerer.decodes(VP8), offerer.decodes(H264), offerer.decodes(AV1)) == (True, False, True)
    assert offerer.want((turning("ana", H264), camera("bo", H264))) == (camera("bo", H264),)


def test_an_empty_slot_tells_what_a_client_can_decode_but_does_not_settle_it(
    offerer: SubscribingOfferer, client: Client
) -> None:
    offerer.prepare((TrackKind.VIDEO,))
    made, offered = client.offer()
    assert [entry.name for entry in offered.media[0].formats][::2] == ["vp8", "h264", "vp9", "av1"]
    offerer.answer(made.revision, sdp.parse(without_h264(client.answer_text(offered))))
    assert (offerer.decodes(VP8), offerer.decodes(H264)) == (True, False)
    # a device may decode what it cannot encode: the answer to a real section counts
    offerer.want((camera("ana", H264),))
    client.negotiate()
    assert offerer.decodes(H264)


def test_an_offer_of_turning_tracks_is_bounded_too(offerer: SubscribingOfferer, client: Client) -> None:
    cameras = tuple(turning(str(number), H264) for number in range(52))
    assert offerer.want((*cameras, *(mic(str(number)) for number in range(SLOTS_MAX - 52)))) == ()
    made, offered = client.offer()
    assert max(len(made.sdp), len(client.answer_text(offered))) < sdp.SDP_MAX_CHARS
