/* Bytes for a probe: packets sent before, again as RTX, which mends what was lost; else padding alone (RFC 4588 8.1
 * streams may carry packets without payload). */
#ifndef TX_PADDING_H
#define TX_PADDING_H

#include "worker.h"

/* Sends about `bytes` more.  False when the transport has no RTX stream to send them on. */
bool tx_padding_send(tx_worker *worker, tx_transport *transport, uint32_t bytes);

#endif
