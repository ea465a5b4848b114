/* How many bits per second one path carries: additive and multiplicative increase, decrease on growing delay or on
 * loss, jumps by probes.  Pure; after draft-ietf-rmcat-gcc-02 clauses 5 and 6, changed for a forwarder, whose sending
 * rate moves in steps and is mostly not what limits it.
 */
#ifndef TX_ESTIMATE_H
#define TX_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "delay.h"

#define TX_ESTIMATE_MIN_BPS 40000u
#define TX_ESTIMATE_MAX_BPS 50000000u
#define TX_ESTIMATE_START_BPS 1000000u
#define TX_LOSS_WINDOW_US 1000000u
#define TX_LOSS_PACKETS_MIN 20u
#define TX_LOSS_TOLERATED_PPM 150000u /* below this, loss is for retransmission to mend */
#define TX_LOSS_TOLERATED_MAX_PPM 400000u

/* What is known when a report has come. */
typedef struct {
    tx_usage usage;
    int64_t standing_us;   /* queue in the path, tx_delay */
    uint64_t rtt_us;       /* 0 = unknown */
    uint32_t acknowledged; /* bits/s that arrived of late; 0 = unknown */
    uint32_t steady;       /* that arrived for a while: what is so may be counted on */
    uint32_t sent;         /* bits/s that left of late */
    bool narrowed;         /* a train of packets has shown what the line carries: `acknowledged` */
    uint32_t received, lost; /* packets, in this report */
} tx_signal;

typedef struct {
    uint32_t bps;
    bool limited;          /* what is known of the path is a limit, not only what happened to be sent */
    uint64_t updated_us;   /* 0 = never */
    uint64_t decreased_us; /* 0 = never, likewise below */
    uint64_t standing_us; /* since when a queue stands */
    uint64_t limited_us; /* when the limit was last felt */
    bool draining;

    double capacity_bps; /* of the bottleneck, from what arrived while it was full; 0 = unknown */

    uint64_t loss_since_us;
    uint32_t loss_received, loss_lost;
    uint32_t loss_ppm;           /* of the last whole window */
    uint32_t loss_before_ppm;    /* what the last decrease was to cure; 0 = none */
    uint32_t loss_tolerated_ppm; /* more than this is taken for congestion */
    uint64_t loss_calm_us;
} tx_estimate;

void tx_estimate_init(tx_estimate *estimate);

/* True when the delay's base ought to be taken anew: the queue stands though less was sent. */
bool tx_estimate_update(tx_estimate *estimate, const tx_signal *signal, uint64_t now_us);

/* A probe sent at `tried_bps` got `got_bps` through. */
void tx_estimate_probed(tx_estimate *estimate, uint32_t tried_bps, uint32_t got_bps, uint64_t now_us);

#endif
