#include "resend.h"

#include <string.h>

#include "bandwidth.h"
#include "pacing.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

/* A keyframe this young is the one just asked for: it is sent whatever its size, and its times are left alone. */
#define KEYFRAME_NEW_US 300000u
/* One that is changed to while another encoding is being sent: its time must not lie before what was sent. */
#define ARRIVAL_KEYFRAME_US 100000u

/* One cached packet on its way out again. */
typedef struct {
    const tx_cached *cached;
    const tx_track *track;     /* where it came from */
    const tx_stretch *stretch; /* what it was, or is to be, sent under */
    tx_shape shape;
    int64_t sent; /* its sequence */
    bool rtx;     /* as RTX naming it */
    bool repeat;  /* under the same sequence once more */
} tx_resend;

static void send_cached(tx_worker *worker, tx_subscription *subscription, const tx_resend *what)
{
    const tx_track *track = what->track;
    const tx_cached *cached = what->cached;
    tx_transport *transport = subscription->transport;
    tx_rtp_template *plain = &worker->plans[0].template[0];
    const tx_rtp_view *view = &cached->view;
    const uint8_t *payload = tx_rtp_payload(view);
    uint16_t payload_length = view->payload_length;
    bool red = track->red_payload_type && view->payload_type == track->red_payload_type;
    tx_red_view blocks;
    if (red && !subscription->red_payload_type) {
        if (!tx_red_parse(&blocks, payload, payload_length))
            return;
        payload += blocks.primary.offset;
        payload_length = blocks.primary.length;
    }
    tx_extension_set set;
    tx_rtp_extensions(view, &track->transport->extensions, &set);
    if (!tx_codec_sends_description((tx_codec)tx_track_codec_of(track, view)))
        set.at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset = 0;
    worker->plans[0].layout_key = 0;
    tx_rtp_template_build(plain, view, &set, &subscription->layout);
    const tx_rtp_template *template =
        tx_shape_template(&what->shape, view, &set, &subscription->layout, plain, &worker->plans[0].template[1]);
    size_t room = (size_t) template->length + 2 + payload_length + transport->overhead + TX_RTP_HEADER_MAX_BYTES;
    uint8_t *packet = tx_udp_reserve(&worker->udp, room);
    /* What was sent before the last turn goes out as what it was. */
    const tx_format *format = track->kind == TX_AUDIO
        ? &subscription->formats.at[0]
        : tx_formats_of_codec(&subscription->formats, tx_track_codec_of(track, view));
    if (!format)
        return;
    tx_rtp_rewrite to = {
        .ssrc = what->rtx ? subscription->rtx_ssrc : subscription->ssrc,
        .timestamp = tx_stretch_timestamp(what->stretch, cached->sequence, view->timestamp),
        .sequence = (uint16_t)(what->rtx ? subscription->rtx_next : what->sent),
        .payload_type = what->rtx                   ? format->rtx_payload_type
            : red && subscription->red_payload_type ? subscription->red_payload_type
                                                    : format->payload_type,
        .marker = what->shape.marker,
        .mid = subscription->mid,
        .abs_send_time = tx_rtp_abs_send_time(worker->now_us),
    };
    /* What goes out for the first time keeps its place behind what waits; a repair does not wait. */
    bool paced = transport->paced && track->kind == TX_VIDEO && !what->rtx && !what->repeat;
    if (template->transport_cc_offset && !paced)
        to.transport_sequence =
            tx_bandwidth_next(worker, transport, (size_t) template->length + payload_length + transport->overhead);
    tx_srtp_job job = {
        .stream = what->rtx ? subscription->rtx_stream : subscription->stream,
        .packet = packet,
        .payload = payload,
        .header_length = (uint16_t)tx_rtp_emit(template, packet, &to),
        .payload_length = payload_length,
        .repeat = what->repeat,
    };
    tx_shape_renumber(&what->shape, template, packet);
    tx_shape_apply(&what->shape, &job);
    if (what->rtx) {
        uint8_t *prefix = packet + job.header_length;
        memmove(prefix + 2, prefix, job.prefix_length);
        tx_put16(prefix, (uint16_t)what->sent);
        job.prefix_length = (uint16_t)(job.prefix_length + 2);
        subscription->rtx_next++;
    }
    if (paced) {
        tx_pacing_put(transport, template, &job);
    } else {
        if (tx_srtp_protect(transport->sender, &job, 1) != 1)
            return;
        tx_udp_queue(&worker->udp, &transport->path, job.length);
        transport->packets_sent++;
        transport->bytes_sent += job.length;
        tx_pacing_passed(worker, transport, job.length);
    }
    if (!what->rtx && !what->repeat) {
        subscription->packets++;
        subscription->bytes += payload_length;
    }
    worker->outputs++;
    worker->counters.packets_forwarded++;
}

