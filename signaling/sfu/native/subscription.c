#include "subscription.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bandwidth.h"
#include "frame_line.h"
#include "recovery.h"
#include "track.h"
#include "transport.h"

static int check(const tx_transport *transport, const tx_subscription_settings *settings)
{
    if (settings->ssrc == 0 || settings->ssrc == settings->rtx_ssrc || settings->red_payload_type > 127)
        return -EINVAL;
    if (settings->formats.count == 0 || settings->formats.count > TX_FORMATS_MAX)
        return -EINVAL;
    for (unsigned i = 0; i < settings->formats.count; i++)
        if (settings->formats.at[i].payload_type > 127 || settings->formats.at[i].rtx_payload_type > 127)
            return -EINVAL;
    if (tx_table_get(&transport->outbound, tx_ssrc_key(settings->ssrc)))
        return -EINVAL;
    if (settings->rtx_ssrc && tx_table_get(&transport->outbound, tx_ssrc_key(settings->rtx_ssrc)))
        return -EINVAL;
    return 0;
}

/* RFC 3550 5.1: the first sequence is random; below 2^15, so that the rollover counter starts certain. */
static int64_t first_sequence(const tx_srtp_stream *stream)
{
    if (stream->indices.started)
        return (int64_t)stream->indices.highest + 1;
    uint16_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = 1;
    return random & 0x7fff;
}

bool tx_subscription_bind(tx_subscription *subscription, tx_srtp_sender *sender)
{
    subscription->stream = tx_srtp_sender_stream(sender, subscription->ssrc);
    if (!subscription->stream)
        return false;
    tx_seqmap_init(&subscription->sequences, first_sequence(subscription->stream));
    if (!subscription->rtx_ssrc)
        return tx_srtp_stream_allow_repeat(sender, subscription->stream);
    subscription->rtx_stream = tx_srtp_sender_stream(sender, subscription->rtx_ssrc);
    if (!subscription->rtx_stream)
        return false;
    subscription->rtx_next = first_sequence(subscription->rtx_stream);
    return true;
}

/* Payload types for what its track is now; the former ones stay while it cannot take that. */
static void take_format(tx_subscription *subscription)
{
    const tx_format *format = tx_formats_of_codec(&subscription->formats, subscription->track->codec);
    subscription->deaf = format == NULL;
    if (!format)
        return;
    subscription->payload_type = format->payload_type;
    subscription->rtx_payload_type = subscription->rtx_ssrc ? format->rtx_payload_type : 0;
}

bool tx_subscription_takes(const tx_subscription *subscription, const tx_track *track)
{
    return tx_formats_of_codec(&subscription->formats, track->codec) != NULL;
}

static bool enter_tables(tx_worker *worker, tx_subscription *subscription)
{
    tx_table *outbound = &subscription->transport->outbound;
    return tx_table_put(outbound, tx_ssrc_key(subscription->ssrc), subscription)
        && (!subscription->rtx_ssrc || tx_table_put(outbound, tx_ssrc_key(subscription->rtx_ssrc), subscription))
        && tx_worker_register(worker, &subscription->object, TX_KIND_SUBSCRIPTION);
}

static void leave_tables(tx_subscription *subscription)
{
    tx_table_remove(&subscription->transport->outbound, tx_ssrc_key(subscription->ssrc));
    if (subscription->rtx_ssrc)
        tx_table_remove(&subscription->transport->outbound, tx_ssrc_key(subscription->rtx_ssrc));
}

