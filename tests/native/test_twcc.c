#include "check.h"
#include "twcc.h"

#define REFERENCE_SPAN_US ((int64_t)64000 << 24)

static tx_twcc_recorder recorder;
static uint8_t buffer[TX_TWCC_FEEDBACK_MAX_BYTES];

/* Writes one feedback packet and starts reading it. */
static tx_twcc_reader feedback(void)
{
    tx_writer w = tx_writer_over(buffer, sizeof buffer);
    CHECK(tx_twcc_write(&recorder, &w, 1, 2));
    CHECK(!w.failed);
    EQUAL(tx_writer_length(&w) % 4, 0);
    tx_rtcp_iterator it = tx_rtcp_over(buffer, tx_writer_length(&w));
    tx_rtcp_packet packet, more;
    CHECK(tx_rtcp_next(&it, &packet) && !tx_rtcp_next(&it, &more));
    tx_rtcp_feedback header;
    CHECK(tx_rtcp_read_feedback(&packet, &header) && header.sender_ssrc == 1 && header.media_ssrc == 2);
    tx_twcc_reader reader;
    CHECK(tx_twcc_reader_init(&reader, &packet));
    return reader;
}

static void expect(tx_twcc_reader *reader, uint16_t sequence, uint64_t arrival_us)
{
    tx_twcc_entry entry;
    CHECK(tx_twcc_next(reader, &entry));
    EQUAL(entry.sequence, sequence);
    EQUAL(entry.received, arrival_us != 0);
    if (arrival_us)
        EQUAL(entry.arrival_us, (int64_t)(arrival_us / 250 * 250) % REFERENCE_SPAN_US);
}

static void expect_end(tx_twcc_reader *reader)
{
    tx_twcc_entry entry;
    CHECK(!tx_twcc_next(reader, &entry));
}

static void arrivals_and_gaps_are_reported(void)
{
    tx_twcc_init(&recorder);
    CHECK(!tx_twcc_pending(&recorder));
    tx_twcc_record(&recorder, 0xfffe, 5000000);
    tx_twcc_record(&recorder, 0xffff, 5000600);
    tx_twcc_record(&recorder, 1, 5090000); /* 0 is lost; this delta needs two bytes */
    tx_twcc_record(&recorder, 3, 5089000); /* arrived before 1: a negative delta */
    tx_twcc_reader reader = feedback();
    EQUAL(reader.feedback_count, 0);
    expect(&reader, 0xfffe, 5000000);
    expect(&reader, 0xffff, 5000600);
    expect(&reader, 0, 0);
    expect(&reader, 1, 5090000);
    expect(&reader, 2, 0);
    expect(&reader, 3, 5089000);
    expect_end(&reader);
    CHECK(!tx_twcc_pending(&recorder));
    tx_twcc_record(&recorder, 4, 5100000);
    reader = feedback();
    EQUAL(reader.feedback_count, 1);
    expect(&reader, 4, 5100000);
    expect_end(&reader);
}

static void duplicates_keep_the_first_arrival(void)
{
    tx_twcc_init(&recorder);
    tx_twcc_record(&recorder, 7, 1000000);
    tx_twcc_record(&recorder, 7, 2000000);
    tx_twcc_reader reader = feedback();
    expect(&reader, 7, 1000000);
    tx_twcc_record(&recorder, 7, 3000000);
    CHECK(!tx_twcc_pending(&recorder));
}

static void a_late_packet_is_reported_after_all(void)
{
    tx_twcc_init(&recorder);
    tx_twcc_record(&recorder, 10, 1000000);
    tx_twcc_record(&recorder, 12, 1001000);
    tx_twcc_reader reader = feedback();
    tx_twcc_record(&recorder, 11, 1002000);
    CHECK(tx_twcc_pending(&recorder));
    reader = feedback();
    expect(&reader, 11, 1002000);
    expect(&reader, 12, 1001000);
    expect_end(&reader);
}

