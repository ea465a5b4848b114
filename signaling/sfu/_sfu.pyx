# cython: language_level=3, boundscheck=False, wraparound=False, embedsignature=False
"""The native media core as Python sees it; _sfu.pyi documents the calls.

Every call copies its arguments into C values and then works without the GIL, so that waiting for the I/O thread's
batch never stops the other Python threads.
"""

from libc.errno cimport EEXIST, EINVAL, ENOENT, ENOMEM
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

import os
from collections import namedtuple


AUDIO = TX_AUDIO
VIDEO = TX_VIDEO

CODEC_OPUS = TX_CODEC_OPUS
CODEC_RED = TX_CODEC_RED
CODEC_VP8 = TX_CODEC_VP8
CODEC_H264 = TX_CODEC_H264
CODEC_VP9 = TX_CODEC_VP9
CODEC_AV1 = TX_CODEC_AV1
CODEC_OTHER = TX_CODEC_OTHER

PROFILE_AES128_CM_SHA1_80 = TX_SRTP_AES128_CM_SHA1_80
PROFILE_AEAD_AES_128_GCM = TX_SRTP_AEAD_AES_128_GCM
PROFILE_AEAD_AES_256_GCM = TX_SRTP_AEAD_AES_256_GCM

EVENT_DTLS = TX_EVENT_DTLS
EVENT_CONNECTED = TX_EVENT_CONNECTED
EVENT_ADDRESS = TX_EVENT_ADDRESS
EVENT_DISCONNECTED = TX_EVENT_DISCONNECTED
EVENT_SPEAKERS = TX_EVENT_SPEAKERS
EVENT_TRACK_STARTED = TX_EVENT_TRACK_STARTED
EVENT_WATCHED = TX_EVENT_WATCHED
EVENT_OVERFLOW = TX_EVENT_OVERFLOW
EVENT_ESTIMATE = TX_EVENT_ESTIMATE

SRTP_LIBRARY = tx_srtp_backend().decode("ascii")

Event = namedtuple("Event", "kind transport value data")
Extensions = namedtuple(
    "Extensions",
    "mid rid repaired_rid audio_level transport_cc abs_send_time dependency_descriptor video_orientation"
    " playout_delay allow_mixed",
    defaults=(0,) * 10,
)
TransportStats = namedtuple(
    "TransportStats",
    "packets_received bytes_received packets_sent bytes_sent rtt_us remote_loss_ppm remb_bps srtp_failures address"
    " estimate_bps acknowledged_bps",
)
LayerChoice = namedtuple("LayerChoice", "subscription track spatial temporal", defaults=(255, 255))
PayloadFormat = namedtuple("PayloadFormat", "codec payload_type rtx_payload_type", defaults=(0,))
LayerStats = namedtuple("LayerStats", "spatial temporal bytes width height needed_bytes", defaults=(0,))
TrackStats = namedtuple(
    "TrackStats", "packets bytes lost jitter nacks_sent plis_sent keyframes audio_level_dbov layers watchers codec"
)
SubscriptionStats = namedtuple(
    "SubscriptionStats",
    "packets bytes retransmitted nacks_received plis_received remote_lost remote_jitter track spatial temporal",
)
WorkerStats = namedtuple(
    "WorkerStats",
    "packets_received packets_forwarded packets_dropped send_calls gso transports tracks subscriptions native_bytes"
    " tcp_connections tcp_dropped busy_us",
)

for _type in (
    Event, Extensions, TransportStats, LayerChoice, PayloadFormat, LayerStats, TrackStats, SubscriptionStats, WorkerStats,
):
    _type.__module__ = __name__
del _type


cdef object _raised(int64_t error, str what):
    """The exception for a negative result; `what` names the thing for whoever reads the log."""
    if error == -ENOENT:
        return KeyError(what)
    if error == -ENOMEM:
        return MemoryError(what)
    if error == -EEXIST:
        return ValueError(f"{what}: already set")
    return ValueError(f"{what}: out of range or in conflict")


