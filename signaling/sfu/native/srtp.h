/* SRTP and SRTCP (RFC 3711) for the profiles that browsers offer: AEAD_AES_128_GCM, AEAD_AES_256_GCM (RFC 7714) and
 * AES128_CM_SHA1_80.  One sender and one receiver per transport; neither is thread-safe, neither allocates per packet.
 *
 * NEVER protect two different packets under one SSRC and sequence number: with GCM that gives away the
 * authentication key.  tx_srtp_protect refuses a repeated index unless the job says `repeat`; then the stream must
 * allow it, and the result must be byte-identical with what was sent before, or it is wiped and refused.  Streams of a
 * sender are kept for its whole life, so an SSRC that is used again goes on where it stopped.
 */
#ifndef TX_SRTP_H
#define TX_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replay.h"
#include "rtp.h"

/* IANA values (RFC 5764 4.1.2, RFC 7714 14.2). */
typedef enum tx_srtp_profile {
    TX_SRTP_AES128_CM_SHA1_80 = 0x0001,
    TX_SRTP_AEAD_AES_128_GCM = 0x0007,
    TX_SRTP_AEAD_AES_256_GCM = 0x0008,
} tx_srtp_profile;

typedef enum tx_srtp_status {
    TX_SRTP_OK = 0,
    TX_SRTP_MALFORMED, /* shorter than its header, tag and index */
    TX_SRTP_FORGED,    /* authentication failed */
    TX_SRTP_REPLAYED,  /* seen already, or older than the window of TX_REPLAY_WINDOW packets */
    TX_SRTP_EXHAUSTED, /* no memory for a new SSRC, or 2^31 SRTCP packets sent */
} tx_srtp_status;

/* Most bytes that protection adds: GCM tag 16 + SRTCP index 4. */
#define TX_SRTP_OVERHEAD_MAX_BYTES 20
#define TX_SRTP_SEND_STREAMS_MAX 8192
#define TX_SRTP_RECEIVE_STREAMS_MAX 512

/* Master key and salt lengths in bytes; 0 for an unknown profile. */
size_t tx_srtp_key_bytes(tx_srtp_profile profile);
size_t tx_srtp_salt_bytes(tx_srtp_profile profile);
/* Tag that protect appends to an RTP packet. */
size_t tx_srtp_rtp_overhead_bytes(tx_srtp_profile profile);

/* Which implementation new senders and receivers use: "ipsec-mb" where it was compiled in (TX_IPSEC_MB) and the
 * processor has AES instructions, else "openssl". */
const char *tx_srtp_backend(void);

/* Asks for one by name, for tests and measurements; false when it cannot be had.  Not thread-safe. */
bool tx_srtp_choose_backend(const char *name);

/* ---- sending ---- */

typedef struct tx_srtp_sender tx_srtp_sender;

/* Rollover state of one sent SSRC; owned by the sender, its address is stable until the sender is freed. */
typedef struct tx_srtp_stream {
    uint32_t ssrc;
    tx_replay indices;
    uint32_t *tags; /* beginnings of the tags sent last, by index modulo TX_REPLAY_WINDOW; NULL: no repeats */
} tx_srtp_stream;

/* `master` = key then salt.  NULL when the length is wrong or memory is out. */
tx_srtp_sender *tx_srtp_sender_new(tx_srtp_profile profile, const uint8_t *master, size_t length);
void tx_srtp_sender_free(tx_srtp_sender *sender);          /* NULL is allowed; keys are wiped */
size_t tx_srtp_sender_bytes(const tx_srtp_sender *sender); /* heap in use, for accounting */

/* The stream of this SSRC, made when new.  Begin its sequence numbers below 2^15, so that a reordered start cannot
 * be taken for a wrap (RFC 3711 3.3.1).  NULL when TX_SRTP_SEND_STREAMS_MAX is reached or memory is out.  A linear
 * look-up: call it when a subscription is made, not per packet. */
tx_srtp_stream *tx_srtp_sender_stream(tx_srtp_sender *sender, uint32_t ssrc);

/* From now on packets of this stream may be sent again within the window of TX_REPLAY_WINDOW: for subscribers without
 * RTX.  Costs 512 bytes.  False when memory is out. */
bool tx_srtp_stream_allow_repeat(tx_srtp_sender *sender, tx_srtp_stream *stream);

/* Asks the processor for the keys that the next tx_srtp_protect reads; the sender itself is looked at here. */
void tx_srtp_sender_prefetch(const tx_srtp_sender *sender);

/* One packet to protect: header || prefix || payload || padding, where header and prefix are already in `packet` and
 * payload is read from where it lies (it must not overlap `packet`, except when it already stands in its place). */
typedef struct tx_srtp_job {
    tx_srtp_stream *stream;
    uint8_t *packet; /* room for everything and TX_SRTP_OVERHEAD_MAX_BYTES */
    const uint8_t *payload;
    uint16_t header_length; /* authenticated, not encrypted */
    uint16_t prefix_length; /* encrypted in place: RTX's original sequence, a rewritten payload descriptor */
    uint16_t payload_length;
    uint8_t padding;       /* 0 or 1 to 255 bytes appended; the caller sets the header's P bit */
    bool repeat;           /* may be sent already; cleared when it was not */
    uint16_t length;       /* out: total, 0 when refused */
    tx_srtp_status status; /* out */
} tx_srtp_job;

/* Protects `count` packets of one sender in a row.  Returns how many were accepted. */
size_t tx_srtp_protect(tx_srtp_sender *sender, tx_srtp_job *jobs, size_t count);

/* Compound RTCP in place: `packet` has room for TX_SRTP_OVERHEAD_MAX_BYTES more.  *length is replaced. */
tx_srtp_status tx_srtp_protect_rtcp(tx_srtp_sender *sender, uint8_t *packet, size_t *length);

/* ---- receiving ---- */

typedef struct tx_srtp_receiver tx_srtp_receiver;

tx_srtp_receiver *tx_srtp_receiver_new(tx_srtp_profile profile, const uint8_t *master, size_t length);
void tx_srtp_receiver_free(tx_srtp_receiver *receiver);
size_t tx_srtp_receiver_bytes(const tx_srtp_receiver *receiver);

/* Decrypts the packet that `view` was parsed from (tx_rtp_parse_header) to `out`, which may be the packet itself or
 * elsewhere with room for view->length bytes.  On TX_SRTP_OK *length is the plain packet's, and the caller goes on
 * with tx_rtp_trim_padding(view, out, *length).  On failure `out` holds rubbish (never plaintext of a forged packet
 * that may be used).  State of an SSRC is made and moved only by authenticated packets; when
 * TX_SRTP_RECEIVE_STREAMS_MAX are known the one that was silent longest is given up. */
tx_srtp_status tx_srtp_unprotect(tx_srtp_receiver *receiver, const tx_rtp_view *view, uint8_t *out, size_t *length);

/* In place. */
tx_srtp_status tx_srtp_unprotect_rtcp(tx_srtp_receiver *receiver, uint8_t *packet, size_t *length);

/* ---- key derivation, for tests ---- */

/* RFC 3711 4.3.1 with key derivation rate 0 (RFC 6188 for 32-byte keys; a 12-byte salt is padded as RFC 7714 11). */
bool tx_srtp_derive(const uint8_t *key, size_t key_length, const uint8_t *salt, size_t salt_length, uint8_t label,
                    uint8_t *out, size_t out_length);

#endif
