#include "delay.h"

#include <math.h>
#include <string.h>

#define GROUP_US 5000        /* sent within this: one group */
#define BURST_US 5000        /* arrived this close together, after a queue let go: still one group, */
#define BURST_MAX_US 100000  /* up to this length */
#define JUMP_US 3000000      /* such a change is another path or clock */
#define SMOOTHING 0.9
#define GAIN 4.0
#define COUNT_MAX 60u
#define OVER_MS 10.0
#define THRESHOLD_START_MS 12.5
#define THRESHOLD_MIN_MS 6.0
#define THRESHOLD_MAX_MS 600.0
#define THRESHOLD_UP 0.0087  /* per ms: slower up than down, so that competing flows do not starve us */
#define THRESHOLD_DOWN 0.039
#define OUTLIER_MS 15.0

static void forget_trend(tx_delay *delay)
{
    delay->groups = 0;
    delay->count = 0;
    delay->points = 0;
    delay->accumulated_ms = delay->smoothed_ms = delay->slope = 0;
    delay->over_ms = 0;
    delay->over_count = 0;
    delay->usage = TX_USAGE_NORMAL;
    delay->train = delay->train_before = (tx_delay_train){0};
}

void tx_delay_init(tx_delay *delay)
{
    memset(delay, 0, sizeof *delay);
    delay->threshold_ms = THRESHOLD_START_MS;
}

static double fit_slope(const tx_delay *delay)
{
    double sum_x = 0, sum_y = 0, upper = 0, lower = 0;
    for (unsigned i = 0; i < TX_DELAY_WINDOW; i++) {
        sum_x += delay->at_ms[i];
        sum_y += delay->delay_ms[i];
    }
    for (unsigned i = 0; i < TX_DELAY_WINDOW; i++) {
        double x = delay->at_ms[i] - sum_x / TX_DELAY_WINDOW;
        upper += x * (delay->delay_ms[i] - sum_y / TX_DELAY_WINDOW);
        lower += x * x;
    }
    return lower > 0 ? upper / lower : delay->slope;
}

static void adapt_threshold(tx_delay *delay, double trend_ms, int64_t arrival_us)
{
    double since_ms = delay->adapted_us ? (double)(arrival_us - delay->adapted_us) / 1000 : 0;
    delay->adapted_us = arrival_us;
    double size_ms = fabs(trend_ms);
    if (size_ms > delay->threshold_ms + OUTLIER_MS)
        return; /* a sudden jump says nothing about what is usual */
    double speed = size_ms < delay->threshold_ms ? THRESHOLD_DOWN : THRESHOLD_UP;
    since_ms = since_ms < 0 ? 0 : since_ms > 100 ? 100 : since_ms;
    delay->threshold_ms += speed * (size_ms - delay->threshold_ms) * since_ms;
    delay->threshold_ms = fmin(fmax(delay->threshold_ms, THRESHOLD_MIN_MS), THRESHOLD_MAX_MS);
}

static void judge(tx_delay *delay, double slope, double sent_delta_ms, int64_t arrival_us)
{
    unsigned count = delay->count < COUNT_MAX ? delay->count : COUNT_MAX;
    double trend_ms = count * slope * GAIN;
    if (trend_ms > delay->threshold_ms) {
        delay->over_ms += delay->over_count ? sent_delta_ms : sent_delta_ms / 2;
        delay->over_count++;
        if (delay->over_ms > OVER_MS && delay->over_count > 1 && slope >= delay->slope) {
            delay->over_ms = 0;
            delay->over_count = 0;
            delay->usage = TX_USAGE_OVER;
        }
    } else {
        delay->over_ms = 0;
        delay->over_count = 0;
        delay->usage = trend_ms < -delay->threshold_ms ? TX_USAGE_UNDER : TX_USAGE_NORMAL;
    }
    delay->slope = slope;
    adapt_threshold(delay, trend_ms, arrival_us);
}

static void compare(tx_delay *delay)
{
    double sent_delta_ms = (double)(delay->current.last_sent_us - delay->previous.last_sent_us) / 1000;
    double arrival_delta_ms = (double)(delay->current.last_arrival_us - delay->previous.last_arrival_us) / 1000;
    int64_t arrival_us = delay->current.last_arrival_us;
    if (arrival_delta_ms < 0)
        return; /* reordered on the way */
    if (delay->count++ == 0)
        delay->first_arrival_us = arrival_us;
    delay->accumulated_ms += arrival_delta_ms - sent_delta_ms;
    delay->smoothed_ms = SMOOTHING * delay->smoothed_ms + (1 - SMOOTHING) * delay->accumulated_ms;
    unsigned slot = delay->points++ % TX_DELAY_WINDOW;
    delay->at_ms[slot] = (double)(arrival_us - delay->first_arrival_us) / 1000;
    delay->delay_ms[slot] = delay->smoothed_ms;
    judge(delay, delay->points >= TX_DELAY_WINDOW ? fit_slope(delay) : delay->slope, sent_delta_ms, arrival_us);
}

