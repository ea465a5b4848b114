"""The publishing connection of a synthetic participant: a microphone and a camera in three encodings."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.bench import sdp as bench_sdp
from tests.bench.peer import Certificate

from . import media, sdp
from .line import Line
from .moving import Moving

Json = dict[str, Any]

SOUNDS_PER_S: Final = 10
PICTURE_EVERY: Final = 2  # sounds
SOUND_BYTES: Final = 60
RIDS: Final = ("q", "h", "f")
SIZES: Final = {"q": (320, 180), "h": (640, 360), "f": (1280, 720)}
PARTS: Final = {"q": (1, 300), "h": (1, 900), "f": (2, 1000)}
LOUD_DBOV: Final = 20


class Sending(Moving):
    """`asked` names the rids that the server wants; None: it has not said, so all are sent."""

    def __init__(self, certificate: Certificate, address: str, source: str) -> None:
        super().__init__(certificate, address, source)
        self._sound = media.Outgoing(media.AUDIO_PAYLOAD_TYPE, sdp.AUDIO_MID, 48_000)
        self._cameras: dict[str, media.Pictures] = {}
        self._transport_seq = secrets.randbits(16)
        self.track_ids: dict[str, str] = {}  # mid -> id
        self.asked: frozenset[str] | None = None
        self.loud = False
        self.keyframes = 0

    @property
    def simulcast(self) -> bool:
        return len(self._cameras) > 1

    async def publish(self, say_publish: Callable[[str, list[Json]], Awaitable[Json | None]]) -> None:
        """From a new connection, as after a reload.  Raises LineDied.  `say_publish` returns `published`, or None."""
        await self.close()
        line = self._open(lambda _: None, self._receive_rtcp)
        self._sound = media.Outgoing(media.AUDIO_PAYLOAD_TYPE, sdp.AUDIO_MID, 48_000)
        published = await self._negotiate(say_publish)
        if published is None:
            return
        rids = sdp.rids_accepted(published["sdp"]) or ("",)
        self.asked = None
        self._cameras = {rid: self._camera(number, rid) for number, rid in enumerate(rids)}
        self._work(self._beat())
        await line.connect(bench_sdp.read_remote(published["sdp"], self._address))

    async def restart(self, source: str, say_publish: Callable[[str, list[Json]], Awaitable[Json | None]]) -> None:
        """From another address, with an ICE restart.  Raises LineDied."""
        self.source = source
        line = self._line_or_dead()
        line.renew()
        published = await self._negotiate(say_publish)
        if published is not None:
            await line.follow(bench_sdp.read_remote(published["sdp"], self._address), source)

    # ------------------------------------------------------------ inside

    async def _negotiate(self, say_publish: Callable[[str, list[Json]], Awaitable[Json | None]]) -> Json | None:
        offer = sdp.publishing_offer(self._line_or_dead(), self._certificate.fingerprint, self._sound.ssrc, RIDS)
        sources = [
            {"mid": sdp.AUDIO_MID, "source": "microphone", "muted": False},
            {"mid": sdp.VIDEO_MID, "source": "camera", "muted": False},
        ]
        published = await say_publish(offer, sources)
        if published is not None:
            self.track_ids = {track["mid"]: track["track_id"] for track in published["tracks"]}
        return published

    def _camera(self, encoding: int, rid: str) -> media.Pictures:
        stream = media.Outgoing(media.VIDEO_PAYLOAD_TYPE, sdp.VIDEO_MID, 90_000, rid)
        return media.Pictures(encoding, SIZES[rid or "h"], *PARTS[rid or "h"], stream)

    def _receive_rtcp(self, compound: bytes) -> None:
        asked = media.keyframes_asked(compound)
        for camera in self._cameras.values():
            if camera.stream.ssrc in asked:
                camera.keyframe_wanted = True
                self.keyframes += 1

    async def _beat(self) -> None:
        start, beat = self._loop.time(), 0
        while True:
            beat += 1
            await asyncio.sleep(max(0.0, start + beat / SOUNDS_PER_S - self._loop.time()))
            if self.line is not None and self.line.sending is not None:
                self._send(self.line, beat)

    def _send(self, line: Line, beat: int) -> None:
        keys = line.sending
        assert keys is not None
        self._sound.timestamp += 48_000 // SOUNDS_PER_S
        level = LOUD_DBOV + beat % 3 if self.loud else media.SILENCE_DBOV
        line.send(self._sound.packet(keys, bytes(SOUND_BYTES), self._transport_seq, marker=False, level=level))
        self._transport_seq += 1
        if beat % PICTURE_EVERY:
            return
        for rid, camera in self._cameras.items():
            if rid and self.asked is not None and rid not in self.asked:
                camera.keyframe_wanted = True  # when it is resumed
                continue
            packets = camera.frame(keys, self._transport_seq, beat * 90_000 // SOUNDS_PER_S)
            self._transport_seq += len(packets)
            for packet in packets:
                line.send(packet)