int tx_subscription_new(tx_worker *worker, tx_transport *transport, tx_track *track,
                        const tx_subscription_settings *settings, tx_subscription **made)
{
    tx_rtp_layout layout;
    int error = check(transport, settings);
    if (!error && !tx_rtp_layout_init(&layout, settings->extensions, settings->mid_length, settings->allow_two_byte))
        error = -EINVAL;
    if (error)
        return error;
    tx_subscription *subscription = calloc(1, sizeof *subscription);
    if (!subscription)
        return -ENOMEM;
    subscription->transport = transport;
    subscription->track = track;
    subscription->ssrc = settings->ssrc;
    subscription->formats = settings->formats;
    if (subscription->formats.count == 1 && subscription->formats.at[0].codec == TX_CODEC_OTHER)
        subscription->formats.at[0].codec = track->codec;
    subscription->rtx_ssrc = settings->formats.at[0].rtx_payload_type ? settings->rtx_ssrc : 0;
    take_format(subscription);
    subscription->red_payload_type = settings->red_payload_type;
    subscription->seat = settings->seat;
    subscription->layout = layout;
    subscription->wanted = track;
    subscription->stretch = tx_stretch_first(track->object.handle);
    subscription->constant_timestamps = settings->constant_timestamps;
    tx_layers_init(&subscription->layers);
    memcpy(subscription->mid, settings->mid, sizeof subscription->mid);
    tx_list_init(&subscription->of_transport);
    tx_list_init(&subscription->of_track);
    tx_list_init(&subscription->of_target);
    if (!tx_encodings_reserve(track) || (layout.id[TX_EXT_TRANSPORT_CC] && !tx_bandwidth_begin(transport))
        || (transport->sender && !tx_subscription_bind(subscription, transport->sender))
        || !enter_tables(worker, subscription)) {
        leave_tables(subscription);
        free(subscription);
        return -ENOMEM;
    }
    track->subscription_count++;
    tx_list_append(&transport->subscriptions, &subscription->of_transport);
    tx_list_append(&track->subscriptions, &subscription->of_track);
    worker->subscriptions++;
    if (settings->active)
        tx_subscription_set_active(worker, subscription, true);
    *made = subscription;
    return 0;
}

tx_picture_numbers tx_subscription_pictures(const tx_subscription *subscription)
{
    const tx_track *track = subscription->track;
    tx_picture_numbers numbers = subscription->pictures;
    int64_t place;
    if (subscription->state != TX_SUBSCRIPTION_LIVE
        || !tx_seqmap_source(&subscription->sequences, subscription->sequences.newest, &place))
        return numbers;
    const tx_cached *cached = tx_cache_find(track->cache, tx_stretch_sequence(place));
    tx_codec_view view;
    if (!cached || tx_stretch_number(place) != subscription->stretch.number)
        return numbers;
    if (tx_frame_line_number(track, cached, &numbers.frame))
        numbers.frame = (uint16_t)(numbers.frame + subscription->stretch.frame_offset);
    if (!tx_codec_inspect((tx_codec)tx_track_codec_of(track, &cached->view), tx_rtp_payload(&cached->view),
                          cached->view.payload_length, &view))
        return numbers;
    uint32_t mark = tx_seqmap_run_of(&subscription->sequences, place)->mark;
    numbers.picture_id = (uint16_t)(view.picture_id + tx_layers_picture_offset(mark));
    numbers.tl0picidx = (uint8_t)(view.tl0picidx + subscription->stretch.tl0_offset);
    return numbers;
}

static void leave_live(tx_subscription *subscription)
{
    tx_track *track = subscription->track;
    subscription->pictures = tx_subscription_pictures(subscription);
    tx_subscription *last = track->live[--track->live_count];
    track->live[subscription->live_index] = last;
    last->live_index = subscription->live_index;
    if (track->source.started && !tx_cache_empty(track->cache))
        tx_seqmap_stop(&subscription->sequences,
                       tx_stretch_place(&subscription->stretch, tx_cache_newest(track->cache)));
}

static void count_waiting(tx_subscription *subscription, bool waiting)
{
    if (waiting == subscription->counted)
        return;
    subscription->counted = waiting;
    if (waiting)
        subscription->track->waiting++;
    else
        subscription->track->waiting--;
}

static void drop_target(tx_subscription *subscription)
{
    if (!subscription->target)
        return;
    subscription->target->waiting--;
    subscription->target = NULL;
    subscription->layers.lowest_rate = subscription->layers.hold = false;
    tx_list_remove(&subscription->of_target);
}

/* The line carries less than what is being sent to it, by news of this moment. */
static bool pressed(const tx_worker *worker, const tx_transport *transport)
{
    const tx_congestion *congestion = transport->congestion;
    if (!congestion || !congestion->estimate.decreased_us)
        return false;
    return tx_congestion_queued(congestion) || worker->now_us - congestion->estimate.decreased_us < TX_PRESSED_US;
}

/* The one place where the state moves. */
static void move(tx_subscription *subscription, tx_subscription_state state)
{
    tx_track *track = subscription->track;
    if (subscription->state == state)
        return;
    if (subscription->state == TX_SUBSCRIPTION_LIVE) {
        leave_live(subscription);
        drop_target(subscription);
    }
    subscription->state = (uint8_t)state;
    if (state == TX_SUBSCRIPTION_LIVE) {
        subscription->live_index = track->live_count;
        track->live[track->live_count++] = subscription;
    }
    if (state != TX_SUBSCRIPTION_WAITING)
        count_waiting(subscription, false);
}

