"""The subscribing connection of a synthetic participant: answers offers, counts what comes, sends feedback."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.bench import sdp as bench_sdp
from tests.bench.peer import Certificate

from . import media, sdp
from .moving import Moving

Json = dict[str, Any]

FEEDBACK_EVERY_S: Final = 0.2
REPORT_EVERY: Final = 10  # feedbacks
KEYFRAME_AGAIN_S: Final = 0.5


class Receiving(Moving):
    """`incoming` is what the last offer brings, by SSRC."""

    def __init__(self, certificate: Certificate, address: str, source: str) -> None:
        super().__init__(certificate, address, source)
        self._sender = secrets.randbits(32) | 1
        self._feedback = media.Feedback()
        self._asked_at: dict[int, float] = {}
        self._ufrag = ""  # the server's, of the last offer
        self.incoming: dict[int, media.Incoming] = {}
        self.offered_at = 0.0  # the last offer, loop time
        self.unknown = 0  # packets of streams that no offer told of
        self.totals = {"packets": 0, "gaps": 0, "damaged": 0, "freezes": 0, "streams": 0}

    async def answer(self, offer: Json, say_answer: Callable[[str], Awaitable[bool]]) -> None:
        """`say_answer` sends the answer and returns whether it was taken.  Raises LineDied."""
        if offer["fresh"] or self.line is None:
            await self.close()
            self._open(self._receive, lambda _: None)
            self._work(self._report())
        line, former_ufrag = self._line_or_dead(), self._ufrag
        remote = bench_sdp.read_remote(offer["sdp"], self._address)
        restarts = former_ufrag not in ("", remote.ufrag)
        if restarts:
            line.renew()
        text, sections = sdp.subscribing_answer(offer["sdp"], line, self._certificate.fingerprint)
        # streams may come before the reply does
        self._expect(offer["tracks"], {section.mid: section.ssrc for section in sections})
        if not await say_answer(text):
            return
        self._ufrag = remote.ufrag
        if not line.secure:
            await line.connect(remote)
        elif restarts:
            await line.follow(remote, self.source)

    async def close(self) -> None:
        await super().close()
        self._forget(list(self.incoming))
        self._feedback = media.Feedback()
        self._ufrag = ""

    # ------------------------------------------------------------ inside

    def _expect(self, tracks: list[Json], ssrcs: dict[str, int]) -> None:
        offered = {
            ssrcs[track["mid"]]: (track["track_id"], track["source"] in ("camera", "screen"))
            for track in tracks
            if ssrcs.get(track["mid"])
        }
        self.offered_at = self._loop.time()
        self._forget([ssrc for ssrc in self.incoming if ssrc not in offered])
        for ssrc, (track_id, video) in offered.items():
            if ssrc not in self.incoming:
                self.incoming[ssrc] = media.Incoming(track_id, video, ssrc, self.offered_at)

    def _forget(self, ssrcs: list[int]) -> None:
        for ssrc in ssrcs:
            stream = self.incoming.pop(ssrc)
            for name in ("packets", "gaps", "damaged", "freezes"):
                self.totals[name] += getattr(stream, name)
            self.totals["streams"] += stream.packets > 0

    def _receive(self, packet: bytes) -> None:
        now = self._loop.time()
        number = media.transport_seq(packet)
        if number >= 0:
            self._feedback.note(number, now)
        stream = self.incoming.get(int.from_bytes(packet[8:12], "big"))
        if stream is None or self.line is None:
            self.unknown += 1
            return  # a retransmission, or on its way when the offer changed
        missing = stream.count(packet, now)
        if missing < 0:
            return
        if 0 < missing <= 17:
            first = stream.index - missing
            self.line.send_rtcp(media.negative_acknowledgement(self._sender, stream.ssrc, first, missing))
        if stream.video and self.line.receiving is not None and stream.inspect(packet, self.line.receiving, now):
            self._ask_keyframe(stream.ssrc, now)

    def _ask_keyframe(self, ssrc: int, now: float) -> None:
        if self.line is not None and now - self._asked_at.get(ssrc, 0.0) > KEYFRAME_AGAIN_S:
            self._asked_at = {one: at for one, at in self._asked_at.items() if one in self.incoming}
            self._asked_at[ssrc] = now
            self.line.send_rtcp(media.keyframe_request(self._sender, ssrc))

    async def _report(self) -> None:
        beat = 0
        while True:
            await asyncio.sleep(FEEDBACK_EVERY_S)
            beat += 1
            if self.line is None or not self.incoming:
                continue
            feedback = self._feedback.packet(self._sender, next(iter(self.incoming)))
            if feedback:
                self.line.send_rtcp(feedback)
            if beat % REPORT_EVERY == 0:
                arrived = [stream for stream in self.incoming.values() if stream.packets]
                self.line.send_rtcp(media.receiver_report(self._sender, arrived))