/* What a cached packet of a video track says, in its payload and in its header. */
typedef struct {
    tx_codec_view view;
    tx_dependency dependency;
    tx_dependency_structure structure; /* the track's own is not touched by what is old */
} tx_inspected;

static void inspect(const tx_track *track, const tx_cached *cached, tx_inspected *found)
{
    const tx_rtp_view *packet = &cached->view;
    const tx_codec codec = (tx_codec)tx_track_codec_of(track, packet);
    uint8_t length = 0, id = track->transport->extensions.id[TX_EXT_DEPENDENCY_DESCRIPTOR];
    if (track->kind != TX_VIDEO
        || !tx_codec_inspect(codec, tx_rtp_payload(packet), packet->payload_length, &found->view))
        found->view = (tx_codec_view){0};
    const uint8_t *element = id && track->structure.target_count && codec == (tx_codec)track->codec && tx_codec_is_described(codec)
        ? tx_rtp_extension(packet, id, &length)
        : NULL;
    if (!element)
        return;
    found->structure = track->structure;
    if (tx_dependency_read(&found->structure, element, length, &found->dependency))
        tx_codec_describe(&found->view, &found->dependency);
}

/* Finds what was sent as `sent`, and how.  False when it is gone, or was never sent with a payload.  The shape refers to
 * `found`. */
static bool find_sent(tx_worker *worker, const tx_subscription *subscription, int64_t sent, tx_resend *what,
                      tx_inspected *found)
{
    int64_t place;
    if (!tx_seqmap_source(&subscription->sequences, sent, &place))
        return false;
    const tx_stretch *stretch = tx_subscription_stretch(subscription, place);
    tx_track *track = stretch ? tx_worker_find(worker, stretch->encoding, TX_KIND_TRACK) : NULL;
    const tx_cached *cached = track ? tx_cache_find(track->cache, tx_stretch_sequence(place)) : NULL;
    if (!cached)
        return false;
    *what = (tx_resend){.cached = cached, .track = track, .stretch = stretch, .sent = sent};
    what->shape.marker = cached->view.marker;
    if (!subscription->shaped)
        return true;
    uint32_t mark = tx_seqmap_run_of(&subscription->sequences, place)->mark;
    tx_codec codec = (tx_codec)tx_track_codec_of(track, &cached->view);
    inspect(track, cached, found);
    what->shape = tx_layers_shape(mark, stretch->tl0_offset, codec, tx_rtp_payload(&cached->view),
                                  &found->view, cached->view.marker);
    what->shape.frame_offset = stretch->frame_offset;
    return tx_layers_sent(mark, &found->view);
}

/* Without RTX the same packet goes out again under the same sequence, and SRTP demands that not a bit of it differs
 * (see srtp.h): not possible where headers carry the time of sending, or timestamps were squeezed since. */
static bool may_repeat(const tx_subscription *subscription, const tx_resend *what)
{
    return subscription->layout.id[TX_EXT_TRANSPORT_CC] == 0 && subscription->layout.id[TX_EXT_ABS_SEND_TIME] == 0
        && what->cached->sequence > what->stretch->replay_last;
}

/* One NACK for each loss is enough for a round trip, and for as long as what is sent again waits on its way: browsers ask
 * anew every 100 ms, whatever the path's queue. */
static bool resent_lately(const tx_worker *worker, tx_subscription *subscription, uint16_t sequence)
{
    const tx_transport *transport = subscription->transport;
    uint64_t quiet_us = transport->rtt_us / 2 < 250000 ? transport->rtt_us / 2 : 250000;
    if (transport->congestion && transport->congestion->delay.queue_us > 0)
        quiet_us += (uint64_t)transport->congestion->delay.queue_us;
    quiet_us = quiet_us < TX_RESENT_MIN_US ? TX_RESENT_MIN_US : quiet_us > 2000000 ? 2000000 : quiet_us;
    uint16_t now_ms = (uint16_t)(worker->now_us / 1000);
    unsigned slot = sequence % TX_RESENT_SLOTS;
    if (subscription->resent[slot].used && subscription->resent[slot].sequence == sequence
        && (uint16_t)(now_ms - subscription->resent[slot].milliseconds) < quiet_us / 1000)
        return true;
    subscription->resent[slot].sequence = sequence;
    subscription->resent[slot].milliseconds = now_ms;
    subscription->resent[slot].used = true;
    return false;
}

