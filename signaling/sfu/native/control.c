#include "control.h"

#include <errno.h>
#include <string.h>

#include "bandwidth.h"
#include "recovery.h"
#include "room.h"
#include "transport.h"

/* RFC 8839 5.4: ufrag 4 to 256 and password 22 to 256 characters; shorter passwords are accepted, empty ones not. */
#define CREDENTIAL_MAX_BYTES 256

static void enter(tx_worker *worker)
{
    tx_gate_enter(&worker->gate);
    worker->now_us = tx_clock_us();
}

/* Control calls may have queued a packet or two. */
static int64_t leave(tx_worker *worker, int64_t result)
{
    tx_mirror_wake(worker);
    if (tx_udp_waiting(&worker->udp))
        tx_udp_flush(&worker->udp);
    tx_transport_bury(worker);
    tx_gate_leave(&worker->gate);
    return result;
}

void tx_control_stats(tx_worker *worker, tx_worker_stats *stats)
{
    enter(worker);
    *stats = (tx_worker_stats){
        .packets_received = worker->counters.packets_received,
        .packets_forwarded = worker->counters.packets_forwarded,
        .packets_dropped = worker->counters.packets_dropped + worker->udp.counters.dropped,
        .send_calls = worker->udp.counters.send_calls,
        .gso = worker->udp.gso,
        .busy_us = worker->busy_us,
        .transports = worker->transports,
        .tracks = worker->tracks,
        .subscriptions = worker->subscriptions,
        .tcp_connections = worker->tcp.count,
        .tcp_dropped = worker->tcp.counters.dropped,
    };
    uint64_t bytes = worker->subscriptions * sizeof(tx_subscription);
    for (unsigned i = 0; i < TX_TICK_SLOTS; i++) {
        tx_list_each(&worker->slots[i], link, after) {
            tx_transport *transport = tx_owner_of(link, tx_transport, of_slot);
            bytes += tx_transport_bytes(transport);
            tx_list_each(&transport->tracks, track, next_track)
                bytes += tx_track_bytes(tx_owner_of(track, tx_track, of_transport));
        }
    }
    stats->native_bytes = bytes;
    leave(worker, 0);
}

int tx_control_listen_tcp(tx_worker *worker, const char *address)
{
    enter(worker);
    return (int)leave(worker, tx_tcp_listen(&worker->tcp, address, worker->port));
}

int tx_control_adopt_tcp(tx_worker *worker, int fd)
{
    enter(worker);
    return (int)leave(worker, tx_tcp_adopt(&worker->tcp, fd, worker->secret, worker->now_us));
}

int64_t tx_control_open_room(tx_worker *worker, unsigned places)
{
    if (places == 0 || places > TX_FLOOR_PLACES_MAX)
        return -EINVAL;
    enter(worker);
    tx_room *room = tx_room_new(worker, places);
    return leave(worker, room ? room->object.handle : -ENOMEM);
}

int tx_control_open_voices(tx_worker *worker, int64_t handle, int64_t handles[TX_FLOOR_PLACES_MAX])
{
    enter(worker);
    tx_room *room = tx_worker_find(worker, handle, TX_KIND_ROOM);
    int result = room ? tx_room_open_voices(worker, room) : -ENOENT;
    for (int i = 0; !result && i < room->floor.places; i++)
        handles[i] = room->voices[i].track->object.handle;
    return (int)leave(worker, result ? result : room->floor.places);
}

int64_t tx_control_open_lead(tx_worker *worker, int64_t handle)
{
    enter(worker);
    tx_room *room = tx_worker_find(worker, handle, TX_KIND_ROOM);
    int result = room ? tx_room_open_voices(worker, room) : -ENOENT;
    return leave(worker, result ? result : tx_room_lead(room)->track->object.handle);
}

int tx_control_close_room(tx_worker *worker, int64_t handle)
{
    enter(worker);
    tx_room *room = tx_worker_find(worker, handle, TX_KIND_ROOM);
    if (room)
        tx_room_free(worker, room);
    return (int)leave(worker, room ? 0 : -ENOENT);
}

