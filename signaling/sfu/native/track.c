#include "track.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "forward.h"
#include "room.h"
#include "subscription.h"
#include "transport.h"

/* A forward jump of more than this is a restart: numbered on without a hole, and nothing of it is asked for. */
#define SEQUENCE_JUMP 512
/* Packets that the first one overtook on its way still find a place before it. */
#define EARLY_PACKETS 64

static int merge_extensions(tx_transport *transport, const uint8_t added[TX_EXT_COUNT])
{
    uint8_t ids[TX_EXT_COUNT];
    for (unsigned i = 0; i < TX_EXT_COUNT; i++)
        ids[i] = added[i] ? added[i] : transport->extensions.id[i];
    tx_extension_map map;
    if (!tx_extension_map_init(&map, ids))
        return -EINVAL;
    transport->extensions = map;
    return 0;
}

static int check(const tx_transport *transport, const tx_track_settings *settings)
{
    if (settings->clock_rate == 0 || (settings->kind != TX_AUDIO && settings->kind != TX_VIDEO))
        return -EINVAL;
    if (settings->formats.count == 0 || settings->formats.count > TX_FORMATS_MAX)
        return -EINVAL;
    if (settings->ssrc && settings->ssrc == settings->rtx_ssrc)
        return -EINVAL;
    if (settings->ssrc && tx_table_get(&transport->inbound, tx_ssrc_key(settings->ssrc)))
        return -EINVAL;
    if (settings->rtx_ssrc && tx_table_get(&transport->inbound, tx_ssrc_key(settings->rtx_ssrc)))
        return -EINVAL;
    return 0;
}

static void take_format(tx_track *track, const tx_format *format)
{
    track->codec = format->codec;
    track->payload_type = format->payload_type;
    track->rtx_payload_type = format->rtx_payload_type;
}

static void take_settings(tx_track *track, const tx_track_settings *settings)
{
    track->kind = settings->kind;
    track->formats = settings->formats;
    take_format(track, &settings->formats.at[0]);
    track->red_payload_type = settings->red_payload_type;
    track->nack = settings->nack;
    track->transport_cc = settings->transport_cc;
    track->clock_rate = settings->clock_rate;
    track->ssrc = settings->ssrc;
    track->rtx_ssrc = settings->rtx_ssrc;
    track->seat = settings->seat;
    track->mid_length = settings->mid_length;
    memcpy(track->mid, settings->mid, sizeof track->mid);
    track->rid_length = settings->rid_length;
    memcpy(track->rid, settings->rid, sizeof track->rid);
}

void tx_track_settings_of(const tx_track *track, tx_track_settings *settings)
{
    *settings = (tx_track_settings){
        .kind = track->kind,
        .formats = track->formats,
        .red_payload_type = track->red_payload_type,
        .nack = track->nack,
        .transport_cc = track->transport_cc,
        .clock_rate = track->clock_rate,
        .ssrc = track->ssrc,
        .rtx_ssrc = track->rtx_ssrc,
        .seat = track->seat,
        .mid_length = track->mid_length,
        .rid_length = track->rid_length,
    };
    memcpy(settings->mid, track->mid, sizeof settings->mid);
    memcpy(settings->rid, track->rid, sizeof settings->rid);
    memcpy(settings->extensions, track->transport->extensions.id, sizeof settings->extensions);
}

static bool enter_tables(tx_worker *worker, tx_track *track)
{
    tx_table *inbound = &track->transport->inbound;
    return (!track->ssrc || tx_table_put(inbound, tx_ssrc_key(track->ssrc), track))
        && (!track->rtx_ssrc || tx_table_put(inbound, tx_ssrc_key(track->rtx_ssrc), track))
        && tx_worker_register(worker, &track->object, TX_KIND_TRACK);
}

static void leave_tables(tx_track *track)
{
    tx_list_remove(&track->of_source);
    if (track->ssrc)
        tx_table_remove(&track->transport->inbound, tx_ssrc_key(track->ssrc));
    if (track->rtx_ssrc)
        tx_table_remove(&track->transport->inbound, tx_ssrc_key(track->rtx_ssrc));
}

