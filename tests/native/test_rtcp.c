#include "check.h"
#include "rtcp.h"

static tx_rtcp_packet only(const uint8_t *data, size_t length)
{
    tx_rtcp_iterator it = tx_rtcp_over(data, length);
    tx_rtcp_packet packet, more;
    CHECK(tx_rtcp_next(&it, &packet));
    CHECK(!tx_rtcp_next(&it, &more));
    return packet;
}

static void a_compound_is_walked(void)
{
    uint8_t buffer[256];
    tx_writer w = tx_writer_over(buffer, sizeof buffer);
    const tx_rtcp_sender_report report = {
        .ssrc = 0x11111111, .ntp = 0x0123456789abcdef, .rtp_timestamp = 90000, .packets = 7, .octets = 7700};
    const tx_rtcp_report_block block = {.ssrc = 0x22222222,
                                        .fraction_lost = 12,
                                        .cumulative_lost = -3,
                                        .highest_sequence = 0x10005,
                                        .jitter = 44,
                                        .last_sr = 55,
                                        .delay_last_sr = 66};
    tx_rtcp_write_sender_report(&w, &report, &block, 1);
    tx_rtcp_write_cname(&w, 0x11111111, (const uint8_t *)"room-7", 6);
    tx_rtcp_write_pli(&w, 1, 2);
    const uint32_t gone[2] = {3, 4};
    tx_rtcp_write_bye(&w, gone, 2);
    CHECK(!w.failed);

    tx_rtcp_iterator it = tx_rtcp_over(buffer, tx_writer_length(&w));
    tx_rtcp_packet packet;
    tx_rtcp_sender_report read;
    tx_rtcp_report_block read_block;
    CHECK(tx_rtcp_next(&it, &packet) && packet.type == TX_RTCP_SR);
    CHECK(tx_rtcp_read_sender_report(&packet, &read));
    EQUAL(read.ssrc, report.ssrc);
    EQUAL(read.ntp, report.ntp);
    EQUAL(read.rtp_timestamp, report.rtp_timestamp);
    EQUAL(read.packets, report.packets);
    EQUAL(read.octets, report.octets);
    EQUAL(tx_rtcp_report_count(&packet), 1);
    CHECK(tx_rtcp_read_report_block(&packet, 0, &read_block));
    EQUAL(read_block.ssrc, block.ssrc);
    EQUAL(read_block.fraction_lost, 12);
    EQUAL(read_block.cumulative_lost, -3);
    EQUAL(read_block.highest_sequence, 0x10005);
    EQUAL(read_block.jitter, 44);
    EQUAL(read_block.last_sr, 55);
    EQUAL(read_block.delay_last_sr, 66);
    CHECK(!tx_rtcp_read_report_block(&packet, 1, &read_block));

    uint32_t ssrc = 0;
    const uint8_t *name = NULL;
    uint8_t name_length = 0;
    CHECK(tx_rtcp_next(&it, &packet) && packet.type == TX_RTCP_SDES);
    CHECK(tx_rtcp_read_cname(&packet, 0, &ssrc, &name, &name_length));
    EQUAL(ssrc, 0x11111111);
    EQUAL(name_length, 6);
    SAME_BYTES(name, "room-7", 6);
    CHECK(!tx_rtcp_read_cname(&packet, 1, &ssrc, &name, &name_length));

    tx_rtcp_feedback feedback;
    CHECK(tx_rtcp_next(&it, &packet) && packet.type == TX_RTCP_PSFB && packet.count == TX_PSFB_PLI);
    CHECK(tx_rtcp_read_feedback(&packet, &feedback));
    EQUAL(feedback.sender_ssrc, 1);
    EQUAL(feedback.media_ssrc, 2);

    CHECK(tx_rtcp_next(&it, &packet) && packet.type == TX_RTCP_BYE);
    EQUAL(tx_rtcp_bye_count(&packet), 2);
    EQUAL(tx_rtcp_bye_ssrc(&packet, 1), 4);
    CHECK(!tx_rtcp_next(&it, &packet));
}

