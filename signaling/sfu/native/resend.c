#include "resend.h"

#include "bandwidth.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

/* A keyframe this young is the one just asked for: it is sent whatever its size, and its times are left alone. */
#define KEYFRAME_NEW_US 300000u

/* Queues one cached packet under the sent sequence `sent`, or as RTX naming it. */
static void send_cached(tx_worker *worker, tx_subscription *subscription, const tx_cached *cached, int64_t sent,
                        bool rtx, bool repeat)
{
    tx_track *track = subscription->track;
    tx_transport *transport = subscription->transport;
    tx_rtp_template *template = &worker->plans[0].template[0];
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
    worker->plans[0].layout_key = 0;
    tx_rtp_template_build(template, view, &set, &subscription->layout);
    size_t room = (size_t) template->length + 2 + payload_length + transport->overhead + TX_RTP_HEADER_MAX_BYTES;
    uint8_t *packet = tx_udp_reserve(&worker->udp, room);
    tx_rtp_rewrite to = {
        .ssrc = rtx ? subscription->rtx_ssrc : subscription->ssrc,
        .timestamp = tx_subscription_timestamp(subscription, cached->sequence, view->timestamp),
        .sequence = (uint16_t)(rtx ? subscription->rtx_next : sent),
        .payload_type = rtx                         ? subscription->rtx_payload_type
            : red && subscription->red_payload_type ? subscription->red_payload_type
                                                    : subscription->payload_type,
        .marker = view->marker,
        .mid = subscription->mid,
        .abs_send_time = tx_rtp_abs_send_time(worker->now_us),
    };
    if (template->transport_cc_offset)
        to.transport_sequence =
            tx_bandwidth_next(worker, transport, (size_t) template->length + payload_length + transport->overhead);
    tx_srtp_job job = {
        .stream = rtx ? subscription->rtx_stream : subscription->stream,
        .packet = packet,
        .payload = payload,
        .header_length = (uint16_t)tx_rtp_emit(template, packet, &to),
        .prefix_length = rtx ? 2 : 0,
        .payload_length = payload_length,
        .repeat = repeat,
    };
    if (rtx) {
        tx_put16(packet + job.header_length, (uint16_t)sent);
        subscription->rtx_next++;
    }
    if (tx_srtp_protect(transport->sender, &job, 1) != 1)
        return;
    tx_udp_queue(&worker->udp, &transport->path, job.length);
    transport->packets_sent++;
    transport->bytes_sent += job.length;
    if (!rtx && !repeat) {
        subscription->packets++;
        subscription->bytes += payload_length;
    }
    worker->outputs++;
    worker->counters.packets_forwarded++;
}

/* Without RTX the same packet goes out again under the same sequence, and SRTP demands that not a bit of it differs
 * (see srtp.h): not possible where headers carry the time of sending, or timestamps were squeezed since. */
static bool may_repeat(const tx_subscription *subscription, int64_t sequence)
{
    return subscription->layout.id[TX_EXT_TRANSPORT_CC] == 0 && subscription->layout.id[TX_EXT_ABS_SEND_TIME] == 0
        && sequence > subscription->replay_last;
}

