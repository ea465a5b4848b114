/* A room as the media plane sees it: whose microphones compete for the floor, and who speaks. */
#ifndef TX_ROOM_H
#define TX_ROOM_H

#include "floor.h"
#include "levels.h"
#include "voice.h"
#include "worker.h"

#define TX_SPEAKERS_PERIOD_US 200000u /* at most one EVENT_SPEAKERS per room in this time */
#define TX_SPEAKERS_SHOWN 5u
#define TX_SPEAKERS_LINGER_US 5000000u /* a room without sound is looked at this long, then left alone */
#define TX_LEAD_PAUSE_US 400000u       /* who leads and is quiet for so long gives way to who speaks */
#define TX_CANDIDATES_MAX 1024u        /* audio tracks of one room that compete; later ones are not considered */

struct tx_room {
    tx_object object;
    tx_link tracks; /* published into it */
    tx_link loud;   /* in worker->loud_rooms while someone was heard lately */
    uint64_t heard_us;
    uint64_t chosen_us;
    tx_speakers speakers;
    tx_floor floor;
    tx_floor aside; /* of microphones that are set apart: back stage */
    tx_transport *inner; /* carries the voices; NULL while there are none */
    tx_voice *voices;    /* one for each place of the floor, then the lead */
};

/* `places`: how many are heard at once, 1 to TX_FLOOR_PLACES_MAX.  NULL when memory is short. */
tx_room *tx_room_new(tx_worker *worker, unsigned places);

/* Its tracks stay, without a room; its voices go. */
void tx_room_free(tx_worker *worker, tx_room *room);

/* A packet of one of its microphones came, in order, with `level` as its RFC 6464 element (NULL = it has none).  False
 * when it has not the floor: the packet is not to be heard. */
bool tx_room_hear(tx_worker *worker, tx_room *room, tx_track *track, const uint8_t *level);

/* A microphone is muted or gone. */
void tx_room_left(tx_room *room, tx_track *track);

/* The voice of the place that the microphone holds; NULL when there is none. */
tx_voice *tx_room_voice(const tx_room *room, const tx_track *track);

/* The voice that carries one speaker after the other, for who can take no more than one; NULL when there are none. */
tx_voice *tx_room_lead(const tx_room *room);

/* A packet of a microphone that has the floor: onto its voice, and onto the lead when it leads. */
void tx_room_carry(tx_worker *worker, tx_room *room, tx_track *track, const tx_pending *from);

/* The microphone's sender report gave its clock. */
void tx_room_learn(tx_worker *worker, tx_room *room, const tx_track *track);

/* Makes the voices and the lead, once.  0 or -ENOMEM. */
int tx_room_open_voices(tx_worker *worker, tx_room *room);

/* Chooses the speakers anew and announces a change. */
void tx_room_choose(tx_worker *worker, tx_room *room);

#endif
