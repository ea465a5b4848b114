/* What the Python side may ask of a worker, from any thread.  Each call enters the gate, does a bounded piece of work
 * and leaves; none blocks on the network.
 *
 * Results: a handle or 0 on success, -errno otherwise: -ENOENT unknown handle, -EINVAL value out of range or in
 * conflict, -EEXIST keys already set, -ENOMEM.
 */
#ifndef TX_CONTROL_H
#define TX_CONTROL_H

#include "subscription.h"
#include "track.h"
#include "worker.h"

typedef struct {
    uint64_t packets_received, packets_forwarded, packets_dropped, send_calls;
    bool gso;
    uint64_t transports, tracks, subscriptions;
    uint64_t native_bytes;
    uint64_t busy_us;
    uint64_t tcp_connections, tcp_dropped;
} tx_worker_stats;

typedef struct {
    uint64_t packets_received, bytes_received, packets_sent, bytes_sent;
    uint64_t rtt_us;
    uint32_t remote_loss_ppm;
    uint64_t remb_bps;
    uint64_t srtp_failures;
    uint64_t estimate_bps, acknowledged_bps;
    char address[TX_ADDRESS_TEXT_BYTES];
    size_t address_length;
} tx_transport_stats;

typedef struct {
    uint64_t packets, bytes;
    int64_t lost;
    uint32_t jitter;
    uint64_t nacks_sent, plis_sent, keyframes;
    uint8_t audio_level_dbov;
    tx_layer_counts layers;
    unsigned watchers;
    uint8_t codec;
} tx_track_stats;

typedef struct {
    uint64_t packets, bytes, retransmitted, nacks_received, plis_received;
    int64_t remote_lost;
    uint32_t remote_jitter;
    int64_t track; /* the encoding that is sent */
    uint8_t spatial, temporal;
} tx_subscription_stats;

typedef struct {
    int64_t subscription;
    int64_t track;
    uint8_t spatial, temporal; /* highest id to forward */
} tx_layer_choice;

void tx_control_stats(tx_worker *worker, tx_worker_stats *stats);

/* ICE-TCP: listens on `address` and the worker's own port number.  0 or -errno of the sockets. */
int tx_control_listen_tcp(tx_worker *worker, const char *address);

/* Takes over a connected TCP socket that another listener accepted; nothing of it may have been read.  The descriptor
 * is the worker's from here on, also when the result is not 0. */
int tx_control_adopt_tcp(tx_worker *worker, int fd);

/* `places`: how many are heard at once, 1 to TX_FLOOR_PLACES_MAX. */
int64_t tx_control_open_room(tx_worker *worker, unsigned places);

/* Makes the room's voices, or finds them; writes a track handle for each place.  How many, or -errno. */
int tx_control_open_voices(tx_worker *worker, int64_t room, int64_t handles[TX_FLOOR_PLACES_MAX]);

/* Likewise of the track that carries one speaker after the other. */
int64_t tx_control_open_lead(tx_worker *worker, int64_t room);
int tx_control_close_room(tx_worker *worker, int64_t room);

int64_t tx_control_open_transport(tx_worker *worker, const uint8_t *ufrag, size_t ufrag_length, const uint8_t *password,
                                  size_t password_length);
int tx_control_restart_ice(tx_worker *worker, int64_t transport, const uint8_t *ufrag, size_t ufrag_length,
                           const uint8_t *password, size_t password_length);
int tx_control_close_transport(tx_worker *worker, int64_t transport);

/* 1 when it left, 0 when there is no address yet or no room. */
int tx_control_send_dtls(tx_worker *worker, int64_t transport, const uint8_t *datagram, size_t length);

int tx_control_set_srtp(tx_worker *worker, int64_t transport, unsigned profile, const uint8_t *receive,
                        size_t receive_length, const uint8_t *send, size_t send_length);

/* Bits/s that the application sends and would like to send to it: probing goes up to the second. */
int tx_control_set_target(tx_worker *worker, int64_t transport, uint32_t allocated_bps, uint32_t wanted_bps);
int tx_control_transport_stats(tx_worker *worker, int64_t transport, tx_transport_stats *stats);

/* A transport that carries mirrors: nobody can reach it. */
int64_t tx_control_open_inner(tx_worker *worker);

int tx_control_close_outlet(tx_worker *worker, int64_t outlet);

/* -ENOENT when the track is not mirrored behind that outlet. */
int tx_control_stop_mirror(tx_worker *worker, int64_t outlet, int64_t track);

/* `room` 0 = none. */
int64_t tx_control_add_track(tx_worker *worker, int64_t transport, int64_t room, const tx_track_settings *settings);
int tx_control_remove_track(tx_worker *worker, int64_t track);
int tx_control_set_track_blocked(tx_worker *worker, int64_t track, bool blocked);
int tx_control_set_track_apart(tx_worker *worker, int64_t track, bool apart);
int tx_control_request_keyframe(tx_worker *worker, int64_t track);
int tx_control_track_stats(tx_worker *worker, int64_t track, tx_track_stats *stats);

int64_t tx_control_add_subscription(tx_worker *worker, int64_t transport, int64_t track,
                                    const tx_subscription_settings *settings);
int tx_control_remove_subscription(tx_worker *worker, int64_t subscription);

/* All or none: -ENOENT when one is unknown, and then nothing has changed. */
int tx_control_set_active(tx_worker *worker, const int64_t *subscriptions, size_t count, bool active);

/* All or none: -ENOENT when a handle is unknown, -EINVAL when a track is not of the subscription's source. */
int tx_control_choose_layers(tx_worker *worker, const tx_layer_choice *choices, size_t count);
int tx_control_subscription_stats(tx_worker *worker, int64_t subscription, tx_subscription_stats *stats);

#endif