static void the_first_packets_may_be_reordered(void)
{
    tx_twcc_init(&recorder);
    tx_twcc_record(&recorder, 0, 1000000);
    tx_twcc_record(&recorder, 0xffff, 1001000);
    tx_twcc_reader reader = feedback();
    expect(&reader, 0xffff, 1001000);
    expect(&reader, 0, 1000000);
    expect_end(&reader);
}

static void a_pause_splits_the_report(void)
{
    tx_twcc_init(&recorder);
    tx_twcc_record(&recorder, 1, 1000000);
    tx_twcc_record(&recorder, 2, 11000000); /* 10 s: more than a delta of 16 bits can say */
    tx_twcc_reader reader = feedback();
    expect(&reader, 1, 1000000);
    expect_end(&reader);
    CHECK(tx_twcc_pending(&recorder));
    reader = feedback();
    expect(&reader, 2, 11000000);
    expect_end(&reader);
}

static void a_long_gap_costs_few_bytes(void)
{
    tx_twcc_init(&recorder);
    tx_twcc_record(&recorder, 0, 1000000);
    tx_twcc_record(&recorder, 900, 1001000);
    tx_writer w = tx_writer_over(buffer, sizeof buffer);
    tx_twcc_reader reader = feedback();
    expect(&reader, 0, 1000000);
    for (uint16_t s = 1; s < 700; s++)
        expect(&reader, s, 0); /* up to the limit of statuses */
    expect_end(&reader);
    CHECK(tx_twcc_write(&recorder, &w, 1, 2));
    CHECK(tx_writer_length(&w) <= 32);
    CHECK(!tx_twcc_pending(&recorder));
}

static void what_falls_out_of_the_window_is_forgotten(void)
{
    tx_twcc_init(&recorder);
    tx_twcc_record(&recorder, 0, 1000000);
    tx_twcc_record(&recorder, TX_TWCC_WINDOW + 9, 1001000);
    tx_twcc_record(&recorder, 5, 1002000); /* out of the window: ignored */
    EQUAL(recorder.next, 10);
    tx_twcc_record(&recorder, 30000, 1003000);
    tx_twcc_record(&recorder, 62000, 1004000); /* jumps by more than the window leave nothing stale */
    size_t received = 0;
    while (tx_twcc_pending(&recorder)) {
        tx_twcc_reader reader = feedback();
        tx_twcc_entry entry;
        while (tx_twcc_next(&reader, &entry))
            received += entry.received;
    }
    EQUAL(received, 1);
}

/* Any pattern of loss, reordering and timing must come out as it went in, in packets that keep their size. */
static void random_patterns_round_trip(void)
{
    uint32_t random = 12345;
    for (int round = 0; round < 300; round++) {
        tx_twcc_init(&recorder);
        static uint64_t sent[65536];
        memset(sent, 0, sizeof sent);
        uint64_t now_us = 1000000 + (uint64_t)round * 40000000;
        const uint16_t base = (uint16_t)(round * 977);
        uint16_t last = base;
        for (uint16_t i = 0; i < 1000; i++) {
            random = random * 1664525 + 1013904223;
            const uint32_t r = random >> 8;
            if (i > 0 && (int)(r % 100) < round % 90)
                continue;
            now_us += r % (round % 7 == 0 ? 20000 : 700);
            last = (uint16_t)(base + i);
            sent[last] = now_us;
            tx_twcc_record(&recorder, last, now_us);
        }
        uint16_t next = base;
        while (tx_twcc_pending(&recorder)) {
            tx_twcc_reader reader = feedback();
            tx_twcc_entry entry;
            while (tx_twcc_next(&reader, &entry)) {
                EQUAL(entry.sequence, next);
                EQUAL(entry.received, sent[next] != 0);
                if (entry.received)
                    EQUAL(entry.arrival_us, (int64_t)(sent[next] / 250 * 250) % REFERENCE_SPAN_US);
                next++;
            }
        }
        EQUAL(next, (uint16_t)(last + 1));
    }
}

