#include "room.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "track.h"
#include "transport.h"

tx_room *tx_room_new(tx_worker *worker, unsigned places)
{
    tx_room *room = calloc(1, sizeof *room);
    if (!room)
        return NULL;
    tx_list_init(&room->tracks);
    tx_list_init(&room->loud);
    room->speakers.limit = TX_SPEAKERS_SHOWN;
    room->floor.places = (uint8_t)places;
    room->aside.places = (uint8_t)places;
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
    if (room->inner)
        tx_transport_free(worker, room->inner);
    free(room->voices);
    tx_list_remove(&room->loud);
    tx_table_remove(&worker->objects, (uint64_t)room->object.handle);
    free(room);
}

static tx_floor *floor_of(tx_room *room, const tx_track *track) { return track->apart ? &room->aside : &room->floor; }

bool tx_room_hear(tx_worker *worker, tx_room *room, tx_track *track, const uint8_t *level)
{
    uint8_t dbov = level ? tx_level_dbov(*level) : TX_FLOOR_UNTOLD_DBOV;
    if (level)
        tx_level_add(&track->level, dbov, worker->now_us);
    room->heard_us = worker->now_us;
    if (!tx_listed(&room->loud))
        tx_list_append(&worker->loud_rooms, &room->loud);
    return tx_floor_hear(floor_of(room, track), &track->microphone, dbov, level && tx_level_voice(*level), worker->now_us);
}

void tx_room_left(tx_room *room, tx_track *track)
{
    tx_voice *voice = tx_room_voice(room, track);
    if (voice && voice->microphone == track)
        voice->microphone = NULL;
    if (room->voices && tx_room_lead(room)->microphone == track)
        tx_room_lead(room)->microphone = NULL;
    tx_floor_leave(floor_of(room, track), &track->microphone);
}

tx_voice *tx_room_voice(const tx_room *room, const tx_track *track)
{
    bool has_one = room->voices && !track->apart && track->microphone.place;
    return has_one ? &room->voices[track->microphone.place - 1] : NULL;
}

tx_voice *tx_room_lead(const tx_room *room) { return room->voices ? &room->voices[room->floor.places] : NULL; }

/* Whoever speaks first in a pause, then whoever is known as the loudest. */
static bool leads(const tx_worker *worker, const tx_room *room, const tx_track *track)
{
    const tx_track *leader = tx_room_lead(room)->microphone;
    if (leader == track || !leader)
        return true;
    if (room->speakers.count && room->speakers.track[0] == track->object.handle)
        return true;
    const tx_microphone *theirs = &leader->microphone;
    bool quiet = !theirs->place
        || worker->now_us - room->floor.place[theirs->place - 1].spoke_us > TX_LEAD_PAUSE_US;
    return quiet && track->microphone.before_loud;
}

void tx_room_carry(tx_worker *worker, tx_room *room, tx_track *track, const tx_pending *from)
{
    tx_voice *voice = tx_room_voice(room, track);
    if (!voice)
        return;
    tx_voice_carry(worker, voice, track, from);
    if (leads(worker, room, track))
        tx_voice_carry(worker, tx_room_lead(room), track, from);
}

void tx_room_learn(tx_worker *worker, tx_room *room, const tx_track *track)
{
    tx_voice *voice = tx_room_voice(room, track);
    if (!voice)
        return;
    tx_voice_learn(worker, voice, track);
    tx_voice_learn(worker, tx_room_lead(room), track);
}

int tx_room_open_voices(tx_worker *worker, tx_room *room)
{
    if (room->voices)
        return 0;
    room->inner = tx_transport_new_inner(worker);
    room->voices = calloc(room->floor.places + 1u, sizeof *room->voices);
    int error = room->inner && room->voices ? 0 : -ENOMEM;
    for (unsigned i = 0; !error && i <= room->floor.places; i++)
        error = tx_voice_open(worker, room->inner, &room->voices[i]);
    if (!error)
        return 0;
    if (room->inner)
        tx_transport_free(worker, room->inner);
    free(room->voices);
    room->inner = NULL;
    room->voices = NULL;
    return error;
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
    uint16_t microphones = 0, aside = 0;
    if (worker->now_us - room->chosen_us < TX_SPEAKERS_PERIOD_US)
        return;
    room->chosen_us = worker->now_us;
    tx_list_each(&room->tracks, link, after) {
        tx_track *track = tx_owner_of(link, tx_track, of_room);
        if (track->kind != TX_AUDIO || track->blocked || count == TX_CANDIDATES_MAX)
            continue;
        if (track->apart) {
            aside++;
            continue;
        }
        microphones++;
        candidates[count++] = (tx_speaker_candidate){
            .track = track->object.handle,
            .dbov = tx_level_now(&track->level, worker->now_us),
        };
    }
    room->floor.microphones = microphones;
    room->aside.microphones = aside;
    if (tx_speakers_update(&room->speakers, candidates, count, worker->now_us))
        announce(worker, room);
    if (room->speakers.count == 0 && worker->now_us - room->heard_us > TX_SPEAKERS_LINGER_US)
        tx_list_remove(&room->loud);
}
