/* How long receivers are asked to hold pictures back (the playout-delay header extension), so that what is lost on the
 * way, once or twice, still comes in time.  Pure.
 */
#ifndef TX_PLAYOUT_H
#define TX_PLAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#define TX_PLAYOUT_LOSS_PPM 20000u /* less than this is mended within the jitter that receivers allow for anyway */
#define TX_PLAYOUT_MAX_US 450000u  /* people talk to each other: what would need longer may freeze */
#define TX_PLAYOUT_CALM_US 10000000u

/* One way that packets have to take: from the publisher to us, or from us to the subscriber. */
typedef struct {
    uint32_t loss_ppm;
    uint64_t rtt_us;
} tx_playout_way;

/* All zero: nothing was ever asked. */
typedef struct {
    uint64_t until_us;  /* what is asked now is asked at least so long */
    uint8_t least_10ms; /* asked now; 0 after something was asked takes it back */
    bool asked;
} tx_playout;

/* True when what is asked has changed. */
bool tx_playout_update(tx_playout *playout, const tx_playout_way *up, const tx_playout_way *down, uint64_t now_us);

#endif
