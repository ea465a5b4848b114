/* What is to be sent to one peer in a moment: bursts of pictures are spread over a narrow line instead of waiting in its
 * queue, before everything that comes after.
 *
 * A ring of packets not sealed yet, in one piece of memory that is taken when the first limit is felt.  They leave at a
 * multiple of the estimate, and faster where that would take longer than TX_PACER_QUEUE_US: the wait has a bound whatever
 * comes.  What does not wait (sound, repairs, padding) is counted, and pictures give way to it.  Pure.
 */
#ifndef TX_PACER_H
#define TX_PACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TX_PACER_BYTES (192u << 10) /* what finds it full is lost: more than 7 Mbit/s over a bound of 200 ms */
#define TX_PACER_PERCENT 150u       /* of the estimate */
#define TX_PACER_QUEUE_US 200000u   /* the longest wait */
#define TX_PACER_BURST_US 5000u     /* so much may leave together */
#define TX_PACER_DEBT_US 50000u     /* the longest that pictures give way to what does not wait */

/* One packet; its `head_length` bytes of header and prefix and its payload follow it in the ring. */
typedef struct {
    void *stream;
    uint16_t header_length, head_length, payload_length;
    uint16_t transport_cc_offset, abs_send_time_offset; /* in the header; 0 = not there */
    uint8_t padding;
    uint8_t overhead; /* that sealing adds */
} tx_paced;

typedef struct {
    uint8_t *ring;            /* NULL until tx_pacer_open */
    uint32_t head, tail, end; /* `end`: where the bytes before the wrap end; 0 = not wrapped */
    uint32_t waiting_bytes;   /* as they will be on the line */
    uint32_t least_bps;       /* that keeps the bound for what waits */
    uint64_t free_us;         /* when the line has taken what was sent */
} tx_pacer;

/* False when memory is short.  Opening an open one does nothing. */
bool tx_pacer_open(tx_pacer *pacer);
void tx_pacer_close(tx_pacer *pacer);

/* False when there is no room for it. */
bool tx_pacer_put(tx_pacer *pacer, const tx_paced *packet, const uint8_t *head, const uint8_t *payload);

/* The one that has waited longest; NULL when none does. */
const tx_paced *tx_pacer_first(const tx_pacer *pacer);
static inline const uint8_t *tx_paced_bytes(const tx_paced *packet) { return (const uint8_t *)(packet + 1); }
static inline uint32_t tx_paced_length(const tx_paced *packet)
{
    return (uint32_t)packet->head_length + packet->payload_length + packet->padding + packet->overhead;
}
void tx_pacer_pop(tx_pacer *pacer);

/* May the first leave? */
static inline bool tx_pacer_due(const tx_pacer *pacer, uint64_t now_us) { return pacer->free_us <= now_us; }

/* One that waited leaves. */
void tx_pacer_sent(tx_pacer *pacer, uint32_t bytes, uint32_t estimate_bps, uint64_t now_us);

/* One that did not wait has left. */
void tx_pacer_passed(tx_pacer *pacer, uint32_t bytes, uint32_t estimate_bps, uint64_t now_us);

#endif
