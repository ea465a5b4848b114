#include "estimate.h"

#include <math.h>
#include <string.h>

#define BACK_OFF 0.85
#define ALL_ARRIVES 0.9
#define EMPTYING 1.1
#define STANDING_MAX_US 120000    /* a longer queue is emptied, */
#define STANDING_DRAINED_US 40000 /* down to this */
#define STANDING_JITTER_US 25000
#define DRAIN_MAX_US 3000000u     /* and is not a queue when it has not gone after this */
#define RESPONSE_US 100000u       /* before the next decrease, beyond the round trip */
#define RTT_UNKNOWN_US 200000u
#define GROWTH_PER_S 1.08
#define PACKET_BITS 9600.0
#define NEAR_CAPACITY 0.25  /* within this part of a known capacity, growth is additive */
#define FULL_USE 0.75       /* sending this part of the estimate counts as using it */
#define OVERSHOOT 1.5       /* an estimate stays within this of what arrived */
#define UNUSED_GROWTH 20000 /* bits/s above which growth needs proof */
#define LIMIT_MEMORY_US 30000000u
#define CALM_US 20000000u
#define CALM_PPM 100000u
#define CERTAINTY 1.5 /* standard deviations */

void tx_estimate_init(tx_estimate *estimate)
{
    memset(estimate, 0, sizeof *estimate);
    estimate->bps = TX_ESTIMATE_START_BPS;
    estimate->loss_tolerated_ppm = TX_LOSS_TOLERATED_PPM;
}

static uint32_t bounded(double bps)
{
    if (!(bps > TX_ESTIMATE_MIN_BPS))
        return TX_ESTIMATE_MIN_BPS;
    return bps < TX_ESTIMATE_MAX_BPS ? (uint32_t)bps : TX_ESTIMATE_MAX_BPS;
}

static void lower(tx_estimate *estimate, double bps, uint64_t now_us)
{
    uint32_t to = bounded(bps);
    if (to < estimate->bps)
        estimate->bps = to;
    estimate->decreased_us = estimate->limited_us = now_us;
    estimate->limited = true;
}

/* What arrived, with room for the queue to empty.  Where the limit is known one look at it takes no more than half away: a
 * moment in which nothing was sent, and the burst after it, look like a line that carries nothing. */
static double backed_off(const tx_estimate *estimate, const tx_signal *signal)
{
    double to = BACK_OFF * signal->acknowledged, half = estimate->bps / 2.0;
    return estimate->limited && !signal->narrowed && to < half ? half : to;
}

static uint64_t response_us(const tx_signal *signal)
{
    return (signal->rtt_us ? signal->rtt_us : RTT_UNKNOWN_US) + RESPONSE_US;
}

static void learn_capacity(tx_estimate *estimate, uint32_t bps)
{
    double off_bps = fabs(bps - estimate->capacity_bps);
    bool known = estimate->capacity_bps > 0 && off_bps < NEAR_CAPACITY * estimate->capacity_bps;
    estimate->capacity_bps = known ? 0.9 * estimate->capacity_bps + 0.1 * bps : bps;
}

static void back_off(tx_estimate *estimate, const tx_signal *signal, uint64_t now_us)
{
    bool responds = estimate->decreased_us && now_us - estimate->decreased_us < response_us(signal);
    if (responds && !(signal->narrowed && signal->acknowledged < FULL_USE * estimate->bps))
        return;
    if (!signal->narrowed && signal->acknowledged > EMPTYING * signal->sent)
        return; /* the queue is what was sent before, and it shrinks */
    bool unused = signal->sent < FULL_USE * estimate->bps, queue = signal->standing_us > STANDING_JITTER_US;
    bool most_arrives = signal->acknowledged >= 0.7 * signal->sent;
    if (signal->acknowledged == 0 || (unused && most_arrives)) {
        /* Little was sent, and at the speed it was sent it arrived: how much more would have is not known.  Without
         * a queue that stands, it is the path's jitter. */
        if (queue)
            lower(estimate, BACK_OFF * estimate->bps, now_us);
        return;
    }
    if (!queue && signal->acknowledged >= ALL_ARRIVES * signal->sent)
        return; /* a burst that went through: what arrives is what was sent, and not what the path carries */
    learn_capacity(estimate, signal->acknowledged);
    lower(estimate, backed_off(estimate, signal), now_us);
}

/* A queue that stands without growing is no overuse by its slope, but every packet waits in it.  One that does not go
 * though we send less than the path carries is none: the path has become longer. */
static bool drain(tx_estimate *estimate, const tx_signal *signal, uint64_t now_us)
{
    if (signal->standing_us < STANDING_DRAINED_US) {
        estimate->draining = false;
        estimate->standing_us = 0;
        return false;
    }
    if (estimate->standing_us == 0)
        estimate->standing_us = now_us;
    if (!estimate->draining && signal->standing_us > STANDING_MAX_US) {
        estimate->draining = true;
        estimate->standing_us = now_us;
        if (signal->acknowledged)
            lower(estimate, backed_off(estimate, signal), now_us);
    }
    bool sparing = estimate->draining || signal->sent < FULL_USE * estimate->bps;
    if (!sparing || now_us - estimate->standing_us < DRAIN_MAX_US)
        return false;
    estimate->draining = false;
    estimate->standing_us = 0;
    return true;
}

