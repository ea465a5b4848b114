/* A room as the media plane sees it: the scope of active-speaker detection. */
#ifndef TX_ROOM_H
#define TX_ROOM_H

#include "levels.h"
#include "worker.h"

#define TX_SPEAKERS_PERIOD_US 200000u /* at most one EVENT_SPEAKERS per room in this time */
#define TX_SPEAKERS_SHOWN 5u
#define TX_SPEAKERS_LINGER_US 5000000u /* a room without sound is looked at this long, then left alone */
#define TX_CANDIDATES_MAX 1024u        /* audio tracks of one room that compete; later ones are not considered */

struct tx_room {
    tx_object object;
    tx_link tracks; /* published into it */
    tx_link loud;   /* in worker->loud_rooms while someone was heard lately */
    uint64_t heard_us;
    uint64_t chosen_us;
    tx_speakers speakers;
};

tx_room *tx_room_new(tx_worker *worker);

/* Its tracks stay, without a room. */
void tx_room_free(tx_worker *worker, tx_room *room);

/* An audio level arrived for one of its tracks. */
void tx_room_heard(tx_worker *worker, tx_room *room);

/* Chooses the speakers anew and announces a change. */
void tx_room_choose(tx_worker *worker, tx_room *room);

#endif