static void a_small_writer_consumes_nothing(void)
{
    tx_twcc_init(&recorder);
    tx_twcc_record(&recorder, 1, 1000000);
    tx_writer w = tx_writer_over(buffer, sizeof buffer - 1);
    CHECK(!tx_twcc_write(&recorder, &w, 1, 2));
    CHECK(tx_twcc_pending(&recorder));
    EQUAL(tx_writer_length(&w), 0);
}

static bool reads(const char *hex)
{
    uint8_t data[128];
    tx_rtcp_iterator it = tx_rtcp_over(data, from_hex(hex, data, sizeof data));
    tx_rtcp_packet packet;
    tx_twcc_reader reader;
    return tx_rtcp_next(&it, &packet) && tx_twcc_reader_init(&reader, &packet);
}

static void broken_feedback_is_refused(void)
{
    CHECK(reads("8fcd0005 00000001 00000002 00010001 00000a00 20010400"));  /* one small delta */
    CHECK(!reads("8fcd0004 00000001 00000002 00010001 00000a00"));          /* no chunk */
    CHECK(!reads("8fcd0005 00000001 00000002 00010003 00000a00 20030400")); /* three deltas, two bytes */
    CHECK(!reads("8fcd0005 00000001 00000002 00010001 00000a00 60010400")); /* reserved symbol in a run */
    CHECK(!reads("8fcd0005 00000001 00000002 00010001 00000a00 f0000400")); /* and in a vector */
    CHECK(!reads("8fcd0005 00000001 00000002 00010001 00000a00 00000400")); /* an empty run */
    CHECK(!reads("8ecd0005 00000001 00000002 00010001 00000a00 20010400")); /* another format */
    CHECK(!reads("8fcd0003 00000001 00000002 00010001"));
    CHECK(reads("8fcd0005 00000001 00000002 0001ffff 00000a00 1fff1fff") == false); /* too few chunks */
}

/* The vector of a run, of one-bit and of two-bit symbols, written by hand from draft section 3.1. */
static void all_chunk_kinds_are_read(void)
{
    uint8_t data[128];
    const size_t n = from_hex("8fcd0008 00000001 00000002 00640018 000001 07"
                              "0003" /* run: 3 not received: 100 to 102 */
                              "9001" /* one bit: 103 no, 104 yes, 105 to 115 no, 116 yes */
                              "d680" /* two bits: 117 small, 118 small, 119 large, 120 large, rest (to 123) no */
                              "04 08 0c 10 0004 fffc 0000",
                              data, sizeof data);
    data[3] = (uint8_t)(n / 4 - 1);
    tx_rtcp_iterator it = tx_rtcp_over(data, n);
    tx_rtcp_packet packet;
    tx_twcc_reader reader;
    CHECK(tx_rtcp_next(&it, &packet) && tx_twcc_reader_init(&reader, &packet));
    EQUAL(reader.feedback_count, 7);
    EQUAL(reader.reference_time, 1);
    int64_t at_us = 64000;
    for (uint16_t s = 100; s < 124; s++) {
        tx_twcc_entry entry;
        CHECK(tx_twcc_next(&reader, &entry));
        EQUAL(entry.sequence, s);
        const int delta = s == 104 ? 4
            : s == 116             ? 8
            : s == 117             ? 12
            : s == 118             ? 16
            : s == 119             ? 4
            : s == 120             ? -4
                                   : 0;
        EQUAL(entry.received, delta != 0);
        at_us += delta * 250;
        if (delta)
            EQUAL(entry.arrival_us, at_us);
    }
    expect_end(&reader);
}

int main(void)
{
    RUN(arrivals_and_gaps_are_reported);
    RUN(duplicates_keep_the_first_arrival);
    RUN(a_late_packet_is_reported_after_all);
    RUN(the_first_packets_may_be_reordered);
    RUN(a_pause_splits_the_report);
    RUN(a_long_gap_costs_few_bytes);
    RUN(what_falls_out_of_the_window_is_forgotten);
    RUN(random_patterns_round_trip);
    RUN(a_small_writer_consumes_nothing);
    RUN(broken_feedback_is_refused);
    RUN(all_chunk_kinds_are_read);
    return 0;
}