static bool credentials_fit(size_t ufrag_length, size_t password_length)
{
    return ufrag_length && ufrag_length <= CREDENTIAL_MAX_BYTES && password_length
        && password_length <= CREDENTIAL_MAX_BYTES;
}

/* An ufrag that is taken is the caller's mistake, not a lack of memory. */
static int credentials_error(const tx_worker *worker, const uint8_t *ufrag, size_t length)
{
    return tx_table_get(&worker->ufrags, tx_ufrag_key(worker, ufrag, length)) ? -EINVAL : -ENOMEM;
}

int64_t tx_control_open_transport(tx_worker *worker, const uint8_t *ufrag, size_t ufrag_length, const uint8_t *password,
                                  size_t password_length)
{
    if (!credentials_fit(ufrag_length, password_length))
        return -EINVAL;
    enter(worker);
    tx_transport *transport = tx_transport_new(worker, ufrag, ufrag_length, password, password_length);
    if (!transport)
        return leave(worker, credentials_error(worker, ufrag, ufrag_length));
    if (worker->transports == 1 && worker->tcp.count == 0)
        tx_worker_wake(worker); /* it sleeps without ticks while there is nobody */
    return leave(worker, transport->object.handle);
}

int64_t tx_control_open_inner(tx_worker *worker)
{
    enter(worker);
    tx_transport *transport = tx_transport_new_inner(worker);
    return leave(worker, transport ? transport->object.handle : -ENOMEM);
}

int tx_control_close_outlet(tx_worker *worker, int64_t handle)
{
    enter(worker);
    tx_outlet *outlet = tx_worker_find(worker, handle, TX_KIND_OUTLET);
    if (outlet)
        tx_mirror_close_outlet(worker, outlet);
    return (int)leave(worker, outlet ? 0 : -ENOENT);
}

int tx_control_stop_mirror(tx_worker *worker, int64_t outlet_handle, int64_t track_handle)
{
    enter(worker);
    const tx_outlet *outlet = tx_worker_find(worker, outlet_handle, TX_KIND_OUTLET);
    tx_track *track = tx_worker_find(worker, track_handle, TX_KIND_TRACK);
    bool stopped = outlet && track && tx_mirror_stop(worker, track, outlet);
    return (int)leave(worker, stopped ? 0 : -ENOENT);
}

int tx_control_restart_ice(tx_worker *worker, int64_t handle, const uint8_t *ufrag, size_t ufrag_length,
                           const uint8_t *password, size_t password_length)
{
    if (!credentials_fit(ufrag_length, password_length))
        return -EINVAL;
    enter(worker);
    tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    if (!transport)
        return (int)leave(worker, -ENOENT);
    if (!tx_transport_renew(worker, transport, ufrag, ufrag_length, password, password_length))
        return (int)leave(worker, credentials_error(worker, ufrag, ufrag_length));
    return (int)leave(worker, 0);
}

int tx_control_close_transport(tx_worker *worker, int64_t handle)
{
    enter(worker);
    tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    if (transport)
        tx_transport_free(worker, transport);
    return (int)leave(worker, transport ? 0 : -ENOENT);
}

int tx_control_send_dtls(tx_worker *worker, int64_t handle, const uint8_t *datagram, size_t length)
{
    if (length == 0 || length > TX_EVENT_DATA_MAX_BYTES)
        return -EINVAL;
    enter(worker);
    tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    if (!transport)
        return (int)leave(worker, -ENOENT);
    if (transport->path.remote.length == 0 || transport->state == TX_TRANSPORT_DISCONNECTED)
        return (int)leave(worker, 0);
    uint64_t dropped = worker->udp.counters.dropped;
    memcpy(tx_udp_reserve(&worker->udp, length), datagram, length);
    tx_udp_queue(&worker->udp, &transport->path, length);
    tx_udp_flush(&worker->udp);
    bool left = worker->udp.counters.dropped == dropped;
    if (left) {
        transport->packets_sent++;
        transport->bytes_sent += length;
    }
    return (int)leave(worker, left);
}