int tx_track_new(tx_worker *worker, tx_transport *transport, tx_room *room, const tx_track_settings *settings,
                 tx_track **made)
{
    int error = check(transport, settings);
    if (!error)
        error = merge_extensions(transport, settings->extensions);
    if (error)
        return error;
    if (settings->transport_cc && !transport->twcc)
        transport->twcc = calloc(1, sizeof *transport->twcc);
    tx_track *track = calloc(1, sizeof *track);
    if (!track)
        return -ENOMEM;
    take_settings(track, settings);
    track->transport = transport;
    track->recovery.round_trip.us = TX_RTT_INITIAL_US;
    track->pending_end = &track->pending;
    tx_seqmap_init(&track->compaction, 0);
    tx_list_init(&track->subscriptions);
    tx_list_init(&track->of_transport);
    tx_list_init(&track->of_room);
    tx_list_init(&track->restless);
    tx_list_init(&track->taps);
    tx_list_init(&track->of_inlet);
    tx_list_init(&track->of_source);
    tx_list_init(&track->arrivals);
    track->cache = tx_cache_new(track->kind == TX_VIDEO ? TX_CACHE_VIDEO_BYTES : TX_CACHE_AUDIO_BYTES);
    if (!track->cache || (settings->transport_cc && !transport->twcc) || !enter_tables(worker, track)) {
        leave_tables(track);
        if (track->cache)
            tx_cache_free(track->cache);
        free(track);
        return -ENOMEM;
    }
    tx_track *sibling = settings->sibling ? tx_worker_find(worker, settings->sibling, TX_KIND_TRACK) : NULL;
    if ((settings->sibling && !sibling) || ((track->rid_length || sibling) && !tx_encodings_join(track, sibling))) {
        leave_tables(track);
        tx_table_remove(&worker->objects, (uint64_t)track->object.handle);
        tx_cache_free(track->cache);
        free(track->live);
        free(track);
        return -EINVAL;
    }
    tx_list_append(&transport->tracks, &track->of_transport);
    if (room) {
        track->room = room;
        tx_list_append(&room->tracks, &track->of_room);
    }
    worker->tracks++;
    *made = track;
    return 0;
}

void tx_track_free(tx_worker *worker, tx_track *track)
{
    if (!tx_encodings_leave(worker, track))
        tx_list_each(&track->subscriptions, link, after)
            tx_subscription_free(worker, tx_owner_of(link, tx_subscription, of_track));
    if (track->room)
        tx_room_left(track->room, track);
    tx_mirror_forget(worker, track);
    tx_mirror_detach(track);
    leave_tables(track);
    tx_list_remove(&track->of_transport);
    tx_list_remove(&track->of_room);
    tx_list_remove(&track->restless);
    tx_table_remove(&worker->objects, (uint64_t)track->object.handle);
    tx_cache_free(track->cache);
    free(track->live);
    worker->tracks--;
    free(track);
}

static bool carries(const tx_track *track, const tx_rtp_view *view)
{
    return tx_formats_of_payload(&track->formats, view->payload_type)
        || (track->red_payload_type && view->payload_type == track->red_payload_type)
        || tx_formats_of_rtx(&track->formats, view->payload_type);
}

static bool is_rtx(const tx_track *track, const tx_rtp_view *view)
{
    return tx_formats_of_rtx(&track->formats, view->payload_type) != NULL;
}

/* RFC 8852 3.1: media names its encoding by the RID, retransmissions by the repaired RID. */
static bool has_rid(const tx_track *track, const tx_rtp_view *view, const tx_extension_set *set)
{
    tx_extension meaning = is_rtx(track, view) ? TX_EXT_REPAIRED_RID : TX_EXT_RID;
    return set->at[meaning].offset && set->at[meaning].length == track->rid_length
        && memcmp(view->data + set->at[meaning].offset, track->rid, track->rid_length) == 0;
}

static tx_track *by_mid(tx_transport *transport, const tx_rtp_view *view, const tx_extension_set *set)
{
    const uint8_t *mid = view->data + set->at[TX_EXT_MID].offset;
    size_t length = set->at[TX_EXT_MID].length;
    tx_list_each(&transport->tracks, link, after) {
        tx_track *track = tx_owner_of(link, tx_track, of_transport);
        if (track->mid_length != length || memcmp(track->mid, mid, length) != 0)
            continue;
        if (!track->rid_length || has_rid(track, view, set))
            return carries(track, view) ? track : NULL;
    }
    return NULL;
}

