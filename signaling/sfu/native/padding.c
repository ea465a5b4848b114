#include "padding.h"

#include "bandwidth.h"
#include "pacing.h"
#include "resend.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

#define AGAIN_MAX 48u         /* packets back that may be sent again */
#define PADDING_MAX_BYTES 255u /* one byte says how much (RFC 3550 5.1) */
#define PACKETS_MAX 64u       /* in one go */

static void send_blank(tx_worker *worker, tx_transport *transport, tx_subscription *subscription)
{
    tx_rtp_template *template = &worker->plans[0].template[0];
    worker->plans[0].layout_key = 0;
    tx_rtp_template_blank(template, &subscription->layout);
    size_t room = TX_RTP_HEADER_MAX_BYTES + PADDING_MAX_BYTES + transport->overhead;
    uint8_t *packet = tx_udp_reserve(&worker->udp, room);
    tx_rtp_rewrite to = {
        .ssrc = subscription->rtx_ssrc,
        .timestamp = subscription->timestamp,
        .sequence = (uint16_t)subscription->rtx_next++,
        .payload_type = subscription->rtx_payload_type,
        .padded = true,
        .mid = subscription->mid,
        .abs_send_time = tx_rtp_abs_send_time(worker->now_us),
    };
    if (template->transport_cc_offset)
        to.transport_sequence =
            tx_bandwidth_next(worker, transport, (size_t) template->length + PADDING_MAX_BYTES + transport->overhead);
    tx_srtp_job job = {
        .stream = subscription->rtx_stream,
        .packet = packet,
        .payload = packet, /* none */
        .header_length = (uint16_t)tx_rtp_emit(template, packet, &to),
        .padding = PADDING_MAX_BYTES,
    };
    if (tx_srtp_protect(transport->sender, &job, 1) != 1)
        return;
    tx_udp_queue(&worker->udp, &transport->path, job.length);
    transport->packets_sent++;
    transport->bytes_sent += job.length;
    tx_pacing_passed(worker, transport, job.length);
    worker->outputs++;
}

/* The video that is worth repeating: one that is being sent; else one whose RTX stream exists at least. */
static tx_subscription *carrier(tx_transport *transport, bool live)
{
    tx_list_each(&transport->subscriptions, link, after) {
        tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_transport);
        if (subscription->rtx_stream && (!live || subscription->state == TX_SUBSCRIPTION_LIVE))
            return subscription;
    }
    return NULL;
}

bool tx_padding_send(tx_worker *worker, tx_transport *transport, uint32_t bytes)
{
    uint64_t until = transport->bytes_sent + bytes;
    tx_subscription *subscription = carrier(transport, true);
    for (unsigned i = 0; subscription && i < AGAIN_MAX && transport->bytes_sent < until; i++) {
        if (!tx_resend_spare(worker, subscription, (uint16_t)(subscription->sequences.newest - i)))
            break;
    }
    if (!subscription)
        subscription = carrier(transport, false);
    if (!subscription)
        return false;
    for (unsigned i = 0; i < PACKETS_MAX && transport->bytes_sent < until; i++)
        send_blank(worker, transport, subscription);
    return true;
}
