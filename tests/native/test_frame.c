#include "check.h"
#include "frame.h"

#define REQUEST_BYTES 28u

/* A binding request of 8 bytes of attributes, framed. */
static void fill_request(uint8_t *data)
{
    memset(data, 0, TX_FRAME_HEADER_BYTES + REQUEST_BYTES);
    tx_put16(data, REQUEST_BYTES);
    tx_put16(data + 2, 1);
    tx_put16(data + 4, REQUEST_BYTES - 20);
    tx_put32(data + 6, TX_FRAME_STUN_COOKIE);
}

static void a_frame_is_whole_when_its_last_byte_is_there(void)
{
    uint8_t data[8] = {0, 4, 1, 2, 3, 4, 0, 9};
    size_t length = 0;
    for (size_t available = 0; available < 6; available++)
        EQUAL(tx_frame_next(data, available, &length), TX_FRAME_PARTIAL);
    EQUAL(tx_frame_next(data, 6, &length), TX_FRAME_WHOLE);
    EQUAL(length, 4);
    EQUAL(tx_frame_next(data + 6, 2, &length), TX_FRAME_PARTIAL);
}

static void an_empty_frame_is_a_frame(void)
{
    const uint8_t data[2] = {0, 0};
    size_t length = 9;
    EQUAL(tx_frame_next(data, 2, &length), TX_FRAME_WHOLE);
    EQUAL(length, 0);
}

static void a_frame_longer_than_any_packet_is_bad_at_once(void)
{
    uint8_t data[2];
    size_t length;
    tx_put16(data, TX_FRAME_MAX_BYTES);
    EQUAL(tx_frame_next(data, 2, &length), TX_FRAME_PARTIAL);
    tx_put16(data, TX_FRAME_MAX_BYTES + 1);
    EQUAL(tx_frame_next(data, 2, &length), TX_FRAME_BAD);
}

static void a_connection_opens_with_a_binding_request(void)
{
    uint8_t data[TX_FRAME_HEADER_BYTES + REQUEST_BYTES];
    fill_request(data);
    for (size_t available = 0; available < 10; available++)
        EQUAL(tx_frame_opening(data, available), TX_FRAME_PARTIAL);
    for (size_t available = 10; available <= sizeof data; available++)
        EQUAL(tx_frame_opening(data, available), TX_FRAME_WHOLE);
    for (size_t at = 0; at < 10; at++) {
        fill_request(data);
        data[at] ^= 0x10;
        EQUAL(tx_frame_opening(data, sizeof data), TX_FRAME_BAD);
    }
}

static void other_protocols_are_seen_by_their_first_bytes(void)
{
    const char *others[] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "SSH-2.0-", "\r\n\r\n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        EQUAL(tx_frame_opening((const uint8_t *)others[i], 4), TX_FRAME_BAD);
}

int main(void)
{
    a_frame_is_whole_when_its_last_byte_is_there();
    an_empty_frame_is_a_frame();
    a_frame_longer_than_any_packet_is_bad_at_once();
    a_connection_opens_with_a_binding_request();
    other_protocols_are_seen_by_their_first_bytes();
    return 0;
}
