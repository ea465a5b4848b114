#include "room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "track.h"

tx_room *tx_room_new(tx_worker *worker)
{
    tx_room *room = calloc(1, sizeof *room);
    if (!room)
        return NULL;
    tx_list_init(&room->tracks);
    tx_list_init(&room->loud);
    room->speakers.limit = TX_SPEAKERS_SHOWN;
    if (!tx_worker_register(worker, &room->object, TX_KIND_ROOM)) {
        free(room);
        return NULL;
    }
    return room;
}

void tx_room_free(tx_worker *worker, tx_room *room)
{
    tx_list_each(&room->tracks, link, after) {
        tx_owner_of(link, tx_track, of_room)->room = NULL;
        tx_list_remove(link);
    }
    tx_list_remove(&room->loud);
    tx_table_remove(&worker->objects, (uint64_t)room->object.handle);
    free(room);
}

void tx_room_heard(tx_worker *worker, tx_room *room)
{
    room->heard_us = worker->now_us;
    if (!tx_listed(&room->loud))
        tx_list_append(&worker->loud_rooms, &room->loud);
}

static void announce(tx_worker *worker, tx_room *room)
{
    uint8_t data[TX_SPEAKERS_MAX * sizeof(int64_t)];
    size_t length = room->speakers.count * sizeof(int64_t);
    memcpy(data, room->speakers.track, length); /* little-endian, as every machine that we build for */
    tx_events_push(&worker->events, TX_EVENT_SPEAKERS, 0, room->object.handle, data, length);
}

void tx_room_choose(tx_worker *worker, tx_room *room)
{
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "EVENT_SPEAKERS is little-endian");
    tx_speaker_candidate candidates[TX_CANDIDATES_MAX];
    size_t count = 0;
    if (worker->now_us - room->chosen_us < TX_SPEAKERS_PERIOD_US)
        return;
    room->chosen_us = worker->now_us;
    tx_list_each(&room->tracks, link, after) {
        tx_track *track = tx_owner_of(link, tx_track, of_room);
        if (track->kind != TX_AUDIO || track->blocked || count == TX_CANDIDATES_MAX)
            continue;
        candidates[count++] = (tx_speaker_candidate){
            .track = track->object.handle,
            .dbov = tx_level_now(&track->level, worker->now_us),
        };
    }
    if (tx_speakers_update(&room->speakers, candidates, count, worker->now_us))
        announce(worker, room);
    if (room->speakers.count == 0 && worker->now_us - room->heard_us > TX_SPEAKERS_LINGER_US)
        tx_list_remove(&room->loud);
}
