/* What the load client's packets hold: RTP with a VP8 descriptor (RFC 7741) or a plain sound payload, filler, the time
 * of sending, and a checksum over the payload before it.
 */
#ifndef BENCH_PACKETS_H
#define BENCH_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX_BYTES 1600

struct media {
    bool video;
    int payload_type, burst, size, transport_cc_id;
    uint32_t ssrc, timestamp, roc;
    uint16_t sequence, transport_sequence, picture;
    uint64_t sent, frames;
};

/* Writes the packet with this place in its frame, in the clear, moves the counters on, and returns the header's length.
 * Video packets are all of media->size; those of sound are 20 bytes around it.  *length is the whole packet's; *roc the
 * rollover counter that belongs to it. */
size_t media_write(struct media *media, int index, uint8_t *packet, size_t *length, uint32_t *roc);

/* The frame is complete: on to the next, `interval_us` later. */
void media_next_frame(struct media *media, long interval_us);

/* Length of fixed header, CSRC and extensions; 0 when they do not fit. */
size_t media_header_bytes(const uint8_t *packet, size_t length);

/* A payload as it was received: is it what was sent?  Then *sent_ns is when, by the clock of media_now_ns. */
bool media_intact(bool video, const uint8_t *packet, const uint8_t *payload, size_t length, uint64_t *sent_ns);

uint64_t media_now_ns(void);

#endif
