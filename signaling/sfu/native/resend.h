/* Packets out of the cache: answers to NACK, and the newest group of pictures for a subscription that starts. */
#ifndef TX_RESEND_H
#define TX_RESEND_H

#include "worker.h"

/* A subscriber misses these sequences of what it was sent (RFC 4585 6.2.1): as RTX (RFC 4588) where negotiated. */
void tx_resend_missing(tx_worker *worker, tx_subscription *subscription, const uint16_t *sequences, size_t count);

/* One of the newest once more, to fill a probe.  False when it cannot be. */
bool tx_resend_spare(tx_worker *worker, tx_subscription *subscription, uint16_t sequence);

/* Starts every waiting video subscription for which the cache holds a young, complete group of pictures.  False when
 * a keyframe has to be asked from the publisher. */
bool tx_resend_start_waiting(tx_worker *worker, tx_track *track);

#endif
