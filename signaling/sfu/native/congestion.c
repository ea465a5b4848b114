#include "congestion.h"

#include <string.h>

/* The peer's clock in a report wraps with its 24 bits of 64 ms. */
#define ARRIVAL_WRAP_US ((int64_t)64000 << 24)
#define QUIET_STANDING_US 60000
#define SECOND_AFTER_US 150000u /* of the cluster before, whose queue has to go */
#define SECOND_WITHIN_US 3000000u
#define TRAIN_LATE_US 80000
#define TRAIN_RECENT_US 500000
#define AFTER_PROBE_US 200000u

void tx_congestion_init(tx_congestion *congestion)
{
    memset(congestion, 0, sizeof *congestion);
    tx_delay_init(&congestion->delay);
    tx_estimate_init(&congestion->estimate);
}

void tx_congestion_set_target(tx_congestion *congestion, uint32_t allocated_bps, uint32_t wanted_bps)
{
    congestion->allocated_bps = allocated_bps;
    congestion->wanted_bps = wanted_bps;
}

void tx_congestion_moved(tx_congestion *congestion)
{
    memset(&congestion->sent, 0, sizeof congestion->sent);
    memset(&congestion->left, 0, sizeof congestion->left);
    memset(&congestion->arrived, 0, sizeof congestion->arrived);
    congestion->left_us = congestion->arrival_us = congestion->train_judged_us = 0;
    congestion->first_got_bps = 0;
    tx_delay_init(&congestion->delay);
}

static uint32_t greater(uint32_t left, uint32_t right) { return left > right ? left : right; }

static int64_t unwrap(tx_congestion *congestion, int64_t raw_us)
{
    if (congestion->arrival_us == 0) {
        congestion->arrival_us = ARRIVAL_WRAP_US;
        congestion->arrival_raw_us = raw_us;
    }
    int64_t step_us = (raw_us - congestion->arrival_raw_us) % ARRIVAL_WRAP_US;
    if (step_us > ARRIVAL_WRAP_US / 2)
        step_us -= ARRIVAL_WRAP_US;
    else if (step_us < -ARRIVAL_WRAP_US / 2)
        step_us += ARRIVAL_WRAP_US;
    int64_t arrival_us = congestion->arrival_us + step_us;
    if (step_us > 0) {
        congestion->arrival_us = arrival_us;
        congestion->arrival_raw_us = raw_us;
    }
    return arrival_us;
}

static void take(tx_congestion *congestion, tx_sent_packet *packet, const tx_twcc_entry *entry, tx_signal *signal,
                 uint64_t now_us)
{
    int64_t left_us = (int64_t)tx_sent_at(packet, now_us);
    if (!(packet->state & TX_SENT_REPORTED_LOST)) {
        congestion->left_us = left_us > congestion->left_us ? left_us : congestion->left_us;
        tx_rate_add(&congestion->left, left_us, packet->bytes);
    }
    if (!entry->received) {
        if (packet->state & TX_SENT_REPORTED_LOST)
            return;
        packet->state |= TX_SENT_REPORTED_LOST;
        signal->lost++;
        return;
    }
    signal->received++;
    packet->state &= TX_SENT_EPOCH;
    int64_t arrival_us = unwrap(congestion, entry->arrival_us);
    tx_rate_add(&congestion->arrived, arrival_us, packet->bytes);
    tx_probe_arrived(&congestion->probe, packet->probe, packet->bytes, arrival_us);
    tx_delay_add(&congestion->delay, left_us, arrival_us, packet->bytes);
    if (congestion->delay.usage == TX_USAGE_OVER)
        signal->usage = TX_USAGE_OVER; /* even when the end of this report looks better */
}

/* Where a limit was felt, a rise has to be seen twice: one cluster is short, a receiver that was busy for a moment hands
 * it over faster than the line did, and the picture that follows costs a keyframe.  Of the two the lower counts. */
static bool wants_second(tx_congestion *congestion, uint32_t *got_bps, uint64_t now_us)
{
    const tx_estimate *estimate = &congestion->estimate;
    uint32_t first_bps = now_us - congestion->first_got_us < SECOND_WITHIN_US ? congestion->first_got_bps : 0;
    congestion->first_got_bps = 0;
    if (!estimate->limited || *got_bps <= estimate->bps + estimate->bps / 20)
        return false;
    if (first_bps == 0) {
        congestion->first_got_bps = *got_bps;
        congestion->first_got_us = now_us;
        return true;
    }
    *got_bps = first_bps < *got_bps ? first_bps : *got_bps;
    return false;
}

static void finish_probe(tx_congestion *congestion, uint64_t rtt_us, uint64_t now_us)
{
    uint32_t got_bps;
    if (!tx_probe_done(&congestion->probe, rtt_us, now_us, &got_bps))
        return;
    uint32_t before_bps = congestion->estimate.bps;
    if (wants_second(congestion, &got_bps, now_us)) {
        congestion->probe.not_before_us = now_us + SECOND_AFTER_US;
        return;
    }
    if (got_bps)
        tx_estimate_probed(&congestion->estimate, congestion->probe.bps, got_bps, now_us);
    /* What went through in part is the line's speed: trying still more would only fill it. */
    bool full = got_bps < congestion->probe.bps / 10 * 8;
    bool raised = congestion->estimate.bps > before_bps + before_bps / 10 && !full;
    tx_probe_rest(&congestion->probe, raised, now_us);
    congestion->known = congestion->known || got_bps != 0;
}

