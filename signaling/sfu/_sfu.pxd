# cython: language_level=3
# What the thin wrapper calls of the native core: the parts of its headers that cross over.

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef extern from "worker.h" nogil:
    ctypedef struct tx_events:
        int fd
    ctypedef struct tx_worker:
        uint16_t port
        tx_events events
    tx_worker *tx_worker_open(const char *address, uint16_t port, bint gso, int *error)
    void tx_worker_close(tx_worker *worker)


cdef extern from "events.h" nogil:
    int TX_EVENT_DTLS
    int TX_EVENT_CONNECTED
    int TX_EVENT_ADDRESS
    int TX_EVENT_DISCONNECTED
    int TX_EVENT_SPEAKERS
    int TX_EVENT_TRACK_STARTED
    int TX_EVENT_WATCHED
    int TX_EVENT_OVERFLOW
    int TX_EVENT_ESTIMATE
    int TX_EVENT_DATA_MAX_BYTES
    ctypedef struct tx_event:
        int64_t transport
        int64_t value
        uint32_t kind
        uint32_t length
    bint tx_events_pop(tx_events *events, tx_event *event, uint8_t *data)


cdef extern from "rtp.h" nogil:
    int TX_EXT_COUNT
    int TX_RTP_MID_MAX_BYTES


cdef extern from "codec.h" nogil:
    int TX_CODEC_OTHER
    int TX_CODEC_OPUS
    int TX_CODEC_RED
    int TX_CODEC_VP8
    int TX_CODEC_H264
    int TX_CODEC_VP9
    int TX_CODEC_AV1


cdef extern from "srtp.h" nogil:
    int TX_SRTP_AES128_CM_SHA1_80
    int TX_SRTP_AEAD_AES_128_GCM
    int TX_SRTP_AEAD_AES_256_GCM
    const char *tx_srtp_backend()


