/* When a lost packet is asked for, and what its coming tells of the round trip. */
#include "check.h"
#include "recovery.h"

#define STEP_US 5000u /* between two ticks */

/* One packet that was lost at `now_us`, over a line with this round trip on which every `losing`th answer is lost (0: none).
 * How often it was asked for until it came, or was too old. */
static unsigned repair(tx_round_trip *round_trip, uint64_t way_us, unsigned losing, unsigned *answers, uint64_t now_us)
{
    tx_gap gap = {.sequence = 65536, .since_us = now_us};
    uint64_t comes_us = UINT64_MAX;
    for (; now_us - gap.since_us <= TX_GAP_AGE_MAX_US; now_us += STEP_US) {
        if (now_us >= comes_us) {
            tx_gap_closed(&gap, round_trip, now_us);
            break;
        }
        if (!tx_gap_is_due(&gap, round_trip->us, gap.sequence + 1, now_us))
            continue;
        tx_gap_ask(&gap, now_us);
        bool lost = losing && ++*answers % losing == 0;
        if (!lost && comes_us == UINT64_MAX)
            comes_us = now_us + way_us;
    }
    return gap.tries;
}

static unsigned repair_many(tx_round_trip *round_trip, uint64_t way_us, unsigned losing, unsigned count)
{
    unsigned asked = 0, answers = 0;
    for (unsigned i = 0; i < count; i++)
        asked += repair(round_trip, way_us, losing, &answers, 1000000ull * (i + 1));
    return asked;
}

static void a_late_packet_is_not_asked_for(void)
{
    tx_gap gap = {.sequence = 10, .since_us = 50000};
    CHECK(!tx_gap_is_due(&gap, TX_RTT_INITIAL_US, 12, 50000 + TX_GAP_REORDER_US - 1));
    CHECK(tx_gap_is_due(&gap, TX_RTT_INITIAL_US, 12, 50000 + TX_GAP_REORDER_US));
    CHECK(tx_gap_is_due(&gap, TX_RTT_INITIAL_US, 10 + TX_GAP_REORDER_PACKETS, 50000));
    tx_round_trip round_trip = {.us = 77000};
    tx_gap_closed(&gap, &round_trip, 60000);
    EQUAL(round_trip.us, 77000); /* it came by itself */
}

static void numbers_may_be_around_any_boundary(void)
{
    for (int64_t base = -3; base <= 3; base++) {
        const int64_t around[] = {0, 0x8000, 0x10000, INT64_C(1) << 32};
        for (unsigned i = 0; i < 4; i++) {
            tx_gap gap = {.sequence = around[i] + base, .since_us = 1};
            CHECK(!tx_gap_is_due(&gap, TX_RTT_INITIAL_US, around[i] + base + 1, 1));
            CHECK(tx_gap_is_due(&gap, TX_RTT_INITIAL_US, around[i] + base + TX_GAP_REORDER_PACKETS, 1));
        }
    }
}

static void it_is_asked_for_once_a_round_trip(void)
{
    tx_round_trip round_trip = {.us = TX_RTT_INITIAL_US};
    EQUAL(repair_many(&round_trip, 20000, 0, 60), 60);
    CHECK(round_trip.us >= 20000 && round_trip.us < 30000);
    /* never more often than this, however short the round trip */
    tx_gap gap = {.sequence = 1, .since_us = 1000};
    tx_gap_ask(&gap, 2000);
    CHECK(!tx_gap_is_due(&gap, 0, 100, 2000 + TX_GAP_RETRY_MIN_US - 1));
    CHECK(tx_gap_is_due(&gap, 0, 100, 2000 + TX_GAP_RETRY_MIN_US));
}

static void a_round_trip_longer_than_the_wait_is_learned(void)
{
    tx_round_trip round_trip = {.us = TX_RTT_INITIAL_US};
    CHECK(repair_many(&round_trip, 600000, 0, 1) >= 4);
    repair_many(&round_trip, 600000, 0, 30);
    CHECK(round_trip.us > 480000 && round_trip.us <= 610000);
    EQUAL(repair_many(&round_trip, 600000, 0, 20), 20);
    /* and forgotten when the queue has gone */
    repair_many(&round_trip, 40000, 0, 40);
    CHECK(round_trip.us < 50000);
}

/* What is lost twice must not wait longer for having been lost once. */
static void lost_answers_do_not_lengthen_it(void)
{
    tx_round_trip round_trip = {.us = TX_RTT_INITIAL_US};
    for (unsigned losing = 3; losing <= 20; losing++) {
        repair_many(&round_trip, 100000, losing, 400);
        CHECK(round_trip.us >= 95000 && round_trip.us < 110000);
    }
}

static void a_request_is_made_a_second_time_where_packets_are_lost(void)
{
    tx_gap gap = {.sequence = 1, .since_us = 1000};
    CHECK(!tx_gap_repeats(&gap, 100000, 900000)); /* never asked for yet */
    tx_gap_ask(&gap, 20000);
    CHECK(!tx_gap_repeats(&gap, 100000, 20000 + TX_GAP_AGAIN_US - 1));
    CHECK(!tx_gap_repeats(&gap, TX_GAP_AGAIN_PPM - 1, 20000 + TX_GAP_AGAIN_US));
    CHECK(tx_gap_repeats(&gap, TX_GAP_AGAIN_PPM, 20000 + TX_GAP_AGAIN_US));
    gap.again = true;
    CHECK(!tx_gap_repeats(&gap, 100000, 20000 + 2 * TX_GAP_AGAIN_US));
    tx_gap_ask(&gap, 150000); /* and so is the next one */
    CHECK(tx_gap_repeats(&gap, 100000, 150000 + TX_GAP_AGAIN_US));
    EQUAL(gap.tries, 2);
}

static void what_is_too_old_bounds_it(void)
{
    tx_gap gap = {.sequence = 1, .since_us = 1};
    tx_round_trip round_trip = {.us = TX_GAP_AGE_MAX_US};
    tx_gap_ask(&gap, 2);
    tx_gap_closed(&gap, &round_trip, UINT64_MAX / 2);
    EQUAL(round_trip.us, TX_GAP_AGE_MAX_US);
}

static void a_loss_that_begins_is_seen_within_some_tens_of_packets(void)
{
    tx_losing losing = {0};
    uint64_t packets = 1000;
    EQUAL(tx_losing_more(&losing, 3, packets), 0); /* three of a thousand */
    unsigned come = 0;
    uint32_t lost_ppm = 0;
    for (; lost_ppm == 0 && come < 1000; come += 9)
        lost_ppm = tx_losing_more(&losing, 1, packets += 9);
    CHECK(come <= 2 * TX_LOSING_PACKETS);
    CHECK(lost_ppm >= 90000 && lost_ppm <= 110000);
    for (unsigned i = 0; i < 100; i++) /* one of a hundred is none */
        EQUAL(tx_losing_more(&losing, 1, packets += 99), 0);
    EQUAL(tx_losing_more(&losing, 3, packets + 37), 0); /* nor three, however close together */
}

int main(void)
{
    RUN(a_loss_that_begins_is_seen_within_some_tens_of_packets);
    RUN(a_late_packet_is_not_asked_for);
    RUN(numbers_may_be_around_any_boundary);
    RUN(it_is_asked_for_once_a_round_trip);
    RUN(a_round_trip_longer_than_the_wait_is_learned);
    RUN(lost_answers_do_not_lengthen_it);
    RUN(a_request_is_made_a_second_time_where_packets_are_lost);
    RUN(what_is_too_old_bounds_it);
    return 0;
}
