#include "codec.h"

#include <string.h>

#include "wire.h"

/* ---- VP8, RFC 7741 4.2 ---- */

static bool inspect_vp8(const uint8_t *p, size_t length, tx_codec_view *view)
{
    size_t at = 1;
    const bool start = (p[0] & 0x10) != 0 && (p[0] & 0x07) == 0; /* S, and partition 0 */
    if (p[0] & 0x80) {
        if (at >= length)
            return false;
        const uint8_t extension = p[at++];
        if (extension & 0x80) { /* I */
            if (at >= length)
                return false;
            view->picture_id_offset = (uint16_t)at;
            if (p[at] & 0x80) {
                if (length - at < 2)
                    return false;
                view->picture_id_bits = 15;
                view->picture_id = tx_get16(p + at) & 0x7fff;
                at += 2;
            } else {
                view->picture_id_bits = 7;
                view->picture_id = p[at++];
            }
        }
        if (extension & 0x40) { /* L */
            if (at >= length)
                return false;
            view->tl0picidx_offset = (uint16_t)at;
            view->tl0picidx = p[at++];
        }
        if (extension & 0x30) { /* T or K share one byte */
            if (at >= length)
                return false;
            if (extension & 0x20) {
                view->temporal_id = p[at] >> 6;
                view->layer_sync = (p[at] & 0x20) != 0;
            }
            at++;
        }
    }
    if (at >= length)
        return false; /* a descriptor without a payload byte */
    view->body_offset = (uint16_t)at;
    view->frame_start = start;
    view->keyframe = start && (p[at] & 0x01) == 0; /* RFC 6386 9.1: inverse key frame flag */
    return true;
}

void tx_codec_renumber(uint8_t *payload, const tx_codec_view *view, uint16_t picture_id, uint8_t tl0picidx)
{
    if (view->picture_id_offset) {
        if (view->picture_id_bits == 15)
            tx_put16(payload + view->picture_id_offset, (uint16_t)(picture_id | 0x8000));
        else
            payload[view->picture_id_offset] = (uint8_t)(picture_id & 0x7f);
    }
    if (view->tl0picidx_offset)
        payload[view->tl0picidx_offset] = tl0picidx;
}

/* ---- VP9, RFC 9628 4.2 ---- */

static bool inspect_vp9(const uint8_t *p, size_t length, tx_codec_view *view)
{
    const bool inter_picture = (p[0] & 0x40) != 0;
    const bool has_layers = (p[0] & 0x20) != 0;
    const bool flexible = (p[0] & 0x10) != 0;
    bool inter_layer = false;
    size_t at = 1;
    if (p[0] & 0x80) { /* I */
        if (at >= length)
            return false;
        view->picture_id_offset = (uint16_t)at;
        if (p[at] & 0x80) {
            if (length - at < 2)
                return false;
            view->picture_id_bits = 15;
            view->picture_id = tx_get16(p + at) & 0x7fff;
            at += 2;
        } else {
            view->picture_id_bits = 7;
            view->picture_id = p[at++];
        }
    }
    if (has_layers) {
        if (at >= length)
            return false;
        view->temporal_id = p[at] >> 5;
        view->layer_sync = (p[at] & 0x10) != 0;
        view->spatial_id = p[at] >> 1 & 7;
        inter_layer = (p[at] & 0x01) != 0;
        at++;
        if (!flexible) {
            if (at >= length)
                return false;
            view->tl0picidx_offset = (uint16_t)at;
            view->tl0picidx = p[at++];
        }
    }
    if (flexible && inter_picture) { /* up to three reference indices, each saying whether one more follows */
        for (unsigned i = 0;; i++) {
            if (at >= length || i == 3)
                return false;
            if (!(p[at++] & 0x01))
                break;
        }
    }
    if (at >= length)
        return false;
    view->body_offset = (uint16_t)at;
    view->frame_start = (p[0] & 0x08) != 0; /* B */
    view->frame_end = (p[0] & 0x04) != 0;   /* E */
    view->keyframe = view->frame_start && !inter_picture && !inter_layer && view->spatial_id == 0;
    return true;
}

/* ---- H264, RFC 6184 5 ---- */

