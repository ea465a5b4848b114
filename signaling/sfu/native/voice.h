/* A voice: one place on a room's floor as a track of its own, onto which the packets of whoever holds the place are
 * joined.  A subscriber of a large room receives the few voices in place of hundreds of microphones: the change of
 * speaker is made once for the room, sequences and timestamps run on, and nobody negotiates anything.
 */
#ifndef TX_VOICE_H
#define TX_VOICE_H

#include "track.h"

typedef struct tx_voice {
    tx_track *track;            /* what is subscribed to; it belongs to the room's inner transport */
    const tx_track *microphone; /* whose packets it carries; NULL = between two turns */
    int64_t turns;              /* changes of speaker so far */
    int64_t first;              /* the microphone's sequence at which this turn began */
    uint32_t timestamp_offset;  /* the microphone's timestamp + this = the voice's */
    uint32_t newest_timestamp;
    uint64_t heard_us; /* when its newest packet came; 0 = never */
} tx_voice;

/* -ENOMEM.  `inner` is a transport that nobody can reach. */
int tx_voice_open(tx_worker *worker, tx_transport *inner, tx_voice *voice);

/* Fans out a packet of the microphone that holds the place.  `from`: the packet as its own subscribers get it. */
void tx_voice_carry(tx_worker *worker, tx_voice *voice, const tx_track *microphone, const tx_pending *from);

/* The microphone's sender report gave its clock. */
void tx_voice_learn(tx_worker *worker, tx_voice *voice, const tx_track *microphone);

#endif