/* One NACK for each loss is enough for a round trip. */
static bool resent_lately(const tx_worker *worker, tx_subscription *subscription, uint16_t sequence)
{
    uint64_t quiet_us = subscription->transport->rtt_us / 2;
    quiet_us = quiet_us < TX_RESENT_MIN_US ? TX_RESENT_MIN_US : quiet_us > 250000 ? 250000 : quiet_us;
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

void tx_resend_missing(tx_worker *worker, tx_subscription *subscription, const uint16_t *sequences, size_t count)
{
    tx_transport *transport = subscription->transport;
    bool rtx = subscription->rtx_ssrc != 0;
    if (!tx_transport_ready(transport) || subscription->state != TX_SUBSCRIPTION_LIVE)
        return;
    for (size_t i = 0; i < count; i++) {
        int64_t newest = subscription->sequences.newest;
        int64_t sent = newest + tx_seq_distance(sequences[i], (uint16_t)newest);
        int64_t source;
        if (sent > newest || !tx_seqmap_source(&subscription->sequences, sent, &source))
            continue;
        const tx_cached *cached = tx_cache_find(subscription->track->cache, source);
        if (!cached || (!rtx && !may_repeat(subscription, source)))
            continue;
        if (resent_lately(worker, subscription, sequences[i]))
            continue;
        if (!tx_bucket_take(&transport->retransmit, worker->now_us, TX_RETRANSMIT_PER_SECOND, TX_RETRANSMIT_BURST, 1))
            return;
        send_cached(worker, subscription, cached, sent, rtx, !rtx);
        subscription->retransmitted++;
    }
}

/* What a replay would cost; false when the cache's newest keyframe will not do. */
static bool replayable(tx_worker *worker, tx_track *track, int64_t *first, uint32_t *kilobytes, bool *new_keyframe)
{
    uint64_t arrival_us;
    if (!tx_cache_keyframe(track->cache, first, &arrival_us))
        return false;
    uint64_t age_us = worker->now_us - arrival_us;
    *new_keyframe = age_us < KEYFRAME_NEW_US;
    if (age_us > TX_REPLAY_AGE_MAX_US || *first < track->line_first)
        return false;
    /* What a new keyframe lacks is being asked from the publisher, and will be forwarded when it comes. */
    if (!*new_keyframe && !tx_cache_complete(track->cache, *first))
        return false;
    size_t bytes = 0;
    int64_t newest = tx_cache_newest(track->cache);
    if (!*new_keyframe && newest - *first >= TX_REPLAY_MAX_PACKETS)
        return false;
    for (int64_t sequence = *first; sequence <= newest; sequence++) {
        const tx_cached *cached = tx_cache_find(track->cache, sequence);
        bytes += cached ? cached->view.length : 0;
    }
    *kilobytes = (uint32_t)(bytes / 1000 + 1);
    return *new_keyframe || bytes <= TX_REPLAY_MAX_BYTES;
}

static bool replay(tx_worker *worker, tx_subscription *subscription, int64_t first, bool squeeze)
{
    tx_cache *cache = subscription->track->cache;
    int64_t newest = tx_cache_newest(cache);
    uint32_t pivot = tx_cache_find(cache, newest)->view.timestamp;
    int64_t replay_last = subscription->replay_last;
    uint32_t replay_timestamp = subscription->replay_timestamp;
    if (squeeze) {
        subscription->replay_last = newest;
        subscription->replay_timestamp = pivot;
    }
    uint32_t begin = tx_subscription_timestamp(subscription, first, tx_cache_find(cache, first)->view.timestamp);
    if (subscription->packets && (int32_t)(begin - subscription->timestamp) <= 0) {
        /* Resumed within moments: timestamps must not run back, a later frame will do. */
        subscription->replay_last = replay_last;
        subscription->replay_timestamp = replay_timestamp;
        return false;
    }
    tx_seqmap_start(&subscription->sequences, first);
    tx_subscription_go_live(subscription);
    for (int64_t sequence = first; sequence <= newest; sequence++) {
        const tx_cached *cached = tx_cache_find(cache, sequence);
        int64_t sent;
        if (cached && tx_seqmap_sent(&subscription->sequences, sequence, &sent))
            send_cached(worker, subscription, cached, sent, false, false);
    }
    subscription->timestamp = pivot;
    subscription->sent_us = worker->now_us;
    if (!subscription->reported && subscription->track->clock.valid) {
        subscription->transport->report_soon = true;
        tx_transport_unrest(worker, subscription->transport);
    }
    return true;
}

bool tx_resend_start_waiting(tx_worker *worker, tx_track *track)
{
    int64_t first;
    uint32_t kilobytes;
    bool new_keyframe;
    if (!replayable(worker, track, &first, &kilobytes, &new_keyframe))
        return false;
    bool all = true;
    tx_list_each(&track->subscriptions, link, after) {
        tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_track);
        if (!subscription->counted)
            continue;
        tx_transport *transport = subscription->transport;
        bool paid =
            tx_bucket_take(&transport->replay, worker->now_us, TX_REPLAY_KB_PER_SECOND, TX_REPLAY_BURST_KB, kilobytes);
        all = (paid || new_keyframe) && replay(worker, subscription, first, !new_keyframe) && all;
    }
    return all;
}
