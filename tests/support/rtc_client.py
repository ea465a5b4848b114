"""A foreign WebRTC stack (aiortc) for tests: publishes the test card, receives and counts what really decodes."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCRtpTransceiver, RTCSessionDescription, rtp
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from rooms.core.model import Grant, Source
from signaling.messages import MediaNotice, Offer, PublishedMedia
from signaling.ports import MediaSessions, PublishedResult
from signaling.testcard import TestCard, Tone

PATIENCE_S = 40.0  # a loaded machine starves the encoders
LOUD = 200  # root mean square of 16-bit samples: clearly not silence


def new_connection() -> RTCPeerConnection:
    """Without aiortc's default STUN server: nothing here asks anybody outside."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


def prefer(transceiver: RTCRtpTransceiver, codec: str) -> None:
    """Offers no other video codec."""
    known = RTCRtpSender.getCapabilities("video").codecs
    transceiver.setCodecPreferences([item for item in known if item.mimeType in (f"video/{codec}", "video/rtx")])


class Received:
    """Decodes the tracks of one connection and counts pictures, sound frames, and frames that are not silent."""

    def __init__(self, connection: RTCPeerConnection) -> None:
        self.frames: Counter[str] = Counter()
        self.loud = 0
        self.sizes: set[tuple[int, int]] = set()
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        connection.on("track", self._follow)

    def _follow(self, track: MediaStreamTrack) -> None:
        task = asyncio.get_running_loop().create_task(self._count(track))
        self._tasks.add(task)

    async def _count(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            self.frames[track.kind] += 1
            if track.kind == "audio":
                samples = memoryview(bytes(frame.planes[0])[: 2 * frame.samples * len(frame.layout.channels)]).cast("h")
                self.loud += sum(sample * sample for sample in samples[::8]) / len(samples[::8]) > LOUD**2
            else:
                self.sizes.add((frame.width, frame.height))
            async with self._changed:
                self._changed.notify_all()

    async def until(self, fits: Callable[[Received], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: fits(self))

    async def decodes(self, pictures: int = 0, sounds: int = 0) -> None:
        """From now on so many more pictures and frames of audible sound."""
        had_pictures, had_loud = self.frames["video"], self.loud
        await self.until(lambda now: now.frames["video"] - had_pictures >= pictures and now.loud - had_loud >= sounds)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class SeatClient:
    """The two peer connections of one seat, spoken to the media plane without a socket between."""

    def __init__(self, plane: MediaSessions, room_id: str, grant: Grant, participant_id: str) -> None:
        self.plane = plane
        self.room_id = room_id
        self.grant = grant
        self.id = participant_id
        self.decodes: tuple[str, ...] = ()  # its video codecs; () = all that aiortc has
        self.notices: list[MediaNotice] = []
        self.offers: list[Offer] = []
        self.speakers: list[tuple[str, ...]] = []
        self.publishing: RTCPeerConnection | None = None
        self.subscribing: RTCPeerConnection | None = None
        self.received: Received | None = None
        self.messages: asyncio.Queue[bytes] = asyncio.Queue()
        self.channels: dict[int, Any] = {}
        self._noticed = asyncio.Event()
        self._arrived = asyncio.Condition()
        self._incoming: asyncio.Queue[Offer] = asyncio.Queue()
        self._answering: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def attach(self, answering: bool = True) -> None:
        if answering and self._answering is None:
            self._answering = asyncio.get_running_loop().create_task(self._answer_all())
        self.plane.attach(
            self.room_id, self.id, self.grant, self._incoming.put_nowait, self.speakers.append, self._heed
        )

    def _heed(self, notice: MediaNotice) -> None:
        self.notices.append(notice)
        self._noticed.set()

    async def noticed(self, fits: Callable[[MediaNotice], bool]) -> MediaNotice:
        """The first that fits, of those that came or come."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := [notice for notice in self.notices if fits(notice)]):
                self._noticed.clear()
                await self._noticed.wait()
        return found[0]

    async def publish(self, sources: tuple[Source, ...] = (Source.MICROPHONE, Source.CAMERA)) -> PublishedResult:
        """A new peer connection, as after a reload."""
        if self.publishing is not None:
            await self.publishing.close()
        self.publishing = new_connection()
        for number in (0, 1):
            unreliable: dict[str, Any] = {"ordered": False, "maxRetransmits": 0} if number else {}
            channel = self.publishing.createDataChannel(f"channel-{number}", negotiated=True, id=number, **unreliable)
            channel.on("message", self.messages.put_nowait)
            self.channels[number] = channel
        for source in sources:
            track = Tone() if source.kind.value == "audio" else TestCard(320, 180)
            self.publishing.addTransceiver(track, direction="sendonly")
        await self.publishing.setLocalDescription(await self.publishing.createOffer())
        mids = [transceiver.mid or "" for transceiver in self.publishing.getTransceivers()]
        media = tuple(PublishedMedia(mid, source) for mid, source in zip(mids, sources, strict=True))
        result = await self.plane.publish(self.room_id, self.id, self.publishing.localDescription.sdp, media)
        await self.publishing.setRemoteDescription(RTCSessionDescription(result.sdp, "answer"))
        self.plane.tracks_known(self.room_id, self.id)
        return result

    async def offered(self, fits: Callable[[Offer], bool]) -> Offer:
        """The newest offer that was answered and fits."""
        async with asyncio.timeout(PATIENCE_S), self._arrived:
            await self._arrived.wait_for(lambda: bool(self.offers) and fits(self.offers[-1]))
            return self.offers[-1]

    async def estimates(self, bps: int) -> None:
        """Says that its line carries so much (REMB), and from now on nothing of aiortc's own mind."""
        if self.subscribing is None:
            raise RuntimeError("nothing is received yet")
        receivers: list[Any] = [transceiver.receiver for transceiver in self.subscribing.getTransceivers()]
        heard = [source.source for receiver in receivers for source in receiver.getSynchronizationSources()]
        for receiver in receivers:
            receiver._RTCRtpReceiver__remote_bitrate_estimator = None
        fci = rtp.pack_remb_fci(bps, heard)
        await receivers[0]._send_rtcp(rtp.RtcpPsfbPacket(fmt=rtp.RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci))

    async def channel_open(self, number: int) -> Any:
        channel = self.channels[number]
        if channel.readyState != "open":
            opened = asyncio.Event()
            channel.on("open", opened.set)
            async with asyncio.timeout(PATIENCE_S):
                await opened.wait()
        return channel

    async def close(self) -> None:
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
        for connection in (self.publishing, self.subscribing):
            if connection is not None:
                await connection.close()
        if self.received is not None:
            await self.received.close()

    async def _answer_all(self) -> None:
        while True:
            offer = await self._incoming.get()
            if offer.fresh or self.subscribing is None:
                if self.subscribing is not None:
                    await self.subscribing.close()
                self.subscribing = new_connection()
                self.received = Received(self.subscribing)
            await self.subscribing.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            await self.subscribing.setLocalDescription(await self.subscribing.createAnswer())
            answer = self.subscribing.localDescription.sdp
            answer = with_video_codecs(answer, self.decodes) if self.decodes else answer
            await self.plane.answer(self.room_id, self.id, offer.revision, answer)
            async with self._arrived:
                self.offers.append(offer)
                self._arrived.notify_all()


def with_video_codecs(description: str, names: tuple[str, ...]) -> str:
    """A description whose video sections have no codecs but these; a section that is left with none is refused."""
    sections = re.split(r"(?m)^(?=m=)", description)
    return "".join(_with_codecs(part, names) if part.startswith("m=video") else part for part in sections)


def _with_codecs(section: str, names: tuple[str, ...]) -> str:
    carried = dict(re.findall(r"a=rtpmap:(\d+) (\w+)/", section))
    kept = {number for number, name in carried.items() if name in names}
    kept |= {number for number, inside in re.findall(r"a=fmtp:(\d+) apt=(\d+)", section) if inside in kept}
    lines = [
        line
        for line in section.splitlines(keepends=True)
        if not (of := re.match(r"a=(?:rtpmap|fmtp|rtcp-fb):(\d+) ", line)) or of[1] in kept
    ]
    head = lines[0].split()
    numbers = [number for number in head[3:] if number in kept] or ["0"]
    lines[0] = " ".join([head[0], head[1] if kept else "0", head[2], *numbers]) + "\r\n"
    return "".join(lines)


class StreamClient:
    """A WHIP or WHEP client; what it POSTs and how is the test's business."""

    def __init__(self) -> None:
        self.connection = new_connection()
        self.received = Received(self.connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def offer_to_publish(self, codec: str = "", size: tuple[int, int] = (320, 180)) -> str:
        self.connection.addTransceiver(Tone(), direction="sendonly")
        camera = self.connection.addTransceiver(TestCard(*size), direction="sendonly")
        if codec:
            prefer(camera, codec)
        return await self.offer()

    async def offer_to_view(self, codec: str = "", *, pictures: bool = True) -> str:
        self.connection.addTransceiver("audio", direction="recvonly")
        if pictures:
            screen = self.connection.addTransceiver("video", direction="recvonly")
            if codec:
                prefer(screen, codec)
        return await self.offer()

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def until_state(self, *states: str) -> None:
        """aiortc's connectionState is one of these."""
        changed = asyncio.Event()
        self.connection.on("connectionstatechange", changed.set)
        async with asyncio.timeout(PATIENCE_S):
            while self.connection.connectionState not in states:
                changed.clear()
                await changed.wait()

    async def close(self) -> None:
        await self.connection.close()
        await self.received.close()

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp
