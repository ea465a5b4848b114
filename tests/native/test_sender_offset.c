#include "check.h"
#include "sender_offset.h"

#define SECOND_US 1000000ll
#define MS_US 1000ll
#define BEGAN_US (1700000000 * SECOND_US)

static int64_t wrong_us(const tx_sender_offset *offset, int64_t true_us)
{
    return offset->us > true_us ? offset->us - true_us : true_us - offset->us;
}

static void the_first_report_tells_at_once(void)
{
    tx_sender_offset offset = {0};
    tx_sender_offset_hear(&offset, 12345 * SECOND_US, BEGAN_US);
    EQUAL(offset.us, BEGAN_US - 12345 * SECOND_US);
    tx_sender_offset_hear(&offset, 12345 * SECOND_US + 1500 * MS_US, BEGAN_US); /* at once: there is no time to draw */
    EQUAL(offset.us, BEGAN_US - 12345 * SECOND_US);
}

static void a_first_report_that_was_held_up_is_made_good(void)
{
    tx_sender_offset offset = {0};
    tx_sender_offset_hear(&offset, 0, BEGAN_US + 300 * MS_US);
    int64_t before = offset.us;
    for (int64_t second = 1; second <= 130; second++) {
        tx_sender_offset_hear(&offset, second * SECOND_US, BEGAN_US + second * SECOND_US);
        CHECK(before - offset.us <= SECOND_US / TX_SENDER_EARLIER_SHARE + MS_US);
        before = offset.us;
    }
    CHECK(wrong_us(&offset, BEGAN_US) < MS_US);
}

static void clocks_that_go_wrong_are_followed_for_hours(void)
{
    for (int64_t ppm = -100; ppm <= 100; ppm += 200) {
        tx_sender_offset offset = {0};
        for (int64_t second = 0; second < 4 * 3600; second++) {
            const int64_t ours = BEGAN_US + second * SECOND_US, theirs = second * (SECOND_US + ppm);
            const int64_t delay = second % 7 == 0 ? 0 : 80 * MS_US; /* most reports come late */
            tx_sender_offset_hear(&offset, theirs, ours + delay);
            CHECK(second == 0 || wrong_us(&offset, ours - theirs) < 5 * MS_US);
        }
    }
}

static void a_line_that_is_slow_for_a_minute_moves_little(void)
{
    tx_sender_offset offset = {0};
    for (int64_t second = 0; second < 120; second++)
        tx_sender_offset_hear(&offset, second * SECOND_US, BEGAN_US + second * SECOND_US + (second > 60 ? 400 * MS_US : 0));
    CHECK(wrong_us(&offset, BEGAN_US) <= 15 * MS_US);
}

static void a_clock_that_was_set_is_followed_at_once(void)
{
    tx_sender_offset offset = {0};
    tx_sender_offset_hear(&offset, 0, BEGAN_US);
    tx_sender_offset_hear(&offset, 3600 * SECOND_US, BEGAN_US + SECOND_US);
    EQUAL(offset.us, BEGAN_US + SECOND_US - 3600 * SECOND_US);
    tx_sender_offset_hear(&offset, 3600 * SECOND_US, BEGAN_US); /* ours went back: nothing breaks */
    EQUAL(offset.heard_us, BEGAN_US);
}

int main(void)
{
    RUN(the_first_report_tells_at_once);
    RUN(a_first_report_that_was_held_up_is_made_good);
    RUN(clocks_that_go_wrong_are_followed_for_hours);
    RUN(a_line_that_is_slow_for_a_minute_moves_little);
    RUN(a_clock_that_was_set_is_followed_at_once);
    return 0;
}
