#include "check.h"
#include "rtp.h"

/* ---- view ---- */

static void header_fields_are_read(void)
{
    uint8_t data[64];
    tx_rtp_view view;
    /* V=2, P=0, X=1, CC=2; M=1, PT=96; two CSRC; one-byte extensions; three bytes of payload */
    const size_t length =
        from_hex("92e01234 89abcdef deadbeef 00000001 00000002 bede0001 10550000 aabbcc", data, sizeof data);
    CHECK(tx_rtp_parse(&view, data, length));
    EQUAL(view.payload_type, 96);
    CHECK(view.marker && !view.padded);
    EQUAL(view.sequence, 0x1234);
    EQUAL(view.timestamp, 0x89abcdef);
    EQUAL(view.ssrc, 0xdeadbeef);
    EQUAL(view.csrc_count, 2);
    EQUAL(view.header_length, 28);
    EQUAL(view.payload_length, 3);
    EQUAL(view.extension_form, 1);
    EQUAL(view.extension_length, 4);
    EQUAL(*tx_rtp_payload(&view), 0xaa);
}

static void every_truncation_is_refused_or_in_bounds(void)
{
    uint8_t data[64];
    const size_t length =
        from_hex("92e01234 89abcdef deadbeef 00000001 00000002 bede0001 10550000 aabbcc", data, sizeof data);
    for (size_t n = 0; n <= length; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        CHECK(exact);
        memcpy(exact, data, n);
        tx_rtp_view view;
        EQUAL(tx_rtp_parse(&view, exact, n), n >= 28);
        free(exact);
    }
}

static void padding_must_fit_the_payload(void)
{
    uint8_t data[16];
    tx_rtp_view view;
    size_t length = from_hex("a0601234 00000000 00000001 aabb0002", data, sizeof data);
    CHECK(tx_rtp_parse(&view, data, length));
    EQUAL(view.padding, 2);
    EQUAL(view.payload_length, 2);
    data[15] = 4;
    CHECK(tx_rtp_parse(&view, data, length));
    EQUAL(view.payload_length, 0); /* padding only: a probe */
    data[15] = 5;
    CHECK(!tx_rtp_parse(&view, data, length));
    data[15] = 0;
    CHECK(!tx_rtp_parse(&view, data, length));
    CHECK(!tx_rtp_parse(&view, data, 12)); /* P set on an empty payload */
}

static void other_versions_are_refused(void)
{
    uint8_t data[12] = {0x40};
    tx_rtp_view view;
    CHECK(!tx_rtp_parse(&view, data, sizeof data));
    data[0] = 0x80;
    CHECK(tx_rtp_parse(&view, data, sizeof data));
}

/* ---- extensions ---- */

static void one_byte_elements_are_found(void)
{
    uint8_t data[64];
    tx_rtp_view view;
    uint8_t length = 0;
    /* id 1 (2 bytes), a padding byte, id 3 (1 byte), then id 15, which ends the search, then id 4 */
    const size_t n = from_hex("90601234 00000000 00000001 bede0003 11aabb00 30ccf000 40dd0000", data, sizeof data);
    CHECK(tx_rtp_parse(&view, data, n));
    const uint8_t *value = tx_rtp_extension(&view, 1, &length);
    CHECK(value && length == 2 && value[0] == 0xaa && value[1] == 0xbb);
    value = tx_rtp_extension(&view, 3, &length);
    CHECK(value && length == 1 && value[0] == 0xcc);
    CHECK(!tx_rtp_extension(&view, 4, &length));
    CHECK(!tx_rtp_extension(&view, 2, &length));
}

