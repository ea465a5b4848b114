#include "transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bandwidth.h"
#include "recovery.h"
#include "subscription.h"
#include "track.h"

uint64_t tx_ufrag_key(const tx_worker *worker, const uint8_t *ufrag, size_t length)
{
    return tx_hash_bytes(worker->secret, ufrag, length);
}

static bool set_credentials(tx_worker *worker, tx_transport *transport, tx_credentials *into, const uint8_t *ufrag,
                            size_t ufrag_length, const uint8_t *password, size_t password_length)
{
    uint64_t key = tx_ufrag_key(worker, ufrag, ufrag_length);
    if (tx_table_get(&worker->ufrags, key) || !tx_table_put(&worker->ufrags, key, transport))
        return false;
    into->key = key;
    tx_hmac_sha1_init(&into->password, password, password_length);
    return true;
}

static void drop_credentials(tx_worker *worker, tx_credentials *credentials)
{
    if (credentials->key)
        tx_table_remove(&worker->ufrags, credentials->key);
    memset(credentials, 0, sizeof *credentials);
}

static void draw_cname(tx_transport *transport)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    for (size_t i = 0; i < TX_CNAME_BYTES; i++)
        transport->cname[i] = (uint8_t)letters[transport->cname[i] % 32];
}

tx_transport *tx_transport_new(tx_worker *worker, const uint8_t *ufrag, size_t ufrag_length, const uint8_t *password,
                               size_t password_length)
{
    tx_transport *transport = calloc(1, sizeof *transport);
    if (!transport)
        return NULL;
    tx_list_init(&transport->of_slot);
    tx_list_init(&transport->restless);
    tx_list_init(&transport->tracks);
    tx_list_init(&transport->subscriptions);
    bool random = getrandom(transport->cname, TX_CNAME_BYTES, 0) == TX_CNAME_BYTES
        && getrandom(&transport->local_ssrc, sizeof transport->local_ssrc, 0) == sizeof transport->local_ssrc;
    draw_cname(transport);
    uint8_t none[TX_EXT_COUNT] = {0};
    tx_extension_map_init(&transport->extensions, none);
    transport->authenticated_us = worker->now_us;
    transport->checks = tx_bucket_full(TX_CHECKS_BURST, worker->now_us);
    transport->receive = tx_bucket_full(TX_RECEIVE_BURST, worker->now_us);
    transport->dtls = tx_bucket_full(TX_DTLS_BURST, worker->now_us);
    transport->retransmit = tx_bucket_full(TX_RETRANSMIT_BURST, worker->now_us);
    transport->replay = tx_bucket_full(TX_REPLAY_BURST_KB, worker->now_us);
    if (random && tx_table_init(&transport->inbound, 8) && tx_table_init(&transport->outbound, 8)
        && set_credentials(worker, transport, &transport->credentials, ufrag, ufrag_length, password, password_length)
        && tx_worker_register(worker, &transport->object, TX_KIND_TRANSPORT)) {
        tx_list_append(&worker->slots[(uint64_t)transport->object.handle % TX_TICK_SLOTS], &transport->of_slot);
        worker->transports++;
        return transport;
    }
    drop_credentials(worker, &transport->credentials);
    tx_table_free(&transport->inbound);
    tx_table_free(&transport->outbound);
    free(transport);
    return NULL;
}

tx_transport *tx_transport_new_inner(tx_worker *worker)
{
    uint8_t ufrag[16], password[24]; /* told to nobody */
    if (getrandom(ufrag, sizeof ufrag, 0) != sizeof ufrag || getrandom(password, sizeof password, 0) != sizeof password)
        return NULL;
    return tx_transport_new(worker, ufrag, sizeof ufrag, password, sizeof password);
}

static void forget_address(tx_worker *worker, tx_validated *validated)
{
    if (!validated->key)
        return;
    tx_table_remove(&worker->addresses, validated->key);
    validated->key = 0;
    tx_tcp_connection *connection = tx_tcp_find(&worker->tcp, validated->path.tcp);
    if (connection)
        tx_tcp_end(&worker->tcp, connection);
}

void tx_transport_free(tx_worker *worker, tx_transport *transport)
{
    tx_list_each(&transport->subscriptions, link, after)
        tx_subscription_free(worker, tx_owner_of(link, tx_subscription, of_transport));
    tx_list_each(&transport->tracks, link, after)
        tx_track_free(worker, tx_owner_of(link, tx_track, of_transport));
    drop_credentials(worker, &transport->credentials);
    drop_credentials(worker, &transport->renewed);
    for (unsigned i = 0; i < TX_VALIDATED_MAX; i++)
        forget_address(worker, &transport->validated[i]);
    tx_list_remove(&transport->of_slot);
    tx_list_remove(&transport->restless);
    tx_srtp_sender_free(transport->sender);
    if (transport->receiver)
        tx_srtp_receiver_free(transport->receiver);
    tx_table_free(&transport->inbound);
    tx_table_free(&transport->outbound);
    free(transport->twcc);
    free(transport->congestion);
    tx_pacer_close(&transport->pacer);
    tx_table_remove(&worker->objects, (uint64_t)transport->object.handle);
    worker->transports--;
    free(transport);
}

