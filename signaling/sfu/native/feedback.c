#include "feedback.h"

#include "bandwidth.h"
#include "recovery.h"
#include "reports.h"
#include "resend.h"
#include "rtcp.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

/* A NACK that names more than this asks for what no cache holds any more. */
#define NACK_MAX 512
/* Round trips above this are another clock's. */
#define RTT_MAX_US 10000000u

static tx_subscription *subscription_of(const tx_transport *transport, uint32_t ssrc)
{
    tx_subscription *subscription = tx_table_get(&transport->outbound, tx_ssrc_key(ssrc));
    return subscription && subscription->ssrc == ssrc ? subscription : NULL;
}

static void learn_rtt(const tx_worker *worker, tx_transport *transport, const tx_rtcp_report_block *block)
{
    if (block->last_sr == 0)
        return;
    /* RFC 3550 6.4.1: A - LSR - DLSR, in 1/65536 s. */
    uint32_t now = tx_ntp_middle(tx_ntp_from_unix_us(tx_worker_unix_us(worker)));
    uint32_t round_trip = now - block->last_sr - block->delay_last_sr;
    uint64_t us = ((uint64_t)round_trip * 1000000) >> 16;
    if ((int32_t)round_trip < 0)
        us = 1; /* clock granularity */
    if (us <= RTT_MAX_US)
        transport->rtt_us = transport->rtt_us ? (transport->rtt_us * 3 + us) / 4 : us;
}

static void receive_reports(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet)
{
    size_t count = tx_rtcp_report_count(packet);
    for (size_t i = 0; i < count; i++) {
        tx_rtcp_report_block block;
        if (!tx_rtcp_read_report_block(packet, i, &block))
            continue;
        tx_subscription *subscription = subscription_of(transport, block.ssrc);
        if (!subscription)
            continue;
        subscription->remote_lost = block.cumulative_lost;
        subscription->remote_jitter = block.jitter;
        transport->remote_loss_ppm = (uint32_t)(block.fraction_lost * 1000000ull / 256);
        learn_rtt(worker, transport, &block);
    }
}

static void receive_sender_report(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet)
{
    tx_rtcp_sender_report report;
    if (!tx_rtcp_read_sender_report(packet, &report))
        return;
    tx_track *track = tx_table_get(&transport->inbound, tx_ssrc_key(report.ssrc));
    if (track && track->ssrc == report.ssrc)
        tx_reports_learn(worker, track, &report);
}

static void want_keyframe(tx_worker *worker, tx_transport *transport, uint32_t ssrc)
{
    tx_subscription *subscription = subscription_of(transport, ssrc);
    if (!subscription)
        return;
    subscription->plis_received++;
    if (subscription->state == TX_SUBSCRIPTION_LIVE)
        tx_recovery_want_keyframe(worker, subscription->track);
}

static void receive_nack(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet, uint32_t ssrc)
{
    uint16_t sequences[NACK_MAX];
    tx_subscription *subscription = subscription_of(transport, ssrc);
    if (!subscription)
        return;
    size_t count = tx_rtcp_read_nack(packet, sequences, NACK_MAX);
    subscription->nacks_received += count;
    tx_resend_missing(worker, subscription, sequences, count);
}

static void receive_payload_feedback(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet,
                                     const tx_rtcp_feedback *feedback)
{
    if (packet->count == TX_PSFB_PLI) {
        want_keyframe(worker, transport, feedback->media_ssrc);
    } else if (packet->count == TX_PSFB_FIR) {
        uint32_t ssrc;
        uint8_t sequence;
        for (size_t i = 0; i < tx_rtcp_fir_count(packet); i++)
            if (tx_rtcp_read_fir(packet, i, &ssrc, &sequence))
                want_keyframe(worker, transport, ssrc);
    } else if (packet->count == TX_PSFB_AFB) {
        tx_bandwidth_remb(worker, transport, packet);
    }
}

static void receive_one(tx_worker *worker, tx_transport *transport, const tx_rtcp_packet *packet)
{
    tx_rtcp_feedback feedback;
    switch (packet->type) {
    case TX_RTCP_SR:
        receive_sender_report(worker, transport, packet);
        receive_reports(worker, transport, packet);
        break;
    case TX_RTCP_RR: receive_reports(worker, transport, packet); break;
    case TX_RTCP_RTPFB:
        if (packet->count == TX_RTPFB_NACK && tx_rtcp_read_feedback(packet, &feedback))
            receive_nack(worker, transport, packet, feedback.media_ssrc);
        else if (packet->count == TX_RTPFB_TWCC)
            tx_bandwidth_report(worker, transport, packet);
        break;
    case TX_RTCP_PSFB:
        if (tx_rtcp_read_feedback(packet, &feedback))
            receive_payload_feedback(worker, transport, packet, &feedback);
        break;
    default: break; /* SDES, BYE, APP, XR: what they say, signalling says better */
    }
}

void tx_feedback_receive(tx_worker *worker, tx_transport *transport, const uint8_t *data, size_t length)
{
    tx_rtcp_iterator it = tx_rtcp_over(data, length);
    tx_rtcp_packet packet;
    while (tx_rtcp_next(&it, &packet))
        receive_one(worker, transport, &packet);
}
