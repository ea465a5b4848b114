#include "check.h"
#include "levels.h"

#define SECOND_US 1000000ull

/* `count` packets of 20 ms at one level; returns the time after them. */
static uint64_t speak(tx_level *level, uint8_t dbov, int count, uint64_t now_us)
{
    for (int i = 0; i < count; i++) {
        now_us += 20000;
        tx_level_add(level, dbov, now_us);
    }
    return now_us;
}

static void the_element_is_taken_apart(void)
{
    EQUAL(tx_level_dbov(0x80 | 30), 30);
    CHECK(tx_level_voice(0x80) && !tx_level_voice(0x7f));
}

static void a_level_rises_quickly_and_falls_slowly(void)
{
    tx_level level = {0};
    EQUAL(tx_level_now(&level, SECOND_US), TX_LEVEL_SILENCE_DBOV);
    uint64_t now_us = speak(&level, 30, 10, SECOND_US);
    CHECK(tx_level_now(&level, now_us) <= 35); /* 200 ms of speech */
    now_us = speak(&level, 127, 5, now_us);
    CHECK(tx_level_now(&level, now_us) < 70); /* a pause of 100 ms is hardly seen */
    now_us = speak(&level, 127, 100, now_us);
    CHECK(tx_level_now(&level, now_us) > 120);
}

static void a_click_is_not_speech(void)
{
    tx_level level = {0};
    uint64_t now_us = speak(&level, 127, 50, SECOND_US);
    now_us = speak(&level, 20, 1, now_us);
    CHECK(tx_level_now(&level, now_us) > 55);
}

static void silence_without_packets_fades(void)
{
    tx_level level = {0};
    const uint64_t now_us = speak(&level, 30, 50, SECOND_US);
    const uint8_t loud = tx_level_now(&level, now_us);
    EQUAL(tx_level_now(&level, now_us + 400000), loud); /* between two packets of Opus DTX */
    CHECK(tx_level_now(&level, now_us + 750000) > loud);
    EQUAL(tx_level_now(&level, now_us + SECOND_US), TX_LEVEL_SILENCE_DBOV);
    EQUAL(tx_level_now(&level, now_us - 1), loud); /* a clock read in another order does no harm */
}

static void the_loudest_are_chosen_in_order(void)
{
    tx_speakers s = {.limit = 2};
    const tx_speaker_candidate c[4] = {{1, 50}, {2, 30}, {3, 40}, {4, 127}};
    CHECK(tx_speakers_update(&s, c, 4, SECOND_US));
    EQUAL(s.count, 2);
    EQUAL(s.track[0], 2);
    EQUAL(s.track[1], 3);
    CHECK(!tx_speakers_update(&s, c, 4, 2 * SECOND_US)); /* no change, no event */
}

static void nobody_speaks_in_a_silent_room(void)
{
    tx_speakers s = {.limit = 3};
    const tx_speaker_candidate c[2] = {{1, 56}, {2, 127}};
    CHECK(!tx_speakers_update(&s, c, 2, SECOND_US));
    EQUAL(s.count, 0);
    CHECK(!tx_speakers_update(&s, NULL, 0, SECOND_US));
}

static void a_slightly_louder_one_does_not_push_in(void)
{
    tx_speakers s = {.limit = 1};
    tx_speaker_candidate c[2] = {{1, 40}, {2, 127}};
    CHECK(tx_speakers_update(&s, c, 2, SECOND_US));
    c[1].dbov = 35; /* 5 dB louder */
    CHECK(!tx_speakers_update(&s, c, 2, 2 * SECOND_US));
    EQUAL(s.track[0], 1);
    c[1].dbov = 34;
    CHECK(tx_speakers_update(&s, c, 2, 3 * SECOND_US));
    EQUAL(s.track[0], 2);
}

static void rank_changes_only_with_a_margin(void)
{
    tx_speakers s = {.limit = 3};
    tx_speaker_candidate c[3] = {{1, 40}, {2, 45}, {3, 50}};
    CHECK(tx_speakers_update(&s, c, 3, SECOND_US));
    c[0].dbov = 44;
    c[1].dbov = 40;
    CHECK(!tx_speakers_update(&s, c, 3, SECOND_US));
    c[2].dbov = 30; /* clearly the loudest now */
    CHECK(tx_speakers_update(&s, c, 3, SECOND_US));
    EQUAL(s.track[0], 3);
    EQUAL(s.track[1], 1);
    EQUAL(s.track[2], 2);
}

static void a_pause_keeps_the_place_for_two_seconds(void)
{
    tx_speakers s = {.limit = 1};
    tx_speaker_candidate c[1] = {{1, 40}};
    CHECK(tx_speakers_update(&s, c, 1, SECOND_US));
    c[0].dbov = 127;
    CHECK(!tx_speakers_update(&s, c, 1, 3 * SECOND_US));
    CHECK(tx_speakers_update(&s, c, 1, 3 * SECOND_US + 1));
    EQUAL(s.count, 0);
}

static void a_removed_track_goes_at_once(void)
{
    tx_speakers s = {.limit = 2};
    const tx_speaker_candidate c[2] = {{1, 40}, {2, 45}};
    CHECK(tx_speakers_update(&s, c, 2, SECOND_US));
    CHECK(tx_speakers_update(&s, c + 1, 1, SECOND_US));
    EQUAL(s.count, 1);
    EQUAL(s.track[0], 2);
}

static void limits_are_kept(void)
{
    tx_speaker_candidate c[100];
    for (int i = 0; i < 100; i++)
        c[i] = (tx_speaker_candidate){i, (uint8_t)(i % 50)};
    tx_speakers many = {.limit = 255};
    CHECK(tx_speakers_update(&many, c, 100, SECOND_US));
    EQUAL(many.count, TX_SPEAKERS_MAX);
    tx_speakers none = {.limit = 0};
    CHECK(!tx_speakers_update(&none, c, 100, SECOND_US));
    EQUAL(none.count, 0);
}

int main(void)
{
    RUN(the_element_is_taken_apart);
    RUN(a_level_rises_quickly_and_falls_slowly);
    RUN(a_click_is_not_speech);
    RUN(silence_without_packets_fades);
    RUN(the_loudest_are_chosen_in_order);
    RUN(nobody_speaks_in_a_silent_room);
    RUN(a_slightly_louder_one_does_not_push_in);
    RUN(rank_changes_only_with_a_margin);
    RUN(a_pause_keeps_the_place_for_two_seconds);
    RUN(a_removed_track_goes_at_once);
    RUN(limits_are_kept);
    return 0;
}
