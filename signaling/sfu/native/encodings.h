/* The encodings of one published source (simulcast): which of them a subscription is sent.
 *
 * Tracks of one transport and MID that have a RID are encodings of one source, added low to high; so is a track that is
 * added as another's sibling, in another codec, for those who cannot decode the first (it may have no RID and a MID of
 * its own).  The application says which one is wanted.  One that a subscription cannot decode it is never sent.  An encoding that falls silent while others go on (publishers drop the upper ones when their
 * line is weak) is replaced by a living one, and taken back when it returns.
 */
#ifndef TX_ENCODINGS_H
#define TX_ENCODINGS_H

#include "worker.h"

#define TX_ENCODINGS_MAX 5u /* four of a simulcast, and one in another codec */
#define TX_ENCODING_SILENT_US 400000u /* frames of a sibling go on for so long: this one is not sent any more */

/* Joins the ring of `sibling`, or (NULL) of those with its MID.  False when there are TX_ENCODINGS_MAX, or one has this
 * RID and MID. */
bool tx_encodings_join(tx_track *track, tx_track *sibling);

/* Before a track is freed: its subscriptions go over to a sibling.  False when there is none. */
bool tx_encodings_leave(tx_worker *worker, tx_track *track);

bool tx_encodings_same_source(const tx_track *a, const tx_track *b);

/* Room for one more subscription in every encoding of the source.  False when memory is short. */
bool tx_encodings_reserve(tx_track *track);

/* Silent while another encoding of the source lives: its publisher has left it out, and begins it with a keyframe when it
 * comes again.  To ask for one meanwhile would bring one of all that are sent (libvpx), on a line that is short already. */
bool tx_encodings_rests(tx_track *track);

/* It went over to another codec: subscriptions to it begin anew, or find another encoding, or rest. */
void tx_encodings_turned(tx_worker *worker, tx_track *track);

/* A frame of it began: notes who lives and moves subscriptions accordingly. */
void tx_encodings_heard(tx_worker *worker, tx_track *track);

/* Wants `track` (of the same source) from now on. */
void tx_encodings_choose(tx_worker *worker, tx_subscription *subscription, tx_track *track);

/* Follows what is wanted and who lives: attaches it elsewhere, or aims at another encoding's next keyframe. */
void tx_encodings_settle(tx_worker *worker, tx_subscription *subscription);

#endif
