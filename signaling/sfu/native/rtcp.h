/* RTCP: walk compound packets, read and build the messages an SFU speaks (RFC 3550, 4585, 5104, 5506).
 *
 * Reading: tx_rtcp_next yields packets whose bounds are proven; the tx_rtcp_read_* functions check the message's own
 * structure and return false or 0 when it is broken.  Building: tx_rtcp_write_* append to a writer (see wire.h).
 */
#ifndef TX_RTCP_H
#define TX_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum {
    TX_RTCP_SR = 200,
    TX_RTCP_RR = 201,
    TX_RTCP_SDES = 202,
    TX_RTCP_BYE = 203,
    TX_RTCP_APP = 204,
    TX_RTCP_RTPFB = 205,
    TX_RTCP_PSFB = 206,
    TX_RTCP_XR = 207,
};

/* Formats (the 5-bit field) of RTPFB and PSFB. */
enum {
    TX_RTPFB_NACK = 1,
    TX_RTPFB_TWCC = 15,
    TX_PSFB_PLI = 1,
    TX_PSFB_FIR = 4,
    TX_PSFB_AFB = 15, /* REMB is one */
};

typedef struct tx_rtcp_packet {
    const uint8_t *data; /* begins at the common header */
    uint16_t length;     /* header and body, without padding */
    uint8_t type;
    uint8_t count; /* report count, source count or feedback format */
} tx_rtcp_packet;

typedef struct tx_rtcp_iterator {
    const uint8_t *at;
    const uint8_t *end;
} tx_rtcp_iterator;

static inline tx_rtcp_iterator tx_rtcp_over(const uint8_t *data, size_t length)
{
    return (tx_rtcp_iterator){.at = data, .end = data + length};
}

/* False at the end and at the first packet that does not fit: what came before stays usable (RFC 3550 A.2 asks for
 * whole validity, but a truncated tail must not silence the reports before it). */
bool tx_rtcp_next(tx_rtcp_iterator *it, tx_rtcp_packet *packet);

/* ---- reports ---- */

typedef struct tx_rtcp_sender_report {
    uint32_t ssrc;
    uint64_t ntp;
    uint32_t rtp_timestamp;
    uint32_t packets;
    uint32_t octets;
} tx_rtcp_sender_report;

typedef struct tx_rtcp_report_block {
    uint32_t ssrc;
    uint8_t fraction_lost;
    int32_t cumulative_lost; /* 24-bit signed */
    uint32_t highest_sequence;
    uint32_t jitter;
    uint32_t last_sr;       /* middle 32 bits of the NTP time of the last SR; 0 = none */
    uint32_t delay_last_sr; /* in 1/65536 s */
} tx_rtcp_report_block;

bool tx_rtcp_read_sender_report(const tx_rtcp_packet *packet, tx_rtcp_sender_report *report);

/* Report blocks of an SR or RR that really fit; at most 31. */
size_t tx_rtcp_report_count(const tx_rtcp_packet *packet);
bool tx_rtcp_read_report_block(const tx_rtcp_packet *packet, size_t index, tx_rtcp_report_block *block);

/* CNAME of the `index`-th chunk of an SDES; false when there is no such chunk or it has none. */
bool tx_rtcp_read_cname(const tx_rtcp_packet *packet, size_t index, uint32_t *ssrc, const uint8_t **name,
                        uint8_t *length);

/* SSRCs of a BYE that fit. */
size_t tx_rtcp_bye_count(const tx_rtcp_packet *packet);
uint32_t tx_rtcp_bye_ssrc(const tx_rtcp_packet *packet, size_t index);

/* ---- feedback ---- */

typedef struct tx_rtcp_feedback {
    uint32_t sender_ssrc;
    uint32_t media_ssrc;
} tx_rtcp_feedback;

/* Common to RTPFB and PSFB. */
bool tx_rtcp_read_feedback(const tx_rtcp_packet *packet, tx_rtcp_feedback *feedback);

/* Generic NACK: expands PID and BLP to sequence numbers in order; returns how many, at most `capacity`. */
size_t tx_rtcp_read_nack(const tx_rtcp_packet *packet, uint16_t *sequences, size_t capacity);

/* FIR entries (RFC 5104 4.3.1). */
size_t tx_rtcp_fir_count(const tx_rtcp_packet *packet);
bool tx_rtcp_read_fir(const tx_rtcp_packet *packet, size_t index, uint32_t *ssrc, uint8_t *sequence);

/* REMB (draft-alvestrand-rmcat-remb): estimate in bits per second and its SSRC list. */
bool tx_rtcp_read_remb(const tx_rtcp_packet *packet, uint64_t *bitrate_bps, size_t *ssrc_count);
uint32_t tx_rtcp_remb_ssrc(const tx_rtcp_packet *packet, size_t index);

/* ---- building ---- */

#define TX_RTCP_REPORT_BLOCKS_MAX 31
#define TX_RTCP_CNAME_MAX_BYTES 255

void tx_rtcp_write_sender_report(tx_writer *w, const tx_rtcp_sender_report *report, const tx_rtcp_report_block *blocks,
                                 size_t count);
void tx_rtcp_write_receiver_report(tx_writer *w, uint32_t ssrc, const tx_rtcp_report_block *blocks, size_t count);
void tx_rtcp_write_cname(tx_writer *w, uint32_t ssrc, const uint8_t *name, size_t length);
/* Sequences in ascending order (modulo 2^16); packs runs of 17.  Writes nothing when `count` is 0. */
void tx_rtcp_write_nack(tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc, const uint16_t *sequences,
                        size_t count);
void tx_rtcp_write_pli(tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc);
void tx_rtcp_write_fir(tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc, uint8_t sequence);
void tx_rtcp_write_remb(tx_writer *w, uint32_t sender_ssrc, uint64_t bitrate_bps, const uint32_t *ssrcs, size_t count);
void tx_rtcp_write_bye(tx_writer *w, const uint32_t *ssrcs, size_t count);

/* ---- time ---- */

/* NTP 32.32 -> the middle 32 bits (LSR form). */
static inline uint32_t tx_ntp_middle(uint64_t ntp) { return (uint32_t)(ntp >> 16); }

/* Microseconds since the Unix epoch -> NTP 32.32. */
static inline uint64_t tx_ntp_from_unix_us(uint64_t unix_us)
{
    const uint64_t seconds = unix_us / 1000000 + 2208988800u;
    const uint64_t fraction = ((unix_us % 1000000) << 32) / 1000000;
    return seconds << 32 | fraction;
}

#endif