static bool same_group(const tx_delay_group *group, int64_t sent_us, int64_t arrival_us)
{
    if (sent_us - group->first_sent_us <= GROUP_US)
        return true;
    int64_t sent_delta_us = sent_us - group->last_sent_us, arrival_delta_us = arrival_us - group->last_arrival_us;
    return arrival_delta_us <= BURST_US && arrival_delta_us < sent_delta_us
        && arrival_us - group->first_arrival_us < BURST_MAX_US;
}

static void note_queue(tx_delay *delay, int64_t sent_us, int64_t arrival_us)
{
    int64_t delay_us = arrival_us - sent_us, span = sent_us / TX_DELAY_SPAN_US + 1;
    if (delay->span == 0) {
        for (unsigned i = 0; i < TX_DELAY_BASE_SLOTS; i++)
            delay->least_us[i] = INT64_MAX;
        delay->base_us = delay->late_us = delay_us;
        delay->late_until_us = sent_us + TX_DELAY_LATE_US;
        delay->span = span;
    }
    if (span > delay->span) {
        for (int64_t i = delay->span + 1; i <= span && i <= delay->span + TX_DELAY_BASE_SLOTS; i++)
            delay->least_us[i % TX_DELAY_BASE_SLOTS] = INT64_MAX;
        delay->span = span;
        delay->base_us = delay_us;
        for (unsigned i = 0; i < TX_DELAY_BASE_SLOTS; i++)
            delay->base_us = delay->least_us[i] < delay->base_us ? delay->least_us[i] : delay->base_us;
    }
    int64_t *least = &delay->least_us[delay->span % TX_DELAY_BASE_SLOTS];
    *least = delay_us < *least ? delay_us : *least;
    delay->base_us = delay_us < delay->base_us ? delay_us : delay->base_us;
    delay->late_us = delay_us < delay->late_us ? delay_us : delay->late_us;
    delay->queue_us = delay_us - delay->base_us;
    if (sent_us >= delay->late_until_us) {
        delay->standing_us = delay->late_us - delay->base_us;
        delay->late_us = delay_us;
        delay->late_until_us = sent_us + TX_DELAY_LATE_US;
    }
}

void tx_delay_rebase(tx_delay *delay)
{
    delay->span = 0;
    delay->standing_us = delay->queue_us = 0;
}

static void note_train(tx_delay *delay, int64_t sent_us, int64_t arrival_us, uint32_t bytes)
{
    tx_delay_group *group = &delay->current;
    if (sent_us - group->first_sent_us > GROUP_US || arrival_us < group->train_arrival_us)
        return;
    if (arrival_us - group->train_arrival_us >= group->train_gap_us) {
        group->train_gap_us = arrival_us - group->train_arrival_us;
        group->train_gap_bytes = bytes;
    }
    group->train_packets++;
    group->train_bytes += bytes;
    group->train_arrival_us = arrival_us;
    /* Without the longest gap: a receiver that was busy for a moment makes one, a narrow line makes all. */
    int64_t spread_us = arrival_us - group->first_arrival_us - group->train_gap_us;
    if (group->train_packets < TX_DELAY_TRAIN_PACKETS || spread_us <= 0)
        return;
    uint64_t bps = (uint64_t)(group->train_bytes - group->train_gap_bytes) * 8000000 / (uint64_t)spread_us;
    if (delay->train.sent_us != group->first_sent_us)
        delay->train_before = delay->train;
    delay->train = (tx_delay_train){
        .bps = bps > UINT32_MAX ? UINT32_MAX : (uint32_t)bps,
        .sent_us = group->first_sent_us,
        .late_us = arrival_us - sent_us - delay->base_us,
    };
}

void tx_delay_add(tx_delay *delay, int64_t sent_us, int64_t arrival_us, uint32_t bytes)
{
    tx_delay_group *current = &delay->current;
    if (delay->groups) {
        int64_t jump_us = (arrival_us - current->last_arrival_us) - (sent_us - current->last_sent_us);
        if (jump_us > JUMP_US || jump_us < -JUMP_US) {
            forget_trend(delay);
            tx_delay_rebase(delay);
        }
    }
    note_queue(delay, sent_us, arrival_us);
    if (delay->groups && sent_us < current->first_sent_us)
        return; /* numbered after a packet that left later */
    if (delay->groups && same_group(current, sent_us, arrival_us)) {
        current->last_sent_us = sent_us > current->last_sent_us ? sent_us : current->last_sent_us;
        current->last_arrival_us = arrival_us > current->last_arrival_us ? arrival_us : current->last_arrival_us;
        note_train(delay, sent_us, arrival_us, bytes);
        return;
    }
    if (delay->groups == 2)
        compare(delay);
    if (delay->groups) {
        delay->previous = *current;
        delay->groups = 2;
    } else {
        delay->groups = 1;
    }
    *current = (tx_delay_group){
        .first_sent_us = sent_us,
        .last_sent_us = sent_us,
        .first_arrival_us = arrival_us,
        .last_arrival_us = arrival_us,
        .train_packets = 1,
        .train_arrival_us = arrival_us,
    };
}
