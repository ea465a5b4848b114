/* How large the pictures of a keyframe are, as its first packet says.
 *
 * VP8: RFC 6386 9.1; VP9: the scalability structure, RFC 9628 4.2.1; H264: the sequence parameter set, ISO/IEC 14496-10
 * 7.3.2.1.1.
 */
#ifndef TX_PICTURE_SIZE_H
#define TX_PICTURE_SIZE_H

#include "codec.h"

#define TX_PICTURE_SIZES 4u /* spatial layers */

typedef struct {
    uint16_t width; /* 0 = not said, likewise the height */
    uint16_t height;
} tx_picture_size;

/* Fills in what the payload of a keyframe packet says and leaves the rest alone; `view` comes from tx_codec_inspect. */
void tx_picture_sizes_read(tx_codec codec, const uint8_t *payload, size_t length, const tx_codec_view *view,
                           tx_picture_size sizes[TX_PICTURE_SIZES]);

#endif
