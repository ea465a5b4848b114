/* Frame numbers of dependency descriptors run on when another source takes a track over: a receiver throws away what seems
 * to be older than the last keyframe. */
#ifndef TX_FRAME_LINE_H
#define TX_FRAME_LINE_H

#include "track.h"

/* Puts the packet's frame number, where it has one, on the track's line: in `packet` itself, the bytes of `view`. */
void tx_frame_line_join(tx_track *track, const tx_extension_set *set, uint8_t *packet);

/* What a kept packet's dependency descriptor says; false when it has none. */
bool tx_frame_line_number(const tx_track *track, const tx_cached *cached, uint16_t *number);

#endif
