/* Fan-out: the packets of one batch to everyone who receives them, subscriber by subscriber.
 *
 * Subscriber-major order keeps one cipher context hot and lets the packets of a video frame leave as one GSO message.
 */
#ifndef TX_FORWARD_H
#define TX_FORWARD_H

#include "worker.h"

#define TX_EVEN_MAX_BYTES 16u /* RTP padding that one packet may get to match its neighbours' size */

/* Notes a packet of the track for fan-out.  The view and what it points to must stay until tx_forward_all.  NULL when
 * nobody would receive it.  The caller fills the entry. */
tx_pending *tx_forward_add(tx_worker *worker, tx_track *track);

/* Sends all that was noted; starts the subscriptions for which a keyframe has come. */
void tx_forward_all(tx_worker *worker);

/* Padding that evens out `count` sizes so that neighbours form GSO runs (equal sizes, the last may be shorter). */
void tx_forward_even(const uint16_t *sizes, unsigned count, uint8_t *padding);

#endif
