#include "forward.h"

#include <string.h>

#include "bandwidth.h"
#include "fetch.h"
#include "pacing.h"
#include "recovery.h"
#include "resend.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

#define FETCH_AHEAD 4u /* subscribers */
/* Of a header whose dependency descriptor is rewritten: the element's own, and when it outgrows the one-byte form a byte
 * for each element and filling up. */
#define TX_HEADER_GROWTH_MAX_BYTES (TX_DEPENDENCY_GROWTH_MAX_BYTES + TX_EXT_COUNT + 8u)

void tx_forward_even(const uint16_t *sizes, unsigned count, uint8_t *padding)
{
    for (unsigned start = 0; start < count;) {
        unsigned least = sizes[start], most = sizes[start], end = start + 1;
        while (end < count && end - start < TX_UDP_SEGMENTS_MAX) {
            unsigned size = sizes[end];
            if (size > least + TX_EVEN_MAX_BYTES)
                break;
            end++;
            if (size + TX_EVEN_MAX_BYTES < most)
                break; /* much shorter: it ends the run as it is */
            least = size < least ? size : least;
            most = size > most ? size : most;
        }
        for (unsigned i = start; i + 1 < end; i++)
            padding[i] = (uint8_t)(most - sizes[i]);
        padding[end - 1] = 0;
        start = end;
    }
}

static void build_plan(tx_worker *worker, const tx_track *track, tx_plan *plan, const tx_rtp_layout *layout)
{
    uint16_t sizes[TX_PENDING_MAX];
    unsigned i = 0;
    for (const tx_pending *pending = track->pending; pending; pending = pending->next, i++) {
        tx_rtp_template_build(&plan->template[i], &pending -> view, &pending -> set, layout);
        sizes[i] = (uint16_t)(plan->template[i].length + pending->view.payload_length);
    }
    if (track->kind == TX_VIDEO && worker->udp.gso)
        tx_forward_even(sizes, i, plan->padding);
    else
        memset(plan->padding, 0, i);
    plan->layout_key = layout->key;
}

static tx_plan *plan_for(tx_worker *worker, const tx_track *track, const tx_rtp_layout *layout)
{
    tx_plan *oldest = &worker->plans[0];
    for (unsigned i = 0; i < TX_PLANS; i++) {
        tx_plan *plan = &worker->plans[i];
        if (plan->layout_key == layout->key) {
            plan->used = ++worker->plan_clock;
            return plan;
        }
        if (plan->used < oldest->used)
            oldest = plan;
    }
    build_plan(worker, track, oldest, layout);
    oldest->used = ++worker->plan_clock;
    return oldest;
}

static void forget_plans(tx_worker *worker)
{
    for (unsigned i = 0; i < TX_PLANS; i++)
        worker->plans[i].layout_key = 0;
}

static size_t room_needed(const tx_track *track, const tx_plan *plan, const tx_transport *transport)
{
    size_t bytes = TX_RTP_HEADER_MAX_BYTES;
    size_t growth = track->structure.target_count ? TX_HEADER_GROWTH_MAX_BYTES : 0;
    unsigned i = 0;
    for (const tx_pending *pending = track->pending; pending; pending = pending->next, i++)
        bytes += (size_t)plan->template[i].length + pending->view.payload_length + plan->padding[i];
    return bytes + (size_t)i * (transport->overhead + growth);
}

static void queue(tx_worker *worker, tx_transport *transport, const tx_srtp_job *jobs, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t planned = (size_t)jobs[i].header_length + jobs[i].prefix_length + jobs[i].payload_length
            + jobs[i].padding + transport->overhead;
        if (__builtin_expect(jobs[i].length == 0, 0)) {
            tx_udp_skip(&worker->udp, planned);
            continue;
        }
        tx_udp_queue(&worker->udp, &transport->path, jobs[i].length);
        transport->packets_sent++;
        transport->bytes_sent += jobs[i].length;
        tx_pacing_passed(worker, transport, jobs[i].length);
    }
}

