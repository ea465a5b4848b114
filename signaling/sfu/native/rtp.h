/* RTP headers: view, extensions (RFC 8285), rewriting for subscribers, RTX (RFC 4588), RED (RFC 2198), sequences.
 *
 * Fan-out pattern: parse a packet once; for each layout (= set of extension ids; most subscribers share one) build a
 * tx_rtp_template once; for each subscriber call tx_rtp_emit, which copies the ready header and patches a few bytes.
 */
#ifndef TX_RTP_H
#define TX_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define TX_RTP_HEADER_BYTES 12
#define TX_RTP_MID_MAX_BYTES 16
/* 12 fixed + 60 CSRC + 4 + every extension we may write at its longest, rounded up. */
#define TX_RTP_HEADER_MAX_BYTES 448

/* ---- view ---- */

typedef struct tx_rtp_view {
    const uint8_t *data;
    uint16_t length;           /* of the whole packet */
    uint16_t header_length;    /* fixed header, CSRC and extension block */
    uint16_t payload_length;   /* without padding; valid after tx_rtp_trim_padding */
    uint16_t extension_offset; /* of the first element's byte */
    uint16_t extension_length; /* in bytes; 0 = no elements */
    uint8_t extension_form;    /* 0 none or foreign profile, 1 one-byte, 2 two-byte elements */
    uint8_t csrc_count;
    uint8_t payload_type;
    bool marker;
    bool padded;
    uint8_t padding; /* bytes, valid after tx_rtp_trim_padding */
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
} tx_rtp_view;

static inline const uint8_t *tx_rtp_payload(const tx_rtp_view *view) { return view->data + view->header_length; }

/* Header only: for a packet still encrypted, whose payload and padding cannot be read yet (payload_length covers
 * all that follows the header).  False when it is not RTP or the header does not fit. */
bool tx_rtp_parse_header(tx_rtp_view *view, const uint8_t *data, size_t length);

/* After decryption: `data` (of `length` bytes, same header) is the plain packet; reads the padding count.
 * False when padding exceeds the payload (RFC 3550 5.1). */
bool tx_rtp_trim_padding(tx_rtp_view *view, const uint8_t *data, size_t length);

/* Both, for a plain packet. */
bool tx_rtp_parse(tx_rtp_view *view, const uint8_t *data, size_t length);

/* Element with this id; its length to *length (may be 0).  NULL when absent.  A broken tail ends the search. */
const uint8_t *tx_rtp_extension(const tx_rtp_view *view, uint8_t id, uint8_t *length);

/* ---- extension ids ---- */

/* Order of Extensions in _sfu.pyi. */
typedef enum tx_extension {
    TX_EXT_MID = 0,
    TX_EXT_RID,
    TX_EXT_REPAIRED_RID,
    TX_EXT_AUDIO_LEVEL,
    TX_EXT_TRANSPORT_CC,
    TX_EXT_ABS_SEND_TIME,
    TX_EXT_DEPENDENCY_DESCRIPTOR,
    TX_EXT_VIDEO_ORIENTATION,
    TX_EXT_PLAYOUT_DELAY,
    TX_EXT_COUNT,
} tx_extension;

/* Ids of one peer connection, both ways: by meaning (0 = not negotiated) and by id (TX_EXT_COUNT = unknown). */
typedef struct tx_extension_map {
    uint8_t id[TX_EXT_COUNT];
    uint8_t meaning[16];
} tx_extension_map;

/* False when an id exceeds 14 or is used twice. */
bool tx_extension_map_init(tx_extension_map *map, const uint8_t id[TX_EXT_COUNT]);

/* All known elements of a packet found in one walk: offset into packet data and length; offset 0 = absent. */
typedef struct tx_extension_set {
    struct {
        uint16_t offset;
        uint8_t length;
    } at[TX_EXT_COUNT];
} tx_extension_set;

void tx_rtp_extensions(const tx_rtp_view *view, const tx_extension_map *map, tx_extension_set *set);

/* ---- rewriting ---- */

/* What a subscriber's headers look like.  `key` packs all of it: equal keys, equal templates. */
typedef struct tx_rtp_layout {
    uint8_t id[TX_EXT_COUNT]; /* 0 = leave out.  MID, transport-cc and abs-send-time are always written when given */
    uint8_t mid_length;       /* 0 with id[TX_EXT_MID] == 0 */
    bool allow_two_byte;      /* a=extmap-allow-mixed negotiated; else elements longer than 16 bytes are left out */
    uint8_t playout;          /* 0: a playout delay is passed on as it came; n: at least n - 1 times 10 ms is asked for */
    uint64_t key;             /* never 0 */
} tx_rtp_layout;

/* False when an id exceeds 14 or the MID's length 16. */
bool tx_rtp_layout_init(tx_rtp_layout *layout, const uint8_t id[TX_EXT_COUNT], size_t mid_length, bool allow_two_byte);

/* Asks for at least `least_10ms` (0 to 63) of playout delay in every header from now on; changes the key. */
void tx_rtp_layout_ask_delay(tx_rtp_layout *layout, uint8_t least_10ms);

/* A source packet's header, ready for one layout.  64 bytes are copied without looking at the length. */
typedef struct tx_rtp_template {
    uint64_t layout_key; /* 0 = not built */
    uint16_t length;
    uint16_t mid_offset; /* 0 = not present, likewise below */
    uint16_t transport_cc_offset;
    uint16_t abs_send_time_offset;
    uint16_t dependency_offset;
    uint8_t mid_length;
    uint8_t header[TX_RTP_HEADER_MAX_BYTES];
} tx_rtp_template;

