#include "floor.h"

#include <stddef.h>

#define SILENCE_DBOV 127

static uint8_t loudness(uint8_t dbov) { return (uint8_t)(dbov > SILENCE_DBOV ? 0 : SILENCE_DBOV - dbov); }

static uint32_t standing(const tx_floor_place *place, uint64_t now_us)
{
    uint64_t since_us = now_us > place->stood_us ? now_us - place->stood_us : 0;
    if (since_us > 30000000)
        return 0;
    uint32_t fallen = (uint32_t)(since_us * TX_FLOOR_FALL_DB_PER_SECOND * 256 / 1000000);
    return place->standing_q8 > fallen ? place->standing_q8 - fallen : 0;
}

static void stand(tx_floor_place *place, uint8_t loud, bool speech, uint64_t now_us)
{
    uint32_t now = standing(place, now_us);
    uint32_t heard = (uint32_t)loud << 8;
    place->standing_q8 = heard > now ? heard : now;
    place->stood_us = now_us;
    if (speech)
        place->spoke_us = now_us;
}

static void take(tx_floor *floor, tx_floor_place *place, tx_microphone *microphone, uint8_t loud, uint64_t now_us)
{
    if (place->holder)
        place->holder->place = 0;
    *place = (tx_floor_place){
        .holder = microphone,
        .spoke_us = now_us,
        .stood_us = now_us,
        .standing_q8 = (uint32_t)loud << 8,
    };
    microphone->place = (uint8_t)(1 + (place - floor->place));
}

/* A free place, else one whose holder was quiet for long, else the one with the least standing. */
static tx_floor_place *weakest(tx_floor *floor, uint64_t now_us, bool *open)
{
    tx_floor_place *least = NULL;
    uint32_t least_standing = 0;
    *open = true;
    for (unsigned i = 0; i < floor->places; i++)
        if (!floor->place[i].holder)
            return &floor->place[i];
    for (unsigned i = 0; i < floor->places; i++) {
        tx_floor_place *place = &floor->place[i];
        if (now_us > place->spoke_us && now_us - place->spoke_us > TX_FLOOR_HOLD_US)
            return place;
        uint32_t now = standing(place, now_us);
        if (!least || now < least_standing) {
            least = place;
            least_standing = now;
        }
    }
    *open = false;
    return least;
}

static bool keep(tx_floor *floor, tx_microphone *microphone, uint8_t loud, bool speech, uint64_t now_us)
{
    tx_floor_place *place = &floor->place[microphone->place - 1];
    stand(place, loud, speech, now_us);
    if (floor->microphones <= floor->places || now_us - place->spoke_us <= TX_FLOOR_HOLD_US)
        return true;
    tx_floor_leave(floor, microphone);
    return false;
}

bool tx_floor_hear(tx_floor *floor, tx_microphone *microphone, uint8_t dbov, bool voice, uint64_t now_us)
{
    uint8_t loud = loudness(dbov);
    bool speech = dbov <= (voice ? TX_FLOOR_VOICE_DBOV : TX_FLOOR_SPEECH_DBOV);
    uint8_t before = microphone->before_loud;
    microphone->before_loud = speech ? loud : 0;
    if (microphone->place)
        return keep(floor, microphone, loud, speech, now_us);
    bool crowd = floor->microphones > floor->places;
    if (crowd && !speech)
        return false;
    bool open;
    tx_floor_place *place = weakest(floor, now_us, &open);
    if (!place || (!open && !speech))
        return false;
    if (place->holder && !speech)
        return false; /* quiet for quiet: no reason to change */
    if (!open) {
        uint8_t steady = before < loud ? before : loud; /* one loud packet may be a click */
        if (((uint32_t)steady << 8) < standing(place, now_us) + (TX_FLOOR_MARGIN_DB << 8))
            return false;
    }
    take(floor, place, microphone, loud, now_us);
    return true;
}

void tx_floor_leave(tx_floor *floor, tx_microphone *microphone)
{
    if (!microphone->place)
        return;
    floor->place[microphone->place - 1] = (tx_floor_place){0};
    microphone->place = 0;
    microphone->before_loud = 0;
}
