/* How one packet leaves for one subscriber, where that is not how it came: bytes that take the place of its payload's first
 * ones, its marker, its dependency descriptor. */
#ifndef TX_SHAPE_H
#define TX_SHAPE_H

#include "dependency.h"
#include "rtp.h"
#include "srtp.h"

#define TX_SHAPE_PREFIX_MAX_BYTES 8u

typedef struct {
    uint8_t prefix[TX_SHAPE_PREFIX_MAX_BYTES]; /* the descriptor up to the last field that is renumbered */
    uint8_t prefix_length;                      /* 0 = the payload stays as it is */
    bool marker;
    bool empty;           /* no payload at all */
    bool masked;          /* its dependency descriptor says that these targets are active: */
    tx_targets active;
    uint16_t frame_offset; /* added to the descriptor's frame number */
    const tx_dependency *dependency; /* as it came */
} tx_shape;

/* The template of a packet whose dependency descriptor is changed, built to `own`; `template` where it is not.  The
 * layout may leave the descriptor out. */
const tx_rtp_template *tx_shape_template(const tx_shape *shape, const tx_rtp_view *packet, const tx_extension_set *set,
                                         const tx_rtp_layout *layout, const tx_rtp_template *template,
                                         tx_rtp_template *own);

/* Moves the frame number in a header that was emitted from `template`. */
void tx_shape_renumber(const tx_shape *shape, const tx_rtp_template *template, uint8_t *header);

/* Puts the shape's prefix in the place of the payload's first bytes, or leaves the payload out. */
void tx_shape_apply(const tx_shape *shape, tx_srtp_job *job);

#endif