enum {
    NAL_SLICE = 1,
    NAL_IDR = 5,
    NAL_SEI = 6,
    NAL_SPS = 7,
    NAL_PPS = 8,
    NAL_DELIMITER = 9,
    NAL_STAP_A = 24,
    NAL_FU_A = 28
};

/* `body` is what follows the NAL header; the first bit of a slice is 1 when first_mb_in_slice is 0 (Exp-Golomb). */
static void note_nal(tx_codec_view *view, unsigned type, const uint8_t *body, size_t length, bool first)
{
    if (type == NAL_IDR || type == NAL_SPS)
        view->keyframe = true;
    if (!first)
        return;
    if (type == NAL_SLICE || type == NAL_IDR)
        view->frame_start = length > 0 && (body[0] & 0x80) != 0;
    else
        view->frame_start = type >= NAL_SEI && type <= NAL_DELIMITER;
}

static bool inspect_h264(const uint8_t *p, size_t length, tx_codec_view *view)
{
    const unsigned type = p[0] & 0x1f;
    if (type == NAL_STAP_A) {
        size_t at = 1;
        for (bool first = true; at < length; first = false) {
            if (length - at < 2)
                return false;
            const size_t nal = tx_get16(p + at);
            at += 2;
            if (nal == 0 || nal > length - at)
                return false;
            note_nal(view, p[at] & 0x1f, p + at + 1, nal - 1, first);
            at += nal;
        }
        return length > 1;
    }
    if (type == NAL_FU_A) {
        if (length < 3)
            return false;
        if (p[1] & 0x80)
            note_nal(view, p[1] & 0x1f, p + 2, length - 2, true);
        return true;
    }
    /* 0 and 30, 31 are undefined, 25 to 27 and 29 belong to the interleaved mode, which nobody here negotiates. */
    if (type == 0 || type > NAL_STAP_A)
        return false;
    note_nal(view, type, p + 1, length - 1, true);
    return true;
}

/* ---- AV1, "RTP Payload Format For AV1" 4.4 ---- */

/* Skips a leb128 number; false when it does not end within 8 bytes or the payload. */
static bool skip_leb128(const uint8_t *p, size_t length, size_t *at)
{
    for (unsigned i = 0; i < 8 && *at < length; i++) {
        if (!(p[(*at)++] & 0x80))
            return true;
    }
    return false;
}

static bool inspect_av1(const uint8_t *p, size_t length, tx_codec_view *view)
{
    const bool continues = (p[0] & 0x80) != 0;    /* Z: the first element continues an OBU */
    const bool new_sequence = (p[0] & 0x08) != 0; /* N: first packet of a coded video sequence */
    const unsigned elements = p[0] >> 4 & 3;      /* W; 0 = each element has a length */
    if (length < 2 || (continues && new_sequence))
        return false;
    view->frame_start = !continues;
    view->keyframe = new_sequence;
    if (continues)
        return true;
    size_t at = 1;
    if (elements != 1 && !skip_leb128(p, length, &at))
        return false;
    /* Layer ids stand only in the header of an OBU, not in the packets that continue it: those in the payload would tell
     * the packets of one frame apart.  The dependency descriptor says them of each packet. */
    return at < length && (!(p[at] & 0x04) || length - at >= 2);
}

/* ---- all ---- */

void tx_codec_describe(tx_codec_view *view, const tx_dependency *dependency)
{
    view->dependency = dependency;
    view->spatial_id = dependency->spatial;
    view->temporal_id = dependency->temporal;
    view->frame_start = dependency->first;
    view->frame_end = dependency->last;
}

bool tx_codec_inspect(tx_codec codec, const uint8_t *payload, size_t length, tx_codec_view *view)
{
    memset(view, 0, sizeof *view);
    view->temporal_id = TX_TEMPORAL_NONE;
    if (length == 0 || length > UINT16_MAX)
        return false;
    switch (codec) {
    case TX_CODEC_VP8: return inspect_vp8(payload, length, view);
    case TX_CODEC_VP9: return inspect_vp9(payload, length, view);
    case TX_CODEC_H264: return inspect_h264(payload, length, view);
    case TX_CODEC_AV1: return inspect_av1(payload, length, view);
    case TX_CODEC_OPUS:
    case TX_CODEC_RED:
    case TX_CODEC_OTHER: break;
    }
    view->frame_start = true;
    return true;
}
