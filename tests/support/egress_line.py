"""A recorder and the other end of its tap, on a clock of the test's own: an encoder's H.264 goes in by RTP."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pylibsrtp

from rooms.core.model import Source
from signaling.egress import wire
from signaling.egress.recorder import Recorder
from signaling.ingest.rtp import H264Packets, RtpStream

BEGAN_MS = 1_700_000_000_000
FRAMES_PER_S = 25
FRAME_MS = 1_000 // FRAMES_PER_S
TRACK = "p1-camera"
_PLI = (0x81, 206)  # RFC 4585 6.3.1; the first eight bytes of SRTCP are in clear


class EgressLine:
    def __init__(self, folder: Path, sizes: tuple[wire.Rendition, ...]) -> None:
        self.folder = folder
        self.reports: list[wire.PartWritten | wire.Spliced] = []
        self.keys_asked = 0
        self.sent: list[bytes] = []  # pictures, as they went
        self.elapsed_ms = 0
        size = sizes[0]
        self._size = (size.width, size.height)
        hls = wire.Hls(str(folder / "hls"), 7, sizes)
        begin = wire.Begin(str(folder / "part-001.mp4"), "", size.width, size.height, FRAMES_PER_S, hls)
        master = secrets.token_bytes(wire.MASTER_BYTES)
        self.recorder = Recorder(begin, self._heard, BEGAN_MS, self.reports.append)
        self.recorder.connect(wire.Connect("127.0.0.1", 9, "ufrag", "p" * 24, master, master))
        profile = pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
        self._srtp = pylibsrtp.Session(
            pylibsrtp.Policy(master, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        )
        self._stream = RtpStream(wire.H264_TYPE, 90_000)
        self._packets = H264Packets()
        self.recorder.follow((wire.Stream(self._stream.ssrc, 0, TRACK, "p1", Source.CAMERA),))
        self.show("")

    def show(self, name: str) -> None:
        """The source alone, with this name over it."""
        self.recorder.show(wire.Scene((wire.Tile(TRACK, name, 0, 0, *self._size),)))

    @property
    def splices(self) -> list[wire.Spliced]:
        return [report for report in self.reports if isinstance(report, wire.Spliced)]

    def parts(self, name: str) -> list[wire.PartWritten]:
        return [one for one in self.reports if isinstance(one, wire.PartWritten) and one.rendition == name]

    def play(
        self, pictures: tuple[bytes, ...], count: int, first: int = 0, lost: Callable[[int], bool] = lambda _n: False
    ) -> None:
        """`count` steps with one picture each, from number `first` on, round and round; those that are `lost` are sent
        but do not arrive."""
        for number in range(first, first + count):
            unix_ms = BEGAN_MS + self.elapsed_ms
            if not self.elapsed_ms:
                report = self._stream.report(0, BEGAN_MS)
                self.recorder.receive(self._srtp.protect_rtcp(report), 0, unix_ms)
            picture = pictures[number % len(pictures)]
            _, payloads = self._packets.payloads(picture)
            for at, payload in enumerate(payloads, 1):
                _, packet = self._stream.packet(payload, self.elapsed_ms, marker=at == len(payloads))
                datagram = self._srtp.protect(packet)
                if not lost(number):
                    self.recorder.receive(datagram, self.elapsed_ms, unix_ms)
            self.sent.append(picture)
            self.tick()

    def tick(self) -> None:
        unix_ms = BEGAN_MS + self.elapsed_ms
        self.recorder.tend(self.elapsed_ms, unix_ms)
        self.recorder.film(unix_ms)
        self.elapsed_ms += FRAME_MS

    def _heard(self, datagram: bytes) -> None:
        self.keys_asked += (datagram[0], datagram[1]) == _PLI
