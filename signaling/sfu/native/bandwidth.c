#include "bandwidth.h"

#include <stdlib.h>

#include "pacing.h"
#include "padding.h"
#include "recovery.h"
#include "subscription.h"
#include "track.h"

bool tx_bandwidth_begin(tx_transport *transport)
{
    if (transport->congestion)
        return true;
    transport->congestion = malloc(sizeof *transport->congestion);
    if (transport->congestion)
        tx_congestion_init(transport->congestion);
    return transport->congestion != NULL;
}

void tx_bandwidth_moved(tx_transport *transport)
{
    if (transport->congestion)
        tx_congestion_moved(transport->congestion);
}

static void announce(tx_worker *worker, tx_transport *transport, uint32_t bps, bool limited)
{
    uint64_t before = transport->announced_bps, by = bps > before ? bps - before : before - bps;
    if (bps == 0 || by * 100 < before * TX_ANNOUNCE_PERCENT || by == 0)
        return;
    if (bps > before && worker->now_us - transport->announced_us < TX_ANNOUNCE_PERIOD_US)
        return; /* the next report says it again */
    transport->announced_bps = bps;
    transport->announced_us = worker->now_us;
    transport->announced_limited = limited;
    const uint8_t told = limited;
    tx_events_push(&worker->events, TX_EVENT_ESTIMATE, transport->object.handle, bps, &told, 1);
}

/* While a long queue stands only the lowest temporal layer of each picture goes on: it moves, and the queue empties. */
static void spare(tx_transport *transport)
{
    const tx_congestion *congestion = transport->congestion;
    bool sparing = transport->sparing ? tx_congestion_queued(congestion) : congestion->delay.queue_us > TX_SPARING_US;
    if (sparing == transport->sparing)
        return;
    transport->sparing = sparing;
    tx_list_each(&transport->subscriptions, link, after)
        tx_subscription_spare(tx_owner_of(link, tx_subscription, of_transport), sparing);
}

static void try_probe(tx_worker *worker, tx_transport *transport)
{
    if (tx_congestion_probe(transport->congestion, worker->now_us)) {
        tx_transport_unrest(worker, transport);
        tx_worker_soon(worker, worker->now_us);
    }
}

void tx_bandwidth_report(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet)
{
    tx_twcc_reader reader;
    if (!transport->congestion || !tx_twcc_reader_init(&reader, packet))
        return;
    tx_congestion_report(transport->congestion, &reader, transport->rtt_us, worker->now_us);
    announce(worker, transport, tx_congestion_bps(transport->congestion), transport->congestion->estimate.limited);
    spare(transport);
    tx_pacing_follow(worker, transport);
    try_probe(worker, transport);
}

/* Transport-wide feedback knows better. */
static bool remb_counts(const tx_transport *transport)
{
    return !transport->congestion || transport->congestion->reported_us == 0;
}

static void judge_remb(tx_worker *worker, tx_transport *transport)
{
    uint32_t bps = tx_remb_judge(&transport->remb, transport->announced_bps, worker->now_us);
    if (bps == 0 || worker->now_us - transport->announced_us < TX_ANNOUNCE_PERIOD_US)
        return; /* the next second says it again */
    bps = bps > TX_ESTIMATE_MIN_BPS ? bps : TX_ESTIMATE_MIN_BPS;
    if (transport->remb.limited != transport->announced_limited)
        transport->announced_bps = 0; /* news, however little has changed */
    announce(worker, transport, bps < TX_ESTIMATE_MAX_BPS ? bps : TX_ESTIMATE_MAX_BPS, transport->remb.limited);
}

void tx_bandwidth_remb(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet)
{
    uint64_t bps;
    size_t count;
    if (!tx_rtcp_read_remb(packet, &bps, &count))
        return;
    tx_remb_place place = {0};
    for (size_t i = 0; i < count; i++) {
        tx_subscription *subscription
            = tx_table_get(&transport->outbound, tx_ssrc_key(tx_rtcp_remb_ssrc(packet, i)));
        if (!subscription)
            continue;
        if (place.number == 0)
            place = tx_remb_hear(&transport->remb, bps, worker->now_us);
        tx_remb_name(&transport->remb, &subscription->remb, &place, subscription->second_bps);
    }
    if (place.number && remb_counts(transport))
        judge_remb(worker, transport);
}

/* What REMB is compared with. */
static void weigh_second(tx_worker *worker, tx_transport *transport)
{
    uint64_t sent_bps = 0, unnamed_bps = 0;
    tx_list_each(&transport->subscriptions, link, after) {
        tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_transport);
        uint64_t bps = 8 * (subscription->bytes - subscription->bytes_weighed);
        subscription->bytes_weighed = subscription->bytes;
        subscription->second_bps = bps < UINT32_MAX ? (uint32_t)bps : UINT32_MAX;
        sent_bps += bps;
        if (!tx_remb_is_named(&transport->remb, &subscription->remb, worker->now_us))
            unnamed_bps += bps;
    }
    tx_remb_sent(&transport->remb, sent_bps, unnamed_bps);
    judge_remb(worker, transport);
}

void tx_bandwidth_set_target(tx_worker *worker, tx_transport *transport, uint32_t allocated_bps, uint32_t wanted_bps)
{
    transport->remb.allocated_bps = allocated_bps;
    transport->remb.wanted_bps = wanted_bps;
    if (!transport->congestion)
        return;
    tx_congestion_set_target(transport->congestion, allocated_bps, wanted_bps);
    try_probe(worker, transport);
}

bool tx_bandwidth_tick(tx_worker *worker, tx_transport *transport)
{
    tx_congestion *congestion = transport->congestion;
    if (!congestion || congestion->probe.state != TX_PROBE_SENDING)
        return false;
    uint32_t due = tx_transport_ready(transport) ? tx_probe_due(&congestion->probe, worker->now_us) : 0;
    if (due && !tx_padding_send(worker, transport, due))
        tx_probe_cancel(&congestion->probe, worker->now_us); /* nothing that may be sent twice */
    if (congestion->probe.state != TX_PROBE_SENDING)
        return false;
    tx_worker_soon(worker, worker->now_us + TX_PROBE_STEP_US);
    return true;
}

void tx_bandwidth_hold_back(tx_worker *worker, tx_subscription *subscription)
{
    const tx_track *track = subscription->track;
    const tx_transport *transport = subscription->transport;
    /* Without RTX a packet sent again must be the same to the last bit. */
    if (track->kind != TX_VIDEO || !subscription->rtx_ssrc || !subscription->layout.id[TX_EXT_PLAYOUT_DELAY]
        || !transport->congestion)
        return;
    const tx_playout_way up = tx_recovery_way(track);
    const tx_playout_way down = {transport->congestion->estimate.loss_ppm, transport->rtt_us};
    if (tx_playout_update(&subscription->playout, &up, &down, worker->now_us))
        tx_rtp_layout_ask_delay(&subscription->layout, subscription->playout.least_10ms);
}

void tx_bandwidth_second(tx_worker *worker, tx_transport *transport)
{
    if (remb_counts(transport))
        weigh_second(worker, transport);
    if (!transport->congestion)
        return;
    if (tx_transport_ready(transport))
        try_probe(worker, transport); /* who is sent nothing reports nothing */
    tx_list_each(&transport->subscriptions, link, after)
        tx_bandwidth_hold_back(worker, tx_owner_of(link, tx_subscription, of_transport));
}
