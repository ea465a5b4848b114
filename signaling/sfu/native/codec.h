/* What a forwarder must see in a video payload: where frames and keyframes begin, and the fields it may rewrite.
 * Nothing is decoded.  VP8: RFC 7741; VP9: RFC 9628; H264: RFC 6184; AV1: the AOM RTP specification.
 */
#ifndef TX_CODEC_H
#define TX_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dependency.h"

typedef enum tx_codec {
    TX_CODEC_OTHER = 0,
    TX_CODEC_OPUS,
    TX_CODEC_RED,
    TX_CODEC_VP8,
    TX_CODEC_H264,
    TX_CODEC_VP9,
    TX_CODEC_AV1,
} tx_codec;

#define TX_TEMPORAL_NONE 0xff

typedef struct tx_codec_view {
    bool frame_start;    /* first packet of a frame (H264: of an access unit as far as one packet can tell) */
    bool keyframe;       /* belongs to the beginning of a frame that a decoder can start with */
    bool frame_end;      /* codec-level end of frame (VP9 E bit); others: see the RTP marker */
    uint8_t temporal_id; /* TX_TEMPORAL_NONE = not said */
    uint8_t spatial_id;  /* VP9; others by the dependency descriptor */
    bool layer_sync;     /* VP8 Y, VP9 U: one may switch up to this temporal layer here */
    /* Offsets into the payload of the fields to rewrite (VP8, VP9); 0 = absent. */
    uint16_t picture_id_offset;
    uint8_t picture_id_bits; /* 7 or 15 */
    uint16_t picture_id;
    uint16_t tl0picidx_offset;
    uint8_t tl0picidx;
    uint16_t body_offset; /* VP8, VP9: what follows these fields (VP9: perhaps the scalability structure) */
    const tx_dependency *dependency; /* what the packet's header says; NULL = nothing */
} tx_codec_view;

/* False when the payload is broken for this codec (drop or pass by as not a keyframe); audio and OTHER give true with
 * frame_start set. */
bool tx_codec_inspect(tx_codec codec, const uint8_t *payload, size_t length, tx_codec_view *view);

/* Writes a picture id and TL0PICIDX into the copy of a VP8 or VP9 descriptor at `payload` (same layout as inspected). */
void tx_codec_renumber(uint8_t *payload, const tx_codec_view *view, uint16_t picture_id, uint8_t tl0picidx);

/* Layers are chosen by the dependency descriptor where there is one; VP8's pictures have to be numbered anew by its own. */
static inline bool tx_codec_is_described(tx_codec codec)
{
    return codec == TX_CODEC_H264 || codec == TX_CODEC_VP9 || codec == TX_CODEC_AV1;
}

/* Subscribers are sent the descriptor.  Those of H264 and VP8 find their way without it, and would go by it if they got it:
 * its numbers do not fit pictures that are numbered anew. */
static inline bool tx_codec_sends_description(tx_codec codec) { return codec == TX_CODEC_VP9 || codec == TX_CODEC_AV1; }

/* Takes layers and ends of frames from the descriptor in the packet's header: each packet has it, so that it goes before
 * what is read from the payload. */
void tx_codec_describe(tx_codec_view *view, const tx_dependency *dependency);

#endif
