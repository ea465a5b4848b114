/* Who speaks: smoothing of RFC 6464 audio levels and choice of a room's active speakers with hysteresis.
 * Pure: time comes in as `now_us` of a steady clock.
 */
#ifndef TX_LEVELS_H
#define TX_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TX_LEVEL_SILENCE_DBOV 127
#define TX_SPEAKERS_MAX 16

/* RFC 6464 3: first byte is V (voice activity) and the level as -dBov, 0 (loudest) to 127 (silence). */
static inline uint8_t tx_level_dbov(uint8_t element) { return element & 0x7f; }
static inline bool tx_level_voice(uint8_t element) { return (element & 0x80) != 0; }

typedef struct tx_level {
    uint32_t loudness_q8; /* (127 - level) * 256, smoothed: quick up, slow down */
    uint64_t updated_us;  /* 0 = never */
} tx_level;

/* One packet's level. */
void tx_level_add(tx_level *level, uint8_t dbov, uint64_t now_us);

/* Smoothed level at `now_us`: 127 = silence.  Decays when no packets come (a muted or gone sender). */
uint8_t tx_level_now(const tx_level *level, uint64_t now_us);

typedef struct tx_speaker_candidate {
    int64_t track;
    uint8_t dbov; /* of tx_level_now */
} tx_speaker_candidate;

/* State of one room.  All zero but `limit` is a fresh one. */
typedef struct tx_speakers {
    uint8_t limit; /* how many to choose, 1 to TX_SPEAKERS_MAX */
    uint8_t count;
    int64_t track[TX_SPEAKERS_MAX];     /* loudest first */
    uint64_t heard_us[TX_SPEAKERS_MAX]; /* when each was last above the threshold */
} tx_speakers;

/* Chooses anew; true when the list or its order changed.  A speaker stays through pauses of up to 2 s, gives way in
 * rank only to one louder by 6 dB, and never flickers with packet jitter.  Candidates are at most one per track. */
bool tx_speakers_update(tx_speakers *speakers, const tx_speaker_candidate *candidates, size_t count, uint64_t now_us);

#endif
