#include "recovery.h"

#include <string.h>

#include "bandwidth.h"
#include "encodings.h"
#include "mirror.h"
#include "rtcp.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

bool tx_gap_is_due(const tx_gap *gap, uint32_t rtt_us, int64_t newest, uint64_t now_us)
{
    if (gap->tries == 0)
        return now_us - gap->since_us >= TX_GAP_REORDER_US || newest - gap->sequence >= TX_GAP_REORDER_PACKETS;
    uint64_t wait = (uint64_t)rtt_us * 9 / 8 + TX_TICK_US / 2;
    return now_us - gap->asked_us >= (wait < TX_GAP_RETRY_MIN_US ? TX_GAP_RETRY_MIN_US : wait);
}

void tx_gap_ask(tx_gap *gap, uint64_t now_us)
{
    if (gap->tries == 0)
        gap->first_after_us = (uint32_t)(now_us - gap->since_us);
    gap->asked_us = now_us;
    gap->again = false;
    gap->tries++;
}

bool tx_gap_repeats(const tx_gap *gap, uint32_t lost_ppm, uint64_t now_us)
{
    return gap->tries && !gap->again && lost_ppm >= TX_GAP_AGAIN_PPM && now_us - gap->asked_us >= TX_GAP_AGAIN_US;
}

/* Which of several requests it answers is not known (Karn): counted from the first one, where a tenth is lost the mean is
 * half as long again as the way, and all that is lost twice comes so much later.  Such samples count only when there are
 * no others: a round trip longer than the wait, as it is behind a full queue, gives no others. */
void tx_gap_closed(const tx_gap *gap, tx_round_trip *round_trip, uint64_t now_us)
{
    if (gap->tries == 0)
        return;
    if (gap->tries == 1) {
        round_trip->unsure = 0;
    } else if (round_trip->unsure < TX_GAP_UNSURE_MAX) {
        round_trip->unsure++;
        return;
    }
    uint64_t sample = now_us - gap->since_us - gap->first_after_us;
    sample = sample < TX_GAP_AGE_MAX_US ? sample : TX_GAP_AGE_MAX_US;
    round_trip->us = (uint32_t)((round_trip->us * 7ull + sample) / 8);
}

static void close_gap(tx_recovery *recovery, int64_t sequence, uint64_t now_us)
{
    for (unsigned i = 0; i < recovery->count; i++) {
        if (recovery->gaps[i].sequence != sequence)
            continue;
        tx_gap_closed(&recovery->gaps[i], &recovery->round_trip, now_us);
        recovery->count--;
        memmove(&recovery->gaps[i], &recovery->gaps[i + 1], (recovery->count - i) * sizeof *recovery->gaps);
        return;
    }
}

uint32_t tx_losing_more(tx_losing *losing, uint32_t missing, uint64_t packets)
{
    losing->missing += missing;
    uint64_t all = packets - losing->packets + losing->missing;
    if (all < TX_LOSING_PACKETS)
        return 0;
    uint32_t lost_ppm = (uint32_t)(losing->missing * 1000000ull / all);
    bool many = losing->missing >= TX_LOSING_MISSING && lost_ppm >= TX_LOSING_PPM;
    *losing = (tx_losing){.packets = packets};
    return many ? lost_ppm : 0;
}

tx_playout_way tx_recovery_way(const tx_track *track)
{
    return (tx_playout_way){.loss_ppm = track->reception.lost_ppm, .rtt_us = track->recovery.round_trip.us};
}

void tx_recovery_lossy(tx_worker *worker, tx_track *track, uint32_t lost_ppm)
{
    track->reception.lost_ppm = lost_ppm;
    tx_list_each(&track->subscriptions, link, after)
        tx_bandwidth_hold_back(worker, tx_owner_of(link, tx_subscription, of_track));
}

static void open_gaps(tx_worker *worker, tx_track *track, int64_t from, int64_t to)
{
    tx_recovery *recovery = &track->recovery;
    uint32_t lost_ppm = tx_losing_more(&recovery->losing, (uint32_t)(to - from + 1), track->packets);
    if (lost_ppm && track->kind == TX_VIDEO && track->reception.lost_ppm < TX_PLAYOUT_LOSS_PPM) {
        tx_recovery_lossy(worker, track, lost_ppm);
        tx_mirror_loss(track);
    }
    if (to - from >= (int64_t)(TX_GAPS_MAX - recovery->count)) {
        /* Too much is gone to ask for packet by packet. */
        recovery->count = 0;
        if (track->kind == TX_VIDEO)
            tx_recovery_want_keyframe(worker, track);
        return;
    }
    for (int64_t sequence = from; sequence <= to; sequence++)
        recovery->gaps[recovery->count++] = (tx_gap){.sequence = sequence, .since_us = worker->now_us};
    tx_track_unrest(worker, track);
}

