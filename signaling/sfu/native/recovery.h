/* Getting back from the publisher what was lost on the way to us: generic NACK (RFC 4585 6.2.1), then PLI. */
#ifndef TX_RECOVERY_H
#define TX_RECOVERY_H

#include "worker.h"

#define TX_GAPS_MAX 128u
#define TX_GAP_AGE_MAX_US 1000000u /* given up after this: nobody could play it any more */
#define TX_GAP_TRIES_MAX 10u
#define TX_GAP_REORDER_US 10000u /* a packet is only late, not lost, for this long, */
#define TX_GAP_REORDER_PACKETS 3 /* or until this many newer ones came */
#define TX_GAP_RETRY_MIN_US 20000u
#define TX_RTT_INITIAL_US 100000u
#define TX_KEYFRAME_PERIOD_US 500000u /* at most one PLI per track in this time */
#define TX_KEYFRAME_IDLE_US 2000000u  /* likewise while the publisher sends nothing */

typedef struct {
    int64_t sequence; /* the publisher's, extended */
    uint64_t since_us;
    uint64_t asked_us; /* last; 0 = never */
    uint32_t tries;
    uint32_t first_after_us; /* from since_us on it was asked for first */
} tx_gap;

typedef struct {
    unsigned count;
    uint32_t rtt_us;            /* from a NACK to what it brought; smoothed */
    uint64_t keyframe_asked_us; /* 0 = never */
    uint64_t packets_when_asked;
    bool keyframe_wanted;
    uint64_t nacks_sent;
    uint64_t plis_sent;
    tx_gap gaps[TX_GAPS_MAX]; /* ascending */
} tx_recovery;

/* Whether to ask (again) for what `gap` names; `newest` is the greatest sequence that came. */
bool tx_gap_is_due(const tx_gap *gap, uint32_t rtt_us, int64_t newest, uint64_t now_us);

void tx_gap_ask(tx_gap *gap, uint64_t now_us);

/* It came: the round trip as it is taken for from now on. */
uint32_t tx_gap_round_trip(const tx_gap *gap, uint32_t rtt_us, uint64_t now_us);

/* `sequence` arrived; `newest` was the greatest before it (and `first` says that there was none). */
void tx_recovery_arrived(tx_worker *worker, tx_track *track, int64_t sequence, int64_t newest, bool first);

/* A keyframe began: nobody needs to ask any more. */
void tx_recovery_keyframe(tx_track *track);

/* Ask for a keyframe, now or as soon as the period allows; queues RTCP. */
void tx_recovery_want_keyframe(tx_worker *worker, tx_track *track);

/* Sends what is due.  False when the track needs no further ticks for this. */
bool tx_recovery_tick(tx_worker *worker, tx_track *track);

#endif
