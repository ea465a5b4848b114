#include "check.h"
#include "rate.h"

#define SECOND_US 1000000

static void steady_bytes_give_their_rate(void)
{
    tx_rate rate = {0};
    int64_t now_us = 7 * SECOND_US;
    for (int i = 0; i < 100; i++, now_us += 10000)
        tx_rate_add(&rate, now_us, 1250);
    const uint32_t bps = tx_rate_bps(&rate, now_us - 10000, SECOND_US / 2);
    CHECK(bps > 950000 && bps < 1050000);
}

static void too_short_a_time_gives_nothing(void)
{
    tx_rate rate = {0};
    EQUAL(tx_rate_bps(&rate, SECOND_US, SECOND_US / 2), 0);
    tx_rate_add(&rate, SECOND_US, 1000);
    EQUAL(tx_rate_bps(&rate, SECOND_US + 20000, SECOND_US / 2), 0);
    CHECK(tx_rate_bps(&rate, SECOND_US + 300000, SECOND_US / 2) > 0);
}

static void silence_empties_the_window(void)
{
    tx_rate rate = {0};
    for (int i = 0; i < 50; i++)
        tx_rate_add(&rate, SECOND_US + i * 10000, 1000);
    EQUAL(tx_rate_bps(&rate, 3 * SECOND_US, SECOND_US / 2), 0);
    tx_rate_add(&rate, 3 * SECOND_US, 1000);
    CHECK(tx_rate_bps(&rate, 3 * SECOND_US, SECOND_US / 2) < 20000);
}

static void late_ones_count_where_they_belong_or_not_at_all(void)
{
    tx_rate rate = {0};
    for (int i = 0; i < 50; i++)
        tx_rate_add(&rate, 5 * SECOND_US + i * 10000, 1000);
    const int64_t now_us = 5 * SECOND_US + 490000;
    const uint32_t before = tx_rate_bps(&rate, now_us, SECOND_US / 2);
    tx_rate_add(&rate, now_us - 100000, 6250);
    EQUAL(tx_rate_bps(&rate, now_us, SECOND_US / 2), before + 100000);
    tx_rate_add(&rate, SECOND_US, 1000000);
    EQUAL(tx_rate_bps(&rate, now_us, SECOND_US / 2), before + 100000);
}

static void sums_do_not_wrap(void)
{
    tx_rate rate = {0};
    for (int i = 0; i < 100; i++)
        tx_rate_add(&rate, SECOND_US + i * 10000, UINT32_MAX);
    EQUAL(tx_rate_bps(&rate, 2 * SECOND_US, SECOND_US / 2), UINT32_MAX);
}

int main(void)
{
    RUN(steady_bytes_give_their_rate);
    RUN(too_short_a_time_gives_nothing);
    RUN(silence_empties_the_window);
    RUN(late_ones_count_where_they_belong_or_not_at_all);
    RUN(sums_do_not_wrap);
    return 0;
}