static void two_byte_elements_are_found(void)
{
    uint8_t data[64];
    tx_rtp_view view;
    uint8_t length = 99;
    /* id 5 (empty), a padding byte, id 200 (3 bytes) */
    const size_t n = from_hex("90601234 00000000 00000001 10000002 050000c8 03aabbcc", data, sizeof data);
    CHECK(tx_rtp_parse(&view, data, n));
    EQUAL(view.extension_form, 2);
    CHECK(tx_rtp_extension(&view, 5, &length));
    EQUAL(length, 0);
    const uint8_t *value = tx_rtp_extension(&view, 200, &length);
    CHECK(value && length == 3 && value[2] == 0xcc);
}

static void an_element_beyond_the_block_is_not_found(void)
{
    uint8_t data[64];
    tx_rtp_view view;
    uint8_t length = 0;
    size_t n = from_hex("90601234 00000000 00000001 bede0001 14aabbcc dddddddd", data, sizeof data);
    CHECK(tx_rtp_parse(&view, data, n));
    CHECK(!tx_rtp_extension(&view, 1, &length));
    n = from_hex("90601234 00000000 00000001 10000001 0103aabb", data, sizeof data);
    CHECK(tx_rtp_parse(&view, data, n));
    CHECK(!tx_rtp_extension(&view, 1, &length));
    n = from_hex("90601234 00000000 00000001 10000001 00000001", data, sizeof data); /* half a head */
    CHECK(tx_rtp_parse(&view, data, n));
    CHECK(!tx_rtp_extension(&view, 1, &length));
}

static void maps_refuse_bad_ids(void)
{
    tx_extension_map map;
    uint8_t id[TX_EXT_COUNT] = {0};
    CHECK(tx_extension_map_init(&map, id));
    id[TX_EXT_MID] = 4;
    id[TX_EXT_AUDIO_LEVEL] = 14;
    CHECK(tx_extension_map_init(&map, id));
    EQUAL(map.meaning[14], TX_EXT_AUDIO_LEVEL);
    EQUAL(map.meaning[5], TX_EXT_COUNT);
    id[TX_EXT_RID] = 4;
    CHECK(!tx_extension_map_init(&map, id));
    id[TX_EXT_RID] = 15;
    CHECK(!tx_extension_map_init(&map, id));
}

/* ---- RTX and RED ---- */

static void rtx_is_unwrapped_in_place(void)
{
    uint8_t data[64];
    tx_rtp_view view;
    const size_t length = from_hex("90e10009 00000010 00000002 bede0001 10550000 1234 aabbcc", data, sizeof data);
    CHECK(tx_rtp_parse(&view, data, length));
    CHECK(tx_rtp_rtx_unwrap(&view, data, 0xcafebabe, 96));
    uint8_t expected[64];
    const size_t wanted = from_hex("90e01234 00000010 cafebabe bede0001 10550000 aabbcc", expected, sizeof expected);
    EQUAL(view.length, wanted);
    CHECK(view.data == data + 2);
    SAME_BYTES(view.data, expected, wanted);
    tx_rtp_view again;
    CHECK(tx_rtp_parse(&again, view.data, view.length));
    EQUAL(again.sequence, view.sequence);
    EQUAL(again.payload_length, 3);
    EQUAL(view.payload_length, 3);
}

static void rtx_without_payload_is_a_probe(void)
{
    uint8_t data[64];
    tx_rtp_view view;
    CHECK(tx_rtp_parse(&view, data, from_hex("80610009 00000010 00000002 1234", data, sizeof data)));
    CHECK(!tx_rtp_rtx_unwrap(&view, data, 1, 96));
    CHECK(tx_rtp_parse(&view, data, from_hex("a0610009 00000010 00000002 000003", data, sizeof data)));
    CHECK(!tx_rtp_rtx_unwrap(&view, data, 1, 96));
}

