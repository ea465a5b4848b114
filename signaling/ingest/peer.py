"""The sending end of a feed: the path and the keys are those of egress/peer.py, what is sent goes the other way."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from aiortc.rtp import RTCP_PSFB_PLI, RTCP_RTPFB_NACK, RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket

from signaling.egress.peer import ClockReport, Peer
from signaling.egress.wire import Connect

KEPT_PACKETS: Final = 1_024  # to be sent again when they are asked for
_FIR: Final = 4  # RFC 5104 4.3.1


class FeedPeer(Peer):
    """`protect` and `again` may be called from another thread than `receive`: they share nothing but what is kept."""

    wants_key = False  # somebody has to begin; cleared by who sends
    due: tuple[tuple[int, int], ...] = ()  # (SSRC, sequence number) asked for again; cleared by who sends

    def __init__(self, connect: Connect) -> None:
        super().__init__(connect)
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()

    def protect(self, ssrc: int, sequence: int, packet: bytes) -> bytes:
        datagram: bytes = self._outbound.protect(packet)
        self._kept[ssrc, sequence] = datagram
        if len(self._kept) > KEPT_PACKETS:
            self._kept.popitem(last=False)
        return datagram

    def protect_report(self, packet: bytes) -> bytes:
        return self._rtcp(packet)

    def again(self) -> list[bytes]:
        """What was asked for and is still kept: the same packets once more."""
        due, self.due = self.due, ()
        return [self._kept[one] for one in due if one in self._kept]

    def _on_rtcp(self, data: bytes) -> list[ClockReport]:
        for packet in RtcpPacket.parse(data):
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, _FIR):
                self.wants_key = True
            elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
                self.due = (*self.due, *((packet.media_ssrc, one) for one in packet.lost))[-KEPT_PACKETS:]
        return []
