/* Whether packets take longer and longer: the delay-based half of congestion control.
 *
 * After draft-ietf-rmcat-gcc-02: packets sent together form groups; the change of delay from group to group is summed,
 * smoothed, and a line is fitted through the last of it; its slope against a threshold that adapts tells overuse.
 * Beside that, the least delay of late over the least of a longer time is the queue that stands in the path, and how
 * far a picture's packets, sent at once, are drawn apart tells a line's speed before any slope shows.
 * Pure: sending times of our clock, arrival times of the peer's; only differences of each are used.
 */
#ifndef TX_DELAY_H
#define TX_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#define TX_DELAY_WINDOW 20u       /* groups that the line is fitted through */
#define TX_DELAY_BASE_SLOTS 10u   /* the least delay is remembered over so many spans, */
#define TX_DELAY_SPAN_US 2000000  /* each this long */
#define TX_DELAY_TRAIN_PACKETS 5u /* fewer say nothing about the line's speed */
#define TX_DELAY_LATE_US 250000   /* how long "of late" is */

typedef enum {
    TX_USAGE_NORMAL = 0,
    TX_USAGE_UNDER, /* a queue is being emptied */
    TX_USAGE_OVER,  /* a queue is growing */
} tx_usage;

typedef struct {
    int64_t first_sent_us, last_sent_us;
    int64_t first_arrival_us, last_arrival_us;
    uint32_t train_packets, train_bytes; /* of those sent at once; bytes without the first */
    int64_t train_arrival_us;            /* of the last of them */
    int64_t train_gap_us;                /* longest wait for the next of them, */
    uint32_t train_gap_bytes;            /* and the size of that one */
} tx_delay_group;

/* A picture's packets, sent at once and drawn apart by the line. */
typedef struct {
    uint32_t bps;    /* the speed that they came at; 0 = there was none */
    int64_t sent_us; /* when they left */
    int64_t late_us; /* queue that the last of them met */
} tx_delay_train;

typedef struct {
    unsigned groups; /* how many of the two below are valid */
    tx_delay_group current, previous;

    unsigned count; /* groups compared */
    double accumulated_ms, smoothed_ms;
    int64_t first_arrival_us;
    unsigned points;
    double at_ms[TX_DELAY_WINDOW], delay_ms[TX_DELAY_WINDOW]; /* a ring */
    double slope;

    double threshold_ms;
    int64_t adapted_us; /* arrival time of the last change of the threshold */
    double over_ms;     /* how long the slope has been above it */
    unsigned over_count;
    tx_usage usage;

    int64_t span;                           /* number of the span now filled; 0 = none */
    int64_t least_us[TX_DELAY_BASE_SLOTS];  /* least delay of each span */
    int64_t base_us;                        /* least of all of them */
    int64_t late_us, late_until_us;         /* least delay of the stretch now measured, and when it ends */
    int64_t standing_us;                    /* queue by the last whole stretch */
    int64_t queue_us;                       /* that the newest packet met */

    tx_delay_train train, train_before; /* the newest two */
} tx_delay;

void tx_delay_init(tx_delay *delay);

/* One packet that arrived, in order of its number. */
void tx_delay_add(tx_delay *delay, int64_t sent_us, int64_t arrival_us, uint32_t bytes);

/* The queue did not shrink though less was sent: it is the path that got longer. */
void tx_delay_rebase(tx_delay *delay);

#endif