static void red_blocks_are_found(void)
{
    uint8_t data[64];
    tx_red_view red;
    /* two redundant blocks of 2 and 1 bytes, 1920 and 960 samples old, then the primary of 3 */
    const size_t length = from_hex("ef1e0002 ef0f0001 6f aaaa bb cccccc", data, sizeof data);
    CHECK(tx_red_parse(&red, data, length));
    EQUAL(red.redundant_count, 2);
    EQUAL(red.redundant[0].timestamp_offset, 1920);
    EQUAL(red.redundant[0].length, 2);
    EQUAL(data[red.redundant[0].offset], 0xaa);
    EQUAL(red.redundant[1].timestamp_offset, 960);
    EQUAL(data[red.redundant[1].offset], 0xbb);
    EQUAL(red.primary.payload_type, 111);
    EQUAL(red.primary.length, 3);
    EQUAL(data[red.primary.offset], 0xcc);
    CHECK(!tx_red_parse(&red, data, 11)); /* blocks longer than what is there */
    for (size_t n = 0; n < 9; n++)
        CHECK(!tx_red_parse(&red, data, n));
    memset(data, 0x80, sizeof data); /* headers without end */
    CHECK(!tx_red_parse(&red, data, sizeof data));
}

/* ---- sequence numbers ---- */

static void newer_holds_around_the_edges(void)
{
    const uint16_t edges[6] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    for (size_t i = 0; i < 6; i++) {
        const uint16_t s = edges[i];
        CHECK(!tx_seq_newer(s, s));
        CHECK(tx_seq_newer((uint16_t)(s + 1), s));
        CHECK(!tx_seq_newer(s, (uint16_t)(s + 1)));
        CHECK(tx_seq_newer((uint16_t)(s + 0x7fff), s));
        CHECK(!tx_seq_newer(s, (uint16_t)(s + 0x7fff)));
        const uint16_t opposite = (uint16_t)(s + 0x8000);
        CHECK(tx_seq_newer(s, opposite) != tx_seq_newer(opposite, s));
    }
}

static void unwrapping_follows_both_ways(void)
{
    tx_seq_unwrapper u = {0};
    EQUAL(tx_seq_peek(&u, 0xfffe), 0xfffe);
    EQUAL(tx_seq_unwrap(&u, 0xfffe), 0xfffe);
    EQUAL(tx_seq_unwrap(&u, 0xffff), 0xffff);
    EQUAL(tx_seq_unwrap(&u, 0x0000), 0x10000);
    EQUAL(tx_seq_unwrap(&u, 0xffff), 0xffff); /* late, before the wrap */
    EQUAL(tx_seq_peek(&u, 5), 0x10005);
    EQUAL(u.newest, 0x10000);
    EQUAL(tx_seq_unwrap(&u, 0x7fff), 0x17fff);
    EQUAL(tx_seq_unwrap(&u, 0x8000), 0x18000);
    EQUAL(tx_seq_unwrap(&u, 0x0001), 0x10001); /* exactly 2^15 - 1 back */

    tx_seq_unwrapper early = {0};
    EQUAL(tx_seq_unwrap(&early, 0), 0);
    EQUAL(tx_seq_unwrap(&early, 0xffff), -1); /* older than the first */
    EQUAL(tx_seq_unwrap(&early, 1), 1);
}

static void unwrapping_a_million_in_order_never_slips(void)
{
    tx_seq_unwrapper u = {0};
    for (int64_t i = 0; i < 1000000; i++)
        CHECK(tx_seq_unwrap(&u, (uint16_t)i) == i);
}

int main(void)
{
    RUN(header_fields_are_read);
    RUN(every_truncation_is_refused_or_in_bounds);
    RUN(padding_must_fit_the_payload);
    RUN(other_versions_are_refused);
    RUN(one_byte_elements_are_found);
    RUN(two_byte_elements_are_found);
    RUN(an_element_beyond_the_block_is_not_found);
    RUN(maps_refuse_bad_ids);
    RUN(rtx_is_unwrapped_in_place);
    RUN(rtx_without_payload_is_a_probe);
    RUN(red_blocks_are_found);
    RUN(newer_holds_around_the_edges);
    RUN(unwrapping_follows_both_ways);
    RUN(unwrapping_a_million_in_order_never_slips);
    return 0;
}