/* Repairs of pictures on a line with a known limit take no more than a share of it: more would make the queue that the
 * next packets are lost in. */
static bool affords_repair(tx_worker *worker, tx_subscription *subscription, const tx_resend *what)
{
    tx_transport *transport = subscription->transport;
    const tx_congestion *congestion = transport->congestion;
    if (subscription->track->kind != TX_VIDEO || !congestion || !congestion->estimate.limited)
        return true;
    uint32_t percent = tx_congestion_queued(congestion) ? TX_REPAIR_QUEUED_PERCENT : TX_REPAIR_PERCENT;
    uint32_t bytes_per_s = congestion->estimate.bps / 8 / 100 * percent;
    uint32_t burst = bytes_per_s / 4 < TX_REPAIR_BURST_BYTES_MIN ? TX_REPAIR_BURST_BYTES_MIN : bytes_per_s / 4;
    return tx_bucket_take(&transport->repair, worker->now_us, bytes_per_s, burst, what->cached->view.length);
}

/* The sent sequence at which the newest keyframe begins.  While a queue stands, what was lost before it is given up: it
 * would come after the picture has gone on. */
static int64_t given_up_before(const tx_subscription *subscription)
{
    const tx_congestion *congestion = subscription->transport->congestion;
    int64_t first, sent;
    uint64_t arrival_us;
    if (!congestion || !tx_congestion_queued(congestion) || subscription->track->kind != TX_VIDEO
        || !tx_cache_keyframe(subscription->track->cache, &first, &arrival_us))
        return INT64_MIN;
    int64_t place = tx_stretch_place(&subscription->stretch, first);
    return tx_seqmap_past_sent(&subscription->sequences, place, &sent) ? sent : INT64_MIN;
}

bool tx_resend_spare(tx_worker *worker, tx_subscription *subscription, uint16_t sequence)
{
    int64_t newest = subscription->sequences.newest;
    tx_resend what;
    tx_inspected found;
    if (!subscription->rtx_ssrc || subscription->state != TX_SUBSCRIPTION_LIVE
        || !find_sent(worker, subscription, newest + tx_seq_distance(sequence, (uint16_t)newest), &what, &found))
        return false;
    what.rtx = true;
    send_cached(worker, subscription, &what);
    return true;
}

void tx_resend_missing(tx_worker *worker, tx_subscription *subscription, const uint16_t *sequences, size_t count)
{
    tx_transport *transport = subscription->transport;
    int64_t oldest = given_up_before(subscription);
    bool rtx = subscription->rtx_ssrc != 0;
    if (!tx_transport_ready(transport) || subscription->state != TX_SUBSCRIPTION_LIVE)
        return;
    for (size_t i = 0; i < count; i++) {
        int64_t newest = subscription->sequences.newest;
        int64_t sent = newest + tx_seq_distance(sequences[i], (uint16_t)newest);
        tx_resend what;
        tx_inspected found;
        if (sent > newest || sent < oldest || !find_sent(worker, subscription, sent, &what, &found)
            || (!rtx && !may_repeat(subscription, &what)))
            continue;
        if (resent_lately(worker, subscription, sequences[i]))
            continue;
        if (!affords_repair(worker, subscription, &what)) {
            subscription->resent[sequences[i] % TX_RESENT_SLOTS].used = false;
            continue;
        }
        if (!tx_bucket_take(&transport->retransmit, worker->now_us, TX_RETRANSMIT_PER_SECOND, TX_RETRANSMIT_BURST, 1))
            return;
        what.rtx = rtx;
        what.repeat = !rtx;
        send_cached(worker, subscription, &what);
        subscription->retransmitted++;
    }
}

/* What the cache has for those who wait. */
typedef struct {
    int64_t first; /* sequence of the keyframe */
    uint64_t age_us;
    bool new_keyframe;
    uint32_t kilobytes;
} tx_replay_offer;