/* What is lost at least, chance apart: of thirty packets over a path that loses a tenth, five are lost every so often. */
static double certain_ppm(uint32_t loss_ppm, uint32_t packets)
{
    double part = 1e-6 * loss_ppm;
    return loss_ppm - 1e6 * CERTAINTY * sqrt(part * (1 - part) / packets);
}

static void judge_loss(tx_estimate *estimate, const tx_signal *signal, uint64_t now_us)
{
    estimate->loss_received += signal->received;
    estimate->loss_lost += signal->lost;
    uint32_t total = estimate->loss_received + estimate->loss_lost;
    if (estimate->loss_since_us == 0)
        estimate->loss_since_us = estimate->loss_calm_us = now_us;
    if (now_us - estimate->loss_since_us < TX_LOSS_WINDOW_US || total < TX_LOSS_PACKETS_MIN)
        return;
    estimate->loss_ppm = (uint32_t)((uint64_t)estimate->loss_lost * 1000000 / total);
    estimate->loss_since_us = now_us;
    estimate->loss_received = estimate->loss_lost = 0;
    if (estimate->loss_ppm > CALM_PPM) {
        estimate->loss_calm_us = now_us;
    } else if (now_us - estimate->loss_calm_us > CALM_US) {
        estimate->loss_tolerated_ppm = TX_LOSS_TOLERATED_PPM;
    }
    if (certain_ppm(estimate->loss_ppm, total) <= estimate->loss_tolerated_ppm) {
        estimate->loss_before_ppm = 0;
        return;
    }
    if (estimate->loss_before_ppm && estimate->loss_ppm > estimate->loss_before_ppm / 5 * 4) {
        /* Less was sent and as much is lost: it is the path's own way, sending still less would not help. */
        uint32_t own = estimate->loss_ppm + 50000;
        estimate->loss_tolerated_ppm = own < TX_LOSS_TOLERATED_MAX_PPM ? own : TX_LOSS_TOLERATED_MAX_PPM;
        estimate->loss_before_ppm = 0;
        return;
    }
    estimate->loss_before_ppm = estimate->loss_ppm;
    double cut = estimate->bps * (1 - 0.5e-6 * estimate->loss_ppm), arrived = signal->acknowledged;
    if (arrived > 0)
        cut = arrived < cut ? arrived : fmax(cut, BACK_OFF * arrived); /* what does arrive, the path carries */
    lower(estimate, cut, now_us);
}

static void grow(tx_estimate *estimate, const tx_signal *signal, uint64_t now_us)
{
    double since_s = (double)(now_us - estimate->updated_us) / 1e6;
    since_s = since_s > 1 ? 1 : since_s;
    double bps = estimate->bps;
    if (signal->steady > bps) {
        /* It arrives, and no queue grows. */
        estimate->bps = bounded(signal->steady);
        return;
    }
    if (signal->sent < FULL_USE * bps || estimate->loss_ppm > CALM_PPM || estimate->draining)
        return;
    bool near = estimate->capacity_bps > 0 && bps > (1 - NEAR_CAPACITY) * estimate->capacity_bps;
    if (bps > (1 + NEAR_CAPACITY) * estimate->capacity_bps)
        estimate->capacity_bps = 0;
    double grown = near ? bps + PACKET_BITS * since_s * 1e6 / (double)response_us(signal)
                        : bps * pow(GROWTH_PER_S, since_s);
    double proven = OVERSHOOT * signal->acknowledged + UNUSED_GROWTH;
    if (grown > proven)
        grown = proven > bps ? proven : bps;
    estimate->bps = bounded(grown);
}

bool tx_estimate_update(tx_estimate *estimate, const tx_signal *signal, uint64_t now_us)
{
    if (estimate->updated_us == 0)
        estimate->updated_us = now_us;
    bool longer_path = drain(estimate, signal, now_us);
    judge_loss(estimate, signal, now_us);
    if (signal->usage == TX_USAGE_OVER)
        back_off(estimate, signal, now_us);
    else if (signal->usage == TX_USAGE_NORMAL && signal->standing_us < STANDING_MAX_US / 2)
        grow(estimate, signal, now_us);
    if (estimate->limited && now_us - estimate->limited_us > LIMIT_MEMORY_US)
        estimate->limited = false;
    estimate->updated_us = now_us;
    return longer_path;
}

void tx_estimate_probed(tx_estimate *estimate, uint32_t tried_bps, uint32_t got_bps, uint64_t now_us)
{
    bool all = got_bps >= 0.9 * tried_bps;
    if (got_bps > estimate->bps)
        estimate->bps = bounded(all ? got_bps : 0.95 * got_bps);
    if (all && tried_bps > estimate->capacity_bps)
        estimate->capacity_bps = 0;
    if (!all) {
        learn_capacity(estimate, got_bps);
        estimate->limited = true;
        estimate->limited_us = now_us;
    }
}
