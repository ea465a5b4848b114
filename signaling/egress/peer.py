"""The receiving end of a tap: checks of the path (ICE, RFC 8445), SRTP, and what is told back to the server.

The server sends to whoever proves to know its tap's credentials; both those and the keys come over the process's own
pipe (wire.Connect), so there is no DTLS.  No I/O: datagrams and times go in, datagrams and packets come out.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterable, Sequence
from typing import Final

import pylibsrtp
from aioice import stun
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
)
from msgspec import Struct

from . import rtp, wire

CHECK_EVERY_MS: Final = 2_000  # consent, RFC 7675 5.1
FIRST_CHECK_EVERY_MS: Final = 100
REPORT_EVERY_MS: Final = 1_000
NACKS_MAX: Final = 200  # sequence numbers in one packet
RTCP_MAX_BYTES: Final = 1_200
NTP_UNIX_S: Final = 2_208_988_800


class Incoming(Struct, frozen=True):
    ssrc: int  # of the stream itself, also for what was sent again
    packet: rtp.Packet


class ClockReport(Struct, frozen=True):
    """A sender report: at `unix_ms` of the server's clock the stream's clock stood at `timestamp`."""

    ssrc: int
    timestamp: int
    unix_ms: float


class Peer:
    """`streams` are set by `follow`; packets of others are dropped."""

    def __init__(self, connect: wire.Connect) -> None:
        profile = pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80
        inbound = pylibsrtp.Policy(connect.receive_master, pylibsrtp.Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        inbound.window_size = 1_024  # what is sent again may be far behind
        outbound = pylibsrtp.Policy(connect.send_master, pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        self._inbound = pylibsrtp.Session(inbound)
        self._outbound = pylibsrtp.Session(outbound)
        self._username = f"{connect.ufrag}:{secrets.token_hex(4)}"
        self._password = connect.password.encode()
        self._ssrc = secrets.randbits(32)
        self._tie_breaker = secrets.randbits(64)
        self._check_due_ms = self._report_due_ms = 0
        self._streams: dict[int, wire.Stream] = {}
        self._repairs: dict[int, int] = {}  # RTX SSRC -> SSRC
        self.answered = False
        self.damaged = 0

    def follow(self, streams: Iterable[wire.Stream]) -> None:
        self._streams = {stream.ssrc: stream for stream in streams}
        self._repairs = {stream.rtx_ssrc: stream.ssrc for stream in self._streams.values() if stream.rtx_ssrc}

    # ------------------------------------------------------------ what comes

    def receive(self, datagram: bytes) -> Incoming | list[ClockReport] | None:
        """One datagram of the server (RFC 7983 says which is which)."""
        if len(datagram) < 12:
            return None
        if datagram[0] < 4:
            self._on_stun(datagram)
            return None
        if not 128 <= datagram[0] < 192:
            return None
        try:
            if 192 <= datagram[1] <= 223:
                return self._on_rtcp(self._inbound.unprotect_rtcp(datagram))
            return self._on_rtp(self._inbound.unprotect(datagram))
        except (pylibsrtp.Error, ValueError):
            self.damaged += 1
            return None

    def _on_stun(self, datagram: bytes) -> None:
        try:
            message = stun.parse_message(datagram)
        except (ValueError, struct.error):
            return
        if message.message_class is stun.Class.RESPONSE and message.check_message_integrity(self._password):
            self.answered = True

    def _on_rtp(self, data: bytes) -> Incoming | None:
        parsed = rtp.parse(data)
        if parsed is None:
            return None
        ssrc, packet = parsed
        if ssrc in self._streams:
            return Incoming(ssrc, packet)
        main = self._repairs.get(ssrc)
        carried = wire.RTX_OF.get(packet.payload_type)
        if main is None or carried is None:
            return None
        first = rtp.original(packet, carried)
        return Incoming(main, first) if first is not None else None

    def _on_rtcp(self, data: bytes) -> list[ClockReport]:
        return [
            ClockReport(
                packet.ssrc,
                packet.sender_info.rtp_timestamp,
                ((packet.sender_info.ntp_timestamp >> 32) - NTP_UNIX_S) * 1_000
                + (packet.sender_info.ntp_timestamp & 0xFFFFFFFF) * 1_000 / (1 << 32),
            )
            for packet in RtcpPacket.parse(data)
            if isinstance(packet, RtcpSrPacket)
        ]

    # ------------------------------------------------------------ what goes

    def tend(self, now_ms: int, streams: Iterable[tuple[int, rtp.Ordered]]) -> list[bytes]:
        """What it is time for: a check of the path, and a report of what has come of the streams, by SSRC."""
        check = self.check(now_ms)
        packets = [] if check is None else [check]
        if now_ms >= self._report_due_ms:
            self._report_due_ms = now_ms + REPORT_EVERY_MS
            packets += self._report((ssrc, ordered) for ssrc, ordered in streams if ordered.received)
        return packets

    def check(self, now_ms: int) -> bytes | None:
        """A binding request, when it is time for one: it names the pair and keeps the server's consent."""
        if now_ms < self._check_due_ms:
            return None
        self._check_due_ms = now_ms + (CHECK_EVERY_MS if self.answered else FIRST_CHECK_EVERY_MS)
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = self._username
        request.attributes["PRIORITY"] = 1_853_824_767
        request.attributes["ICE-CONTROLLING"] = self._tie_breaker
        request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self._password)
        return bytes(request)

    def ask_again(self, ssrc: int, sequences: Sequence[int]) -> bytes:
        """A generic NACK (RFC 4585 6.2.1); at most NACKS_MAX of them."""
        return self._rtcp(bytes(RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._ssrc, ssrc, lost=list(sequences[:NACKS_MAX]))))

    def ask_key(self, ssrc: int) -> bytes:
        """A picture loss indication (RFC 4585 6.3.1)."""
        return self._rtcp(bytes(RtcpPsfbPacket(RTCP_PSFB_PLI, self._ssrc, ssrc)))

    def _report(self, receptions: Iterable[tuple[int, rtp.Ordered]]) -> list[bytes]:
        """Receiver reports (RFC 3550 6.4.2), 31 blocks a packet."""
        blocks = [
            RtcpReceiverInfo(
                ssrc=ssrc,
                fraction_lost=0,
                packets_lost=min(ordered.lost, 0x7FFFFF),
                highest_sequence=ordered.highest_sequence,
                jitter=0,
                lsr=0,
                dlsr=0,
            )
            for ssrc, ordered in receptions
        ]
        return [
            self._rtcp(bytes(RtcpRrPacket(self._ssrc, blocks[at : at + 31]))) for at in range(0, len(blocks) or 1, 31)
        ]

    def _rtcp(self, packet: bytes) -> bytes:
        return self._outbound.protect_rtcp(packet)
