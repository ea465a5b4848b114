#include "check.h"
#include "packet.h"

static tx_packet_kind kind_of(uint8_t first, uint8_t second, size_t length)
{
    uint8_t data[64] = {first, second};
    return tx_packet_classify(data, length);
}

/* RFC 7983 section 7, each range at its edges. */
static void first_byte_decides(void)
{
    EQUAL(kind_of(0, 1, 20), TX_PACKET_STUN);
    EQUAL(kind_of(3, 1, 20), TX_PACKET_STUN);
    EQUAL(kind_of(4, 1, 20), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(16, 1, 40), TX_PACKET_UNKNOWN); /* ZRTP */
    EQUAL(kind_of(19, 1, 40), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(20, 0xfe, 13), TX_PACKET_DTLS);
    EQUAL(kind_of(63, 0xfe, 13), TX_PACKET_DTLS);
    EQUAL(kind_of(64, 0xfe, 40), TX_PACKET_UNKNOWN); /* TURN channel data */
    EQUAL(kind_of(79, 0xfe, 40), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(127, 0, 40), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(128, 0, 40), TX_PACKET_RTP);
    EQUAL(kind_of(191, 0, 40), TX_PACKET_RTP);
    EQUAL(kind_of(192, 0, 40), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(255, 0, 40), TX_PACKET_UNKNOWN);
}

/* RFC 5761 section 4. */
static void second_byte_tells_rtcp_from_rtp(void)
{
    EQUAL(kind_of(128, 191, 40), TX_PACKET_RTP);
    EQUAL(kind_of(128, 192, 40), TX_PACKET_RTCP);
    EQUAL(kind_of(128, 200, 40), TX_PACKET_RTCP);
    EQUAL(kind_of(128, 223, 40), TX_PACKET_RTCP);
    EQUAL(kind_of(128, 224, 40), TX_PACKET_RTP);
    EQUAL(kind_of(128, 0x80 | 96, 40), TX_PACKET_RTP);
}

static void what_is_too_short_is_nothing(void)
{
    EQUAL(kind_of(0, 1, 19), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(22, 0xfe, 12), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(128, 96, 11), TX_PACKET_UNKNOWN);
    EQUAL(kind_of(128, 201, 8), TX_PACKET_RTCP);
    EQUAL(kind_of(128, 201, 7), TX_PACKET_UNKNOWN);
    EQUAL(tx_packet_classify(NULL, 0), TX_PACKET_UNKNOWN);
}

int main(void)
{
    RUN(first_byte_decides);
    RUN(second_byte_tells_rtcp_from_rtp);
    RUN(what_is_too_short_is_nothing);
    return 0;
}
