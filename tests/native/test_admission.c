#include "admission.h"
#include "check.h"

static tx_admission admission;

static void a_bucket_refills_with_time(void)
{
    tx_bucket bucket = tx_bucket_full(10, 0);
    for (int i = 0; i < 10; i++)
        CHECK(tx_bucket_take(&bucket, 0, 5, 10, 1));
    CHECK(!tx_bucket_take(&bucket, 0, 5, 10, 1));
    CHECK(!tx_bucket_take(&bucket, 199000, 5, 10, 1));
    CHECK(tx_bucket_take(&bucket, 200000, 5, 10, 1));
    CHECK(!tx_bucket_take(&bucket, 200000, 5, 10, 1));
    CHECK(tx_bucket_take(&bucket, 60000000, 5, 10, 10)); /* never above its burst */
    CHECK(!tx_bucket_take(&bucket, 60000000, 5, 10, 1));
}

static void the_clock_may_wrap(void)
{
    const uint64_t wrap_us = (uint64_t)UINT32_MAX * 1000;
    tx_bucket bucket = tx_bucket_full(1, wrap_us - 500000);
    CHECK(tx_bucket_take(&bucket, wrap_us - 500000, 1, 1, 1));
    CHECK(!tx_bucket_take(&bucket, wrap_us - 1000, 1, 1, 1));
    CHECK(tx_bucket_take(&bucket, wrap_us + 600000, 1, 1, 1));
}

static void a_site_that_fails_too_often_is_not_looked_at(void)
{
    tx_admission_init(&admission, 0);
    for (unsigned i = 0; i < TX_ADMISSION_SITE_BURST; i++) {
        CHECK(tx_admission_allow(&admission, 77, 0));
        tx_admission_charge(&admission, 77, 0);
    }
    CHECK(!tx_admission_allow(&admission, 77, 0));
    CHECK(tx_admission_allow(&admission, 78, 0));
    CHECK(tx_admission_allow(&admission, 77, 1000000 / TX_ADMISSION_SITE_PER_SECOND));
}

static void success_costs_a_site_nothing(void)
{
    tx_admission_init(&admission, 0);
    for (unsigned i = 0; i < 2 * TX_ADMISSION_SITE_BURST; i++)
        CHECK(tx_admission_allow(&admission, 5, 0));
}

static void a_flood_from_everywhere_is_bounded(void)
{
    tx_admission_init(&admission, 0);
    unsigned allowed = 0;
    for (uint64_t i = 0; i < 200000; i++)
        allowed += tx_admission_allow(&admission, i * 7919, i * 5);
    EQUAL(allowed, TX_ADMISSION_GLOBAL_BURST + TX_ADMISSION_GLOBAL_PER_SECOND - TX_ADMISSION_GLOBAL_PER_SECOND / 1000);
}

static void plain_requests_from_everywhere_are_few_and_leave_newcomers_their_share(void)
{
    tx_admission_init(&admission, 0);
    unsigned answered = 0;
    for (uint64_t i = 0; i < 200000; i++) {
        answered += tx_admission_allow_plain(&admission, i * 7919, i * 5);
        if (i % 100 == 0)
            CHECK(tx_admission_allow(&admission, i * 104729, i * 5));
    }
    CHECK(answered >= TX_ADMISSION_PLAIN_BURST + TX_ADMISSION_PLAIN_PER_SECOND - 2);
    CHECK(answered <= TX_ADMISSION_PLAIN_BURST + TX_ADMISSION_PLAIN_PER_SECOND);
}

static void one_site_does_not_use_up_the_plain_answers_of_others(void)
{
    tx_admission_init(&admission, 0);
    unsigned answered = 0;
    for (unsigned i = 0; i < 10 * TX_ADMISSION_PLAIN_BURST; i++)
        answered += tx_admission_allow_plain(&admission, 9, 0);
    EQUAL(answered, TX_ADMISSION_SITE_BURST);
    CHECK(tx_admission_allow_plain(&admission, 10, 0));
}

int main(void)
{
    a_bucket_refills_with_time();
    the_clock_may_wrap();
    a_site_that_fails_too_often_is_not_looked_at();
    success_costs_a_site_nothing();
    a_flood_from_everywhere_is_bounded();
    plain_requests_from_everywhere_are_few_and_leave_newcomers_their_share();
    one_site_does_not_use_up_the_plain_answers_of_others();
    return 0;
}
