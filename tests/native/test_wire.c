#include "check.h"
#include "wire.h"

static void numbers_are_big_endian_and_unaligned(void)
{
    const uint8_t data[9] = {0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
    EQUAL(tx_get16(data + 1), 0x0102);
    EQUAL(tx_get24(data + 1), 0x010203);
    EQUAL(tx_get32(data + 1), 0x01020304);
    EQUAL(tx_get64(data + 1), 0x0102030405060708);
    uint8_t out[9] = {0};
    tx_put64(out + 1, 0x0102030405060708);
    SAME_BYTES(out + 1, data + 1, 8);
    tx_put24(out, 0xaabbcc);
    EQUAL(tx_get24(out), 0xaabbcc);
}

static void writer_stops_at_its_end_for_good(void)
{
    uint8_t buffer[6] = {0};
    tx_writer w = tx_writer_over(buffer, 5);
    tx_write32(&w, 0x01020304);
    CHECK(!w.failed);
    tx_write16(&w, 0xffff); /* two bytes do not fit into one */
    CHECK(w.failed);
    tx_write8(&w, 0xff); /* one would, but the message is spoilt already */
    CHECK(w.failed);
    EQUAL(tx_writer_length(&w), 4);
    EQUAL(buffer[4], 0);
    EQUAL(buffer[5], 0);
}

static void empty_pieces_are_harmless(void)
{
    uint8_t buffer[1];
    tx_writer w = tx_writer_over(buffer, 0);
    tx_write_bytes(&w, NULL, 0);
    tx_write_zeros(&w, 0);
    CHECK(!w.failed);
    tx_write_zeros(&w, 1);
    CHECK(w.failed);
}

int main(void)
{
    RUN(numbers_are_big_endian_and_unaligned);
    RUN(writer_stops_at_its_end_for_good);
    RUN(empty_pieces_are_harmless);
    return 0;
}
