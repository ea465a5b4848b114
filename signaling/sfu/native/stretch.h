/* A stretch of what a subscription is sent: one encoding under constant offsets.  Changing to another encoding of the
 * source begins the next one; sequences, times and picture numbers run on over the seam.
 *
 * Places on the line of all stretches are track sequences moved into a range of their own for each, so that one
 * tx_seqmap serves them all and a sent sequence leads back to the encoding that it came from.
 */
#ifndef TX_STRETCH_H
#define TX_STRETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "cache.h"
#include "worker.h"

#define TX_STRETCHES_PAST 4u
#define TX_STRETCH_SHIFT 40 /* places of one stretch; a track would need 2^39 packets to leave its range */
#define TX_REPLAY_SQUEEZE 32u /* replayed time runs this much faster, so that playing catches up at once */

typedef struct {
    int64_t number;
    int64_t encoding; /* handle of the track */
    uint32_t timestamp_offset;
    uint8_t tl0_offset;
    uint16_t frame_offset; /* of frame numbers in the dependency descriptor */
    uint16_t picture_offset; /* at its beginning; packets left out move it on (layers.h) */
    /* Replayed packets, up to this track sequence, got squeezed timestamps before this one (of the track). */
    int64_t replay_last;
    uint32_t replay_timestamp;
} tx_stretch;

static inline tx_stretch tx_stretch_first(int64_t encoding)
{
    return (tx_stretch){.encoding = encoding, .replay_last = INT64_MIN};
}

static inline int64_t tx_stretch_place(const tx_stretch *stretch, int64_t sequence)
{
    return sequence + stretch->number * ((int64_t)1 << TX_STRETCH_SHIFT);
}

/* The number of the stretch that a place lies in: sequences of a track may be a little below 0. */
static inline int64_t tx_stretch_number(int64_t place)
{
    return (place + ((int64_t)1 << (TX_STRETCH_SHIFT - 1))) >> TX_STRETCH_SHIFT;
}

static inline int64_t tx_stretch_sequence(int64_t place)
{
    return place - tx_stretch_number(place) * ((int64_t)1 << TX_STRETCH_SHIFT);
}

/* The track's timestamp as it is sent. */
static inline uint32_t tx_stretch_timestamp(const tx_stretch *stretch, int64_t sequence, uint32_t timestamp)
{
    if (__builtin_expect(sequence > stretch->replay_last, 1))
        return timestamp + stretch->timestamp_offset;
    int32_t before = (int32_t)(stretch->replay_timestamp - timestamp);
    uint32_t squeezed = before <= 0 ? timestamp : stretch->replay_timestamp - (uint32_t)before / TX_REPLAY_SQUEEZE;
    return squeezed + stretch->timestamp_offset;
}

/* The stretch that goes on where the subscription is, from the packet `begin` of `track`, the first of a frame, on.
 * Time is taken from the packet `anchor`: by the publisher's sender reports, else by its arrival, and later than anything
 * sent. */
tx_stretch tx_stretch_next(const tx_worker *worker, const tx_subscription *subscription, const tx_track *track,
                           const tx_cached *begin, const tx_cached *anchor);

#endif
