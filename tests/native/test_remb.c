/* What receivers say of their line (REMB), by sets of streams. */
#include "check.h"
#include "remb.h"

#define SECOND_US 1000000ull
#define START_US (60 * SECOND_US)

static tx_remb remb;
static tx_remb_place streams[4];
static uint64_t now_us;

static void begin(uint32_t allocated_bps, uint32_t wanted_bps)
{
    memset(&remb, 0, sizeof remb);
    memset(streams, 0, sizeof streams);
    remb.allocated_bps = allocated_bps;
    remb.wanted_bps = wanted_bps;
    now_us = START_US;
}

/* `mask`: bit n for stream n. */
static void say(unsigned mask, uint64_t bps)
{
    const tx_remb_place place = tx_remb_hear(&remb, bps, now_us);
    for (unsigned i = 0; i < 4; i++)
        if (mask >> i & 1)
            tx_remb_name(&remb, &streams[i], &place, 0);
}

static void send_for_seconds(unsigned seconds, uint32_t named_bps, uint32_t unnamed_bps)
{
    for (unsigned i = 0; i < seconds; i++)
        tx_remb_sent(&remb, (uint64_t)named_bps + unnamed_bps, unnamed_bps);
}

static uint32_t judge(void) { return tx_remb_judge(&remb, 100000, now_us); }

static void the_latest_of_each_set_counts(void)
{
    begin(0, 0);
    say(1, 300000);
    say(2, 200000);
    EQUAL(tx_remb_said_bps(&remb, now_us), 500000);
    say(1, 100000);
    EQUAL(tx_remb_said_bps(&remb, now_us), 300000);
    /* one word on all of them takes the place of those on each, */
    say(7, 700000);
    EQUAL(tx_remb_said_bps(&remb, now_us), 700000);
    /* and one on fewer that of one on all: the third went away */
    say(3, 400000);
    EQUAL(tx_remb_said_bps(&remb, now_us), 400000);
    CHECK(tx_remb_is_named(&remb, &streams[1], now_us));
    CHECK(!tx_remb_is_named(&remb, &streams[2], now_us));
    CHECK(!tx_remb_is_named(&remb, &streams[3], now_us));
}

static void what_is_not_renewed_falls_away(void)
{
    begin(0, 0);
    say(1, 300000);
    now_us += TX_REMB_FRESH_US;
    say(2, 200000);
    EQUAL(tx_remb_said_bps(&remb, now_us), 500000);
    now_us++;
    EQUAL(tx_remb_said_bps(&remb, now_us), 200000);
    CHECK(!tx_remb_is_named(&remb, &streams[0], now_us));
}

static void sets_and_rates_are_bounded(void)
{
    begin(0, 0);
    for (unsigned i = 0; i < 3 * TX_REMB_SETS_MAX; i++) {
        now_us++;
        tx_remb_hear(&remb, UINT64_MAX, now_us);
    }
    EQUAL(tx_remb_said_bps(&remb, now_us), TX_REMB_SETS_MAX * TX_REMB_BPS_MAX);
    send_for_seconds(2, UINT32_MAX, UINT32_MAX);
    EQUAL(judge(), UINT32_MAX);
    remb.last_number = UINT32_MAX;
    CHECK(tx_remb_hear(&remb, 1, now_us).number != 0);
}

static void half_as_much_again_as_comes_is_no_limit_and_more_is_tried(void)
{
    begin(600000, 2000000);
    say(1, 880000);
    send_for_seconds(2, 590000, 0);
    EQUAL(judge(), 880000 * TX_REMB_TRIES);
    CHECK(!remb.limited);
    say(1, 640000); /* a little more than what is sent tells nothing */
    EQUAL(judge(), 640000);
    CHECK(!remb.limited);
}

static void what_is_not_named_is_taken_to_go_through(void)
{
    begin(1000000, 1000000);
    say(1, 520000);
    send_for_seconds(2, 500000, 480000); /* a second picture has come, of which nothing is said yet */
    EQUAL(judge(), 1000000);
    CHECK(!remb.limited);
    /* until something is: then that counts alone */
    const tx_remb_place place = tx_remb_hear(&remb, 90000, now_us);
    tx_remb_name(&remb, &streams[1], &place, 480000);
    EQUAL(judge(), 610000);
    CHECK(remb.limited);
}