static void cname_of_any_length_ends_on_a_word(void)
{
    const uint8_t text[260] = {'x'};
    for (size_t length = 0; length < 256; length++) {
        uint8_t buffer[300];
        tx_writer w = tx_writer_over(buffer, sizeof buffer);
        tx_rtcp_write_cname(&w, 9, text, length);
        CHECK(!w.failed);
        EQUAL(tx_writer_length(&w) % 4, 0);
        const tx_rtcp_packet packet = only(buffer, tx_writer_length(&w));
        uint32_t ssrc = 0;
        const uint8_t *name = NULL;
        uint8_t read = 0;
        CHECK(tx_rtcp_read_cname(&packet, 0, &ssrc, &name, &read));
        EQUAL(read, length);
    }
}

static void chunks_of_several_sources_are_told_apart(void)
{
    uint8_t data[64];
    /* SSRC 1: TOOL "a", CNAME "bc"; SSRC 2: nothing; SSRC 3: CNAME "d" */
    const size_t n = from_hex("83ca0007 00000001 0601 61 0102 6263 00 00000002 00000000 00000003 01016400 00000000",
                              data, sizeof data);
    const tx_rtcp_packet packet = only(data, n);
    uint32_t ssrc = 0;
    const uint8_t *name = NULL;
    uint8_t length = 0;
    CHECK(tx_rtcp_read_cname(&packet, 0, &ssrc, &name, &length) && ssrc == 1 && length == 2 && name[0] == 'b');
    CHECK(!tx_rtcp_read_cname(&packet, 1, &ssrc, &name, &length));
    CHECK(tx_rtcp_read_cname(&packet, 2, &ssrc, &name, &length) && ssrc == 3 && name[0] == 'd');
}

static void lost_is_signed_and_clamped(void)
{
    const int32_t given[5] = {0x7fffff, 0x800000, -0x800000, -0x900000, -1};
    const int32_t kept[5] = {0x7fffff, 0x7fffff, -0x800000, -0x800000, -1};
    for (size_t i = 0; i < 5; i++) {
        uint8_t buffer[64];
        tx_writer w = tx_writer_over(buffer, sizeof buffer);
        const tx_rtcp_report_block block = {.cumulative_lost = given[i]};
        tx_rtcp_write_receiver_report(&w, 1, &block, 1);
        const tx_rtcp_packet packet = only(buffer, tx_writer_length(&w));
        tx_rtcp_report_block read;
        CHECK(tx_rtcp_read_report_block(&packet, 0, &read));
        EQUAL(read.cumulative_lost, kept[i]);
    }
}

static void nack_packs_runs_and_expands_them(void)
{
    const uint16_t lost[9] = {0xfffe, 0xffff, 0, 14, 15, 16, 100, 116, 117};
    uint8_t buffer[64];
    tx_writer w = tx_writer_over(buffer, sizeof buffer);
    tx_rtcp_write_nack(&w, 1, 2, lost, 9);
    /* fffe + 16 reaches 14, so 15 starts an entry of its own; 100 + 16 reaches 116, 117 is alone */
    EQUAL(tx_writer_length(&w), 12 + 4 * 4);
    const tx_rtcp_packet packet = only(buffer, tx_writer_length(&w));
    uint16_t read[32];
    EQUAL(tx_rtcp_read_nack(&packet, read, 32), 9);
    for (size_t i = 0; i < 9; i++)
        EQUAL(read[i], lost[i]);
    EQUAL(tx_rtcp_read_nack(&packet, read, 4), 4); /* bounded by what the caller can take */
    EQUAL(tx_rtcp_read_nack(&packet, read, 1), 1);
    EQUAL(tx_rtcp_read_nack(&packet, read, 0), 0);
    tx_writer none = tx_writer_over(buffer, sizeof buffer);
    tx_rtcp_write_nack(&none, 1, 2, lost, 0);
    EQUAL(tx_writer_length(&none), 0);
}