void tx_rtp_template_build(tx_rtp_template *template, const tx_rtp_view *view, const tx_extension_set *set,
                           const tx_rtp_layout *layout);

/* The same with another dependency descriptor in the place of the packet's. */
void tx_rtp_template_build_with(tx_rtp_template *template, const tx_rtp_view *view, const tx_extension_set *set,
                                const tx_rtp_layout *layout, const uint8_t *dependency, uint8_t length);

typedef struct tx_rtp_rewrite {
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    uint8_t payload_type;
    bool marker;
    bool padded;                 /* set when the SRTP job appends padding */
    uint16_t transport_sequence; /* used when the layout has transport-cc */
    uint32_t abs_send_time;      /* 24 bits, 6.18 fixed-point seconds; used when the layout has it */
    const uint8_t *mid;          /* layout's mid_length bytes */
} tx_rtp_rewrite;

/* Writes the header to `out` and returns its length.  `out` must have room for TX_RTP_HEADER_MAX_BYTES, of which
 * bytes beyond the returned length may be scribbled on. */
static inline size_t tx_rtp_emit(const tx_rtp_template *template, uint8_t *out, const tx_rtp_rewrite *to)
{
    memcpy(out, template->header, 64);
    if (__builtin_expect(template->length > 64, 0)) {
        memcpy(out + 64, template->header + 64, (size_t) template->length - 64);
    }
    if (to->padded)
        out[0] |= 0x20;
    out[1] = (uint8_t)((to->marker ? 0x80 : 0) | to->payload_type);
    tx_put16(out + 2, to->sequence);
    tx_put32(out + 4, to->timestamp);
    tx_put32(out + 8, to->ssrc);
    if (template->mid_offset) {
        for (size_t i = 0; i < template->mid_length; i++)
            out[template->mid_offset + i] = to->mid[i];
    }
    if (template->transport_cc_offset)
        tx_put16(out + template->transport_cc_offset, to->transport_sequence);
    if (template->abs_send_time_offset)
        tx_put24(out + template->abs_send_time_offset, to->abs_send_time);
    return template->length;
}

/* Microseconds of any steady clock -> abs-send-time value. */
static inline uint32_t tx_rtp_abs_send_time(uint64_t now_us)
{
    return (uint32_t)(((now_us << 18) / 1000000) & 0xffffff);
}

/* Header for a packet without source (padding probe, silence): fixed part only plus the layout's own elements. */
void tx_rtp_template_blank(tx_rtp_template *template, const tx_rtp_layout *layout);

/* ---- RTX ---- */

/* Encapsulation needs no copy: emit with the RTX SSRC, sequence and payload type, write the original sequence in the
 * two bytes after the header (tx_put16) and give the SRTP job prefix_length = 2.
 *
 * Decapsulation in place: `packet` is plain RTX; the header moves up by two bytes over the original sequence number,
 * so the media packet begins at packet + 2, and *view describes it.  False when there is no payload to restore (RTX
 * padding probes). */
bool tx_rtp_rtx_unwrap(tx_rtp_view *view, uint8_t *packet, uint32_t ssrc, uint8_t payload_type);

/* ---- RED ---- */

#define TX_RED_BLOCKS_MAX 8

typedef struct tx_red_block {
    uint16_t offset; /* into the RTP payload */
    uint16_t length;
    uint16_t timestamp_offset; /* older than the packet's timestamp by this; 0 for the primary */
    uint8_t payload_type;
} tx_red_block;

typedef struct tx_red_view {
    tx_red_block primary;
    tx_red_block redundant[TX_RED_BLOCKS_MAX]; /* oldest first, as sent */
    uint8_t redundant_count;
} tx_red_view;

/* False when the block headers do not fit the payload or there are more than TX_RED_BLOCKS_MAX. */
bool tx_red_parse(tx_red_view *red, const uint8_t *payload, size_t length);

/* ---- sequence numbers ---- */

/* a is later than b, modulo 2^16; a distance of exactly 2^15 counts as later in one direction only. */
static inline bool tx_seq_newer(uint16_t a, uint16_t b)
{
    const uint16_t d = (uint16_t)(a - b);
    return d != 0 && (d < 0x8000 || (d == 0x8000 && a > b));
}

/* Signed distance a - b in [-2^15, 2^15). */
static inline int32_t tx_seq_distance(uint16_t a, uint16_t b) { return (int16_t)(uint16_t)(a - b); }

/* Extends 16-bit numbers to 64 bits, following the newest. */
typedef struct tx_seq_unwrapper {
    int64_t newest;
    bool started;
} tx_seq_unwrapper;

/* Result of the first call is the number itself; a number older than the first may be negative. */
static inline int64_t tx_seq_unwrap(tx_seq_unwrapper *u, uint16_t sequence)
{
    if (!u->started) {
        u->started = true;
        u->newest = sequence;
        return sequence;
    }
    const int64_t extended = u->newest + tx_seq_distance(sequence, (uint16_t)u->newest);
    if (extended > u->newest)
        u->newest = extended;
    return extended;
}

/* As unwrap, but does not move the state. */
static inline int64_t tx_seq_peek(const tx_seq_unwrapper *u, uint16_t sequence)
{
    if (!u->started)
        return sequence;
    return u->newest + tx_seq_distance(sequence, (uint16_t)u->newest);
}

#endif
