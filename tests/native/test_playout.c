#include "check.h"
#include "playout.h"

static const tx_playout_way clean = {.loss_ppm = 1000, .rtt_us = 100000};
static const tx_playout_way lossy = {.loss_ppm = 100000, .rtt_us = 100000};

static void clean_ways_ask_for_nothing(void)
{
    tx_playout playout = {0};
    CHECK(!tx_playout_update(&playout, &clean, &clean, 1000));
    CHECK(!playout.asked);
}

static void a_lossy_way_asks_for_two_repeats(void)
{
    tx_playout playout = {0};
    CHECK(tx_playout_update(&playout, &clean, &lossy, 1000));
    EQUAL(playout.least_10ms, 30);
    CHECK(!tx_playout_update(&playout, &clean, &lossy, 2000));
}

static void two_lossy_ways_add_up_within_the_bound(void)
{
    tx_playout playout = {0};
    CHECK(tx_playout_update(&playout, &lossy, &lossy, 1000));
    EQUAL(playout.least_10ms, TX_PLAYOUT_MAX_US / 10000);
}

static void it_is_taken_back_only_after_calm(void)
{
    tx_playout playout = {0};
    CHECK(tx_playout_update(&playout, &lossy, &clean, 1000));
    CHECK(!tx_playout_update(&playout, &clean, &clean, 2000));
    CHECK(tx_playout_update(&playout, &clean, &clean, 1000 + TX_PLAYOUT_CALM_US));
    EQUAL(playout.least_10ms, 0);
    CHECK(playout.asked);
}

int main(void)
{
    RUN(clean_ways_ask_for_nothing);
    RUN(a_lossy_way_asks_for_two_repeats);
    RUN(two_lossy_ways_add_up_within_the_bound);
    RUN(it_is_taken_back_only_after_calm);
    return 0;
}
