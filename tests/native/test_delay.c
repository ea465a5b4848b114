#include "check.h"
#include "delay.h"

#define STEP_US 20000

/* `count` packets, one every 20 ms, each delayed by `grow_us` more than the one before. */
static void feed(tx_delay *delay, int64_t *sent_us, int64_t *extra_us, int count, int64_t grow_us)
{
    for (int i = 0; i < count; i++) {
        *sent_us += STEP_US;
        *extra_us += grow_us;
        tx_delay_add(delay, *sent_us, *sent_us + 3000000 + *extra_us, 1000);
    }
}

static void an_even_path_is_normal(void)
{
    tx_delay delay;
    int64_t sent_us = 1000000, extra_us = 0;
    tx_delay_init(&delay);
    feed(&delay, &sent_us, &extra_us, 500, 0);
    EQUAL(delay.usage, TX_USAGE_NORMAL);
    EQUAL(delay.standing_us, 0);
}

static void growing_delay_is_overuse_and_shrinking_underuse(void)
{
    tx_delay delay;
    int64_t sent_us = 1000000, extra_us = 0;
    tx_delay_init(&delay);
    feed(&delay, &sent_us, &extra_us, 100, 0);
    feed(&delay, &sent_us, &extra_us, 20, 4000);
    EQUAL(delay.usage, TX_USAGE_OVER);
    feed(&delay, &sent_us, &extra_us, 20, -4000);
    EQUAL(delay.usage, TX_USAGE_UNDER);
    feed(&delay, &sent_us, &extra_us, 60, 0);
    EQUAL(delay.usage, TX_USAGE_NORMAL);
}

static void jitter_is_not_overuse(void)
{
    tx_delay delay;
    uint32_t random = 1;
    int64_t sent_us = 1000000;
    tx_delay_init(&delay);
    unsigned over = 0;
    for (int i = 0; i < 3000; i++) {
        random = random * 1664525 + 1013904223;
        sent_us += STEP_US;
        tx_delay_add(&delay, sent_us, sent_us + (random >> 16) % 15000, 1000);
        over += delay.usage == TX_USAGE_OVER;
    }
    CHECK(over < 60);
    CHECK(delay.standing_us < 10000);
}

static void a_queue_that_stands_is_seen_until_it_counts_as_the_path(void)
{
    tx_delay delay;
    int64_t sent_us = 1000000, extra_us = 0;
    tx_delay_init(&delay);
    feed(&delay, &sent_us, &extra_us, 100, 0);
    extra_us = 200000;
    feed(&delay, &sent_us, &extra_us, 100, 0);
    EQUAL(delay.standing_us, 200000);
    tx_delay_rebase(&delay);
    feed(&delay, &sent_us, &extra_us, 50, 0);
    EQUAL(delay.standing_us, 0);
    extra_us = 0;
    feed(&delay, &sent_us, &extra_us, 50, 0);
    EQUAL(delay.standing_us, 0);
}

static void an_old_base_is_forgotten(void)
{
    tx_delay delay;
    int64_t sent_us = 1000000, extra_us = 0;
    tx_delay_init(&delay);
    feed(&delay, &sent_us, &extra_us, 100, 0);
    extra_us = 200000;
    feed(&delay, &sent_us, &extra_us, (int)(TX_DELAY_BASE_SLOTS + 2) * TX_DELAY_SPAN_US / STEP_US, 0);
    EQUAL(delay.standing_us, 0);
}

static void a_train_tells_the_speed_of_the_line(void)
{
    tx_delay delay;
    int64_t sent_us = 1000000, extra_us = 0;
    tx_delay_init(&delay);
    feed(&delay, &sent_us, &extra_us, 50, 0);
    EQUAL(delay.train.bps, 0);
    sent_us += STEP_US;
    for (int64_t i = 0; i < 6; i++)
        tx_delay_add(&delay, sent_us, sent_us + 3000000 + i * 20000, 1000); /* 400 kbit/s */
    EQUAL(delay.train.bps, 400000);
    EQUAL(delay.train.late_us, 100000);
}

static void packets_of_one_batch_that_arrive_together_are_no_train(void)
{
    tx_delay delay;
    tx_delay_init(&delay);
    for (int i = 0; i < 10; i++)
        tx_delay_add(&delay, 1000000, 4000000, 1000);
    EQUAL(delay.train.bps, 0);
}

static void another_clock_starts_anew(void)
{
    tx_delay delay;
    int64_t sent_us = 1000000, extra_us = 0;
    tx_delay_init(&delay);
    feed(&delay, &sent_us, &extra_us, 100, 0);
    extra_us = 100000000;
    feed(&delay, &sent_us, &extra_us, 100, 0);
    EQUAL(delay.usage, TX_USAGE_NORMAL);
    EQUAL(delay.standing_us, 0);
    extra_us = -100000000;
    feed(&delay, &sent_us, &extra_us, 100, 0);
    EQUAL(delay.usage, TX_USAGE_NORMAL);
    EQUAL(delay.standing_us, 0);
}

int main(void)
{
    RUN(an_even_path_is_normal);
    RUN(growing_delay_is_overuse_and_shrinking_underuse);
    RUN(jitter_is_not_overuse);
    RUN(a_queue_that_stands_is_seen_until_it_counts_as_the_path);
    RUN(an_old_base_is_forgotten);
    RUN(a_train_tells_the_speed_of_the_line);
    RUN(packets_of_one_batch_that_arrive_together_are_no_train);
    RUN(another_clock_starts_anew);
    return 0;
}
