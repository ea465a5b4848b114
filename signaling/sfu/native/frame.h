/* RFC 4571 framing: over TCP each packet follows its length in 16 bits, as ICE-TCP wants it (RFC 6544 3).
 *
 * Pure: looks at the bytes at hand and says what the first of them are.
 */
#ifndef TX_FRAME_H
#define TX_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define TX_FRAME_HEADER_BYTES 2u
#define TX_FRAME_MAX_BYTES 2048u /* no packet of ours or of a browser is longer: more is not media */
#define TX_FRAME_STUN_MIN_BYTES 20u
#define TX_FRAME_STUN_COOKIE 0x2112a442u /* RFC 8489 5 */

typedef enum {
    TX_FRAME_PARTIAL = 0, /* wait for more bytes */
    TX_FRAME_WHOLE,       /* `length` bytes after the header; 0 is a null packet, to be passed over (RFC 4571 2) */
    TX_FRAME_BAD,         /* too long: whoever sends this does not speak the protocol */
} tx_frame_state;

static inline tx_frame_state tx_frame_next(const uint8_t *data, size_t available, size_t *length)
{
    if (available < TX_FRAME_HEADER_BYTES)
        return TX_FRAME_PARTIAL;
    *length = tx_get16(data);
    if (*length > TX_FRAME_MAX_BYTES)
        return TX_FRAME_BAD;
    return available - TX_FRAME_HEADER_BYTES < *length ? TX_FRAME_PARTIAL : TX_FRAME_WHOLE;
}

/* May these be the first bytes of a connection?  It has to begin with a STUN binding request whose length fits the
 * frame; anything else, an HTTP request say, is seen by its first byte that differs. */
static inline tx_frame_state tx_frame_opening(const uint8_t *data, size_t available)
{
    uint8_t expected[10];
    if (available < 2)
        return TX_FRAME_PARTIAL;
    const unsigned length = tx_get16(data);
    if (length < TX_FRAME_STUN_MIN_BYTES || length > TX_FRAME_MAX_BYTES)
        return TX_FRAME_BAD;
    tx_put16(expected, (uint16_t)length);
    tx_put16(expected + 2, 1); /* binding request */
    tx_put16(expected + 4, (uint16_t)(length - TX_FRAME_STUN_MIN_BYTES));
    tx_put32(expected + 6, TX_FRAME_STUN_COOKIE);
    for (size_t i = 0; i < sizeof expected; i++) {
        if (i == available)
            return TX_FRAME_PARTIAL;
        if (data[i] != expected[i])
            return TX_FRAME_BAD;
    }
    return TX_FRAME_WHOLE;
}

#endif
