/* ICE-lite: binding requests are answered, paths validated (RFC 8445 2.5, 7.3).  Nothing is sent unasked.
 * Plain binding requests are answered too, as a STUN server does, and prove nothing. */
#ifndef TX_ICE_H
#define TX_ICE_H

#include "worker.h"

void tx_ice_receive(tx_worker *worker, const tx_path *path, const uint8_t *data, size_t length);

#endif
