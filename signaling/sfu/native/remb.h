/* What peers without transport-wide feedback say that their line carries (REMB, draft-alvestrand-rmcat-remb-03): the
 * latest word on each set of streams, and whether it is a limit.  Pure.
 *
 * A peer may say one thing of all it receives, or one of each stream.  Such an estimate is never much more than what
 * comes, half as much again in common receivers, and nothing is probed for it: one well above what is sent is no limit,
 * and more may be tried.
 */
#ifndef TX_REMB_H
#define TX_REMB_H

#include <stdbool.h>
#include <stdint.h>

#define TX_REMB_SETS_MAX 32u       /* one more takes the place of the oldest */
#define TX_REMB_FRESH_US 3000000u  /* a word that is not renewed for this long no longer counts */
#define TX_REMB_BPS_MAX 50000000u  /* of one set */
#define TX_REMB_SHORT_PERCENT 75u  /* of what is sent: less is a limit at once, */
#define TX_REMB_SHORT_US 2000000u  /* more than that, but not all, when it stays so: receivers' guesses dip */
#define TX_REMB_MEMORY_US 10000000u /* after this a limit that is not felt again is tried; */
#define TX_REMB_MEMORY_MAX_US 80000000u /* twice as long each time that it is felt at once */
#define TX_REMB_ROOM_PERCENT 125u  /* of what is sent: from here on nothing is felt, */
#define TX_REMB_TRIES 3u           /* and so many times the estimate may be tried */

typedef struct {
    uint32_t number; /* 0 = free */
    uint32_t bps;
    uint64_t heard_us;
} tx_remb_set;

/* The set that a stream was last named in; all zero: none. */
typedef struct {
    uint32_t number;
    uint8_t slot;
} tx_remb_place;

/* All zero: nothing was heard. */
typedef struct {
    tx_remb_set sets[TX_REMB_SETS_MAX];
    uint32_t last_number;
    uint32_t allocated_bps, wanted_bps; /* what the application means to send, and would if it could */
    uint32_t sent_bps[2];               /* in the last two seconds, the newest first */
    uint32_t unnamed_bps;               /* in the last one to streams that nothing is said of: taken to go through */
    bool limited;
    uint64_t short_us;   /* since when less is said than is sent; 0 = enough is said */
    uint64_t limited_us; /* when the limit was last felt */
    uint64_t tried_us;   /* when the last one was forgotten; 0 = never */
    uint64_t memory_us;  /* how long the limit is remembered */
} tx_remb;

/* `bps` is said of a set of streams, which tx_remb_name names next. */
tx_remb_place tx_remb_hear(tx_remb *remb, uint64_t bps, uint64_t now_us);

/* A stream that was last named at `before`, and was sent `sent_bps` in the last second, belongs to the set at `now`: the
 * other one is outdated, whatever else it names. */
void tx_remb_name(tx_remb *remb, tx_remb_place *before, const tx_remb_place *now, uint32_t sent_bps);

/* Something was said of it of late. */
bool tx_remb_is_named(const tx_remb *remb, const tx_remb_place *place, uint64_t now_us);

/* Once a second: what was sent in it, and how much of that to streams that are not named. */
void tx_remb_sent(tx_remb *remb, uint64_t sent_bps, uint64_t unnamed_bps);

/* The sum of what is said of late; 0 when nothing is. */
uint32_t tx_remb_said_bps(const tx_remb *remb, uint64_t now_us);

/* To be asked when something was said, and once a second: sets `limited`; what may be sent, of which `before_bps` was
 * the last.  0 when nothing is new. */
uint32_t tx_remb_judge(tx_remb *remb, uint32_t before_bps, uint64_t now_us);

#endif
