/* A whole call over lines of all kinds, in virtual time (bottleneck.h). */
#include "bottleneck.h"

#define SECOND_US 1000000ull

static const uint32_t layers[LADDER_MAX] = {150000, 500000, 1700000};
static flow one, other;
static line path;
static uint64_t now_us;

static void begin(uint32_t capacity_bps)
{
    memset(&path, 0, sizeof path);
    now_us = path.moved_us = 50 * SECOND_US;
    path.weather = (line_weather){.capacity_bps = capacity_bps, .delay_us = 20000, .jitter_us = 3000};
    path.weather.queue_us = 1000000;
    flow_init(&one, layers, now_us);
}

static void it_finds_nine_tenths_of_a_line_and_keeps_its_queue_short(void)
{
    const uint32_t capacities[] = {400000, 1000000};
    for (unsigned i = 0; i < 2; i++) {
        begin(capacities[i]);
        run(&one, &path, &now_us, 5 * SECOND_US, 0);
        const stretch after = run(&one, &path, &now_us, 20 * SECOND_US, 0);
        CHECK(after.mean_bps > capacities[i] / 100 * 86 && after.mean_bps < capacities[i] / 100 * 105);
        CHECK(after.queue_mean_us < 30000);
        CHECK(after.queue_max_us < 150000);
        CHECK(after.layer_least >= i + 1);
    }
}

static void a_wide_line_soon_carries_all_that_is_wanted(void)
{
    begin(3000000);
    const stretch start = run(&one, &path, &now_us, 3 * SECOND_US, one.wanted_bps);
    CHECK(start.first_at_us < SECOND_US / 2);
    const uint64_t padding = one.padding_bytes;
    const stretch after = run(&one, &path, &now_us, 10 * SECOND_US, 0);
    EQUAL(after.layer_least, 3);
    EQUAL(one.padding_bytes, padding); /* nothing is probed for once it is there */
}

static void a_line_that_becomes_narrow_is_felt_within_a_third_of_a_second_and_its_queue_emptied(void)
{
    begin(3000000);
    run(&one, &path, &now_us, 10 * SECOND_US, 0);
    path.weather.capacity_bps = 400000;
    run(&one, &path, &now_us, 350000, 0);
    CHECK(one.congestion.estimate.bps < 400000);
    run(&one, &path, &now_us, 2650000, 0);
    const stretch after = run(&one, &path, &now_us, 10 * SECOND_US, 0);
    CHECK(after.queue_max_us < 200000);
    CHECK(after.layer_least >= 1);
    CHECK(after.mean_bps > 300000);
}

static void a_line_that_becomes_wide_again_is_used_within_five_seconds(void)
{
    begin(3000000);
    run(&one, &path, &now_us, 5 * SECOND_US, 0);
    path.weather.capacity_bps = 400000;
    run(&one, &path, &now_us, 20 * SECOND_US, 0);
    path.weather.capacity_bps = 3000000;
    const stretch after = run(&one, &path, &now_us, 15 * SECOND_US, one.wanted_bps);
    CHECK(after.first_at_us < 5 * SECOND_US);
    EQUAL(one.layer, 3);
}

static void a_tenth_lost_at_random_does_not_cost_the_picture(void)
{
    begin(3000000);
    path.weather.delay_us = 50000;
    path.weather.loss_ppm = 100000;
    run(&one, &path, &now_us, 5 * SECOND_US, 0);
    const stretch after = run(&one, &path, &now_us, 30 * SECOND_US, 0);
    EQUAL(after.layer_least, 3);
}

static void jitter_does_not_cost_it_either(void)
{
    begin(3000000);
    path.weather.jitter_us = 40000;
    run(&one, &path, &now_us, 5 * SECOND_US, 0);
    const stretch after = run(&one, &path, &now_us, 30 * SECOND_US, 0);
    CHECK(after.mean_bps > one.wanted_bps);
}

static void a_longer_path_is_learned(void)
{
    begin(3000000);
    run(&one, &path, &now_us, 5 * SECOND_US, 0);
    path.weather.delay_us = 150000;
    run(&one, &path, &now_us, 10 * SECOND_US, 0);
    const stretch after = run(&one, &path, &now_us, 10 * SECOND_US, 0);
    CHECK(after.mean_bps > one.wanted_bps);
}

/* A policer drops what is too much instead of queueing it: there is no delay to be seen. */
static void a_line_without_a_queue_is_respected(void)
{
    begin(3000000);
    run(&one, &path, &now_us, 5 * SECOND_US, 0);
    path.weather.queue_us = 20000;
    path.weather.capacity_bps = 600000;
    run(&one, &path, &now_us, 5 * SECOND_US, 0);
    const stretch after = run(&one, &path, &now_us, 20 * SECOND_US, 0);
    CHECK(after.sent_bps < 600000);
    CHECK(after.mean_bps < 900000 && after.mean_bps > 200000);
}

static void two_calls_on_one_line_share_it(void)
{
    begin(1500000);
    flow_init(&other, layers, now_us);
    uint64_t bytes[2] = {0};
    uint64_t begin_us = now_us;
    for (; now_us < begin_us + 60 * SECOND_US; now_us += 1000) {
        line_move(&path, now_us);
        flow_step(&one, &path, now_us);
        const unsigned mine = path.tail;
        flow_step(&other, &path, now_us);
        for (unsigned i = mine; i != path.tail; i++)
            path.flying[i % LINE_PACKETS].of_other = true;
        line_arrive(&path, &one, &other, now_us);
        if (now_us == begin_us + 20 * SECOND_US) {
            bytes[0] = one.sent_bytes;
            bytes[1] = other.sent_bytes;
        }
    }
    const uint64_t left = one.sent_bytes - bytes[0], right = other.sent_bytes - bytes[1];
    CHECK(left < 4 * right && right < 4 * left);
    CHECK((left + right) * 8 / 40 < 1500000);
    CHECK((left + right) * 8 / 40 > 600000);
}

static void what_was_never_sent_is_not_believed(void)
{
    begin(3000000);
    tx_twcc_recorder recorder;
    tx_twcc_init(&recorder);
    for (uint16_t i = 0; i < 500; i++)
        tx_twcc_record(&recorder, i, 1000000 + i);
    uint8_t data[TX_TWCC_FEEDBACK_MAX_BYTES];
    tx_writer w = tx_writer_over(data, sizeof data);
    CHECK(tx_twcc_write(&recorder, &w, 1, 2));
    tx_rtcp_iterator it = tx_rtcp_over(data, tx_writer_length(&w));
    tx_rtcp_packet packet;
    tx_twcc_reader reader;
    CHECK(tx_rtcp_next(&it, &packet) && tx_twcc_reader_init(&reader, &packet));
    tx_congestion_report(&one.congestion, &reader, 50000, now_us);
    EQUAL(one.congestion.reported_us, 0);
    EQUAL(tx_congestion_bps(&one.congestion), 0);
}

int main(void)
{
    RUN(it_finds_nine_tenths_of_a_line_and_keeps_its_queue_short);
    RUN(a_wide_line_soon_carries_all_that_is_wanted);
    RUN(a_line_that_becomes_narrow_is_felt_within_a_third_of_a_second_and_its_queue_emptied);
    RUN(a_line_that_becomes_wide_again_is_used_within_five_seconds);
    RUN(a_tenth_lost_at_random_does_not_cost_the_picture);
    RUN(jitter_does_not_cost_it_either);
    RUN(a_longer_path_is_learned);
    RUN(a_line_without_a_queue_is_respected);
    RUN(two_calls_on_one_line_share_it);
    RUN(what_was_never_sent_is_not_believed);
    return 0;
}
