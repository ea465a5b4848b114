/* Who has the floor: which few microphones of a room are forwarded.  Decided as each packet comes, from its RFC 6464
 * level, so that somebody who begins to speak is heard from the first or second packet on.
 *
 * A free place is taken by whoever speaks, at once.  When all are held, it takes two packets in a row that are clearly
 * louder than the *standing* of the quietest holder.  Standing is a holder's latest loudness, and it falls slowly when
 * they pause: by as much as the margin in about two seconds, so a word is not cut by somebody just as loud.
 *
 * Pure: time comes in as `now_us` of a steady clock.  Nothing here allocates; a decision looks at each place once.
 */
#ifndef TX_FLOOR_H
#define TX_FLOOR_H

#include <stdbool.h>
#include <stdint.h>

#define TX_FLOOR_PLACES_MAX 16u
#define TX_FLOOR_HOLD_US 2000000u     /* in a crowd a place is free again after so much quiet */
#define TX_FLOOR_SPEECH_DBOV 55       /* louder than this is speech, */
#define TX_FLOOR_VOICE_DBOV 75        /* or than this when the sender's own detector says so */
#define TX_FLOOR_MARGIN_DB 6          /* louder by this takes the floor from another */
#define TX_FLOOR_FALL_DB_PER_SECOND 6 /* of a standing */
#define TX_FLOOR_UNTOLD_DBOV 30       /* taken for the level of a sender that does not tell it */

/* A microphone's part; all zero is a fresh one. */
typedef struct tx_microphone {
    uint8_t place; /* 1 + its index; 0 = it has not the floor */
    uint8_t before_loud; /* loudness (127 - dBov) of the packet before, 0 when that was no speech */
} tx_microphone;

typedef struct {
    tx_microphone *holder; /* NULL = free */
    uint64_t spoke_us;     /* when it last was above the threshold */
    uint64_t stood_us;     /* when `standing` was right */
    uint32_t standing_q8;  /* loudness in 1/256 dB */
} tx_floor_place;

/* All zero but `places` (1 to TX_FLOOR_PLACES_MAX) is a fresh one. */
typedef struct {
    uint8_t places;
    uint16_t microphones; /* in the room; while they are no more than the places, quiet ones are heard too */
    tx_floor_place place[TX_FLOOR_PLACES_MAX];
} tx_floor;

/* A packet of `microphone` with this level came.  True when it has the floor now, and the packet is to be heard. */
bool tx_floor_hear(tx_floor *floor, tx_microphone *microphone, uint8_t dbov, bool voice, uint64_t now_us);

/* It is muted or gone. */
void tx_floor_leave(tx_floor *floor, tx_microphone *microphone);

#endif
