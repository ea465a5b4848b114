/* RTCP that we send of our own accord: sender reports, receiver reports, transport-wide feedback. */
#ifndef TX_REPORTS_H
#define TX_REPORTS_H

#include "rtcp.h"
#include "worker.h"

#define TX_TWCC_PERIOD_US 50000u
#define TX_RTCP_MAX_BYTES 1150u /* plain; protected and with UDP and IPv6 headers it still fits any usual path */

/* Once a second: SR for what we send (RFC 3550 6.4.1), RR for what we receive (6.4.2), SDES. */
void tx_reports_send(tx_worker *worker, tx_transport *transport);

/* What became due since the last tick: transport-wide feedback, the first SR of a subscription.  False when nothing
 * is left to wait for. */
bool tx_reports_tick(tx_worker *worker, tx_transport *transport);

/* The track's clock is known now: subscriptions that had no SR yet get one. */
void tx_reports_first(tx_worker *worker, tx_track *track);

/* A publisher's SR: the line between its timestamps and our clock. */
void tx_reports_learn(tx_worker *worker, tx_track *track, const tx_rtcp_sender_report *report);

#endif
