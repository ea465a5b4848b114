#include "check.h"
#include "floor.h"

#define PACKET_US 20000ull
#define SECOND_US 1000000ull
#define CROWD 20

enum { LOUD = 25, LOUDER = 18, SILENT = 127 };

static tx_floor fresh(uint8_t places, uint16_t microphones)
{
    return (tx_floor){.places = places, .microphones = microphones};
}

/* `count` packets of one level; how many of them were heard. */
static int speak(tx_floor *floor, tx_microphone *microphone, uint8_t dbov, int count, uint64_t *now_us)
{
    int heard = 0;
    for (int i = 0; i < count; i++) {
        heard += tx_floor_hear(floor, microphone, dbov, false, *now_us);
        *now_us += PACKET_US;
    }
    return heard;
}

static void the_first_packet_takes_a_free_place(void)
{
    tx_floor floor = fresh(2, CROWD);
    tx_microphone a = {0}, b = {0};
    CHECK(tx_floor_hear(&floor, &a, LOUD, false, SECOND_US));
    CHECK(tx_floor_hear(&floor, &b, LOUD, false, SECOND_US));
    EQUAL(a.place, 1);
    EQUAL(b.place, 2);
}

static void in_a_small_room_quiet_ones_are_heard_too(void)
{
    tx_floor floor = fresh(3, 3);
    tx_microphone m[3] = {0};
    uint64_t now_us = SECOND_US;
    for (int i = 0; i < 300; i++)
        for (int who = 0; who < 3; who++)
            CHECK(speak(&floor, &m[who], SILENT, 1, &now_us) == 1);
}

static void in_a_crowd_silence_takes_no_place_and_gives_one_up(void)
{
    tx_floor floor = fresh(2, CROWD);
    tx_microphone a = {0}, b = {0};
    uint64_t now_us = SECOND_US;
    CHECK(!tx_floor_hear(&floor, &a, SILENT, false, now_us));
    CHECK(!tx_floor_hear(&floor, &a, 60, false, now_us));
    CHECK(tx_floor_hear(&floor, &b, 60, true, now_us)); /* soft, but its sender says that it is a voice */
    speak(&floor, &a, LOUD, 10, &now_us);
    int heard = speak(&floor, &a, SILENT, 200, &now_us);
    CHECK(heard >= 95 && heard <= 101); /* 2 s: a pause cuts no word */
    EQUAL(a.place, 0);
    CHECK(floor.place[0].holder == &b && floor.place[1].holder == NULL);
}

/* Everybody speaks as loud as the others: those who came first are heard to the end. */
static void an_equal_does_not_push_in(void)
{
    tx_floor floor = fresh(2, CROWD);
    tx_microphone m[3] = {0};
    uint64_t now_us = SECOND_US;
    int heard[3] = {0};
    for (int i = 0; i < 500; i++)
        for (int who = 0; who < 3; who++)
            heard[who] += tx_floor_hear(&floor, &m[who], (uint8_t)(LOUD + (i * 7 + who) % 5), false,
                                        now_us += PACKET_US / 3);
    EQUAL(heard[0], 500);
    EQUAL(heard[1], 500);
    EQUAL(heard[2], 0);
}

static void a_louder_one_is_heard_from_the_second_packet(void)
{
    tx_floor floor = fresh(1, CROWD);
    tx_microphone a = {0}, b = {0};
    uint64_t now_us = SECOND_US;
    speak(&floor, &a, LOUD, 100, &now_us);
    CHECK(!tx_floor_hear(&floor, &b, LOUDER, false, now_us)); /* might be a click */
    CHECK(tx_floor_hear(&floor, &b, LOUDER, false, now_us + PACKET_US));
    EQUAL(a.place, 0);
    CHECK(!tx_floor_hear(&floor, &a, LOUD, false, now_us + PACKET_US));
}

static void a_click_is_not_heard_when_all_places_are_held(void)
{
    tx_floor floor = fresh(1, CROWD);
    tx_microphone a = {0}, b = {0};
    uint64_t now_us = SECOND_US;
    speak(&floor, &a, LOUD, 50, &now_us);
    for (int i = 0; i < 20; i++) {
        EQUAL(speak(&floor, &b, 5, 1, &now_us), 0);
        EQUAL(speak(&floor, &b, SILENT, 3, &now_us), 0);
        EQUAL(speak(&floor, &a, LOUD, 1, &now_us), 1);
    }
}

static void a_short_pause_keeps_the_place_and_a_longer_one_does_not(void)
{
    tx_floor floor = fresh(1, CROWD);
    tx_microphone a = {0}, b = {0};
    uint64_t now_us = SECOND_US;
    speak(&floor, &a, LOUD, 50, &now_us);
    const uint64_t paused_us = now_us;
    uint64_t taken_us = 0;
    while (!taken_us && now_us < paused_us + 5 * SECOND_US) {
        speak(&floor, &a, SILENT, 1, &now_us);
        if (tx_floor_hear(&floor, &b, LOUD, false, now_us))
            taken_us = now_us;
    }
    CHECK(taken_us - paused_us >= 900000 && taken_us - paused_us <= 2100000);
}

static void who_leaves_makes_room(void)
{
    tx_floor floor = fresh(1, CROWD);
    tx_microphone a = {0}, b = {0};
    CHECK(tx_floor_hear(&floor, &a, LOUD, false, SECOND_US));
    CHECK(!tx_floor_hear(&floor, &b, LOUD, false, SECOND_US));
    tx_floor_leave(&floor, &a);
    tx_floor_leave(&floor, &a);
    CHECK(tx_floor_hear(&floor, &b, LOUD, false, SECOND_US));
    EQUAL(a.place, 0);
}

/* Random levels and clocks: never more holders than places, and each microphone agrees with its place. */
static void holders_and_places_always_agree(void)
{
    enum { MICROPHONES = 40 };
    tx_microphone m[MICROPHONES] = {0};
    tx_floor floor = fresh(5, MICROPHONES);
    uint32_t random = 12345;
    uint64_t now_us = SECOND_US;
    for (int step = 0; step < 200000; step++) {
        random = random * 1664525u + 1013904223u;
        tx_microphone *who = &m[(random >> 8) % MICROPHONES];
        bool heard = false;
        if ((random >> 28) == 0)
            tx_floor_leave(&floor, who);
        else
            heard = tx_floor_hear(&floor, who, (uint8_t)(random >> 16), (random >> 27) & 1, now_us);
        now_us += (random >> 20) & 0xfff;
        CHECK(heard == (who->place != 0));
        unsigned holders = 0;
        for (unsigned i = 0; i < floor.places; i++)
            CHECK(!floor.place[i].holder || floor.place[i].holder->place == i + 1);
        for (unsigned i = 0; i < MICROPHONES; i++)
            holders += m[i].place != 0;
        CHECK(holders <= floor.places);
    }
}

int main(void)
{
    RUN(the_first_packet_takes_a_free_place);
    RUN(in_a_small_room_quiet_ones_are_heard_too);
    RUN(in_a_crowd_silence_takes_no_place_and_gives_one_up);
    RUN(an_equal_does_not_push_in);
    RUN(a_louder_one_is_heard_from_the_second_packet);
    RUN(a_click_is_not_heard_when_all_places_are_held);
    RUN(a_short_pause_keeps_the_place_and_a_longer_one_does_not);
    RUN(who_leaves_makes_room);
    RUN(holders_and_places_always_agree);
    return 0;
}