void tx_subscription_free(tx_worker *worker, tx_subscription *subscription)
{
    move(subscription, TX_SUBSCRIPTION_PAUSED);
    tx_subscription_watch(worker, subscription);
    leave_tables(subscription);
    tx_list_remove(&subscription->of_transport);
    tx_list_remove(&subscription->of_track);
    subscription->track->subscription_count--;
    tx_table_remove(&worker->objects, (uint64_t)subscription->object.handle);
    worker->subscriptions--;
    free(subscription);
}

void tx_subscription_try(tx_worker *worker, tx_subscription *subscription)
{
    tx_track *track = subscription->track;
    if (subscription->state != TX_SUBSCRIPTION_WAITING || !tx_transport_ready(subscription->transport))
        return;
    if (track->kind == TX_AUDIO) {
        subscription->fresh = true;
        move(subscription, TX_SUBSCRIPTION_LIVE);
        return;
    }
    /* The I/O thread replays the newest group of pictures or asks for a keyframe: not the work of a control call. */
    count_waiting(subscription, true);
    tx_track_unrest(worker, track);
    tx_worker_wake(worker);
}

void tx_subscription_set_active(tx_worker *worker, tx_subscription *subscription, bool active)
{
    subscription->active = active;
    tx_subscription_follow(worker, subscription);
}

void tx_subscription_follow(tx_worker *worker, tx_subscription *subscription)
{
    if (subscription->active && subscription->deaf)
        tx_encodings_settle(worker, subscription);
    bool own = subscription->seat && subscription->seat == subscription->track->seat;
    if (!subscription->active || own || subscription->deaf) {
        move(subscription, TX_SUBSCRIPTION_PAUSED);
        tx_subscription_watch(worker, subscription);
    } else if (subscription->state == TX_SUBSCRIPTION_PAUSED) {
        move(subscription, TX_SUBSCRIPTION_WAITING);
        tx_subscription_watch(worker, subscription);
        tx_encodings_settle(worker, subscription);
        tx_subscription_try(worker, subscription);
    }
}

void tx_subscription_suspend(tx_subscription *subscription)
{
    if (subscription->state == TX_SUBSCRIPTION_LIVE)
        move(subscription, TX_SUBSCRIPTION_WAITING);
    count_waiting(subscription, false);
}

void tx_subscription_turn(tx_worker *worker, tx_subscription *subscription)
{
    if (subscription->state == TX_SUBSCRIPTION_LIVE)
        move(subscription, TX_SUBSCRIPTION_WAITING);
    take_format(subscription);
    tx_encodings_settle(worker, subscription);
    tx_subscription_follow(worker, subscription);
    tx_subscription_try(worker, subscription);
}

void tx_subscription_restart(tx_worker *worker, tx_subscription *subscription)
{
    if (subscription->state != TX_SUBSCRIPTION_LIVE)
        return;
    move(subscription, TX_SUBSCRIPTION_WAITING);
    tx_encodings_settle(worker, subscription);
    tx_subscription_try(worker, subscription);
}

void tx_subscription_watch(tx_worker *worker, tx_subscription *subscription)
{
    bool paused = subscription->state == TX_SUBSCRIPTION_PAUSED;
    tx_track *former[2] = {subscription->watches[0], subscription->watches[1]};
    tx_track *now[2] = {paused ? NULL : subscription->wanted, paused ? NULL : subscription->track};
    if (former[0] == now[0] && former[1] == now[1])
        return;
    for (unsigned i = 0; i < 2; i++) {
        if (now[i])
            tx_track_count_watcher(worker, now[i], true);
        subscription->watches[i] = now[i];
    }
    for (unsigned i = 0; i < 2; i++)
        if (former[i])
            tx_track_count_watcher(worker, former[i], false);
}

static void enter_lists(tx_subscription *subscription, tx_track *track)
{
    if (subscription->track == track)
        return;
    tx_list_remove(&subscription->of_track);
    subscription->track->subscription_count--;
    subscription->track = track;
    track->subscription_count++;
    tx_list_append(&track->subscriptions, &subscription->of_track);
    take_format(subscription);
}

