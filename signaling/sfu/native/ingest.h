/* From datagrams and frames to packets of tracks: classification, SRTP, demultiplexing. */
#ifndef TX_INGEST_H
#define TX_INGEST_H

#include "worker.h"

/* Looks at what tx_udp_receive brought, from where it stopped last; stops early when enough work is queued.  True
 * when something is left. */
bool tx_ingest(tx_worker *worker);

/* The same for TCP connections: accepts, reads, and looks at what is complete. */
bool tx_ingest_tcp(tx_worker *worker);

/* Keeps a packet of the track's line and notes it for fan-out.  What `view` points to must stay until then. */
void tx_ingest_keep(tx_worker *worker, tx_track *track, const tx_rtp_view *view, const tx_extension_set *set,
                    int64_t sequence);

#endif