static void fir_names_the_source_in_its_entry(void)
{
    uint8_t buffer[64];
    tx_writer w = tx_writer_over(buffer, sizeof buffer);
    tx_rtcp_write_fir(&w, 1, 2, 77);
    const tx_rtcp_packet packet = only(buffer, tx_writer_length(&w));
    tx_rtcp_feedback feedback;
    uint32_t ssrc = 0;
    uint8_t sequence = 0;
    CHECK(tx_rtcp_read_feedback(&packet, &feedback) && feedback.media_ssrc == 0);
    EQUAL(tx_rtcp_fir_count(&packet), 1);
    CHECK(tx_rtcp_read_fir(&packet, 0, &ssrc, &sequence) && ssrc == 2 && sequence == 77);
    CHECK(!tx_rtcp_read_fir(&packet, 1, &ssrc, &sequence));
}

static void remb_keeps_18_bits_of_the_rate(void)
{
    const uint64_t given[5] = {0, 1, 0x3ffff, 2500000, 12345678901};
    const uint32_t ssrcs[2] = {5, 6};
    for (size_t i = 0; i < 5; i++) {
        uint8_t buffer[64];
        tx_writer w = tx_writer_over(buffer, sizeof buffer);
        tx_rtcp_write_remb(&w, 1, given[i], ssrcs, 2);
        const tx_rtcp_packet packet = only(buffer, tx_writer_length(&w));
        uint64_t rate = 0;
        size_t count = 0;
        CHECK(tx_rtcp_read_remb(&packet, &rate, &count));
        CHECK(rate <= given[i] && rate >= given[i] - given[i] / 0x20000);
        EQUAL(count, 2);
        EQUAL(tx_rtcp_remb_ssrc(&packet, 1), 6);
    }
    uint8_t data[32];
    uint64_t rate = 0;
    size_t count = 0;
    tx_rtcp_packet packet = only(data, from_hex("8fce0004 00000001 00000000 52454d42 00ffffff", data, sizeof data));
    CHECK(tx_rtcp_read_remb(&packet, &rate, &count) && rate == UINT64_MAX); /* saturates, does not wrap */
    packet = only(data, from_hex("8fce0004 00000001 00000000 52454d42 01000001", data, sizeof data));
    CHECK(!tx_rtcp_read_remb(&packet, &rate, &count)); /* says one SSRC, has none */
    packet = only(data, from_hex("8fce0004 00000001 00000000 53454d42 00000001", data, sizeof data));
    CHECK(!tx_rtcp_read_remb(&packet, &rate, &count)); /* another application's feedback */
}

static void counts_beyond_the_packet_are_not_believed(void)
{
    uint8_t data[64];
    tx_rtcp_report_block block;
    tx_rtcp_packet packet = only(data, from_hex("9fc90001 00000001", data, sizeof data)); /* 31 blocks, none there */
    EQUAL(tx_rtcp_report_count(&packet), 0);
    CHECK(!tx_rtcp_read_report_block(&packet, 0, &block));
    packet = only(data, from_hex("9fcb0001 00000001", data, sizeof data));
    EQUAL(tx_rtcp_bye_count(&packet), 1);
    packet = only(data, from_hex("81c80000", data, sizeof data)); /* an SR of a header only */
    tx_rtcp_sender_report report;
    CHECK(!tx_rtcp_read_sender_report(&packet, &report));
    EQUAL(tx_rtcp_report_count(&packet), 0);
    uint32_t ssrc = 0;
    const uint8_t *name = NULL;
    uint8_t length = 0;
    packet = only(data, from_hex("81ca0002 00000001 01ff6161", data, sizeof data)); /* item longer than the chunk */
    CHECK(!tx_rtcp_read_cname(&packet, 0, &ssrc, &name, &length));
    packet = only(data, from_hex("81ca0002 00000001 01026161", data, sizeof data)); /* no terminating zero */
    CHECK(!tx_rtcp_read_cname(&packet, 0, &ssrc, &name, &length));
    packet = only(data, from_hex("81ca0000", data, sizeof data));
    CHECK(!tx_rtcp_read_cname(&packet, 0, &ssrc, &name, &length));
    tx_rtcp_feedback feedback;
    packet = only(data, from_hex("81cd0001 00000001", data, sizeof data));
    CHECK(!tx_rtcp_read_feedback(&packet, &feedback));
    uint16_t sequences[4];
    EQUAL(tx_rtcp_read_nack(&packet, sequences, 4), 0);
}