void tx_recovery_arrived(tx_worker *worker, tx_track *track, int64_t sequence, int64_t newest, bool first)
{
    if (first || !track->nack)
        return;
    if (sequence > newest + 1)
        open_gaps(worker, track, newest + 1, sequence - 1);
    else if (sequence <= newest && track->recovery.count)
        close_gap(&track->recovery, sequence, worker->now_us);
}

void tx_recovery_keyframe(tx_track *track) { track->recovery.keyframe_wanted = false; }

static void send_pli(tx_worker *worker, tx_track *track)
{
    tx_transport *transport = track->transport;
    uint8_t *space = tx_udp_reserve(&worker->udp, 64);
    tx_writer w = tx_writer_over(space, 32);
    tx_rtcp_write_pli(&w, transport->local_ssrc, track->ssrc);
    tx_transport_send_rtcp(worker, transport, &w);
    track->recovery.keyframe_asked_us = worker->now_us;
    track->recovery.packets_when_asked = track->packets;
    track->recovery.plis_sent++;
}

/* Home is asked for a mirror; its wish counts there among those of home's own subscribers. */
static void ask(tx_worker *worker, tx_track *track)
{
    if (!track->inlet)
        send_pli(worker, track);
    else if (tx_mirror_ask(track))
        track->recovery.keyframe_asked_us = worker->now_us;
}

static bool may_ask(const tx_worker *worker, const tx_track *track)
{
    const tx_recovery *recovery = &track->recovery;
    if (track->inlet)
        return recovery->keyframe_asked_us == 0 || worker->now_us - recovery->keyframe_asked_us >= TX_MIRROR_ASK_US;
    if (!tx_transport_ready(track->transport) || track->ssrc == 0 || track->blocked)
        return false;
    bool idle = track->packets == recovery->packets_when_asked;
    uint64_t period = idle ? TX_KEYFRAME_IDLE_US : TX_KEYFRAME_PERIOD_US;
    return recovery->keyframe_asked_us == 0 || worker->now_us - recovery->keyframe_asked_us >= period;
}

void tx_recovery_want_keyframe(tx_worker *worker, tx_track *track)
{
    if (track->kind != TX_VIDEO || tx_encodings_rests(track))
        return;
    track->recovery.keyframe_wanted = true;
    if (may_ask(worker, track))
        ask(worker, track);
    tx_track_unrest(worker, track);
}

static void send_nack(tx_worker *worker, tx_track *track, const uint16_t *sequences, size_t count)
{
    tx_transport *transport = track->transport;
    size_t capacity = 64 + 4 * count;
    uint8_t *space = tx_udp_reserve(&worker->udp, capacity + TX_SRTP_OVERHEAD_MAX_BYTES);
    tx_writer w = tx_writer_over(space, capacity);
    tx_rtcp_write_nack(&w, transport->local_ssrc, track->ssrc, sequences, count);
    tx_transport_send_rtcp(worker, transport, &w);
    track->recovery.nacks_sent += count;
}

static void nack_gaps(tx_worker *worker, tx_track *track)
{
    tx_recovery *recovery = &track->recovery;
    uint16_t sequences[TX_GAPS_MAX];
    size_t asked = 0;
    unsigned kept = 0;
    bool given_up = false;
    for (unsigned i = 0; i < recovery->count; i++) {
        tx_gap gap = recovery->gaps[i];
        bool wants = tx_gap_is_due(&gap, recovery->round_trip.us, track->source.newest, worker->now_us);
        if (worker->now_us - gap.since_us > TX_GAP_AGE_MAX_US || (wants && gap.tries == TX_GAP_TRIES_MAX)) {
            given_up = true;
            continue;
        }
        bool repeats = !wants && tx_gap_repeats(&gap, track->reception.lost_ppm, worker->now_us);
        if (wants)
            tx_gap_ask(&gap, worker->now_us);
        gap.again |= repeats;
        if (wants || repeats)
            sequences[asked++] = (uint16_t)gap.sequence;
        recovery->gaps[kept++] = gap;
    }
    recovery->count = kept;
    if (asked)
        send_nack(worker, track, sequences, asked);
    if (given_up)
        tx_recovery_want_keyframe(worker, track);
}

bool tx_recovery_tick(tx_worker *worker, tx_track *track)
{
    if (tx_encodings_rests(track)) {
        track->recovery.count = 0; /* nobody is sent it any more */
        track->recovery.keyframe_wanted = false;
    }
    if (track->recovery.count && tx_transport_ready(track->transport) && track->ssrc)
        nack_gaps(worker, track);
    if (track->recovery.keyframe_wanted && may_ask(worker, track))
        ask(worker, track);
    return track->recovery.count || track->recovery.keyframe_wanted;
}
