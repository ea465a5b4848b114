"""Data channels: aiortc's SCTP over our DTLS, with two channels that both sides know of beforehand (RFC 8832 1).

"reliable" is id 0, "unreliable" id 1.  Nothing else may be opened.  aiortc trusts its peer in places; here every bound
is checked after each packet, and a peer that breaks one loses its data channels, never more.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final

import structlog
from aiortc.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcsctptransport import Chunk, RTCSctpCapabilities, RTCSctpTransport

from . import sctp_packet
from .publishing import DATA_MESSAGE_MAX_BYTES

log = structlog.get_logger(__name__)

LOCAL_PORT: Final = 5000
RECEIVE_WINDOW_BYTES: Final = 4 * DATA_MESSAGE_MAX_BYTES
GAPS_MAX: Final = 1_024  # chunks received out of order
# Beyond this much unsent data the unreliable channel drops new messages, and the reliable channel is given up: the
# receiver is too slow to ever see a whole stream again.
UNRELIABLE_BACKLOG_MAX_BYTES: Final = 65_536
RELIABLE_BACKLOG_MAX_BYTES: Final = 1_048_576

_STRING, _BINARY, _STRING_EMPTY, _BINARY_EMPTY = 51, 53, 56, 57  # RFC 8831 8


class Channel(IntEnum):
    RELIABLE = 0
    UNRELIABLE = 1


class DataAssociation(RTCSctpTransport):
    """The SCTP association of one publishing connection.  `on_message(channel, payload)` gets whole messages."""

    def __init__(
        self, dtls: RTCDtlsTransport, remote_max_message_bytes: int, on_message: Callable[[Channel, bytes], None]
    ) -> None:
        super().__init__(dtls, LOCAL_PORT)
        self._advertised_rwnd = RECEIVE_WINDOW_BYTES
        self._inbound_streams_max = len(Channel)
        self._remote_limit_bytes = min(remote_max_message_bytes or DATA_MESSAGE_MAX_BYTES, DATA_MESSAGE_MAX_BYTES)
        self._on_message = on_message
        self._given_up = False
        self._channels = {
            Channel.RELIABLE: RTCDataChannel(
                self, RTCDataChannelParameters(label="reliable", negotiated=True, id=Channel.RELIABLE)
            ),
            Channel.UNRELIABLE: RTCDataChannel(
                self,
                RTCDataChannelParameters(
                    label="unreliable", negotiated=True, id=Channel.UNRELIABLE, ordered=False, maxRetransmits=0
                ),
            ),
        }
        self.dropped = 0

    async def open(self, remote_port: int) -> None:
        await self.start(RTCSctpCapabilities(maxMessageSize=self._remote_limit_bytes), remote_port)

    def send(self, channel: Channel, message: bytes) -> bool:
        """Queue a message.  False when it was dropped: not open, too large for the peer, or too much is waiting."""
        target = self._channels[channel]
        if self._given_up or target.readyState != "open" or len(message) > self._remote_limit_bytes:
            self.dropped += 1
            return False
        limit = RELIABLE_BACKLOG_MAX_BYTES if channel is Channel.RELIABLE else UNRELIABLE_BACKLOG_MAX_BYTES
        if target.bufferedAmount + len(message) > limit:
            self.dropped += 1
            if channel is Channel.RELIABLE:
                self._give_up("the peer reads too slowly")
            return False
        target.send(message)
        return True

    def cut(self) -> None:
        """Stop all timers and channels without a word to the peer: DTLS says goodbye for all."""
        self._given_up = True
        self._set_state(self.State.CLOSED)

    def _give_up(self, cause: str) -> None:
        if not self._given_up:
            self._given_up = True
            log.info("data channels given up", cause=cause)
            self._set_state(self.State.CLOSED)

    async def _handle_data(self, data: bytes) -> None:
        if self._given_up:
            return
        try:
            sctp_packet.check(data, self._local_tsn)
            await super()._handle_data(data)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001  # aiortc answers hostile packets with assertions and index errors
            self._give_up(f"bad packet: {error!r}")
            return
        if self._advertised_rwnd < -DATA_MESSAGE_MAX_BYTES:
            self._give_up("more data in flight than the window allows")
        elif len(self._sack_misordered) > GAPS_MAX:
            self._give_up("too many gaps")
        elif any(stream not in self._channels for stream in self._inbound_streams):
            self._give_up("a stream that was not agreed on")

    async def _send_chunk(self, chunk: Chunk) -> None:
        try:
            await super()._send_chunk(chunk)
        except ConnectionError:
            self._give_up("the connection is closed")

    async def _data_channel_receive(self, stream_id: int, pp_id: int, data: bytes) -> None:
        """Instead of aiortc's dispatch: no channel can be opened in-band."""
        if stream_id not in self._channels or len(data) > DATA_MESSAGE_MAX_BYTES:
            return
        if pp_id in (_STRING, _BINARY):
            self._on_message(Channel(stream_id), data)
        elif pp_id in (_STRING_EMPTY, _BINARY_EMPTY):
            self._on_message(Channel(stream_id), b"")
