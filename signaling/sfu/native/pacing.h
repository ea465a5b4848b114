/* Pacing at work: pictures for a peer whose line has shown a limit leave through its pacer; everybody else's go straight
 * out, as one burst. */
#ifndef TX_PACING_H
#define TX_PACING_H

#include "rtp.h"
#include "srtp.h"
#include "transport.h"
#include "worker.h"

/* Begins or ends as the estimate says; what waits at the end leaves at once. */
void tx_pacing_follow(tx_worker *worker, tx_transport *transport);

/* The packet of a picture, not sealed: the numbers of its sending are written when it leaves. */
void tx_pacing_put(tx_transport *transport, const tx_rtp_template *template, const tx_srtp_job *job);

/* Sends what is due.  False when nothing waits any more. */
bool tx_pacing_tick(tx_worker *worker, tx_transport *transport);

/* So many bytes left without waiting. */
static inline void tx_pacing_passed(const tx_worker *worker, tx_transport *transport, uint32_t bytes)
{
    if (__builtin_expect(transport->paced, 0))
        tx_pacer_passed(&transport->pacer, bytes, transport->congestion->estimate.bps, worker->now_us);
}

#endif