static void a_picture_that_stands_is_sent_less_than_it_was_allocated(void)
{
    begin(1500000, 1500000);
    say(1, 300000);
    send_for_seconds(2, 200000, 0);
    EQUAL(judge(), 900000);
    CHECK(!remb.limited);
    /* nor does one second's burst make it narrow */
    tx_remb_sent(&remb, 900000, 0);
    judge();
    CHECK(!remb.limited);
}

static void much_less_than_is_sent_is_a_limit_at_once_a_little_less_when_it_stays(void)
{
    begin(600000, 2000000);
    send_for_seconds(2, 600000, 0);
    say(1, 400000);
    EQUAL(judge(), 400000);
    CHECK(remb.limited);

    begin(600000, 2000000);
    send_for_seconds(2, 600000, 0);
    say(1, 510000);
    judge();
    CHECK(!remb.limited);
    say(1, 610000);
    judge();
    say(1, 510000);
    now_us += TX_REMB_SHORT_US - 1;
    judge();
    CHECK(!remb.limited); /* it was enough in between */
    say(1, 510000);
    now_us += TX_REMB_SHORT_US;
    judge();
    CHECK(remb.limited);
}

static void a_limit_goes_when_all_fits(void)
{
    begin(600000, 2000000);
    send_for_seconds(2, 600000, 0);
    say(1, 70000);
    judge();
    remb.allocated_bps = 60000;
    send_for_seconds(2, 50000, 0);
    say(1, 100000);
    EQUAL(judge(), 100000); /* more than what is sent now, but that is because of the limit */
    CHECK(remb.limited);
    say(1, 5000000);
    EQUAL(judge(), 5000000 * TX_REMB_TRIES);
    CHECK(!remb.limited);
}

static void a_limit_not_felt_again_is_tried_and_less_often_when_that_fails(void)
{
    begin(600000, 2000000);
    uint64_t waits_us[5];
    for (unsigned i = 0; i < 5; i++) {
        remb.allocated_bps = 600000;
        send_for_seconds(2, 600000, 60000);
        say(1, 70000);
        EQUAL(judge(), 130000);
        CHECK(remb.limited);
        /* the picture goes, and with it what is said of it */
        remb.allocated_bps = 60000;
        send_for_seconds(2, 0, 60000);
        const uint64_t since_us = now_us;
        while (remb.limited) {
            now_us += SECOND_US / 2;
            const uint32_t bps = tx_remb_judge(&remb, 70000, now_us);
            if (!remb.limited)
                EQUAL(bps, 70000 * TX_REMB_TRIES);
        }
        waits_us[i] = now_us - since_us;
        now_us += SECOND_US;
    }
    EQUAL(waits_us[0], TX_REMB_MEMORY_US);
    EQUAL(waits_us[1], 2 * TX_REMB_MEMORY_US);
    EQUAL(waits_us[3], TX_REMB_MEMORY_MAX_US);
    EQUAL(waits_us[4], TX_REMB_MEMORY_MAX_US);
}

static void without_a_word_there_is_no_news(void)
{
    begin(600000, 2000000);
    send_for_seconds(3, 600000, 60000);
    EQUAL(judge(), 0);
    CHECK(!remb.limited);
    say(1, 0); /* a word it is all the same */
    CHECK(judge() > 0);
    CHECK(remb.limited);
}

int main(void)
{
    RUN(the_latest_of_each_set_counts);
    RUN(what_is_not_renewed_falls_away);
    RUN(sets_and_rates_are_bounded);
    RUN(half_as_much_again_as_comes_is_no_limit_and_more_is_tried);
    RUN(what_is_not_named_is_taken_to_go_through);
    RUN(a_picture_that_stands_is_sent_less_than_it_was_allocated);
    RUN(much_less_than_is_sent_is_a_limit_at_once_a_little_less_when_it_stays);
    RUN(a_limit_goes_when_all_fits);
    RUN(a_limit_not_felt_again_is_tried_and_less_often_when_that_fails);
    RUN(without_a_word_there_is_no_news);
    return 0;
}