cdef int64_t _check(int64_t result, str what) except -1:
    if result < 0:
        raise _raised(result, what)
    return result


cdef int _take_extensions(object extensions, uint8_t *ids) except -1:
    """Copies the ids (0 to 14) and returns whether two-byte elements may be used."""
    cdef int i
    cdef int value
    for i in range(TX_EXT_COUNT):
        value = extensions[i]
        if not 0 <= value <= 14:
            raise ValueError(f"extension id {value}")
        ids[i] = <uint8_t>value
    return bool(extensions[TX_EXT_COUNT])


cdef uint8_t _layer(int value) except? 254:
    if value < 0:
        raise ValueError(f"layer {value}")
    return <uint8_t>min(value, 255)


cdef tuple _layers(const tx_layer_counts *counts):
    """Those of which something came."""
    return tuple(
        LayerStats(s, t, counts.bytes[s][t], counts.size[s].width, counts.size[s].height, counts.needed[s][t])
        for s in range(4) for t in range(4) if counts.bytes[s][t]
    )


cdef uint8_t _take_mid(bytes mid, uint8_t *into) except? 255:
    cdef Py_ssize_t length = len(mid)
    if length > TX_RTP_MID_MAX_BYTES:
        raise ValueError("mid or rid is longer than 16 bytes")
    memcpy(into, <const char *>mid, length)
    return <uint8_t>length


cdef uint8_t _payload_type(int value) except? 255:
    if not 0 <= value <= 127:
        raise ValueError(f"payload type {value}")
    return <uint8_t>value


cdef int _take_formats(formats, tx_formats *out) except -1:
    if not 1 <= len(formats) <= TX_FORMATS_MAX:
        raise ValueError(f"{len(formats)} formats")
    for index, (codec, payload_type, rtx_payload_type) in enumerate(formats):
        if not TX_CODEC_OTHER <= codec <= TX_CODEC_AV1:
            raise ValueError(f"codec {codec}")
        out.at[index].codec = <uint8_t>codec
        out.at[index].payload_type = _payload_type(payload_type)
        out.at[index].rtx_payload_type = _payload_type(rtx_payload_type)
    out.count = <uint8_t>len(formats)
    return 0