static void send_to(tx_worker *worker, tx_track *track, tx_subscription *subscription)
{
    tx_transport *transport = subscription->transport;
    tx_plan *plan = plan_for(worker, track, &subscription->layout);
    uint8_t *at = tx_udp_reserve_all(&worker->udp, room_needed(track, plan, transport), track->pending_count);
    bool paced = transport->paced && track->kind == TX_VIDEO;
    bool paddable = subscription->rtx_payload_type != 0; /* a plain resend must be byte-identical: keep it simple */
    tx_srtp_job *jobs = worker->jobs;
    unsigned count = 0, i = 0;
    tx_rtp_rewrite to = {
        .ssrc = subscription->ssrc,
        .mid = subscription->mid,
        .abs_send_time = tx_rtp_abs_send_time(worker->now_us),
    };
    if (__builtin_expect(subscription->fresh, 0)) {
        tx_seqmap_start(&subscription->sequences, tx_stretch_place(&subscription->stretch, track->pending->sequence));
        subscription->fresh = false;
    }
    for (const tx_pending *pending = track->pending; pending; pending = pending->next, i++) {
        int64_t sequence, place = tx_stretch_place(&subscription->stretch, pending->sequence);
        tx_shape shape = {.marker = pending->view.marker};
        if (__builtin_expect(!subscription->shaped, 1)) {
            if (!tx_seqmap_sent(&subscription->sequences, place, &sequence))
                continue;
        } else if (!tx_subscription_shape(subscription, place, &pending->view, pending->plain, &pending->codec,
                                          &sequence, &shape)) {
            continue;
        }
        bool red = pending->red && subscription->red_payload_type;
        uint16_t payload_length = red ? pending->view.payload_length : shape.empty ? 0 : pending->plain_length;
        tx_srtp_job *job = &jobs[count++];
        job->padding = shape.empty ? 1 : paddable ? plan->padding[i] : 0;
        to.padded = job->padding != 0;
        to.sequence = (uint16_t)sequence;
        to.timestamp = tx_stretch_timestamp(&subscription->stretch, pending->sequence, pending->view.timestamp);
        to.marker = shape.marker;
        to.payload_type = red ? subscription->red_payload_type : subscription->payload_type;
        const tx_rtp_template *template = &plan->template[i];
        if (__builtin_expect(shape.masked, 0))
            template = tx_shape_template(&shape, &pending->view, &pending->set, &subscription->layout, template,
                                         &worker->masked);
        if (template->transport_cc_offset && !paced)
            to.transport_sequence = tx_bandwidth_next(worker, transport,
                                                      (size_t)template->length + payload_length
                                                          + job->padding + transport->overhead);
        job->stream = subscription->stream;
        job->packet = at;
        job->header_length = (uint16_t)tx_rtp_emit(template, at, &to);
        job->prefix_length = 0;
        job->payload = red ? tx_rtp_payload(&pending->view) : pending->plain;
        job->payload_length = payload_length;
        if (__builtin_expect(subscription->shaped, 0)) {
            tx_shape_renumber(&shape, template, at);
            tx_shape_apply(&shape, job);
        }
        job->repeat = false;
        if (__builtin_expect(paced, 0))
            tx_pacing_put(transport, template, job);
        at += (size_t)job->header_length + job->prefix_length + job->payload_length + job->padding
            + transport->overhead;
        __builtin_prefetch(at, 1); /* the next header's place: sealing reads what was just written there */
        subscription->bytes += (uint64_t)job->prefix_length + job->payload_length;
        if (sequence == subscription->sequences.newest)
            subscription->timestamp = to.timestamp;
    }
    if (count == 0)
        return;
    if (__builtin_expect(paced, 0)) {
        tx_pacing_tick(worker, transport);
    } else {
        tx_srtp_protect(transport->sender, jobs, count);
        queue(worker, transport, jobs, count);
    }
    subscription->packets += count;
    subscription->sent_us = worker->now_us;
    worker->outputs += count;
    worker->counters.packets_forwarded += count;
    if (__builtin_expect(!subscription->reported, 0) && track->clock.valid) {
        transport->report_soon = true;
        tx_transport_unrest(worker, transport);
    }
}

/* Step by step, so that each follows a pointer that the step before has fetched. */
static void fetch_ahead(const tx_track *track, unsigned step)
{
    if (step < track->live_count)
        tx_fetch(track->live[step], offsetof(tx_subscription, sequences.past));
    if (step >= 1 && step - 1 < track->live_count) {
        const tx_subscription *subscription = track->live[step - 1];
        tx_fetch(subscription->transport, offsetof(tx_transport, receive));
        tx_fetch(subscription->stream, sizeof *subscription->stream);
    }
    if (step >= 2 && step - 2 < track->live_count)
        __builtin_prefetch(track->live[step - 2]->transport->sender);
    if (step >= 3 && step - 3 < track->live_count)
        tx_srtp_sender_prefetch(track->live[step - 3]->transport->sender);
}

/* Other layers are there than before.  New ones begin with a frame that is marked for it; without a keyframe is left who
 * was sent one that is there no more, or a keyframe whose first packet came late. */
static void ask_for_layers(tx_worker *worker, tx_track *track)
{
    bool any = track->structure_came;
    track->structure_came = track->targets_moved = false;
    for (unsigned i = 0; i < track->live_count; i++) {
        const tx_subscription *subscription = track->live[i];
        if (!any && tx_layers_are_active(&subscription->layers, &track->structure))
            continue;
        if (!tx_subscription_needs_keyframe(subscription))
            continue;
        tx_recovery_want_keyframe(worker, track);
        return;
    }
}

static void forward_track(tx_worker *worker, tx_track *track)
{
    forget_plans(worker);
    for (unsigned step = 0; step < track->live_count + FETCH_AHEAD; step++) {
        fetch_ahead(track, step);
        if (step >= FETCH_AHEAD)
            send_to(worker, track, track->live[step - FETCH_AHEAD]);
    }
    track->pending = NULL;
    track->pending_end = &track->pending;
    track->pending_count = 0;
    track->dirty = false;
    if (track->waiting)
        tx_resend_start_waiting(worker, track);
    if (__builtin_expect(track->structure_came | track->targets_moved, 0))
        ask_for_layers(worker, track);
}

void tx_forward_all(tx_worker *worker)
{
    for (unsigned i = 0; i < worker->dirty_count; i++)
        forward_track(worker, worker->dirty[i]);
    worker->dirty_count = 0;
    worker->pending_count = 0;
    worker->planned = 0;
}

tx_pending *tx_forward_add(tx_worker *worker, tx_track *track)
{
    if (track->live_count == 0 && track->waiting == 0)
        return NULL;
    /* A batch stays small enough for the gate to open in time. */
    if (worker->pending_count == TX_PENDING_MAX || worker->planned + track->live_count > TX_BATCH_OUTPUTS_MAX)
        tx_forward_all(worker);
    worker->planned += track->live_count;
    tx_pending *pending = &worker->pending[worker->pending_count++];
    if (!track->dirty) {
        track->dirty = true;
        worker->dirty[worker->dirty_count++] = track;
    }
    pending->next = NULL;
    *track->pending_end = pending;
    track->pending_end = &pending->next;
    track->pending_count++;
    return pending;
}
