/* Mirrors: tracks of one worker as tracks of another, so that a room's subscribers can sit on several cores.
 *
 * The *home* worker receives a publisher, decrypts, repairs losses and numbers the packets.  Each packet then goes
 * once through a pipe to the *away* worker, where an ordinary track (the mirror) keeps it in a cache of its own and fans
 * it out; NACKs of its subscribers are answered there.  Only wishes for a keyframe go back, and whether it is watched.
 *
 * A *conduit* is one pipe down and one up, shared by two ends that may close in any order: the last one frees it.
 * The home's end is an outlet with a handle, the other is an inlet.  A mirror has the same handle as its track, and both
 * ends name tracks by it and never by pointers, so what is gone on the other side is simply not found.
 */
#ifndef TX_MIRROR_H
#define TX_MIRROR_H

#include "worker.h"

#define TX_MIRROR_DOWN_BYTES (4u << 20)
#define TX_MIRROR_UP_BYTES (16u << 10)
#define TX_MIRROR_ASK_US 100000u /* at most one wish for a keyframe of a mirror in this time; home counts them again */

typedef struct tx_conduit tx_conduit;
typedef struct tx_inlet tx_inlet;

typedef struct {
    tx_object object;
    tx_link of_worker;
    tx_link taps;
    tx_conduit *conduit;
    bool pushed; /* the other side is to be woken */
} tx_outlet;

/* That a track of the home worker is mirrored. */
typedef struct {
    tx_link of_track;
    tx_link of_outlet;
    tx_outlet *outlet;
    tx_track *of;
    int64_t track; /* the handle of both */
    bool lost;    /* the pipe was full: the mirror has to be told with the next packet */
    bool watched; /* the mirror has watchers, and counts as one here */
} tx_tap;

/* Connects two workers; to be called without their gates.  The outlet's handle at `home`, or -errno. */
int64_t tx_mirror_connect(tx_worker *home, tx_worker *away);

/* With the home's gate: ends the connection.  Mirrors stay, and get nothing more. */
void tx_mirror_close_outlet(tx_worker *worker, tx_outlet *outlet);

/* Without gates: mirrors `track` of `home` as a track of `transport` at `away`, which nobody else sends to.  0 or
 * -errno: -EINVAL when outlet and away do not belong together, -EEXIST when it is mirrored there. */
int tx_mirror_open(tx_worker *home, int64_t outlet, int64_t track, tx_worker *away, int64_t transport);

/* With the home's gate: nothing more is sent to the mirror behind this outlet.  False when there is none. */
bool tx_mirror_stop(tx_worker *worker, tx_track *track, const tx_outlet *outlet);

/* ---- at home, as things happen to a track that has taps ---- */

void tx_mirror_packet(tx_track *track, const tx_pending *made);
void tx_mirror_clock(tx_worker *worker, tx_track *track);
void tx_mirror_loss(tx_track *track); /* of what its publisher sends, on the way to us */
void tx_mirror_seat(tx_track *track);
void tx_mirror_restart(tx_track *track); /* subscriptions begin anew at the next keyframe */
void tx_mirror_forget(tx_worker *worker, tx_track *track); /* it is being freed */

/* ---- away ---- */

/* Asks home for a keyframe of the mirror.  False when nobody is there to ask. */
bool tx_mirror_ask(tx_track *mirror);

/* Tells home whether the mirror is watched. */
void tx_mirror_watch(tx_track *mirror);
void tx_mirror_detach(tx_track *mirror); /* it is being freed */

/* ---- the batch ---- */

/* Takes what came through the pipes, a batch at most, and notes it for fan-out.  True when more waits. */
bool tx_mirror_receive(tx_worker *worker);

/* After fan-out: gives the room in the pipes back. */
void tx_mirror_release(tx_worker *worker);

/* Wakes those to whom something was pushed. */
void tx_mirror_wake(tx_worker *worker);

void tx_mirror_close_all(tx_worker *worker);

#endif
