/* Getting back from the publisher what was lost on the way to us: generic NACK (RFC 4585 6.2.1), then PLI. */
#ifndef TX_RECOVERY_H
#define TX_RECOVERY_H

#include "playout.h"
#include "worker.h"

#define TX_GAPS_MAX 128u
#define TX_GAP_AGE_MAX_US 1000000u /* given up after this: nobody could play it any more */
#define TX_GAP_TRIES_MAX 10u
#define TX_GAP_REORDER_US 10000u /* a packet is only late, not lost, for this long, */
#define TX_GAP_REORDER_PACKETS 3 /* or until this many newer ones came */
#define TX_GAP_RETRY_MIN_US 20000u
#define TX_GAP_AGAIN_US 10000u   /* where packets are lost, so are requests: each is made a second time after this, */
#define TX_GAP_AGAIN_PPM 20000u  /* from such a loss on */
#define TX_LOSING_PACKETS 40u /* so many, with the missing ones, are looked at for a loss that has just begun: */
#define TX_LOSING_MISSING 4u  /* at least these have to miss, */
#define TX_LOSING_PPM 50000u  /* and such a part */
#define TX_GAP_UNSURE_MAX 4u     /* answers in a row of which nobody knows to which request, before they are believed */
#define TX_RTT_INITIAL_US 100000u
#define TX_KEYFRAME_PERIOD_US 500000u /* at most one PLI per track in this time */
#define TX_KEYFRAME_IDLE_US 2000000u  /* likewise while the publisher sends nothing */

typedef struct {
    int64_t sequence; /* the publisher's, extended */
    uint64_t since_us;
    uint64_t asked_us; /* last; 0 = never */
    uint32_t tries;
    uint32_t first_after_us; /* from since_us on it was asked for first */
    bool again;              /* the last request was made a second time */
} tx_gap;

/* From a request to what it brings. */
typedef struct {
    uint32_t us; /* smoothed */
    uint8_t unsure;
} tx_round_trip;

/* What misses of late. */
typedef struct {
    uint64_t packets; /* that had come when this count began */
    uint32_t missing;
} tx_losing;

typedef struct {
    unsigned count;
    tx_round_trip round_trip;
    tx_losing losing;
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

/* Whether to say the last request once more, in case that it was lost itself: a publisher answers only the first within
 * its round trip. */
bool tx_gap_repeats(const tx_gap *gap, uint32_t lost_ppm, uint64_t now_us);

/* It came: what that tells of the round trip. */
void tx_gap_closed(const tx_gap *gap, tx_round_trip *round_trip, uint64_t now_us);

/* So many more miss, and `packets` have come in all.  The loss in parts per million when it is such that it ought to be
 * acted on before the second is over of which the reports tell; else 0. */
uint32_t tx_losing_more(tx_losing *losing, uint32_t missing, uint64_t packets);

/* `sequence` arrived; `newest` was the greatest before it (and `first` says that there was none). */
void tx_recovery_arrived(tx_worker *worker, tx_track *track, int64_t sequence, int64_t newest, bool first);

/* What is known of the way from the publisher to us. */
tx_playout_way tx_recovery_way(const tx_track *track);

/* So much of it is lost: its subscribers are asked at once to hold pictures back. */
void tx_recovery_lossy(tx_worker *worker, tx_track *track, uint32_t lost_ppm);

/* A keyframe began: nobody needs to ask any more. */
void tx_recovery_keyframe(tx_track *track);

/* Ask for a keyframe, now or as soon as the period allows; queues RTCP. */
void tx_recovery_want_keyframe(tx_worker *worker, tx_track *track);

/* Sends what is due.  False when the track needs no further ticks for this. */
bool tx_recovery_tick(tx_worker *worker, tx_track *track);

#endif