int tx_control_set_srtp(tx_worker *worker, int64_t handle, unsigned profile, const uint8_t *receive,
                        size_t receive_length, const uint8_t *send, size_t send_length)
{
    enter(worker);
    tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    if (!transport)
        return (int)leave(worker, -ENOENT);
    return (int)leave(worker,
                      tx_transport_set_srtp(worker, transport, profile, receive, receive_length, send, send_length));
}

int tx_control_transport_stats(tx_worker *worker, int64_t handle, tx_transport_stats *stats)
{
    enter(worker);
    const tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    if (!transport)
        return (int)leave(worker, -ENOENT);
    *stats = (tx_transport_stats){
        .packets_received = transport->packets_received,
        .bytes_received = transport->bytes_received,
        .packets_sent = transport->packets_sent,
        .bytes_sent = transport->bytes_sent,
        .rtt_us = transport->rtt_us,
        .remote_loss_ppm = transport->remote_loss_ppm,
        .remb_bps = tx_remb_said_bps(&transport->remb, worker->now_us),
        .srtp_failures = transport->srtp_failures,
    };
    if (transport->congestion)
        stats->acknowledged_bps = transport->congestion->acknowledged_bps;
    stats->estimate_bps = transport->announced_bps;
    stats->address_length = tx_address_text(&transport->path.remote, stats->address);
    return (int)leave(worker, 0);
}

int tx_control_set_target(tx_worker *worker, int64_t handle, uint32_t allocated_bps, uint32_t wanted_bps)
{
    enter(worker);
    tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    if (transport)
        tx_bandwidth_set_target(worker, transport, allocated_bps, wanted_bps);
    return (int)leave(worker, transport ? 0 : -ENOENT);
}

int64_t tx_control_add_track(tx_worker *worker, int64_t handle, int64_t room_handle, const tx_track_settings *settings)
{
    enter(worker);
    tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    tx_room *room = tx_worker_find(worker, room_handle, TX_KIND_ROOM);
    if (!transport || (room_handle && !room))
        return leave(worker, -ENOENT);
    tx_track *track = NULL;
    int error = tx_track_new(worker, transport, room, settings, &track);
    return leave(worker, error ? error : track->object.handle);
}

int tx_control_remove_track(tx_worker *worker, int64_t handle)
{
    enter(worker);
    tx_track *track = tx_worker_find(worker, handle, TX_KIND_TRACK);
    if (!track || track->voice)
        return (int)leave(worker, track ? -EINVAL : -ENOENT);
    tx_track_free(worker, track);
    return (int)leave(worker, 0);
}

int tx_control_set_track_blocked(tx_worker *worker, int64_t handle, bool blocked)
{
    enter(worker);
    tx_track *track = tx_worker_find(worker, handle, TX_KIND_TRACK);
    if (track)
        tx_track_set_blocked(worker, track, blocked);
    return (int)leave(worker, track ? 0 : -ENOENT);
}

int tx_control_set_track_apart(tx_worker *worker, int64_t handle, bool apart)
{
    enter(worker);
    tx_track *track = tx_worker_find(worker, handle, TX_KIND_TRACK);
    if (track)
        tx_track_set_apart(track, apart);
    return (int)leave(worker, track ? 0 : -ENOENT);
}

int tx_control_request_keyframe(tx_worker *worker, int64_t handle)
{
    enter(worker);
    tx_track *track = tx_worker_find(worker, handle, TX_KIND_TRACK);
    if (track)
        tx_recovery_want_keyframe(worker, track);
    return (int)leave(worker, track ? 0 : -ENOENT);
}

int tx_control_track_stats(tx_worker *worker, int64_t handle, tx_track_stats *stats)
{
    enter(worker);
    const tx_track *track = tx_worker_find(worker, handle, TX_KIND_TRACK);
    if (!track)
        return (int)leave(worker, -ENOENT);
    const tx_reception *reception = &track->reception;
    int64_t expected = reception->received ? track->source.newest - reception->base + 1 : 0;
    *stats = (tx_track_stats){
        .packets = track->packets,
        .bytes = track->bytes,
        .lost = expected - (int64_t)reception->received,
        .jitter = reception->jitter_q4 >> 4,
        .nacks_sent = track->recovery.nacks_sent,
        .plis_sent = track->recovery.plis_sent,
        .keyframes = track->keyframes,
        .audio_level_dbov = tx_level_now(&track->level, worker->now_us),
        .layers = track->layers,
        .watchers = track->watchers,
        .codec = track->codec,
    };
    return (int)leave(worker, 0);
}

