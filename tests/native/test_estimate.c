#include "check.h"
#include "estimate.h"

#define REPORT_US 100000

static uint64_t now_us;

/* Reports of `seconds`, all alike. */
static void feed(tx_estimate *estimate, tx_signal signal, double seconds)
{
    for (double at = 0; at < seconds; at += REPORT_US / 1e6) {
        now_us += REPORT_US;
        tx_estimate_update(estimate, &signal, now_us);
    }
}

static tx_signal calm(uint32_t bps)
{
    return (tx_signal){.rtt_us = 50000, .acknowledged = bps, .steady = bps, .sent = bps, .received = 20};
}

static void begin(tx_estimate *estimate)
{
    now_us = 10000000;
    tx_estimate_init(estimate);
}

static void what_is_not_used_does_not_grow(void)
{
    tx_estimate estimate;
    begin(&estimate);
    feed(&estimate, calm(200000), 20);
    EQUAL(estimate.bps, TX_ESTIMATE_START_BPS);
}

static void what_is_used_grows_within_what_arrives(void)
{
    tx_estimate estimate;
    begin(&estimate);
    feed(&estimate, calm(950000), 5);
    CHECK(estimate.bps > 1100000 && estimate.bps < 1500000);
    feed(&estimate, calm(3000000), 1);
    CHECK(estimate.bps >= 3000000 && estimate.bps < 3600000);
}

static void overuse_goes_below_what_arrives(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(950000);
    signal.usage = TX_USAGE_OVER;
    signal.acknowledged = signal.steady = 400000;
    feed(&estimate, signal, 0.1);
    EQUAL(estimate.bps, 340000);
    CHECK(estimate.limited);
}

static void a_known_limit_is_halved_at_most_unless_a_train_has_shown_less(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(950000);
    signal.usage = TX_USAGE_OVER;
    signal.standing_us = 60000;
    signal.acknowledged = signal.steady = 400000;
    feed(&estimate, signal, 0.1);
    EQUAL(estimate.bps, 340000);
    signal.sent = 350000;
    signal.acknowledged = signal.steady = 30000; /* most of a burst after a silence has not come yet */
    feed(&estimate, signal, 0.2);
    EQUAL(estimate.bps, 170000);
    signal.sent = 170000;
    signal.narrowed = true;
    signal.acknowledged = 70000;
    feed(&estimate, signal, 0.2);
    EQUAL(estimate.bps, 59500);
}

static void jitter_of_a_line_hardly_used_changes_nothing(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(100000);
    signal.usage = TX_USAGE_OVER;
    feed(&estimate, signal, 3);
    EQUAL(estimate.bps, TX_ESTIMATE_START_BPS);
}

static void a_queue_that_stands_is_emptied(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(1000000);
    signal.standing_us = 200000;
    feed(&estimate, signal, 0.1);
    EQUAL(estimate.bps, 850000);
    signal.standing_us = 10000;
    feed(&estimate, signal, 0.1);
    CHECK(!estimate.draining);
}

static void a_queue_that_does_not_empty_is_the_path(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(1000000);
    signal.standing_us = 200000;
    bool rebase = false;
    for (int i = 0; i < 40 && !rebase; i++) {
        now_us += REPORT_US;
        rebase = tx_estimate_update(&estimate, &signal, now_us);
    }
    CHECK(rebase && !estimate.draining);
}

static void neither_is_a_short_one_while_the_line_is_hardly_used(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(100000);
    signal.standing_us = 60000;
    bool rebase = false;
    for (int i = 0; i < 40 && !rebase; i++) {
        now_us += REPORT_US;
        rebase = tx_estimate_update(&estimate, &signal, now_us);
    }
    CHECK(rebase);
    EQUAL(estimate.bps, TX_ESTIMATE_START_BPS);
}

static void a_tenth_lost_is_no_congestion(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(900000);
    signal.received = 18;
    signal.lost = 2;
    feed(&estimate, signal, 10);
    CHECK(estimate.bps >= TX_ESTIMATE_START_BPS);
}

static void much_loss_is_and_less_is_sent(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(1000000);
    signal.acknowledged = signal.steady = 500000;
    signal.received = 10;
    signal.lost = 10;
    feed(&estimate, signal, 1.3);
    EQUAL(estimate.bps, 500000);
    CHECK(estimate.limited);
}

static void loss_that_sending_less_does_not_cure_is_borne(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(1000000);
    signal.acknowledged = signal.steady = 800000;
    signal.received = 16;
    signal.lost = 4;
    feed(&estimate, signal, 10);
    CHECK(estimate.bps >= 750000);
    EQUAL(estimate.loss_tolerated_ppm, 250000);
    feed(&estimate, calm(800000), 30);
    EQUAL(estimate.loss_tolerated_ppm, TX_LOSS_TOLERATED_PPM);
}

static void probes_raise_and_never_lower(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_estimate_probed(&estimate, 2000000, 2000000, now_us);
    EQUAL(estimate.bps, 2000000);
    CHECK(!estimate.limited);
    tx_estimate_probed(&estimate, 4000000, 1000000, now_us);
    EQUAL(estimate.bps, 2000000);
    CHECK(estimate.limited);
    tx_estimate_probed(&estimate, 4000000, 3000000, now_us);
    EQUAL(estimate.bps, 2850000);
}

static void it_stays_within_its_bounds(void)
{
    tx_estimate estimate;
    begin(&estimate);
    tx_signal signal = calm(1000);
    signal.usage = TX_USAGE_OVER;
    signal.sent = 1000000;
    feed(&estimate, signal, 20);
    EQUAL(estimate.bps, TX_ESTIMATE_MIN_BPS);
    tx_estimate_probed(&estimate, UINT32_MAX, UINT32_MAX, now_us);
    EQUAL(estimate.bps, TX_ESTIMATE_MAX_BPS);
}

int main(void)
{
    RUN(what_is_not_used_does_not_grow);
    RUN(what_is_used_grows_within_what_arrives);
    RUN(overuse_goes_below_what_arrives);
    RUN(a_known_limit_is_halved_at_most_unless_a_train_has_shown_less);
    RUN(jitter_of_a_line_hardly_used_changes_nothing);
    RUN(a_queue_that_stands_is_emptied);
    RUN(a_queue_that_does_not_empty_is_the_path);
    RUN(neither_is_a_short_one_while_the_line_is_hardly_used);
    RUN(a_tenth_lost_is_no_congestion);
    RUN(much_loss_is_and_less_is_sent);
    RUN(loss_that_sending_less_does_not_cure_is_borne);
    RUN(probes_raise_and_never_lower);
    RUN(it_stays_within_its_bounds);
    return 0;
}
