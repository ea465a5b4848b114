#include "check.h"
#include "probe.h"

#define BEGIN_US 5000000ull

/* Sends a whole cluster of 500-byte packets over a line of `line_bps`; returns what came of it. */
static uint32_t cluster(tx_probe *probe, uint32_t line_bps, unsigned lose_every)
{
    double free_us = 0;
    uint32_t sent = 0, got_bps = 0;
    uint64_t now_us = probe->started_us;
    for (; probe->state == TX_PROBE_SENDING; now_us += TX_PROBE_STEP_US) {
        for (uint32_t due = tx_probe_due(probe, now_us); due; due -= due < 500 ? due : 500) {
            const uint8_t number = tx_probe_sent(probe, 500, now_us);
            CHECK(number != 0);
            free_us = free_us < (double)now_us ? (double)now_us : free_us;
            free_us += 500 * 8e6 / line_bps;
            if (++sent % (lose_every ? lose_every : UINT32_MAX))
                tx_probe_arrived(probe, number, 500, (int64_t)free_us + 777);
        }
    }
    CHECK(tx_probe_done(probe, 50000, now_us + 10000000, &got_bps));
    EQUAL(probe->state, TX_PROBE_IDLE);
    return got_bps;
}

static void nothing_is_tried_when_nothing_more_is_wanted(void)
{
    tx_probe probe = {0};
    CHECK(!tx_probe_start(&probe, 1000000, 1000000, TX_PROBE_BYTES_MIN, BEGIN_US));
    CHECK(!tx_probe_start(&probe, 1000000, 0, TX_PROBE_BYTES_MIN, BEGIN_US));
    CHECK(tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US));
    CHECK(!tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US)); /* one at a time */
    EQUAL(probe.bps, 2000000);
}

static void a_probe_aims_a_little_above_the_wish(void)
{
    tx_probe probe = {0};
    CHECK(tx_probe_start(&probe, 1000000, 1200000, TX_PROBE_BYTES_MIN, BEGIN_US));
    EQUAL(probe.bps, 1500000);
}

static void a_wide_line_gives_the_whole_rate(void)
{
    for (uint32_t bps = 100000; bps <= 20000000; bps *= 3) {
        tx_probe probe = {0};
        CHECK(tx_probe_start(&probe, bps, 10 * bps, TX_PROBE_BYTES_MIN, BEGIN_US));
        const uint32_t got = cluster(&probe, 1000000000, 0);
        CHECK(got > 2 * bps / 100 * 85 && got <= 2 * bps);
    }
}

static void a_narrow_line_gives_its_own_rate(void)
{
    tx_probe probe = {0};
    CHECK(tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US));
    const uint32_t got = cluster(&probe, 1300000, 0);
    CHECK(got > 1200000 && got < 1400000);
}

static void a_tenth_lost_does_not_spoil_it_but_half_does(void)
{
    tx_probe probe = {0};
    CHECK(tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US));
    CHECK(cluster(&probe, 1000000000, 10) > 1500000);
    CHECK(tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US + 20000000));
    EQUAL(cluster(&probe, 1000000000, 2), 0);
}

static void what_brings_nothing_is_tried_less_and_less_often(void)
{
    tx_probe probe = {0};
    uint64_t now_us = BEGIN_US;
    tx_probe_rest(&probe, false, now_us);
    CHECK(!tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, now_us + TX_PROBE_REST_US - 1));
    for (int i = 0; i < 10; i++)
        tx_probe_rest(&probe, false, now_us);
    EQUAL(probe.not_before_us, now_us + TX_PROBE_REST_MAX_US);
    tx_probe_rest(&probe, true, now_us);
    CHECK(tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, now_us));
}

static void arrivals_of_another_cluster_do_not_count(void)
{
    tx_probe probe = {0};
    CHECK(tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US));
    tx_probe_arrived(&probe, (uint8_t)(probe.number + 1), 500, 1);
    tx_probe_arrived(&probe, 0, 500, 1);
    EQUAL(probe.arrived_packets, 0);
    tx_probe_cancel(&probe, BEGIN_US);
    CHECK(!tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US + 1000));
}

static void a_cluster_that_cannot_be_sent_ends(void)
{
    tx_probe probe = {0};
    uint32_t got = 1;
    CHECK(tx_probe_start(&probe, 1000000, 5000000, TX_PROBE_BYTES_MIN, BEGIN_US));
    EQUAL(tx_probe_due(&probe, BEGIN_US + TX_PROBE_MAX_US + 1), 0);
    EQUAL(probe.state, TX_PROBE_WAITING);
    CHECK(tx_probe_done(&probe, 0, BEGIN_US + 20000000, &got));
    EQUAL(got, 0);
}

int main(void)
{
    RUN(nothing_is_tried_when_nothing_more_is_wanted);
    RUN(a_probe_aims_a_little_above_the_wish);
    RUN(a_wide_line_gives_the_whole_rate);
    RUN(a_narrow_line_gives_its_own_rate);
    RUN(a_tenth_lost_does_not_spoil_it_but_half_does);
    RUN(what_brings_nothing_is_tried_less_and_less_often);
    RUN(arrivals_of_another_cluster_do_not_count);
    RUN(a_cluster_that_cannot_be_sent_ends);
    return 0;
}
