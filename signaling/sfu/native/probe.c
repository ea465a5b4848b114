#include "probe.h"

#define STEP_UP 2u                  /* times what is known */
#define AIM_PERCENT 125u            /* above what is wanted, so that what is wanted is really free */
#define ARRIVED_PERCENT 60u         /* of the bytes, or nothing can be said */
#define AFTER_DECREASE_US 1500000u
#define PATIENCE_US 400000u

static uint32_t lesser(uint64_t left, uint64_t right) { return (uint32_t)(left < right ? left : right); }

bool tx_probe_start(tx_probe *probe, uint32_t estimate_bps, uint32_t wanted_bps, uint32_t least_bytes, uint64_t now_us)
{
    if (probe->state != TX_PROBE_IDLE || now_us < probe->not_before_us)
        return false;
    if (wanted_bps <= estimate_bps)
        return false;
    uint8_t number = (uint8_t)(probe->number == UINT8_MAX ? 1 : probe->number + 1);
    *probe = (tx_probe){
        .state = TX_PROBE_SENDING,
        .number = number,
        .bps = lesser((uint64_t)estimate_bps * STEP_UP, (uint64_t)wanted_bps * AIM_PERCENT / 100),
        .least_bytes = least_bytes,
        .started_us = now_us,
        .ended_us = now_us,
        .rest_us = probe->rest_us,
    };
    return true;
}

uint8_t tx_probe_sent(tx_probe *probe, uint32_t bytes, uint64_t now_us)
{
    if (probe->state != TX_PROBE_SENDING)
        return 0;
    if (probe->sent_packets == 0)
        probe->first_sent_us = now_us;
    if (probe->sent_packets == 0 || now_us != probe->last_sent_us)
        probe->sent_before_last = probe->sent_bytes;
    probe->last_sent_us = now_us;
    probe->sent_bytes += bytes;
    probe->sent_packets++;
    return probe->number;
}

static uint32_t target_bytes(const tx_probe *probe)
{
    uint64_t bytes = (uint64_t)probe->bps * TX_PROBE_US / 8000000;
    return bytes > probe->least_bytes ? lesser(bytes, 1u << 20) : probe->least_bytes;
}

uint32_t tx_probe_due(tx_probe *probe, uint64_t now_us)
{
    if (probe->state != TX_PROBE_SENDING)
        return 0;
    uint64_t since_us = now_us - probe->started_us;
    bool complete = probe->sent_bytes >= target_bytes(probe) && probe->sent_packets >= TX_PROBE_PACKETS_MIN
        && probe->last_sent_us - probe->first_sent_us >= TX_PROBE_US / 2;
    if (complete || since_us > TX_PROBE_MAX_US) {
        probe->state = TX_PROBE_WAITING;
        probe->ended_us = now_us;
        return 0;
    }
    uint64_t by_now = (uint64_t)probe->bps * (since_us + TX_PROBE_STEP_US) / 8000000;
    return by_now > probe->sent_bytes ? lesser(by_now - probe->sent_bytes, UINT16_MAX) : 0;
}

void tx_probe_arrived(tx_probe *probe, uint8_t number, uint32_t bytes, int64_t arrival_us)
{
    if (probe->state == TX_PROBE_IDLE || number == 0 || number != probe->number)
        return;
    if (probe->arrived_packets == 0 || arrival_us < probe->first_arrival_us) {
        probe->first_arrival_us = arrival_us;
        probe->first_bytes = bytes;
    }
    if (probe->arrived_packets == 0 || arrival_us > probe->last_arrival_us)
        probe->last_arrival_us = arrival_us;
    probe->arrived_bytes += bytes;
    probe->arrived_packets++;
}

/* Bits/s that the cluster went through with.  What left in the last burst, and what arrived first, took no part of
 * the time between. */
static uint32_t outcome(const tx_probe *probe)
{
    bool enough = probe->arrived_packets >= TX_PROBE_PACKETS_MIN
        && (uint64_t)probe->arrived_bytes * 100 >= (uint64_t)probe->sent_bytes * ARRIVED_PERCENT;
    if (!enough || probe->last_sent_us <= probe->first_sent_us)
        return 0;
    uint64_t sent_us = probe->last_sent_us - probe->first_sent_us;
    uint64_t sent_bps = (uint64_t)probe->sent_before_last * 8000000 / sent_us;
    if (probe->last_arrival_us <= probe->first_arrival_us)
        return lesser(sent_bps, UINT32_MAX);
    uint64_t arrived_us = (uint64_t)(probe->last_arrival_us - probe->first_arrival_us);
    uint64_t arrived_bps = (uint64_t)(probe->arrived_bytes - probe->first_bytes) * 8000000 / arrived_us;
    uint64_t got_bps = sent_bps < arrived_bps ? sent_bps : arrived_bps;
    return lesser(got_bps, probe->bps);
}

bool tx_probe_done(tx_probe *probe, uint64_t rtt_us, uint64_t now_us, uint32_t *got_bps)
{
    if (probe->state != TX_PROBE_WAITING)
        return false;
    bool all = probe->arrived_packets >= probe->sent_packets;
    if (!all && now_us - probe->ended_us < rtt_us + PATIENCE_US)
        return false;
    *got_bps = outcome(probe);
    probe->state = TX_PROBE_IDLE;
    return true;
}

void tx_probe_rest(tx_probe *probe, bool raised, uint64_t now_us)
{
    if (raised) {
        probe->rest_us = 0;
    } else {
        probe->rest_us = probe->rest_us ? probe->rest_us * 3 / 2 : TX_PROBE_REST_US;
        probe->rest_us = probe->rest_us > TX_PROBE_REST_MAX_US ? TX_PROBE_REST_MAX_US : probe->rest_us;
    }
    probe->not_before_us = now_us + probe->rest_us;
}

void tx_probe_cancel(tx_probe *probe, uint64_t now_us)
{
    probe->state = TX_PROBE_IDLE;
    probe->not_before_us = now_us + AFTER_DECREASE_US;
}