/* Right only while exactly one track that still lacks this SSRC takes the payload type. */
static tx_track *by_payload_type(tx_transport *transport, const tx_rtp_view *view)
{
    tx_track *found = NULL;
    tx_list_each(&transport->tracks, link, after) {
        tx_track *track = tx_owner_of(link, tx_track, of_transport);
        if (track->rid_length || !carries(track, view) || (is_rtx(track, view) ? track->rtx_ssrc : track->ssrc))
            continue;
        if (found)
            return NULL;
        found = track;
    }
    return found;
}

static void continue_from_new_source(tx_worker *worker, tx_track *track, uint16_t sequence, uint32_t timestamp);

tx_track *tx_track_claim(tx_worker *worker, tx_transport *transport, const tx_rtp_view *view,
                         const tx_extension_set *set)
{
    tx_track *track = set->at[TX_EXT_MID].offset ? by_mid(transport, view, set) : by_payload_type(transport, view);
    if (!track)
        return NULL;
    uint32_t *known = is_rtx(track, view) ? &track->rtx_ssrc : &track->ssrc;
    bool media = known == &track->ssrc;
    if (media && *known && worker->now_us - track->arrival_us < TX_SOURCE_SILENT_US)
        return NULL; /* two sources at once: the first keeps the track */
    if (!tx_table_put(&transport->inbound, tx_ssrc_key(view->ssrc), track))
        return NULL;
    if (*known)
        tx_table_remove(&transport->inbound, tx_ssrc_key(*known));
    *known = view->ssrc;
    if (media && track->source.started)
        continue_from_new_source(worker, track, view->sequence, view->timestamp);
    return track;
}

void tx_track_restart_subscriptions(tx_worker *worker, tx_track *track)
{
    tx_mirror_restart(track);
    tx_list_each(&track->subscriptions, link, after)
        tx_subscription_restart(worker, tx_owner_of(link, tx_subscription, of_track));
}

/* Video after a break must not look complete to a replay, so its line of numbers shows a hole; nobody sees it
 * downstream, where subscriptions begin anew at a keyframe.  Audio just goes on. */
static void join_line(tx_track *track, int64_t source)
{
    if (track->kind == TX_VIDEO)
        tx_seqmap_break(&track->compaction, source);
    else
        tx_seqmap_start(&track->compaction, source);
    track->line_first = track->compaction.newest + 1;
    track->seam = false;
}

static void continue_from_new_source(tx_worker *worker, tx_track *track, uint16_t sequence, uint32_t timestamp)
{
    /* The next extended number whose low 16 bits are those of the new source: NACKs need them unchanged. */
    int64_t next = track->source.newest + 1;
    next += (uint16_t)(sequence - (uint16_t)next);
    track->source.newest = next - 1;
    join_line(track, next);
    uint64_t elapsed = (worker->now_us - track->arrival_us) * track->clock_rate / 1000000;
    track->timestamp_offset = track->newest_timestamp + (uint32_t)elapsed - timestamp;
    track->recovery.count = 0;
    track->clock.valid = false;
    memset(&track->reception, 0, sizeof track->reception);
    track->structure.target_count = 0;
    track->frames_seam = true;
    if (track->kind == TX_VIDEO)
        tx_track_restart_subscriptions(worker, track);
}

bool tx_track_use_format(tx_worker *worker, tx_track *track, uint8_t payload_type)
{
    const tx_format *format = tx_formats_of_payload(&track->formats, payload_type);
    if (!format)
        return false;
    tx_forward_all(worker); /* what waits is of the former codec */
    take_format(track, format);
    track->layers = (tx_layer_counts){0};
    track->structure.target_count = 0;
    track->frames_seam = true;
    track->turned_us = worker->now_us;
    tx_encodings_turned(worker, track);
    return true;
}

