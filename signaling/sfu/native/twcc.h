/* Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 *
 * tx_twcc_recorder: receiver side; keeps arrivals of one transport in a fixed window and writes feedback packets.
 * tx_twcc_reader: sender side; walks a feedback packet to (sequence, received, arrival) entries.
 */
#ifndef TX_TWCC_H
#define TX_TWCC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtcp.h"
#include "rtp.h"

/* Packets remembered; at 100 ms feedback that is 10,000 packets/s on one transport.  Older ones are not reported. */
#define TX_TWCC_WINDOW 1024
/* Arrivals in one feedback packet, and statuses from its first arrival on: below TX_TWCC_FEEDBACK_MAX_BYTES whatever
 * the pattern. */
#define TX_TWCC_ARRIVALS_MAX 400
#define TX_TWCC_STATUSES_MAX 700
#define TX_TWCC_FEEDBACK_MAX_BYTES 1200

typedef struct tx_twcc_recorder {
    tx_seq_unwrapper unwrapper;
    int64_t next; /* first sequence not reported yet */
    int64_t end;  /* one past the newest received */
    uint8_t feedback_count;
    uint64_t arrival_us[TX_TWCC_WINDOW]; /* 0 = not received; slot = sequence modulo window */
} tx_twcc_recorder;

/* Also valid: all bytes zero. */
void tx_twcc_init(tx_twcc_recorder *recorder);

/* `now_us` of a steady clock, non-zero.  Duplicates keep the first arrival; a packet already reported as missing is
 * reported again by moving back, bounded by the window (the draft's receivers may do so and Chromium expects it). */
void tx_twcc_record(tx_twcc_recorder *recorder, uint16_t sequence, uint64_t now_us);

static inline bool tx_twcc_pending(const tx_twcc_recorder *recorder) { return recorder->next < recorder->end; }

/* Appends one feedback packet to `w` covering from `next` on; call while tx_twcc_pending.  False (and nothing
 * consumed) when the writer has no room for TX_TWCC_FEEDBACK_MAX_BYTES or nothing is pending. */
bool tx_twcc_write(tx_twcc_recorder *recorder, tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc);

typedef struct tx_twcc_entry {
    uint16_t sequence;
    bool received;
    int64_t arrival_us; /* on the receiver's clock modulo 2^24 * 64 ms; valid when received */
} tx_twcc_entry;

typedef struct tx_twcc_reader {
    const uint8_t *chunk; /* next status chunk */
    const uint8_t *delta; /* next receive delta */
    int64_t time_us;
    uint16_t sequence;
    uint16_t left;       /* statuses not returned yet */
    uint16_t chunk_word; /* the chunk being read */
    uint16_t chunk_left; /* statuses it still holds */
    uint8_t feedback_count;
    uint32_t reference_time; /* 24 bits, in 64 ms */
} tx_twcc_reader;

/* False when the packet is not a feedback of this kind or its chunks or deltas do not fit. */
bool tx_twcc_reader_init(tx_twcc_reader *reader, const tx_rtcp_packet *packet);
bool tx_twcc_next(tx_twcc_reader *reader, tx_twcc_entry *entry);

#endif