/* False when the cache's newest keyframe will not do. */
static bool replayable(tx_worker *worker, tx_track *track, tx_replay_offer *offer)
{
    uint64_t arrival_us;
    if (!tx_cache_keyframe(track->cache, &offer->first, &arrival_us))
        return false;
    int64_t first = offer->first, newest = tx_cache_newest(track->cache);
    offer->age_us = worker->now_us - arrival_us;
    offer->new_keyframe = offer->age_us < KEYFRAME_NEW_US;
    if (offer->age_us > TX_REPLAY_AGE_MAX_US || first < track->line_first)
        return false;
    /* What a new keyframe lacks is being asked from the publisher, and will be forwarded when it comes. */
    if (!offer->new_keyframe && !tx_cache_complete(track->cache, first))
        return false;
    size_t bytes = 0;
    if (!offer->new_keyframe && newest - first >= TX_REPLAY_MAX_PACKETS)
        return false;
    for (int64_t sequence = first; sequence <= newest; sequence++) {
        const tx_cached *cached = tx_cache_find(track->cache, sequence);
        bytes += cached ? cached->view.length : 0;
    }
    offer->kilobytes = (uint32_t)(bytes / 1000 + 1);
    return offer->new_keyframe || bytes <= TX_REPLAY_MAX_BYTES;
}

/* Sends what the cache holds from the keyframe at `first` on, and goes live on `track` with it.  False when it cannot go
 * on from what was sent before. */
static bool replay(tx_worker *worker, tx_subscription *subscription, tx_track *track, int64_t first, bool squeeze)
{
    squeeze = squeeze && !subscription->constant_timestamps;
    tx_cache *cache = track->cache;
    int64_t newest = tx_cache_newest(cache);
    const tx_cached *pivot = tx_cache_find(cache, newest), *begin = tx_cache_find(cache, first);
    tx_stretch stretch = subscription->stretch;
    if (stretch.encoding != track->object.handle)
        stretch = tx_stretch_next(worker, subscription, track, begin, squeeze ? pivot : begin);
    if (squeeze) {
        stretch.replay_last = newest;
        stretch.replay_timestamp = pivot->view.timestamp;
    }
    uint32_t timestamp = tx_stretch_timestamp(&stretch, first, begin->view.timestamp);
    if (subscription->packets && !subscription->constant_timestamps
        && (int32_t)(timestamp - subscription->timestamp) <= 0)
        return false; /* Resumed within moments: timestamps must not run back, a later frame will do. */
    tx_subscription_go_live(worker, subscription, track, &stretch, first);
    for (int64_t sequence = first; sequence <= newest; sequence++) {
        tx_resend what = {.cached = tx_cache_find(cache, sequence), .track = track, .stretch = &subscription->stretch};
        if (!what.cached)
            continue;
        const tx_rtp_view *packet = &what.cached->view;
        int64_t place = tx_stretch_place(&subscription->stretch, sequence);
        what.shape.marker = packet->marker;
        tx_inspected found;
        inspect(track, what.cached, &found);
        if (subscription->shaped
                ? tx_subscription_shape(subscription, place, packet, tx_rtp_payload(packet), &found.view, &what.sent,
                                        &what.shape)
                : tx_seqmap_sent(&subscription->sequences, place, &what.sent))
            send_cached(worker, subscription, &what);
    }
    subscription->timestamp = pivot->view.timestamp + stretch.timestamp_offset;
    subscription->sent_us = worker->now_us;
    tx_pacing_tick(worker, subscription->transport);
    if (!subscription->reported && track->clock.valid) {
        subscription->transport->report_soon = true;
        tx_transport_unrest(worker, subscription->transport);
    }
    return true;
}

static bool start(tx_worker *worker, tx_subscription *subscription, tx_track *track, const tx_replay_offer *offer)
{
    tx_transport *transport = subscription->transport;
    uint32_t bps = transport->congestion ? tx_congestion_bps(transport->congestion) : 0;
    /* Old pictures that would fill a narrow line: a new keyframe is smaller and comes sooner. */
    if (bps && !offer->new_keyframe && offer->kilobytes > (uint64_t)bps * TX_REPLAY_QUEUE_MS / 8000000)
        return false;
    bool paid = tx_bucket_take(&transport->replay, worker->now_us, TX_REPLAY_KB_PER_SECOND, TX_REPLAY_BURST_KB,
                               offer->kilobytes);
    return (paid || offer->new_keyframe) && replay(worker, subscription, track, offer->first, !offer->new_keyframe);
}

bool tx_resend_start_waiting(tx_worker *worker, tx_track *track)
{
    tx_replay_offer offer;
    if (!replayable(worker, track, &offer))
        return false;
    bool all = true;
    tx_list_each(&track->subscriptions, link, after) {
        tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_track);
        if (subscription->counted)
            all = start(worker, subscription, track, &offer) && all;
    }
    tx_list_each(&track->arrivals, arrival, next) {
        tx_subscription *subscription = tx_owner_of(arrival, tx_subscription, of_target);
        all = offer.age_us < ARRIVAL_KEYFRAME_US && start(worker, subscription, track, &offer) && all;
    }
    return all;
}