bool tx_transport_renew(tx_worker *worker, tx_transport *transport, const uint8_t *ufrag, size_t ufrag_length,
                        const uint8_t *password, size_t password_length)
{
    drop_credentials(worker, &transport->renewed);
    return set_credentials(worker, transport, &transport->renewed, ufrag, ufrag_length, password, password_length);
}

void tx_transport_proved(tx_worker *worker, tx_transport *transport, uint64_t key)
{
    if (key != transport->renewed.key)
        return;
    drop_credentials(worker, &transport->credentials);
    transport->credentials = transport->renewed;
    memset(&transport->renewed, 0, sizeof transport->renewed);
}

tx_transport *tx_transport_at(tx_worker *worker, const tx_path *path)
{
    return tx_table_get(&worker->addresses, tx_path_hash(worker->secret, path));
}

/* The entry for this address, made in place of the one that was silent longest. */
static tx_validated *remember(tx_worker *worker, tx_transport *transport, uint64_t key, const tx_path *path)
{
    tx_validated *entry = NULL;
    for (unsigned i = 0; i < TX_VALIDATED_MAX; i++)
        if (transport->validated[i].key == key)
            entry = &transport->validated[i];
    if (entry)
        return entry;
    tx_transport *owner = tx_table_get(&worker->addresses, key);
    if (owner && worker->now_us - owner->authenticated_us < TX_ADDRESS_OWNED_US)
        return NULL;
    for (unsigned i = 0; owner && i < TX_VALIDATED_MAX; i++)
        if (owner->validated[i].key == key)
            owner->validated[i].key = 0;
    for (unsigned i = 0; i < TX_VALIDATED_MAX; i++) {
        tx_validated *at = &transport->validated[i];
        bool in_use = at->key && i == transport->selected;
        if (!in_use && (!entry || !at->key || (entry->key && at->heard_us < entry->heard_us)))
            entry = at;
    }
    forget_address(worker, entry);
    if (!tx_table_put(&worker->addresses, key, transport))
        return NULL;
    *entry = (tx_validated){.key = key, .path = *path};
    return entry;
}

static void announce(tx_worker *worker, tx_transport *transport, unsigned kind)
{
    char text[TX_ADDRESS_TEXT_BYTES];
    size_t length = tx_address_text(&transport->path.remote, text);
    tx_events_push(&worker->events, kind, transport->object.handle, 0, text, length);
}

static void start_subscriptions(tx_worker *worker, tx_transport *transport)
{
    if (!tx_transport_ready(transport))
        return;
    tx_list_each(&transport->subscriptions, link, after)
        tx_subscription_try(worker, tx_owner_of(link, tx_subscription, of_transport));
}

/* May `entry` take the place of the selected path?  The last nominated wins; a path that is silent gives way. */
static bool preferred(const tx_worker *worker, const tx_transport *transport, const tx_validated *entry, bool nominated)
{
    const tx_validated *selected = &transport->validated[transport->selected];
    if (transport->path.remote.length == 0 || selected->key == 0 || selected == entry || nominated)
        return true;
    return worker->now_us - selected->heard_us > TX_CONSENT_OTHER_US;
}

/* What went over a path that had fallen silent is lost, both ways: pictures begin anew, without waiting until somebody
 * misses them, and the new path is not judged by those losses. */
static void recover(tx_worker *worker, tx_transport *transport)
{
    tx_bandwidth_moved(transport);
    tx_list_each(&transport->subscriptions, link, after) {
        tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_transport);
        if (subscription->track->kind == TX_VIDEO)
            tx_subscription_restart(worker, subscription);
    }
    tx_list_each(&transport->tracks, own, next) {
        tx_track *track = tx_owner_of(own, tx_track, of_transport);
        if (track->live_count)
            tx_recovery_want_keyframe(worker, track);
    }
}

static bool same_way(const tx_path *a, const tx_path *b)
{
    return a->tcp == b->tcp && tx_address_equal(&a->remote, &b->remote);
}

bool tx_transport_validate(tx_worker *worker, tx_transport *transport, const tx_path *path, bool nominated)
{
    uint64_t key = tx_path_hash(worker->secret, path);
    tx_validated *entry = remember(worker, transport, key, path);
    if (!entry)
        return false;
    bool use = preferred(worker, transport, entry, nominated);
    uint64_t silent_us = worker->now_us - transport->validated[transport->selected].heard_us;
    entry->heard_us = worker->now_us;
    entry->path = *path;
    bool was_ready = tx_transport_ready(transport);
    bool moved = false;
    if (use) {
        moved = transport->path.remote.length && !same_way(&transport->path, path);
        if (moved)
            tx_udp_flush(&worker->udp); /* what is queued was meant for the former way */
        transport->path = *path;
        transport->selected = (uint8_t)(entry - transport->validated);
    }
    transport->authenticated_us = worker->now_us;
    transport->nominated |= nominated;
    tx_tcp_prove(&worker->tcp, path->tcp);
    if (transport->state != TX_TRANSPORT_CONNECTED && transport->nominated) {
        transport->state = TX_TRANSPORT_CONNECTED;
        announce(worker, transport, TX_EVENT_CONNECTED);
    } else if (moved) {
        announce(worker, transport, TX_EVENT_ADDRESS);
    }
    if (moved && silent_us > TX_MOVE_SILENT_US)
        recover(worker, transport);
    if (!was_ready)
        start_subscriptions(worker, transport);
    return true;
}