cdef extern from "control.h" nogil:
    int TX_AUDIO
    int TX_VIDEO
    enum: TX_FORMATS_MAX
    ctypedef struct tx_format:
        uint8_t codec
        uint8_t payload_type
        uint8_t rtx_payload_type
    ctypedef struct tx_formats:
        tx_format at[4]
        uint8_t count
    ctypedef struct tx_track_settings:
        uint8_t kind
        tx_formats formats
        uint8_t red_payload_type
        uint8_t mid_length
        bint nack
        bint transport_cc
        uint32_t clock_rate
        uint32_t ssrc
        uint32_t rtx_ssrc
        uint64_t seat
        uint8_t mid[16]
        uint8_t rid_length
        uint8_t rid[16]
        int64_t sibling
        uint8_t extensions[9]
    ctypedef struct tx_subscription_settings:
        uint32_t ssrc
        uint32_t rtx_ssrc
        tx_formats formats
        uint8_t red_payload_type
        uint8_t mid_length
        bint allow_two_byte
        bint active
        uint64_t seat
        bint constant_timestamps
        uint8_t mid[16]
        uint8_t extensions[9]
    ctypedef struct tx_worker_stats:
        uint64_t packets_received
        uint64_t packets_forwarded
        uint64_t packets_dropped
        uint64_t send_calls
        bint gso
        uint64_t transports
        uint64_t tracks
        uint64_t subscriptions
        uint64_t native_bytes
        uint64_t busy_us
        uint64_t tcp_connections
        uint64_t tcp_dropped
    ctypedef struct tx_transport_stats:
        uint64_t packets_received
        uint64_t bytes_received
        uint64_t packets_sent
        uint64_t bytes_sent
        uint64_t rtt_us
        uint32_t remote_loss_ppm
        uint64_t remb_bps
        uint64_t srtp_failures
        uint64_t estimate_bps
        uint64_t acknowledged_bps
        char address[64]
        size_t address_length
    ctypedef struct tx_picture_size:
        uint16_t width
        uint16_t height
    ctypedef struct tx_layer_counts:
        uint64_t bytes[4][4]
        tx_picture_size size[4]
        uint64_t needed[4][4]
    ctypedef struct tx_layer_choice:
        int64_t subscription
        int64_t track
        uint8_t spatial
        uint8_t temporal
    ctypedef struct tx_track_stats:
        uint64_t packets
        uint64_t bytes
        int64_t lost
        uint32_t jitter
        uint64_t nacks_sent
        uint64_t plis_sent
        uint64_t keyframes
        uint8_t audio_level_dbov
        tx_layer_counts layers
        unsigned watchers
        uint8_t codec
    ctypedef struct tx_subscription_stats:
        uint64_t packets
        uint64_t bytes
        uint64_t retransmitted
        uint64_t nacks_received
        uint64_t plis_received
        int64_t remote_lost
        uint32_t remote_jitter
        int64_t track
        uint8_t spatial
        uint8_t temporal
    void tx_control_stats(tx_worker *worker, tx_worker_stats *stats)
    int tx_control_listen_tcp(tx_worker *worker, const char *address)
    int tx_control_adopt_tcp(tx_worker *worker, int fd)
    int TX_FLOOR_PLACES_MAX
    int64_t tx_mirror_connect(tx_worker *home, tx_worker *away)
    int tx_mirror_open(tx_worker *home, int64_t outlet, int64_t track, tx_worker *away, int64_t transport)
    int64_t tx_control_open_inner(tx_worker *worker)
    int tx_control_close_outlet(tx_worker *worker, int64_t outlet)
    int tx_control_stop_mirror(tx_worker *worker, int64_t outlet, int64_t track)
    int64_t tx_control_open_room(tx_worker *worker, unsigned places)
    int tx_control_open_voices(tx_worker *worker, int64_t room, int64_t *handles)
    int64_t tx_control_open_lead(tx_worker *worker, int64_t room)
    int tx_control_close_room(tx_worker *worker, int64_t room)
    int64_t tx_control_open_transport(tx_worker *worker, const uint8_t *ufrag, size_t ufrag_length,
                                      const uint8_t *password, size_t password_length)
    int tx_control_restart_ice(tx_worker *worker, int64_t transport, const uint8_t *ufrag, size_t ufrag_length,
                               const uint8_t *password, size_t password_length)
    int tx_control_close_transport(tx_worker *worker, int64_t transport)
    int tx_control_send_dtls(tx_worker *worker, int64_t transport, const uint8_t *datagram, size_t length)
    int tx_control_set_srtp(tx_worker *worker, int64_t transport, unsigned profile, const uint8_t *receive,
                            size_t receive_length, const uint8_t *send, size_t send_length)
    int tx_control_transport_stats(tx_worker *worker, int64_t transport, tx_transport_stats *stats)
    int tx_control_set_target(tx_worker *worker, int64_t transport, uint32_t allocated_bps, uint32_t wanted_bps)
    int64_t tx_control_add_track(tx_worker *worker, int64_t transport, int64_t room,
                                 const tx_track_settings *settings)
    int tx_control_remove_track(tx_worker *worker, int64_t track)
    int tx_control_set_track_blocked(tx_worker *worker, int64_t track, bint blocked)
    int tx_control_set_track_apart(tx_worker *worker, int64_t track, bint apart)
    int tx_control_request_keyframe(tx_worker *worker, int64_t track)
    int tx_control_track_stats(tx_worker *worker, int64_t track, tx_track_stats *stats)
    int64_t tx_control_add_subscription(tx_worker *worker, int64_t transport, int64_t track,
                                        const tx_subscription_settings *settings)
    int tx_control_remove_subscription(tx_worker *worker, int64_t subscription)
    int tx_control_set_active(tx_worker *worker, const int64_t *subscriptions, size_t count, bint active)
    int tx_control_choose_layers(tx_worker *worker, const tx_layer_choice *choices, size_t count)
    int tx_control_subscription_stats(tx_worker *worker, int64_t subscription, tx_subscription_stats *stats)