int64_t tx_control_add_subscription(tx_worker *worker, int64_t handle, int64_t track_handle,
                                    const tx_subscription_settings *settings)
{
    enter(worker);
    tx_transport *transport = tx_worker_find(worker, handle, TX_KIND_TRANSPORT);
    tx_track *track = tx_worker_find(worker, track_handle, TX_KIND_TRACK);
    if (!transport || !track)
        return leave(worker, -ENOENT);
    tx_subscription *subscription = NULL;
    int error = tx_subscription_new(worker, transport, track, settings, &subscription);
    return leave(worker, error ? error : subscription->object.handle);
}

int tx_control_remove_subscription(tx_worker *worker, int64_t handle)
{
    enter(worker);
    tx_subscription *subscription = tx_worker_find(worker, handle, TX_KIND_SUBSCRIPTION);
    if (subscription)
        tx_subscription_free(worker, subscription);
    return (int)leave(worker, subscription ? 0 : -ENOENT);
}

int tx_control_set_active(tx_worker *worker, const int64_t *handles, size_t count, bool active)
{
    enter(worker);
    for (size_t i = 0; i < count; i++)
        if (!tx_worker_find(worker, handles[i], TX_KIND_SUBSCRIPTION))
            return (int)leave(worker, -ENOENT);
    for (size_t i = 0; i < count; i++)
        tx_subscription_set_active(worker, tx_worker_find(worker, handles[i], TX_KIND_SUBSCRIPTION), active);
    return (int)leave(worker, 0);
}

static int check_choice(tx_worker *worker, const tx_layer_choice *choice)
{
    const tx_subscription *subscription = tx_worker_find(worker, choice->subscription, TX_KIND_SUBSCRIPTION);
    const tx_track *track = tx_worker_find(worker, choice->track, TX_KIND_TRACK);
    if (!subscription || !track)
        return -ENOENT;
    return tx_encodings_same_source(subscription->wanted, track) ? 0 : -EINVAL;
}

int tx_control_choose_layers(tx_worker *worker, const tx_layer_choice *choices, size_t count)
{
    enter(worker);
    for (size_t i = 0; i < count; i++) {
        int error = check_choice(worker, &choices[i]);
        if (error)
            return (int)leave(worker, error);
    }
    for (size_t i = 0; i < count; i++) {
        tx_subscription *subscription = tx_worker_find(worker, choices[i].subscription, TX_KIND_SUBSCRIPTION);
        tx_track *track = tx_worker_find(worker, choices[i].track, TX_KIND_TRACK);
        tx_subscription_limit(worker, subscription, choices[i].spatial, choices[i].temporal);
        tx_encodings_choose(worker, subscription, track);
    }
    return (int)leave(worker, 0);
}

int tx_control_subscription_stats(tx_worker *worker, int64_t handle, tx_subscription_stats *stats)
{
    enter(worker);
    const tx_subscription *subscription = tx_worker_find(worker, handle, TX_KIND_SUBSCRIPTION);
    if (!subscription)
        return (int)leave(worker, -ENOENT);
    *stats = (tx_subscription_stats){
        .packets = subscription->packets,
        .bytes = subscription->bytes,
        .retransmitted = subscription->retransmitted,
        .nacks_received = subscription->nacks_received,
        .plis_received = subscription->plis_received,
        .remote_lost = subscription->remote_lost,
        .remote_jitter = subscription->remote_jitter,
        .track = subscription->track->object.handle,
        .spatial = subscription->layers.spatial,
        .temporal = subscription->layers.temporal,
    };
    return (int)leave(worker, 0);
}