void tx_transport_lost(tx_worker *worker, const tx_path *path)
{
    uint64_t key = tx_path_hash(worker->secret, path);
    tx_transport *transport = tx_table_get(&worker->addresses, key);
    if (!transport)
        return;
    tx_validated *freshest = NULL;
    for (unsigned i = 0; i < TX_VALIDATED_MAX; i++) {
        tx_validated *at = &transport->validated[i];
        if (at->key == key)
            forget_address(worker, at);
        else if (at->key && (!freshest || at->heard_us > freshest->heard_us))
            freshest = at;
    }
    if (transport->validated[transport->selected].key || !freshest)
        return; /* without another way the next check shows one: preferred() */
    transport->path = freshest->path;
    transport->selected = (uint8_t)(freshest - transport->validated);
    announce(worker, transport, TX_EVENT_ADDRESS);
}

void tx_transport_bury(tx_worker *worker)
{
    for (tx_tcp_connection *ended; (ended = tx_tcp_next_ended(&worker->tcp));) {
        tx_transport_lost(worker, &ended->path);
        tx_tcp_free_ended(&worker->tcp, ended);
    }
}

int tx_transport_set_srtp(tx_worker *worker, tx_transport *transport, unsigned profile, const uint8_t *receive,
                          size_t receive_length, const uint8_t *send, size_t send_length)
{
    size_t length = tx_srtp_key_bytes((tx_srtp_profile)profile) + tx_srtp_salt_bytes((tx_srtp_profile)profile);
    if (length == 0 || receive_length != length || send_length != length)
        return -EINVAL;
    if (transport->sender)
        return -EEXIST; /* the same keys with fresh counters would repeat nonces */
    tx_srtp_sender *sender = tx_srtp_sender_new((tx_srtp_profile)profile, send, length);
    tx_srtp_receiver *receiver = tx_srtp_receiver_new((tx_srtp_profile)profile, receive, length);
    bool made = sender && receiver;
    tx_list_each(&transport->subscriptions, link, after)
        made = made && tx_subscription_bind(tx_owner_of(link, tx_subscription, of_transport), sender);
    if (!made) {
        tx_srtp_sender_free(sender);
        if (receiver)
            tx_srtp_receiver_free(receiver);
        return -ENOMEM;
    }
    transport->sender = sender;
    transport->receiver = receiver;
    transport->overhead = (uint8_t)tx_srtp_rtp_overhead_bytes((tx_srtp_profile)profile);
    start_subscriptions(worker, transport);
    return 0;
}

void tx_transport_check_consent(tx_worker *worker, tx_transport *transport)
{
    if (transport->state != TX_TRANSPORT_CONNECTED || worker->now_us - transport->authenticated_us < TX_CONSENT_US)
        return;
    transport->state = TX_TRANSPORT_DISCONNECTED;
    tx_list_each(&transport->subscriptions, link, after)
        tx_subscription_suspend(tx_owner_of(link, tx_subscription, of_transport));
    tx_events_push(&worker->events, TX_EVENT_DISCONNECTED, transport->object.handle, 0, NULL, 0);
}

void tx_transport_unrest(tx_worker *worker, tx_transport *transport)
{
    if (!tx_listed(&transport->restless))
        tx_list_append(&worker->restless_transports, &transport->restless);
}

void tx_transport_send_rtcp(tx_worker *worker, tx_transport *transport, tx_writer *w)
{
    size_t length = tx_writer_length(w);
    if (w->failed || length == 0)
        return;
    if (tx_srtp_protect_rtcp(transport->sender, w->start, &length) != TX_SRTP_OK)
        return;
    tx_udp_queue(&worker->udp, &transport->path, length);
    transport->packets_sent++;
    transport->bytes_sent += length;
    worker->outputs++;
}

size_t tx_transport_bytes(const tx_transport *transport)
{
    size_t bytes = sizeof *transport;
    bytes += (transport->inbound.mask + transport->outbound.mask + 2) * sizeof(tx_table_slot);
    bytes += transport->twcc ? sizeof *transport->twcc : 0;
    bytes += transport->congestion ? sizeof *transport->congestion : 0;
    bytes += transport->pacer.ring ? TX_PACER_BYTES : 0;
    bytes += transport->sender ? tx_srtp_sender_bytes(transport->sender) : 0;
    bytes += transport->receiver ? tx_srtp_receiver_bytes(transport->receiver) : 0;
    return bytes;
}