void tx_subscription_attach(tx_worker *worker, tx_subscription *subscription, tx_track *track)
{
    bool live = subscription->state == TX_SUBSCRIPTION_LIVE;
    if (live)
        move(subscription, TX_SUBSCRIPTION_WAITING);
    count_waiting(subscription, false);
    enter_lists(subscription, track);
    tx_subscription_watch(worker, subscription);
    tx_subscription_follow(worker, subscription);
    if (live)
        tx_subscription_try(worker, subscription);
}

void tx_subscription_aim(tx_worker *worker, tx_subscription *subscription, tx_track *target)
{
    if (subscription->target == target)
        return;
    drop_target(subscription);
    if (!target) {
        if (subscription->layers.holding)
            tx_subscription_restart(worker, subscription);
        return;
    }
    subscription->target = target;
    tx_list_append(&target->arrivals, &subscription->of_target);
    target->waiting++;
    /* On the way down the line is short of room now, not when the keyframe has come. */
    subscription->layers.lowest_rate = target->order < subscription->track->order;
    subscription->layers.hold = subscription->layers.lowest_rate && pressed(worker, subscription->transport);
    subscription->shaped |= subscription->layers.lowest_rate;
    tx_track_unrest(worker, target);
    tx_worker_wake(worker);
}

bool tx_subscription_needs_keyframe(const tx_subscription *subscription)
{
    const tx_track *track = subscription->track;
    return subscription->shaped && tx_layers_needs_keyframe(&subscription->layers, &track->layers, &track->structure);
}

void tx_subscription_limit(tx_worker *worker, tx_subscription *subscription, unsigned spatial, unsigned temporal)
{
    tx_layering *layers = &subscription->layers;
    tx_layers_limit(layers, spatial, temporal);
    subscription->shaped |= !tx_layers_whole(layers);
    if (subscription->state == TX_SUBSCRIPTION_LIVE && tx_subscription_needs_keyframe(subscription))
        tx_recovery_want_keyframe(worker, subscription->track);
}

void tx_subscription_spare(tx_subscription *subscription, bool sparing)
{
    subscription->layers.sparing = sparing;
    subscription->shaped |= sparing && subscription->track->kind == TX_VIDEO;
}

void tx_subscription_go_live(tx_worker *worker, tx_subscription *subscription, tx_track *track,
                             const tx_stretch *stretch, int64_t first)
{
    tx_stretch *now = &subscription->stretch;
    bool next = stretch->number != now->number;
    move(subscription, TX_SUBSCRIPTION_WAITING);
    count_waiting(subscription, false);
    enter_lists(subscription, track);
    uint16_t pictures = tx_layers_picture_offset(subscription->sequences.now.mark);
    if (next) {
        subscription->past[now->number % TX_STRETCHES_PAST] = *now;
        pictures = stretch->picture_offset;
    }
    *now = *stretch;
    subscription->shaped |= next || tx_track_is_scalable(track);
    int64_t place = tx_stretch_place(now, first);
    tx_seqmap_start(&subscription->sequences, place);
    if (subscription->shaped)
        tx_layers_begin(&subscription->layers, &subscription->sequences, place, pictures);
    move(subscription, TX_SUBSCRIPTION_LIVE);
    tx_subscription_watch(worker, subscription);
}

bool tx_subscription_shape(tx_subscription *subscription, int64_t place, const tx_rtp_view *packet,
                           const uint8_t *payload, const tx_codec_view *view, int64_t *sent, tx_shape *shape)
{
    uint32_t mark;
    tx_codec codec = (tx_codec)subscription->track->codec;
    tx_pass pass = tx_layers_pass(&subscription->layers, &subscription->sequences, codec, place, packet->timestamp,
                                  view, sent, &mark);
    if (pass == TX_PASS_EMPTY)
        *shape = (tx_shape){.empty = true};
    else if (pass == TX_PASS_SEND)
        *shape = tx_layers_shape(mark, subscription->stretch.tl0_offset, codec, payload, view, packet->marker);
    if (view->dependency && pass == TX_PASS_SEND) {
        tx_layers_tell(&subscription->layers, mark, shape);
        shape->frame_offset = subscription->stretch.frame_offset;
    }
    return pass != TX_PASS_DROP;
}

const tx_stretch *tx_subscription_stretch(const tx_subscription *subscription, int64_t place)
{
    int64_t number = tx_stretch_number(place);
    const tx_stretch *now = &subscription->stretch, *past = &subscription->past[number % TX_STRETCHES_PAST];
    if (number == now->number)
        return now;
    return number >= 0 && number < now->number && past->number == number && past->encoding ? past : NULL;
}