static void a_broken_tail_leaves_the_rest_readable(void)
{
    uint8_t data[64];
    const size_t n = from_hex("80c90001 00000001 80c90005 00000001", data, sizeof data);
    tx_rtcp_iterator it = tx_rtcp_over(data, n);
    tx_rtcp_packet packet;
    CHECK(tx_rtcp_next(&it, &packet));
    CHECK(!tx_rtcp_next(&it, &packet));
    it = tx_rtcp_over(data, 3);
    CHECK(!tx_rtcp_next(&it, &packet));
    data[0] = 0x40; /* version 1 */
    it = tx_rtcp_over(data, n);
    CHECK(!tx_rtcp_next(&it, &packet));
}

static void padding_is_taken_off(void)
{
    uint8_t data[64];
    tx_rtcp_packet packet = only(data, from_hex("a0c90002 00000001 00000004", data, sizeof data));
    EQUAL(packet.length, 8);
    packet = only(data, from_hex("a0c90002 00000001 00000003", data, sizeof data));
    EQUAL(packet.length, 9);
    const char *const broken[2] = {"a0c90002 00000001 00000000", "a0c90002 00000001 0000000c"};
    for (size_t i = 0; i < 2; i++) {
        tx_rtcp_iterator it = tx_rtcp_over(data, from_hex(broken[i], data, sizeof data));
        CHECK(!tx_rtcp_next(&it, &packet));
    }
}

static void a_full_writer_fails_and_stays_in_bounds(void)
{
    const tx_rtcp_sender_report report = {.ssrc = 1};
    const tx_rtcp_report_block blocks[40] = {{.ssrc = 2}};
    uint8_t whole[2048];
    tx_writer w = tx_writer_over(whole, sizeof whole);
    tx_rtcp_write_sender_report(&w, &report, blocks, 40); /* clamped to 31 */
    EQUAL(tx_writer_length(&w), 28 + 31 * 24);
    for (size_t n = 0; n < 28 + 24; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        CHECK(exact);
        tx_writer small = tx_writer_over(exact, n);
        tx_rtcp_write_sender_report(&small, &report, blocks, 1);
        CHECK(small.failed);
        free(exact);
    }
}

static void ntp_time_is_fixed_point_since_1900(void)
{
    EQUAL(tx_ntp_from_unix_us(0) >> 32, 2208988800);
    EQUAL(tx_ntp_from_unix_us(500000) & 0xffffffff, 0x80000000);
    EQUAL(tx_ntp_middle(0x0123456789abcdef), 0x456789ab);
}

int main(void)
{
    RUN(a_compound_is_walked);
    RUN(cname_of_any_length_ends_on_a_word);
    RUN(chunks_of_several_sources_are_told_apart);
    RUN(lost_is_signed_and_clamped);
    RUN(nack_packs_runs_and_expands_them);
    RUN(fir_names_the_source_in_its_entry);
    RUN(remb_keeps_18_bits_of_the_rate);
    RUN(counts_beyond_the_packet_are_not_believed);
    RUN(a_broken_tail_leaves_the_rest_readable);
    RUN(padding_is_taken_off);
    RUN(a_full_writer_fails_and_stays_in_bounds);
    RUN(ntp_time_is_fixed_point_since_1900);
    return 0;
}
