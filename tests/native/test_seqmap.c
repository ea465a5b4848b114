#include "check.h"
#include "seqmap.h"

static int64_t sent(tx_seqmap *map, int64_t source) {
    int64_t number = INT64_MIN;
    CHECK(tx_seqmap_sent(map, source, &number));
    return number;
}

static bool covered(tx_seqmap *map, int64_t source) {
    int64_t number;
    return tx_seqmap_sent(map, source, &number);
}

static void a_fresh_map_sends_nothing(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 100);
    CHECK(!covered(&map, 5));
    int64_t source;
    CHECK(!tx_seqmap_source(&map, 100, &source));
    tx_seqmap_skip(&map, 5);
    CHECK(!covered(&map, 6));
}

static void numbers_follow_on_over_pauses(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 65530);
    tx_seqmap_start(&map, 7);
    for (int64_t i = 0; i < 20; i++) EQUAL(sent(&map, 7 + i), 65530 + i);
    tx_seqmap_stop(&map, 26);
    CHECK(!covered(&map, 27));
    tx_seqmap_start(&map, 1000);
    EQUAL(sent(&map, 1000), 65550);
    CHECK(!covered(&map, 999));
    EQUAL(sent(&map, 26), 65549); /* a late one of the first run */
    int64_t source;
    CHECK(tx_seqmap_source(&map, 65549, &source));
    EQUAL(source, 26);
    CHECK(tx_seqmap_source(&map, 65550, &source));
    EQUAL(source, 1000);
}

static void lost_packets_keep_their_places(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 0);
    tx_seqmap_start(&map, 10);
    EQUAL(sent(&map, 10), 0);
    EQUAL(sent(&map, 13), 3);
    EQUAL(sent(&map, 11), 1);
    EQUAL(sent(&map, 14), 4);
}

static void skipped_packets_leave_no_gap(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 0);
    tx_seqmap_start(&map, 10);
    EQUAL(sent(&map, 10), 0);
    tx_seqmap_skip(&map, 11);
    tx_seqmap_skip(&map, 12);
    EQUAL(sent(&map, 13), 1);
    tx_seqmap_skip(&map, 16); /* 14 and 15 are on their way */
    EQUAL(sent(&map, 17), 4);
    EQUAL(sent(&map, 14), 2);
    EQUAL(sent(&map, 15), 3);
    CHECK(!covered(&map, 11));
    CHECK(!covered(&map, 16));
    tx_seqmap_skip(&map, 11); /* long passed by: nothing moves */
    EQUAL(sent(&map, 18), 5);
}

static void a_long_silence_costs_one_run(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 0);
    tx_seqmap_start(&map, 0);
    EQUAL(sent(&map, 0), 0);
    for (int64_t i = 1; i < 100000; i++) tx_seqmap_skip(&map, i);
    EQUAL(sent(&map, 100000), 1);
    EQUAL(sent(&map, 0), 0);
    EQUAL(map.count, 1);
}

static void a_break_shows_one_hole(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 0);
    tx_seqmap_start(&map, 0);
    EQUAL(sent(&map, 0), 0);
    tx_seqmap_break(&map, 500);
    EQUAL(sent(&map, 500), 2);
    int64_t source;
    CHECK(!tx_seqmap_source(&map, 1, &source));
}

static void only_the_newest_runs_are_kept(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 0);
    for (int64_t run = 0; run < 100; run++) {
        tx_seqmap_start(&map, run * 10);
        EQUAL(sent(&map, run * 10), run);
        tx_seqmap_stop(&map, run * 10);
    }
    CHECK(!covered(&map, 0));
    EQUAL(sent(&map, 980), 98);
    EQUAL(sent(&map, (99 - TX_SEQMAP_RUNS) * 10), 99 - TX_SEQMAP_RUNS);
    CHECK(!covered(&map, (98 - TX_SEQMAP_RUNS) * 10));
}

/* Whatever happens, nothing is numbered twice and every number leads back to its packet. */
static void no_number_is_given_twice(void) {
    tx_seqmap map;
    tx_seqmap_init(&map, 32760);
    static int64_t owner[20000];
    memset(owner, 0xff, sizeof owner);
    uint32_t random = 1;
    int64_t source = 0;
    bool running = false;
    for (int step = 0; step < 5000; step++) {
        random = random * 1664525 + 1013904223;
        const unsigned choice = random >> 24;
        if (choice < 4 && running) {
            source += choice * 50;
            tx_seqmap_break(&map, source);
        } else if (choice < 10 && running) {
            tx_seqmap_stop(&map, source - 1);
            running = false;
        } else if (choice < 20 && !running) {
            tx_seqmap_start(&map, source);
            running = true;
        } else if (choice < 40) {
            if (running) tx_seqmap_skip(&map, source);
            source++;
        } else {
            const int64_t at = choice < 60 ? source++ - (choice & 3) : source++;
            int64_t number;
            if (!tx_seqmap_sent(&map, at, &number)) continue;
            const int64_t slot = number - 32760;
            CHECK(slot >= 0 && slot < 20000);
            CHECK(owner[slot] == -1 || owner[slot] == at);
            owner[slot] = at;
            int64_t back;
            CHECK(tx_seqmap_source(&map, number, &back));
            EQUAL(back, at);
        }
    }
}

int main(void) {
    a_fresh_map_sends_nothing();
    numbers_follow_on_over_pauses();
    lost_packets_keep_their_places();
    skipped_packets_leave_no_gap();
    a_long_silence_costs_one_run();
    a_break_shows_one_hole();
    only_the_newest_runs_are_kept();
    no_number_is_given_twice();
    return 0;
}
