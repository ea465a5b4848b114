/* Bits per second over a sliding window, of things that happen at given times.  Pure. */
#ifndef TX_RATE_H
#define TX_RATE_H

#include <stdint.h>

#define TX_RATE_BUCKET_US 20000
#define TX_RATE_BUCKETS 32 /* windows of up to 640 ms */

typedef struct {
    int64_t first;  /* bucket of the first addition; valid when `newest` is not 0 */
    int64_t newest; /* bucket; 0 = nothing was ever added */
    uint32_t bytes[TX_RATE_BUCKETS];
} tx_rate;

/* `at_us` > TX_RATE_BUCKET_US on any steady clock.  Additions older than the buckets are left out; a step back of the
 * clock by more than that starts anew. */
void tx_rate_add(tx_rate *rate, int64_t at_us, uint32_t bytes);

/* Over the `window_us` that end at `at_us`; 0 when less than half of the window has been seen. */
uint32_t tx_rate_bps(const tx_rate *rate, int64_t at_us, int64_t window_us);

#endif
