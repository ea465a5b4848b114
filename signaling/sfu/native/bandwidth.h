/* Congestion control at work: a transport's packets are noted, its peer's reports read, Python told, probes sent.
 *
 * By transport-wide feedback where the peer reports it for what it receives; for others by the peer's REMB, with which
 * nothing is probed.
 */
#ifndef TX_BANDWIDTH_H
#define TX_BANDWIDTH_H

#include "congestion.h"
#include "transport.h"
#include "worker.h"

#define TX_ANNOUNCE_PERIOD_US 100000u /* Python hears of a rise at most this often; of a fall at once */
#define TX_SPARING_US 300000         /* a longer queue is emptied first of all */
#define TX_ANNOUNCE_PERCENT 5u        /* and of no smaller change */

/* From now on what is sent carries numbers that the peer reports on.  False when memory is short. */
bool tx_bandwidth_begin(tx_transport *transport);

/* The number of the next packet, of which `bytes` leave now. */
static inline uint16_t tx_bandwidth_next(const tx_worker *worker, tx_transport *transport, size_t bytes)
{
    uint16_t sequence = transport->sent_transport_sequence++;
    tx_congestion_sent(transport->congestion, sequence, (uint32_t)bytes, worker->now_us);
    return sequence;
}

/* The transport has another path, after a silence of the former one. */
void tx_bandwidth_moved(tx_transport *transport);

/* Transport-wide feedback and REMB of the peer.  A REMB that names none of the peer's subscriptions says nothing. */
void tx_bandwidth_report(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet);
void tx_bandwidth_remb(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet);

void tx_bandwidth_set_target(tx_worker *worker, tx_transport *transport, uint32_t allocated_bps, uint32_t wanted_bps);

/* Says how long pictures are to be held back for what is lost on their way, as far as is known now. */
void tx_bandwidth_hold_back(tx_worker *worker, tx_subscription *subscription);

/* Once a second: probes where reports do not come to ask for it, weighs what the peer says against what it was sent, and
 * says how long pictures are to be held back for what is lost. */
void tx_bandwidth_second(tx_worker *worker, tx_transport *transport);

/* Sends the padding that is due.  False when nothing is left to do. */
bool tx_bandwidth_tick(tx_worker *worker, tx_transport *transport);

#endif
