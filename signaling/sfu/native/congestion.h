/* Congestion control of what one transport sends: what left, what the peer reports of it, and what follows.
 * Pure: bytes and `now` in, values out; a worker's transport feeds it (bandwidth.h).
 */
#ifndef TX_CONGESTION_H
#define TX_CONGESTION_H

#include "delay.h"
#include "estimate.h"
#include "probe.h"
#include "rate.h"
#include "sent.h"
#include "twcc.h"

#define TX_ACKNOWLEDGED_US 500000      /* window of the rate that arrives */
#define TX_ACKNOWLEDGED_FAST_US 240000 /* likewise while delay grows: the line may have just become narrower */
#define TX_QUEUED_US 120000
#define TX_KNOWN_AFTER_US 2000000u     /* of reports without congestion, the estimate counts as known */

typedef struct {
    tx_sent sent;
    tx_rate left;    /* of what was reported, by our clock */
    tx_rate arrived; /* likewise, by the peer's */
    tx_delay delay;
    tx_estimate estimate;
    tx_probe probe;
    uint32_t first_got_bps; /* by a probe that a second one has to confirm; 0 = none */
    uint64_t first_got_us;
    bool known;             /* there is an estimate, not only a beginning */
    uint64_t reported_us;   /* first report; 0 = none yet */
    uint64_t heard_us;      /* newest report */
    int64_t train_judged_us; /* the train that was looked at last */
    int64_t left_us;        /* when the newest packet left that was reported */
    int64_t arrival_us;     /* newest arrival, unwrapped */
    int64_t arrival_raw_us; /* the same as it was reported */
    uint32_t acknowledged_bps;
    uint32_t allocated_bps, wanted_bps;
} tx_congestion;

void tx_congestion_init(tx_congestion *congestion);

/* One packet of `bytes` leaves under this transport-wide number. */
static inline void tx_congestion_sent(tx_congestion *congestion, uint16_t sequence, uint32_t bytes, uint64_t now_us)
{
    uint8_t probe = 0;
    if (__builtin_expect(congestion->probe.state == TX_PROBE_SENDING, 0))
        probe = tx_probe_sent(&congestion->probe, bytes, now_us);
    tx_sent_add(&congestion->sent, sequence, bytes, now_us, probe);
}

/* It goes another way from now on, after the former one was silent: what left before counts neither as lost nor as late.
 * The estimate stays until the new path has told more. */
void tx_congestion_moved(tx_congestion *congestion);

/* What the application would send if it could, and what it does send of that; bits/s. */
void tx_congestion_set_target(tx_congestion *congestion, uint32_t allocated_bps, uint32_t wanted_bps);

/* A report, tx_twcc_reader_init having accepted it.  `rtt_us` 0 = unknown. */
void tx_congestion_report(tx_congestion *congestion, tx_twcc_reader *reader, uint64_t rtt_us, uint64_t now_us);

/* Begins a probe when one is due. */
bool tx_congestion_probe(tx_congestion *congestion, uint64_t now_us);

/* A queue stands in the path: whatever is sent now waits behind it. */
static inline bool tx_congestion_queued(const tx_congestion *congestion)
{
    return congestion->estimate.draining || congestion->delay.queue_us > TX_QUEUED_US;
}

/* 0 = not known. */
static inline uint32_t tx_congestion_bps(const tx_congestion *congestion)
{
    return congestion->known ? congestion->estimate.bps : 0;
}

#endif