cdef class Worker:
    cdef tx_worker *_worker

    def __cinit__(self, str address="0.0.0.0", int port=0, *, bint gso=True):
        cdef bytes text = address.encode("ascii")
        cdef const char *c_text = text
        cdef int error = 0
        if not 0 <= port <= 65535:
            raise ValueError(f"port {port}")
        with nogil:
            self._worker = tx_worker_open(c_text, <uint16_t>port, gso, &error)
        if self._worker is NULL:
            raise OSError(-error, os.strerror(-error), f"{address}:{port}/udp")

    def __dealloc__(self):
        # Joins the thread, which never needs the GIL, so waiting with it held cannot deadlock.
        if self._worker is not NULL:
            tx_worker_close(self._worker)
            self._worker = NULL

    cdef tx_worker *_open(self) except NULL:
        if self._worker is NULL:
            raise ValueError("the worker is closed")
        return self._worker

    @property
    def port(self):
        return self._open().port

    @property
    def event_fd(self):
        return self._open().events.fd

    def close(self):
        cdef tx_worker *worker = self._worker
        self._worker = NULL
        if worker is not NULL:
            with nogil:
                tx_worker_close(worker)

    def poll(self, int limit=256):
        cdef tx_worker *worker = self._open()
        cdef tx_event event
        cdef uint8_t data[2048]
        cdef list found = []
        while len(found) < limit and tx_events_pop(&worker.events, &event, data):
            found.append(Event(event.kind, event.transport, event.value, (<char *>data)[:event.length]))
        return found

    def stats(self):
        cdef tx_worker *worker = self._open()
        cdef tx_worker_stats s
        with nogil:
            tx_control_stats(worker, &s)
        return WorkerStats(
            s.packets_received, s.packets_forwarded, s.packets_dropped, s.send_calls, bool(s.gso),
            s.transports, s.tracks, s.subscriptions, s.native_bytes,
            s.tcp_connections, s.tcp_dropped, s.busy_us,
        )

    def listen_tcp(self, str address not None):
        cdef tx_worker *worker = self._open()
        cdef bytes text = address.encode("ascii")
        cdef const char *c_text = text
        cdef int result
        with nogil:
            result = tx_control_listen_tcp(worker, c_text)
        if result < 0:
            raise OSError(-result, os.strerror(-result), f"{address}:{worker.port}/tcp")

    def adopt_tcp(self, int fd):
        cdef tx_worker *worker = self._open()
        with nogil:
            tx_control_adopt_tcp(worker, fd)

    def open_room(self, unsigned places=5):
        cdef tx_worker *worker = self._open()
        cdef int64_t result
        with nogil:
            result = tx_control_open_room(worker, places)
        return _check(result, f"room with {places} places")

    def open_voices(self, int64_t room):
        cdef tx_worker *worker = self._open()
        cdef int64_t handles[16]
        cdef int64_t count
        with nogil:
            count = tx_control_open_voices(worker, room, handles)
        _check(count, f"room {room}")
        return tuple([handles[i] for i in range(count)])

    def open_lead(self, int64_t room):
        cdef tx_worker *worker = self._open()
        cdef int64_t result
        with nogil:
            result = tx_control_open_lead(worker, room)
        return _check(result, f"room {room}")

    def open_inner(self):
        cdef tx_worker *worker = self._open()
        cdef int64_t result
        with nogil:
            result = tx_control_open_inner(worker)
        return _check(result, "inner transport")

    def connect(self, Worker away not None):
        cdef tx_worker *worker = self._open()
        cdef tx_worker *other = away._open()
        cdef int64_t result
        with nogil:
            result = tx_mirror_connect(worker, other)
        return _check(result, "pipe")

    def disconnect(self, int64_t pipe):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_close_outlet(worker, pipe)
        _check(result, f"pipe {pipe}")

    def mirror(self, int64_t pipe, int64_t track, Worker away not None, int64_t transport):
        cdef tx_worker *worker = self._open()
        cdef tx_worker *other = away._open()
        cdef int result
        with nogil:
            result = tx_mirror_open(worker, pipe, track, other, transport)
        _check(result, f"mirror of track {track} behind pipe {pipe}")

    def stop_mirror(self, int64_t pipe, int64_t track):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_stop_mirror(worker, pipe, track)
        _check(result, f"mirror of track {track} behind pipe {pipe}")

    def close_room(self, int64_t room):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_close_room(worker, room)
        _check(result, f"room {room}")

    def open_transport(self, bytes ufrag not None, bytes password not None):
        cdef tx_worker *worker = self._open()
        cdef const uint8_t *c_ufrag = ufrag
        cdef const uint8_t *c_password = password
        cdef size_t ufrag_length = len(ufrag)
        cdef size_t password_length = len(password)
        cdef int64_t result
        with nogil:
            result = tx_control_open_transport(worker, c_ufrag, ufrag_length, c_password, password_length)
        return _check(result, "ICE credentials")

    def restart_ice(self, int64_t transport, bytes ufrag not None, bytes password not None):
        cdef tx_worker *worker = self._open()
        cdef const uint8_t *c_ufrag = ufrag
        cdef const uint8_t *c_password = password
        cdef size_t ufrag_length = len(ufrag)
        cdef size_t password_length = len(password)
        cdef int result
        with nogil:
            result = tx_control_restart_ice(worker, transport, c_ufrag, ufrag_length, c_password, password_length)
        _check(result, f"transport {transport}")

    def close_transport(self, int64_t transport):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_close_transport(worker, transport)
        _check(result, f"transport {transport}")

    def send_dtls(self, int64_t transport, bytes datagram not None):
        cdef tx_worker *worker = self._open()
        cdef const uint8_t *c_data = datagram
        cdef size_t length = len(datagram)
        cdef int result
        with nogil:
            result = tx_control_send_dtls(worker, transport, c_data, length)
        return _check(result, f"transport {transport}") == 1

    def set_srtp(self, int64_t transport, unsigned profile, bytes receive_master not None, bytes send_master not None):
        cdef tx_worker *worker = self._open()
        cdef const uint8_t *c_receive = receive_master
        cdef const uint8_t *c_send = send_master
        cdef size_t receive_length = len(receive_master)
        cdef size_t send_length = len(send_master)
        cdef int result
        with nogil:
            result = tx_control_set_srtp(
                worker, transport, profile, c_receive, receive_length, c_send, send_length
            )
        _check(result, f"SRTP of transport {transport}")

    def add_track(
        self, int64_t transport, int64_t room, int kind, int codec, uint32_t clock_rate, int payload_type,
        int rtx_payload_type, uint32_t ssrc, uint32_t rtx_ssrc, bytes mid not None, extensions not None,
        int red_payload_type=0, bint nack=True, bint transport_cc=True, bytes rid not None=b"", uint64_t seat=0,
        alternatives=(), int64_t sibling=0,
    ):
        cdef tx_worker *worker = self._open()
        cdef tx_track_settings settings
        cdef int64_t result
        memset(&settings, 0, sizeof(settings))
        if not TX_AUDIO <= kind <= TX_VIDEO:
            raise ValueError("kind")
        settings.kind = <uint8_t>kind
        settings.sibling = sibling
        _take_formats([(codec, payload_type, rtx_payload_type), *alternatives], &settings.formats)
        settings.clock_rate = clock_rate
        settings.red_payload_type = _payload_type(red_payload_type)
        settings.ssrc = ssrc
        settings.rtx_ssrc = rtx_ssrc
        settings.nack = nack
        settings.transport_cc = transport_cc
        settings.seat = seat
        settings.mid_length = _take_mid(mid, settings.mid)
        settings.rid_length = _take_mid(rid, settings.rid)
        _take_extensions(extensions, settings.extensions)
        with nogil:
            result = tx_control_add_track(worker, transport, room, &settings)
        return _check(result, f"track of transport {transport} in room {room}")

    def remove_track(self, int64_t track):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_remove_track(worker, track)
        _check(result, f"track {track}")

    def set_track_blocked(self, int64_t track, bint blocked):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_set_track_blocked(worker, track, blocked)
        _check(result, f"track {track}")

    def set_track_apart(self, int64_t track, bint apart):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_set_track_apart(worker, track, apart)
        _check(result, f"track {track}")

    def request_keyframe(self, int64_t track):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_request_keyframe(worker, track)
        _check(result, f"track {track}")

    def track_stats(self, int64_t track):
        cdef tx_worker *worker = self._open()
        cdef tx_track_stats s
        cdef int result
        with nogil:
            result = tx_control_track_stats(worker, track, &s)
        _check(result, f"track {track}")
        return TrackStats(
            s.packets, s.bytes, s.lost, s.jitter, s.nacks_sent, s.plis_sent, s.keyframes, s.audio_level_dbov,
            _layers(&s.layers), s.watchers, s.codec,
        )

    def add_subscription(
        self, int64_t transport, int64_t track, uint32_t ssrc, uint32_t rtx_ssrc, int payload_type,
        int rtx_payload_type, bytes mid not None, extensions not None, int red_payload_type=0, bint active=True,
        bint constant_timestamps=False, uint64_t seat=0, formats=(),
    ):
        cdef tx_worker *worker = self._open()
        cdef tx_subscription_settings settings
        cdef int64_t result
        memset(&settings, 0, sizeof(settings))
        settings.ssrc = ssrc
        settings.rtx_ssrc = rtx_ssrc
        _take_formats(formats or [(TX_CODEC_OTHER, payload_type, rtx_payload_type)], &settings.formats)
        settings.red_payload_type = _payload_type(red_payload_type)
        settings.active = active
        settings.seat = seat
        settings.constant_timestamps = constant_timestamps
        settings.mid_length = _take_mid(mid, settings.mid)
        settings.allow_two_byte = _take_extensions(extensions, settings.extensions)
        if settings.extensions[0] == 0:
            settings.mid_length = 0
        elif settings.mid_length == 0:
            settings.extensions[0] = 0
        with nogil:
            result = tx_control_add_subscription(worker, transport, track, &settings)
        return _check(result, f"subscription of transport {transport} to track {track}")

    def remove_subscription(self, int64_t subscription):
        cdef tx_worker *worker = self._open()
        cdef int result
        with nogil:
            result = tx_control_remove_subscription(worker, subscription)
        _check(result, f"subscription {subscription}")

    def set_active(self, subscriptions, bint active):
        cdef tx_worker *worker = self._open()
        cdef list wanted = list(subscriptions)
        cdef size_t count = len(wanted)
        cdef size_t i
        cdef int64_t *handles
        cdef int result
        if count == 0:
            return
        handles = <int64_t *>malloc(count * sizeof(int64_t))
        if handles is NULL:
            raise MemoryError()
        try:
            for i in range(count):
                handles[i] = wanted[i]
            with nogil:
                result = tx_control_set_active(worker, handles, count, active)
        finally:
            free(handles)
        _check(result, "subscription")

    def choose_layers(self, choices):
        cdef tx_worker *worker = self._open()
        cdef list wanted = list(choices)
        cdef size_t count = len(wanted)
        cdef size_t i
        cdef tx_layer_choice *array
        cdef int result
        if count == 0:
            return
        array = <tx_layer_choice *>malloc(count * sizeof(tx_layer_choice))
        if array is NULL:
            raise MemoryError()
        try:
            for i in range(count):
                array[i].subscription, array[i].track, spatial, temporal = wanted[i]
                array[i].spatial = _layer(spatial)
                array[i].temporal = _layer(temporal)
            with nogil:
                result = tx_control_choose_layers(worker, array, count)
        finally:
            free(array)
        _check(result, "layer choice")

    def subscription_stats(self, int64_t subscription):
        cdef tx_worker *worker = self._open()
        cdef tx_subscription_stats s
        cdef int result
        with nogil:
            result = tx_control_subscription_stats(worker, subscription, &s)
        _check(result, f"subscription {subscription}")
        return SubscriptionStats(
            s.packets, s.bytes, s.retransmitted, s.nacks_received, s.plis_received, s.remote_lost, s.remote_jitter,
            s.track, s.spatial, s.temporal,
        )

    def transport_stats(self, int64_t transport):
        cdef tx_worker *worker = self._open()
        cdef tx_transport_stats s
        cdef int result
        with nogil:
            result = tx_control_transport_stats(worker, transport, &s)
        _check(result, f"transport {transport}")
        return TransportStats(
            s.packets_received, s.bytes_received, s.packets_sent, s.bytes_sent, s.rtt_us, s.remote_loss_ppm,
            s.remb_bps, s.srtp_failures, s.address[:s.address_length], s.estimate_bps, s.acknowledged_bps,
        )

    def set_target(self, int64_t transport, int64_t allocated_bps, int64_t wanted_bps):
        cdef tx_worker *worker = self._open()
        cdef int result
        cdef uint32_t allocated = <uint32_t>min(max(allocated_bps, 0), 0xffffffff)
        cdef uint32_t wanted = <uint32_t>min(max(wanted_bps, 0), 0xffffffff)
        with nogil:
            result = tx_control_set_target(worker, transport, allocated, wanted)
        _check(result, f"transport {transport}")
