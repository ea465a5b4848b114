/* What a datagram on the shared port is, by its first bytes (RFC 7983 section 7, RFC 5761 section 4). */
#ifndef TX_PACKET_H
#define TX_PACKET_H

#include <stddef.h>
#include <stdint.h>

typedef enum tx_packet_kind {
    TX_PACKET_UNKNOWN = 0, /* drop: too short, ZRTP, TURN channel data, QUIC, noise */
    TX_PACKET_STUN,
    TX_PACKET_DTLS,
    TX_PACKET_RTP,
    TX_PACKET_RTCP,
} tx_packet_kind;

/* Costs two loads.  A kind says only where to look further; each parser checks its own bounds. */
static inline tx_packet_kind tx_packet_classify(const uint8_t *data, size_t length)
{
    if (length < 8)
        return TX_PACKET_UNKNOWN;
    const uint8_t first = data[0];
    if (first >= 128 && first <= 191) {
        /* RFC 5761 4: with RTP and RTCP on one port, packet types 192 to 223 are RTCP. */
        if (data[1] >= 192 && data[1] <= 223)
            return TX_PACKET_RTCP;
        return length >= 12 ? TX_PACKET_RTP : TX_PACKET_UNKNOWN;
    }
    if (first >= 20 && first <= 63)
        return length >= 13 ? TX_PACKET_DTLS : TX_PACKET_UNKNOWN;
    if (first <= 3)
        return length >= 20 ? TX_PACKET_STUN : TX_PACKET_UNKNOWN;
    return TX_PACKET_UNKNOWN;
}

#endif
