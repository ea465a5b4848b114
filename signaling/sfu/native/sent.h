/* What one transport sent lately under transport-wide sequence numbers: size, time and probe of each packet, until its
 * fate is reported.  8 bytes a packet; the newest TX_SENT_SLOTS are known.  A report about anything else is ignored.
 */
#ifndef TX_SENT_H
#define TX_SENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Half a second of 4,000 packets/s. */
#define TX_SENT_SLOTS 2048u

enum { TX_SENT_IN_FLIGHT = 0x80, TX_SENT_REPORTED_LOST = 0x40, TX_SENT_EPOCH = 0x1f };

typedef struct {
    uint32_t sent_us; /* of the steady clock, modulo 2^32 */
    uint16_t bytes;
    uint8_t probe; /* the probe it belongs to; 0 = none */
    uint8_t state; /* the flags above; the low bits are those of the sequence that the slot does not say */
} tx_sent_packet;

typedef struct {
    tx_sent_packet slot[TX_SENT_SLOTS];
} tx_sent;

/* All bytes zero is a fresh history. */
static inline void tx_sent_add(tx_sent *sent, uint16_t sequence, uint32_t bytes, uint64_t now_us, uint8_t probe)
{
    sent->slot[sequence % TX_SENT_SLOTS] = (tx_sent_packet){
        .sent_us = (uint32_t)now_us,
        .bytes = (uint16_t)bytes,
        .probe = probe,
        .state = (uint8_t)(TX_SENT_IN_FLIGHT | sequence / TX_SENT_SLOTS),
    };
}

/* The packet under this number while its arrival is unknown; NULL for all others. */
static inline tx_sent_packet *tx_sent_find(tx_sent *sent, uint16_t sequence)
{
    tx_sent_packet *packet = &sent->slot[sequence % TX_SENT_SLOTS];
    bool same = (packet->state & TX_SENT_EPOCH) == sequence / TX_SENT_SLOTS;
    return same && packet->state & TX_SENT_IN_FLIGHT ? packet : NULL;
}

/* The time it was sent on the clock of `now_us`: less than 71 minutes ago. */
static inline uint64_t tx_sent_at(const tx_sent_packet *packet, uint64_t now_us)
{
    return now_us - (uint32_t)((uint32_t)now_us - packet->sent_us);
}

#endif
