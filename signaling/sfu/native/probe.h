/* Asking a path for more than is sent over it: a short cluster of packets at a higher rate, and what became of it.
 * Pure.  One cluster at a time; media that leaves while it lasts counts into it, padding makes up the rest.
 */
#ifndef TX_PROBE_H
#define TX_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#define TX_PROBE_US 25000u          /* a cluster's length, */
#define TX_PROBE_BYTES_MIN 4000u    /* or longer, to have so many bytes; */
#define TX_PROBE_SURE_BYTES_MIN 8000u /* these where the path is narrow, so that a receiver's hiccup weighs less */
#define TX_PROBE_MAX_US 500000u     /* given up after this */
#define TX_PROBE_PACKETS_MIN 4u
#define TX_PROBE_STEP_US 4000u      /* padding leaves this often */
#define TX_PROBE_REST_US 1500000u   /* after the first probe that brought nothing; */
#define TX_PROBE_REST_MAX_US 4000000u /* each further one waits longer, up to this */

typedef enum { TX_PROBE_IDLE = 0, TX_PROBE_SENDING, TX_PROBE_WAITING } tx_probe_state;

typedef struct {
    tx_probe_state state;
    uint8_t number; /* of the cluster, 1 to 255 */
    uint32_t bps;   /* its rate */
    uint32_t least_bytes; /* it is longer than TX_PROBE_US where that is less */
    uint64_t started_us, ended_us;
    uint64_t rest_us;    /* between probes */
    uint64_t not_before_us;

    uint32_t sent_bytes, sent_packets;
    uint32_t sent_before_last; /* bytes that had left when the last burst began */
    uint64_t first_sent_us, last_sent_us;
    uint32_t arrived_bytes, arrived_packets;
    uint32_t first_bytes; /* of the packet that arrived first */
    int64_t first_arrival_us, last_arrival_us;
} tx_probe;

/* Begins a cluster when one is due: more is wanted than is known to fit.  True when one was begun. */
bool tx_probe_start(tx_probe *probe, uint32_t estimate_bps, uint32_t wanted_bps, uint32_t least_bytes, uint64_t now_us);

/* A packet leaves; its probe number, 0 = none. */
uint8_t tx_probe_sent(tx_probe *probe, uint32_t bytes, uint64_t now_us);

/* Bytes of padding that are due now; ends the cluster when it is complete.  `possible`: padding can be sent. */
uint32_t tx_probe_due(tx_probe *probe, uint64_t now_us);

void tx_probe_arrived(tx_probe *probe, uint8_t number, uint32_t bytes, int64_t arrival_us);

/* True once when the cluster's outcome is known: `*got_bps` went through, 0 = nothing can be said. */
bool tx_probe_done(tx_probe *probe, uint64_t rtt_us, uint64_t now_us, uint32_t *got_bps);

/* What the outcome means for the next one. */
void tx_probe_rest(tx_probe *probe, bool raised, uint64_t now_us);

/* A decrease: what was being tried is pointless. */
void tx_probe_cancel(tx_probe *probe, uint64_t now_us);

#endif
