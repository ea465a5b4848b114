/* When a lost packet is asked for, and what its coming tells of the round trip. */
#include "check.h"
#include "recovery.h"

#define STEP_US 5000u /* between two ticks */

/* One packet that was lost at `now_us`, over a line with this round trip on which every `losing`th answer is lost (0: none).
 * How often it was asked for until it came, or was too old. */
static unsigned repair(uint32_t *rtt_us, uint64_t round_trip_us, unsigned losing, unsigned *answers, uint64_t now_us)
{
    tx_gap gap = {.sequence = 65536, .since_us = now_us};
    uint64_t comes_us = UINT64_MAX;
    for (; now_us - gap.since_us <= TX_GAP_AGE_MAX_US; now_us += STEP_US) {
        if (now_us >= comes_us) {
            *rtt_us = tx_gap_round_trip(&gap, *rtt_us, now_us);
            break;
        }
        if (!tx_gap_is_due(&gap, *rtt_us, gap.sequence + 1, now_us))
            continue;
        tx_gap_ask(&gap, now_us);
        bool lost = losing && ++*answers % losing == 0;
        if (!lost && comes_us == UINT64_MAX)
            comes_us = now_us + round_trip_us;
    }
    return gap.tries;
}

static unsigned repair_many(uint32_t *rtt_us, uint64_t round_trip_us, unsigned losing, unsigned count)
{
    unsigned asked = 0, answers = 0;
    for (unsigned i = 0; i < count; i++)
        asked += repair(rtt_us, round_trip_us, losing, &answers, 1000000ull * (i + 1));
    return asked;
}

static void a_late_packet_is_not_asked_for(void)
{
    tx_gap gap = {.sequence = 10, .since_us = 50000};
    CHECK(!tx_gap_is_due(&gap, TX_RTT_INITIAL_US, 12, 50000 + TX_GAP_REORDER_US - 1));
    CHECK(tx_gap_is_due(&gap, TX_RTT_INITIAL_US, 12, 50000 + TX_GAP_REORDER_US));
    CHECK(tx_gap_is_due(&gap, TX_RTT_INITIAL_US, 10 + TX_GAP_REORDER_PACKETS, 50000));
    EQUAL(tx_gap_round_trip(&gap, 77000, 60000), 77000); /* it came by itself */
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
    uint32_t rtt_us = TX_RTT_INITIAL_US;
    EQUAL(repair_many(&rtt_us, 20000, 0, 60), 60);
    CHECK(rtt_us >= 20000 && rtt_us < 30000);
    /* never more often than this, however short the round trip */
    rtt_us = 0;
    tx_gap gap = {.sequence = 1, .since_us = 1000};
    tx_gap_ask(&gap, 2000);
    CHECK(!tx_gap_is_due(&gap, rtt_us, 100, 2000 + TX_GAP_RETRY_MIN_US - 1));
    CHECK(tx_gap_is_due(&gap, rtt_us, 100, 2000 + TX_GAP_RETRY_MIN_US));
}

static void a_round_trip_longer_than_the_wait_is_learned(void)
{
    uint32_t rtt_us = TX_RTT_INITIAL_US;
    CHECK(repair_many(&rtt_us, 600000, 0, 1) >= 4);
    repair_many(&rtt_us, 600000, 0, 30);
    CHECK(rtt_us > 480000 && rtt_us <= 610000);
    EQUAL(repair_many(&rtt_us, 600000, 0, 20), 20);
    /* and forgotten when the queue has gone */
    repair_many(&rtt_us, 40000, 0, 40);
    CHECK(rtt_us < 50000);
}

static void lost_answers_lengthen_it_little(void)
{
    uint32_t rtt_us = TX_RTT_INITIAL_US;
    repair_many(&rtt_us, 100000, 10, 400);
    CHECK(rtt_us >= 95000 && rtt_us < 160000);
}

static void what_is_too_old_bounds_it(void)
{
    tx_gap gap = {.sequence = 1, .since_us = 1};
    tx_gap_ask(&gap, 2);
    EQUAL(tx_gap_round_trip(&gap, TX_GAP_AGE_MAX_US, UINT64_MAX / 2), TX_GAP_AGE_MAX_US);
}

int main(void)
{
    RUN(a_late_packet_is_not_asked_for);
    RUN(numbers_may_be_around_any_boundary);
    RUN(it_is_asked_for_once_a_round_trip);
    RUN(a_round_trip_longer_than_the_wait_is_learned);
    RUN(lost_answers_lengthen_it_little);
    RUN(what_is_too_old_bounds_it);
    return 0;
}
