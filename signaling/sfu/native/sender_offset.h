/* How a publisher's NTP clock stands against ours, by its sender reports: pure.
 *
 * A report can only come late, never early, so the one that took least tells most.  Crystals are off by up to a tenth of a
 * millisecond a second, and a long meeting must not drift apart: the offset is drawn after the reports, slowly enough for
 * sound and picture, whose reports are seconds apart, to stay together.
 */
#ifndef TX_SENDER_OFFSET_H
#define TX_SENDER_OFFSET_H

#include <stdbool.h>
#include <stdint.h>

#define TX_SENDER_STEP_US 5000000    /* off by more than this: the clock has been set anew */
#define TX_SENDER_EARLIER_SHARE 400  /* of the time that has passed, the most by which it is drawn earlier ... */
#define TX_SENDER_LATER_SHARE 5000   /* ... and later: a line that is slow for a while is no slow clock */

typedef struct {
    bool known;
    int64_t us; /* their clock + this = ours */
    int64_t heard_us;
} tx_sender_offset;

/* A report of their `theirs_us` came at our `ours_us`; both in microseconds since the Unix epoch. */
static inline void tx_sender_offset_hear(tx_sender_offset *offset, int64_t theirs_us, int64_t ours_us)
{
    const int64_t early = theirs_us + offset->us - ours_us;
    const int64_t passed = ours_us > offset->heard_us ? ours_us - offset->heard_us : 0;
    if (!offset->known || early > TX_SENDER_STEP_US || early < -TX_SENDER_STEP_US) {
        offset->us = ours_us - theirs_us;
        offset->known = true;
    } else if (early > 0) {
        const int64_t most = passed / TX_SENDER_EARLIER_SHARE;
        offset->us -= early < most ? early : most;
    } else {
        const int64_t most = passed / TX_SENDER_LATER_SHARE;
        offset->us += -early < most ? -early : most;
    }
    offset->heard_us = ours_us;
}

#endif