/* The line has become much narrower: a picture's packets come one after the other at little more than half the speed at
 * which they are sent, and the last of them waited long.  The slope would show it some frames later. */
static bool narrowed(tx_congestion *congestion, const tx_signal *signal)
{
    const tx_delay_train *train = &congestion->delay.train;
    bool seen = train->sent_us == congestion->train_judged_us;
    congestion->train_judged_us = train->sent_us;
    return !seen && train->bps && train->late_us > TRAIN_LATE_US && train->bps < signal->sent / 5 * 3;
}

/* The slower of the last two trains: what the line carried while it was full, however short that was. */
static uint32_t train_bps(const tx_congestion *congestion)
{
    const tx_delay_train *newest = &congestion->delay.train, *before = &congestion->delay.train_before;
    if (congestion->left_us - before->sent_us > TRAIN_RECENT_US)
        return 0;
    return newest->bps < before->bps ? newest->bps : before->bps;
}

/* A probe fills the line for a moment: the queue that this makes is its own. */
static bool probing(const tx_congestion *congestion, uint64_t rtt_us, uint64_t now_us)
{
    const tx_probe *probe = &congestion->probe;
    return probe->state != TX_PROBE_IDLE || (probe->ended_us && now_us - probe->ended_us < rtt_us + AFTER_PROBE_US);
}

static void measure(tx_congestion *congestion, tx_signal *signal, uint64_t now_us)
{
    uint32_t slow = tx_rate_bps(&congestion->arrived, congestion->arrival_us, TX_ACKNOWLEDGED_US);
    uint32_t fast = tx_rate_bps(&congestion->arrived, congestion->arrival_us, TX_ACKNOWLEDGED_FAST_US);
    congestion->acknowledged_bps = signal->acknowledged = slow;
    signal->sent = tx_rate_bps(&congestion->left, congestion->left_us, TX_ACKNOWLEDGED_US);
    signal->steady = fast < slow ? fast : slow;
    signal->standing_us = congestion->delay.standing_us;
    if (signal->usage == TX_USAGE_OVER && fast && fast < slow) {
        signal->acknowledged = fast;
        signal->sent = tx_rate_bps(&congestion->left, congestion->left_us, TX_ACKNOWLEDGED_FAST_US);
    }
    if (narrowed(congestion, signal)) {
        signal->usage = TX_USAGE_OVER;
        signal->narrowed = true;
        signal->acknowledged = congestion->delay.train.bps;
    } else if (signal->usage == TX_USAGE_OVER && probing(congestion, signal->rtt_us, now_us)) {
        signal->usage = TX_USAGE_UNDER;
    } else if (signal->usage == TX_USAGE_OVER) {
        /* A burst fills the line for less than the window of the rate. */
        signal->acknowledged = greater(signal->acknowledged, train_bps(congestion));
    }
}

void tx_congestion_report(tx_congestion *congestion, tx_twcc_reader *reader, uint64_t rtt_us, uint64_t now_us)
{
    tx_signal signal = {.usage = TX_USAGE_NORMAL, .rtt_us = rtt_us};
    tx_twcc_entry entry;
    while (tx_twcc_next(reader, &entry)) {
        tx_sent_packet *packet = tx_sent_find(&congestion->sent, entry.sequence);
        if (packet)
            take(congestion, packet, &entry, &signal, now_us);
    }
    if (signal.received + signal.lost == 0)
        return;
    if (congestion->reported_us == 0)
        congestion->reported_us = now_us;
    if (signal.usage != TX_USAGE_OVER)
        signal.usage = congestion->delay.usage;
    congestion->heard_us = now_us;
    measure(congestion, &signal, now_us);
    uint64_t decreased_us = congestion->estimate.decreased_us;
    if (tx_estimate_update(&congestion->estimate, &signal, now_us))
        tx_delay_rebase(&congestion->delay);
    if (congestion->estimate.decreased_us != decreased_us) {
        tx_probe_cancel(&congestion->probe, now_us);
        congestion->first_got_bps = 0;
        congestion->known = true;
    }
    finish_probe(congestion, rtt_us, now_us);
    if (!congestion->known && now_us - congestion->reported_us > TX_KNOWN_AFTER_US)
        congestion->known = true;
}

bool tx_congestion_probe(tx_congestion *congestion, uint64_t now_us)
{
    if (congestion->reported_us == 0 || congestion->delay.usage != TX_USAGE_NORMAL || congestion->estimate.draining
        || congestion->delay.standing_us > QUIET_STANDING_US)
        return false;
    uint32_t least_bytes = congestion->estimate.limited ? TX_PROBE_SURE_BYTES_MIN : TX_PROBE_BYTES_MIN;
    return tx_probe_start(&congestion->probe, congestion->estimate.bps, congestion->wanted_bps, least_bytes, now_us);
}