bool tx_track_turn(tx_worker *worker, tx_track *track, uint8_t payload_type, int64_t source)
{
    if (track->kind != TX_VIDEO || !tx_formats_of_payload(&track->formats, payload_type)
        || (track->turned_us && worker->now_us - track->turned_us < TX_TURN_MIN_US))
        return false;
    tx_mirror_restart(track);
    join_line(track, source);
    return tx_track_use_format(worker, track, payload_type);
}

int64_t tx_track_extend(tx_worker *worker, tx_track *track, uint16_t sequence)
{
    if (!track->source.started) {
        int64_t first = tx_seq_unwrap(&track->source, sequence);
        tx_seqmap_start(&track->compaction, first - EARLY_PACKETS);
        tx_recovery_arrived(worker, track, first, first, true);
        return first;
    }
    int64_t newest = track->source.newest;
    int64_t extended = tx_seq_unwrap(&track->source, sequence);
    if (extended - newest > SEQUENCE_JUMP) {
        join_line(track, extended);
        track->recovery.count = 0;
        if (track->kind == TX_VIDEO)
            tx_recovery_want_keyframe(worker, track);
    } else {
        tx_recovery_arrived(worker, track, extended, newest, false);
        if (track->seam && extended > newest && !track->blocked)
            join_line(track, extended);
    }
    return extended;
}

void tx_track_set_blocked(tx_worker *worker, tx_track *track, bool blocked)
{
    if (track->blocked == blocked)
        return;
    track->blocked = blocked;
    track->seam = true;
    if (blocked && track->room)
        tx_room_left(track->room, track);
    if (!blocked && track->kind == TX_VIDEO) {
        tx_track_restart_subscriptions(worker, track);
        if (track->subscription_count)
            tx_recovery_want_keyframe(worker, track);
    }
}

void tx_track_set_apart(tx_track *track, bool apart)
{
    if (track->apart == apart)
        return;
    if (track->room)
        tx_room_left(track->room, track);
    track->apart = apart;
}

void tx_track_received(tx_track *track, int64_t sequence, uint32_t timestamp, uint64_t now_us)
{
    tx_reception *reception = &track->reception;
    uint32_t arrival = (uint32_t)(now_us * track->clock_rate / 1000000);
    uint32_t transit = arrival - timestamp;
    if (reception->received++ == 0) {
        reception->base = sequence;
        reception->expected_before = 0;
    } else {
        int32_t change = (int32_t)(transit - reception->transit);
        uint32_t distance = (uint32_t)(change < 0 ? -(int64_t)change : change);
        reception->jitter_q4 += distance - ((reception->jitter_q4 + 8) >> 4);
    }
    if (sequence < reception->base)
        reception->base = sequence;
    reception->transit = transit;
}

void tx_track_count_watcher(tx_worker *worker, tx_track *track, bool more)
{
    uint8_t watched = more;
    track->watchers += more ? 1u : UINT_MAX;
    if (track->watchers != watched)
        return; /* neither the first nor the last */
    if (track->inlet)
        tx_mirror_watch(track);
    else if (track->rid_length)
        tx_events_push(&worker->events, TX_EVENT_WATCHED, track->transport->object.handle, track->object.handle,
                       &watched, 1);
}

void tx_track_set_seat(tx_worker *worker, tx_track *track, uint64_t seat)
{
    if (track->seat == seat)
        return;
    track->seat = seat;
    tx_mirror_seat(track);
    tx_list_each(&track->subscriptions, link, after)
        tx_subscription_follow(worker, tx_owner_of(link, tx_subscription, of_track));
}

bool tx_track_reserve(tx_track *track, unsigned subscriptions)
{
    unsigned capacity = track->capacity ? track->capacity : 8;
    if (subscriptions <= track->capacity)
        return true;
    while (capacity < subscriptions)
        capacity *= 2;
    tx_subscription **live = realloc(track->live, capacity * sizeof *live);
    if (!live)
        return false;
    track->live = live;
    track->capacity = capacity;
    return true;
}

void tx_track_unrest(tx_worker *worker, tx_track *track)
{
    if (!tx_listed(&track->restless))
        tx_list_append(&worker->restless_tracks, &track->restless);
}

size_t tx_track_bytes(const tx_track *track)
{
    return sizeof *track + tx_cache_bytes(track->cache) + track->capacity * sizeof *track->live;
}
