"""Typed face of the native media core.  One Worker owns one UDP port, and TCP of the same number, and one I/O thread
outside the GIL.

No media packet ever becomes a Python object: only DTLS datagrams and rare events come up, only control goes down.
Every handle is a positive int that is never reused, by no worker of the process; a call with an unknown handle raises
KeyError.  Calls take the worker's lock for a bounded, short time and never block on the network.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

AUDIO: Final[int]
VIDEO: Final[int]

CODEC_OPUS: Final[int]
CODEC_RED: Final[int]
CODEC_VP8: Final[int]
CODEC_H264: Final[int]
CODEC_VP9: Final[int]
CODEC_AV1: Final[int]
CODEC_OTHER: Final[int]

# SRTP protection profiles, IANA values (RFC 5764 4.1.2, RFC 7714 14.2).
PROFILE_AES128_CM_SHA1_80: Final[int]
PROFILE_AEAD_AES_128_GCM: Final[int]
PROFILE_AEAD_AES_256_GCM: Final[int]

SRTP_LIBRARY: Final[str]  # "ipsec-mb" or "openssl": what this build uses on this machine

# Kinds of event that Worker.poll returns.
EVENT_DTLS: Final[int]  # data = one DTLS datagram; only after an authenticated binding request (so no blind floods)
EVENT_CONNECTED: Final[int]  # first authenticated binding request with USE-CANDIDATE; data = b"ip:port"
EVENT_ADDRESS: Final[int]  # the peer's address moved (authenticated check from elsewhere); data = b"ip:port"
EVENT_DISCONNECTED: Final[int]  # no authenticated packet for the consent time (30 s, RFC 7675 5.1)
EVENT_SPEAKERS: Final[int]  # value = room handle; data = packed little-endian int64 track handles, loudest first
EVENT_TRACK_STARTED: Final[int]  # value = track handle; first decrypted packet of a published track
# value = bits/s that the transport can be sent, data = b"\1" when that is a limit that was felt, b"\0" when it is only
# what is known to go through; rises of 5 % at most every 100 ms, falls at once.
EVENT_ESTIMATE: Final[int]
EVENT_WATCHED: Final[int]  # value = track with a rid; data = b"\x01" first watcher came, b"\x00" the last has gone
EVENT_OVERFLOW: Final[int]  # value = number of events lost because Python was too slow; never silent


class Event(NamedTuple):
    kind: int
    transport: int  # 0 when the event has none
    value: int
    data: bytes


class Extensions(NamedTuple):
    """Negotiated one-byte header extension ids of one peer connection; 0 = not negotiated (RFC 8285 4.2)."""

    mid: int = 0
    rid: int = 0
    repaired_rid: int = 0
    audio_level: int = 0
    transport_cc: int = 0
    abs_send_time: int = 0
    dependency_descriptor: int = 0
    video_orientation: int = 0
    playout_delay: int = 0
    allow_mixed: int = 0  # 1 = a=extmap-allow-mixed was agreed: elements over 16 bytes (AV1's descriptor) may be sent


class TransportStats(NamedTuple):
    packets_received: int
    bytes_received: int
    packets_sent: int
    bytes_sent: int
    rtt_us: int  # 0 = unknown
    remote_loss_ppm: int  # fraction lost that the peer last reported for what we send, in parts per million
    remb_bps: int  # 0 = never received
    srtp_failures: int  # packets that failed authentication or were replayed
    address: bytes  # b"ip:port", b"" before the first authenticated check
    estimate_bps: int  # what the peer can be sent, as last told by EVENT_ESTIMATE; 0 = unknown
    acknowledged_bps: int  # what arrived over the last half second, by the peer's transport-wide feedback


class LayerChoice(NamedTuple):
    """What a subscription shall be sent: an encoding of its source, and of this the layers up to these ids."""

    subscription: int
    track: int
    spatial: int = 255  # 255 = all
    temporal: int = 255

class PayloadFormat(NamedTuple):
    """How packets of one codec look at one peer connection."""

    codec: int
    payload_type: int
    rtx_payload_type: int = 0  # 0 = none

class LayerStats(NamedTuple):
    """One layer inside an encoding.  Without layers in the stream there is one, (0, 0)."""

    spatial: int
    temporal: int
    bytes: int  # cumulative, of this layer alone
    width: int  # 0 = not known; the same for all temporal layers
    height: int
    needed_bytes: int = 0  # cumulative, of all that this layer needs, itself included; 0 = the stream does not say

class TrackStats(NamedTuple):
    packets: int
    bytes: int
    lost: int  # cumulative, RFC 3550 6.4.1
    jitter: int  # in timestamp units
    nacks_sent: int
    plis_sent: int
    keyframes: int
    audio_level_dbov: int  # smoothed; 127 = silence (RFC 6464)
    layers: tuple[LayerStats, ...]  # of video, those of which something came, lowest first
    watchers: int  # subscriptions, not paused, that want it or are sent it
    codec: int  # of what came last


class SubscriptionStats(NamedTuple):
    packets: int
    bytes: int
    retransmitted: int
    nacks_received: int
    plis_received: int
    remote_lost: int
    remote_jitter: int
    track: int  # the encoding that is sent now
    spatial: int  # highest id that is forwarded of it; 7 = all
    temporal: int


class WorkerStats(NamedTuple):
    packets_received: int
    packets_forwarded: int
    packets_dropped: int  # unknown address, malformed, or rate-limited
    send_calls: int
    gso: bool  # whether UDP_SEGMENT is in use
    transports: int
    tracks: int
    subscriptions: int
    native_bytes: int  # heap held by the core for the three above
    tcp_connections: int  # of ICE-TCP, those included that have proven nothing yet
    tcp_dropped: int  # packets for which a TCP connection had no room; counted in packets_dropped too
    busy_us: int  # the I/O thread's time spent on packets; against the clock: how loaded this worker is


class Worker:
    port: int  # the bound port, also when 0 was asked for
    event_fd: int  # readable when poll() has something; level-triggered, for loop.add_reader

    def __init__(self, address: str = "0.0.0.0", port: int = 0, *, gso: bool = True) -> None:
        """Bind and start the I/O thread.  OSError when the port is taken.  Binds "::" dual-stack when asked."""

    def close(self) -> None:
        """Stop the thread and free everything; not while another thread is inside a call.  Later calls raise
        ValueError, another close does nothing."""

    def poll(self, limit: int = 256) -> list[Event]: ...
    def stats(self) -> WorkerStats: ...

    # ICE-TCP (RFC 6544): the same packets, framed, over connections to the same port number
    def listen_tcp(self, address: str) -> None:
        """Accept connections at `address` and the worker's port number.  OSError when that is taken.  "::" takes IPv4
        connections too."""

    def adopt_tcp(self, fd: int) -> None:
        """Take over a connected socket of which nothing was read.  The descriptor is the worker's from here on."""

    # rooms: whose microphones compete to be heard, and who speaks
    def open_room(self, places: int = 5) -> int:
        """Of the audio tracks in it the loudest `places` (1 to 16) are forwarded; all, while they are no more."""

    def open_voices(self, room: int) -> tuple[int, ...]:
        """One audio track for each place, carrying whoever holds it: to subscribe to in place of all microphones.
        They go with the room.  A second call returns the same."""

    def open_lead(self, room: int) -> int:
        """One more voice, which carries one speaker after the other: for who can take no more than one sound."""

    def close_room(self, room: int) -> None: ...

    # several workers: subscribers of a room's tracks may sit on another one
    def connect(self, away: Worker) -> int:
        """A pipe from this worker to another; ends with either, or by `disconnect`."""

    def disconnect(self, pipe: int) -> None: ...
    def open_inner(self) -> int:
        """A transport that nobody can reach, to carry mirrors of the tracks of one source.  Close it as any other."""

    def mirror(self, pipe: int, track: int, away: Worker, transport: int) -> None:
        """Make one of our tracks a track of `away` too, on its inner `transport`, with the same handle.  ValueError
        when it is mirrored there already, or the pipe goes elsewhere.  Track and mirror may be removed in any order."""

    def stop_mirror(self, pipe: int, track: int) -> None:
        """Send nothing more to the mirror; the mirror itself is removed at the other worker."""

    # transports: one per peer connection
    def open_transport(self, ufrag: bytes, password: bytes) -> int:
        """Answer STUN binding requests for our `ufrag`/`password` (ICE-lite, RFC 8445 2.5) from now on."""

    def restart_ice(self, transport: int, ufrag: bytes, password: bytes) -> None:
        """Use new credentials; the old ones stay valid until the first check with the new ones succeeds."""

    def close_transport(self, transport: int) -> None:
        """Free it with its tracks and subscriptions (and the subscriptions of others to its tracks)."""

    def send_dtls(self, transport: int, datagram: bytes) -> bool:
        """False when the peer's address is not known yet or the send buffer is full (DTLS retransmits).  ValueError
        when the datagram is empty or longer than 2,048 bytes."""

    def set_srtp(self, transport: int, profile: int, receive_master: bytes, send_master: bytes) -> None:
        """Master key followed by master salt, for each direction.  ValueError on a wrong length, or when the keys are
        already set: a transport is keyed once, since the same keys with fresh counters would repeat nonces."""

    def set_target(self, transport: int, allocated_bps: int, wanted_bps: int) -> None:
        """What is sent to it, and what would be if there were room: the core probes for bandwidth up to the second, and
        not at all where that is no more than the estimate."""

    # published tracks
    def add_track(
        self,
        transport: int,
        room: int,
        kind: int,
        codec: int,
        clock_rate: int,
        payload_type: int,
        rtx_payload_type: int,  # 0 = no RTX
        ssrc: int,  # 0 = learned from MID extension or payload type
        rtx_ssrc: int,
        mid: bytes,
        extensions: Extensions,
        red_payload_type: int = 0,  # audio: packets with this PT carry RED (RFC 2198) with Opus inside
        nack: bool = True,
        transport_cc: bool = True,
        rid: bytes = b"",
        seat: int = 0,  # subscriptions of the same seat are not sent it; 0 = nobody's
        alternatives: Sequence[PayloadFormat] = (),  # three at most, each of another codec
        sibling: int = 0,  # a track that carries the same source; 0 = none
    ) -> int:
        """A packet of one of the `alternatives` turns the track to that codec: SSRC and sequences go on, subscriptions
        begin anew at the keyframe, and those that cannot take it rest.

        Tracks of one transport and mid that have a `rid` are encodings of one source (RFC 8853), to be added lowest
        first; a packet belongs to the one that its RID extension names (RFC 8852) or whose SSRC it has.  A track with a
        `sibling` is one more encoding of that source, in whatever codec."""

    def remove_track(self, track: int) -> None: ...
    def set_track_blocked(self, track: int, blocked: bool) -> None:
        """Blocked packets are dropped before forwarding (host mute); RTCP still flows."""

    def set_track_apart(self, track: int, apart: bool) -> None:
        """A microphone back stage: it competes for being heard with others set apart only, and is no speaker."""

    def request_keyframe(self, track: int) -> None:
        """Coalesced: at most one PLI in 500 ms reaches the publisher."""

    def track_stats(self, track: int) -> TrackStats: ...

    # subscriptions
    def add_subscription(
        self,
        transport: int,
        track: int,
        ssrc: int,
        rtx_ssrc: int,  # 0 = no RTX
        payload_type: int,
        rtx_payload_type: int,
        mid: bytes,
        extensions: Extensions,
        red_payload_type: int = 0,  # 0 = RED is not negotiated with this subscriber: the core unwraps to plain Opus
        active: bool = True,
        constant_timestamps: bool = False,  # RTP timestamps stay as they were published; for sources of one encoding
        seat: int = 0,
        formats: Sequence[PayloadFormat] = (),  # in place of the two payload types where the codec may change
    ) -> int:
        """Start forwarding.  Of a source's encodings only those in a codec of `formats` are sent; it rests where there
        is none.  Video starts at a keyframe: replayed from the packet cache when the last one is younger
        than 2 s and complete there, otherwise asked from the publisher."""

    def remove_subscription(self, subscription: int) -> None: ...
    def set_active(self, subscriptions: Sequence[int], active: bool) -> None:
        """Pause or resume many at once; resume of video behaves like a new start.  Sequence numbers stay gapless."""

    def choose_layers(self, choices: Sequence[LayerChoice]) -> None:
        """All or none: KeyError for an unknown handle, ValueError for a track of another source.

        Another encoding is begun at its next keyframe, which is asked for; until then the old one goes on, on the way
        down with its lowest temporal layer only.  Layers of the same encoding are left out from the next frame on, and
        come back where the stream allows it.  While the chosen encoding is silent and others of the source go on, a
        living one is sent in its place."""

    def subscription_stats(self, subscription: int) -> SubscriptionStats: ...
    def transport_stats(self, transport: int) -> TransportStats: ...
