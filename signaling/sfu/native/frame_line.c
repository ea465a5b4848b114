#include "frame_line.h"

#include "transport.h"

void tx_frame_line_join(tx_track *track, const tx_extension_set *set, uint8_t *packet)
{
    if (set->at[TX_EXT_DEPENDENCY_DESCRIPTOR].length < TX_DEPENDENCY_MIN_BYTES)
        return;
    uint8_t *place = packet + set->at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset + 1;
    uint16_t number = tx_get16(place);
    if (track->frames_seam) {
        track->frame_offset = (uint16_t)(track->newest_frame + 1 - number);
        track->frames_seam = false;
    }
    number = (uint16_t)(number + track->frame_offset);
    tx_put16(place, number);
    if (tx_seq_newer(number, track->newest_frame))
        track->newest_frame = number;
}

bool tx_frame_line_number(const tx_track *track, const tx_cached *cached, uint16_t *number)
{
    uint8_t length = 0, id = track->transport->extensions.id[TX_EXT_DEPENDENCY_DESCRIPTOR];
    const uint8_t *element = id ? tx_rtp_extension(&cached->view, id, &length) : NULL;
    if (!element || length < TX_DEPENDENCY_MIN_BYTES)
        return false;
    *number = tx_get16(element + 1);
    return true;
}
