/* RTCP that peers send us: reports, losses, keyframe wishes, publishers' clocks. */
#ifndef TX_FEEDBACK_H
#define TX_FEEDBACK_H

#include "worker.h"

/* One decrypted compound packet. */
void tx_feedback_receive(tx_worker *worker, tx_transport *transport, const uint8_t *data, size_t length);

#endif
