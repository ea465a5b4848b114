#include "levels.h"

#include <string.h>

#define RISE_US 40000 /* time constants of the smoothing */
#define FALL_US 300000
#define PACKET_US 20000 /* assumed before the first level */
#define STEP_MAX_US 1000000
#define HOLD_US 500000 /* Opus DTX sends one packet in 400 ms: until then the level stands */
#define FADE_US 500000 /* then it fades to silence */

#define THRESHOLD_DBOV 55 /* louder than this is speech */
#define MARGIN_DB 6
#define PAUSE_US 2000000

/* ---- one level ---- */

void tx_level_add(tx_level *level, uint8_t dbov, uint64_t now_us)
{
    if (dbov > TX_LEVEL_SILENCE_DBOV)
        dbov = TX_LEVEL_SILENCE_DBOV;
    uint64_t step_us = level->updated_us && now_us > level->updated_us ? now_us - level->updated_us : PACKET_US;
    if (step_us > STEP_MAX_US)
        step_us = STEP_MAX_US;
    const int64_t target = (int64_t)(TX_LEVEL_SILENCE_DBOV - dbov) << 8;
    const int64_t current = level->loudness_q8;
    const int64_t constant_us = target > current ? RISE_US : FALL_US;
    const int64_t moved = (target - current) * (int64_t)step_us / (constant_us + (int64_t)step_us);
    level->loudness_q8 = (uint32_t)(current + moved);
    level->updated_us = now_us;
}

uint8_t tx_level_now(const tx_level *level, uint64_t now_us)
{
    if (level->updated_us == 0)
        return TX_LEVEL_SILENCE_DBOV;
    uint64_t loudness = level->loudness_q8;
    const uint64_t idle_us = now_us > level->updated_us ? now_us - level->updated_us : 0;
    if (idle_us >= HOLD_US + FADE_US)
        loudness = 0;
    else if (idle_us > HOLD_US)
        loudness = loudness * (HOLD_US + FADE_US - idle_us) / FADE_US;
    return (uint8_t)(TX_LEVEL_SILENCE_DBOV - (loudness + 128) / 256);
}

/* ---- active speakers ---- */

static const tx_speaker_candidate *find(const tx_speaker_candidate *candidates, size_t count, int64_t track)
{
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].track == track)
            return &candidates[i];
    }
    return NULL;
}

static bool is_chosen(const tx_speakers *speakers, int64_t track)
{
    for (size_t i = 0; i < speakers->count; i++) {
        if (speakers->track[i] == track)
            return true;
    }
    return false;
}

/* Drops speakers that are gone or silent for long; leaves the current level of the others in `dbov`. */
static void keep_current(tx_speakers *speakers, uint8_t *dbov, const tx_speaker_candidate *candidates, size_t count,
                         uint64_t now_us)
{
    uint8_t kept = 0;
    for (uint8_t i = 0; i < speakers->count; i++) {
        const tx_speaker_candidate *now = find(candidates, count, speakers->track[i]);
        if (!now)
            continue;
        uint64_t heard_us = now->dbov <= THRESHOLD_DBOV ? now_us : speakers->heard_us[i];
        if (now_us - heard_us > PAUSE_US)
            continue;
        speakers->track[kept] = speakers->track[i];
        speakers->heard_us[kept] = heard_us;
        dbov[kept] = now->dbov;
        kept++;
    }
    speakers->count = kept;
}

/* The loudest speaking candidate that is not chosen; NULL when there is none. */
static const tx_speaker_candidate *challenger(const tx_speakers *speakers, const tx_speaker_candidate *candidates,
                                              size_t count)
{
    const tx_speaker_candidate *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const tx_speaker_candidate *c = &candidates[i];
        if (c->dbov > THRESHOLD_DBOV || (best && c->dbov >= best->dbov))
            continue;
        if (!is_chosen(speakers, c->track))
            best = c;
    }
    return best;
}

static void swap(tx_speakers *speakers, uint8_t *dbov, size_t a, size_t b)
{
    const int64_t track = speakers->track[a];
    const uint64_t heard_us = speakers->heard_us[a];
    const uint8_t level = dbov[a];
    speakers->track[a] = speakers->track[b];
    speakers->heard_us[a] = speakers->heard_us[b];
    dbov[a] = dbov[b];
    speakers->track[b] = track;
    speakers->heard_us[b] = heard_us;
    dbov[b] = level;
}

bool tx_speakers_update(tx_speakers *speakers, const tx_speaker_candidate *candidates, size_t count, uint64_t now_us)
{
    const size_t limit = speakers->limit > TX_SPEAKERS_MAX ? TX_SPEAKERS_MAX : speakers->limit;
    const uint8_t old_count = speakers->count;
    int64_t old_track[TX_SPEAKERS_MAX];
    memcpy(old_track, speakers->track, sizeof old_track);
    uint8_t dbov[TX_SPEAKERS_MAX];
    keep_current(speakers, dbov, candidates, count, now_us);
    for (size_t round = 0; round < limit; round++) {
        const tx_speaker_candidate *c = challenger(speakers, candidates, count);
        if (!c)
            break;
        size_t place = speakers->count;
        if (place >= limit) { /* full: only in place of one clearly quieter */
            place = 0;
            for (size_t i = 1; i < speakers->count; i++) {
                if (dbov[i] >= dbov[place])
                    place = i;
            }
            if (dbov[place] < c->dbov + MARGIN_DB)
                break;
        } else {
            speakers->count++;
        }
        speakers->track[place] = c->track;
        speakers->heard_us[place] = now_us;
        dbov[place] = c->dbov;
    }
    /* Rank with a margin: a neighbour passes only when clearly louder.  At most `count` passes of a bubble sort. */
    for (size_t pass = 1; pass < speakers->count; pass++) {
        for (size_t i = (size_t)speakers->count - 1; i > 0; i--) {
            if (dbov[i] + MARGIN_DB <= dbov[i - 1])
                swap(speakers, dbov, i, i - 1);
        }
    }
    return speakers->count != old_count || memcmp(old_track, speakers->track, old_count * sizeof *old_track) != 0;
}
