/* Layers inside one encoding (temporal of VP8 and VP9, spatial of VP9; both of whatever has a dependency descriptor):
 * which packets a subscription gets, and the picture numbers that hide what it does not get.
 *
 * Nothing here knows tracks or subscriptions: a state, the map of sequences and a payload's view go in, a verdict comes
 * out.  What was decided for a run of packets is kept in the run's mark, so that a packet that is sent again, or comes
 * late, is treated as its neighbours were.
 */
#ifndef TX_LAYERS_H
#define TX_LAYERS_H

#include "codec.h"
#include "picture_size.h"
#include "seqmap.h"
#include "shape.h"

#define TX_LAYERS_SPATIAL TX_PICTURE_SIZES /* counted apart; higher ids count as the highest */
#define TX_LAYERS_TEMPORAL 4u /* likewise */
#define TX_LAYERS_ALL 7u      /* no limit */

typedef struct {
    uint64_t bytes[TX_LAYERS_SPATIAL][TX_LAYERS_TEMPORAL]; /* of packets, each layer alone */
    tx_picture_size size[TX_PICTURE_SIZES];
    /* Of all that who wants this layer is sent, by the dependency descriptor: between keyframes that need not be the
     * layers below. */
    uint64_t needed[TX_LAYERS_SPATIAL][TX_LAYERS_TEMPORAL];
} tx_layer_counts;

/* What a subscription may have of its encoding. */
typedef struct {
    uint8_t spatial_limit; /* asked for: the highest id, or TX_LAYERS_ALL */
    uint8_t temporal_limit;
    uint8_t spatial; /* in force since the frame that allowed it */
    uint8_t temporal;
    bool lowest_rate;   /* for now only the lowest temporal layer: another encoding is waited for */
    bool sparing;       /* likewise: a queue is being emptied */
    bool hold;          /* for now nothing at all: there is no room on the line until the other encoding comes */
    bool holding;       /* frames were left out for that: only a keyframe goes on from here */
    bool started;       /* the two below are valid */
    uint32_t timestamp; /* of the frame decided last */
    int64_t newest;     /* greatest source sequence decided */
    /* With a dependency descriptor: */
    uint8_t target;    /* decode target in force; TX_DEPENDENCY_NO_TARGET = all frames so far */
    bool tells;        /* the receiver is to be told of the target */
    bool has_frame;    /* `frame` is valid */
    bool frame_sent;   /* that frame */
    uint16_t frame;    /* number of the frame decided last */
    uint64_t sent_set; /* bit d - 1: the frame d numbers before it was sent */
} tx_layering;

typedef enum {
    TX_PASS_DROP = 0, /* not sent; no gap shows */
    TX_PASS_SEND,
    TX_PASS_EMPTY, /* its number was promised before it was known that it is not wanted: sent without payload */
} tx_pass;

void tx_layers_init(tx_layering *layers);
void tx_layers_limit(tx_layering *layers, unsigned spatial, unsigned temporal);

/* No limit is asked for. */
bool tx_layers_whole(const tx_layering *layers);

/* A spatial layer that is sent by the publisher was left out and is asked for now; or another cannot be gone down to
 * without one.  `structure` is empty where there is no dependency descriptor. */
bool tx_layers_needs_keyframe(const tx_layering *layers, const tx_layer_counts *counts,
                              const tx_dependency_structure *structure);

/* The target in force is sent by the publisher, as far as is known. */
bool tx_layers_are_active(const tx_layering *layers, const tx_dependency_structure *structure);

/* A new encoding begins, at a keyframe. */
void tx_layers_begin(tx_layering *layers, tx_seqmap *map, int64_t source, uint16_t picture_offset);

/* Decides about the packet `source` of the map's line.  On SEND and EMPTY *sent is its number and *mark its run's. */
tx_pass tx_layers_pass(tx_layering *layers, tx_seqmap *map, tx_codec codec, int64_t source, uint32_t timestamp,
                       const tx_codec_view *view, int64_t *sent, uint32_t *mark);

/* Would a packet of a run with this mark have been sent?  For retransmission. */
bool tx_layers_sent(uint32_t mark, const tx_codec_view *view);

/* The shape of a packet that is sent in a run with this mark.  Its marker ends the picture on the last packet of the
 * highest layer that is sent (RFC 9628 4.1). */
tx_shape tx_layers_shape(uint32_t mark, uint8_t tl0_offset, tx_codec codec, const uint8_t *payload,
                         const tx_codec_view *view, bool marker);

/* After a change of layers the first frames say it, in their dependency descriptor, until one has come that every
 * receiver needs. */
void tx_layers_tell(tx_layering *layers, uint32_t mark, tx_shape *shape);

/* What a keyframe's structure says about sizes. */
void tx_layers_sizes(tx_layer_counts *counts, const tx_dependency_structure *structure);

void tx_layers_count(tx_layer_counts *counts, const tx_codec_view *view, uint16_t bytes);

static inline uint16_t tx_layers_picture_offset(uint32_t mark) { return (uint16_t)mark; }

#endif
