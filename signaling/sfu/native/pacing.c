#include "pacing.h"

#include <string.h>

#include "bandwidth.h"

static void write_times(const tx_worker *worker, tx_transport *transport, const tx_paced *paced, uint8_t *packet)
{
    if (paced->transport_cc_offset)
        tx_put16(packet + paced->transport_cc_offset, tx_bandwidth_next(worker, transport, tx_paced_length(paced)));
    if (paced->abs_send_time_offset)
        tx_put24(packet + paced->abs_send_time_offset, tx_rtp_abs_send_time(worker->now_us));
}

static void send_first(tx_worker *worker, tx_transport *transport)
{
    const tx_paced *paced = tx_pacer_first(&transport->pacer);
    const uint8_t *bytes = tx_paced_bytes(paced);
    uint8_t *packet = tx_udp_reserve(&worker->udp, tx_paced_length(paced) + TX_SRTP_OVERHEAD_MAX_BYTES);
    memcpy(packet, bytes, paced->head_length);
    write_times(worker, transport, paced, packet);
    tx_srtp_job job = {
        .stream = paced->stream,
        .packet = packet,
        .payload = bytes + paced->head_length,
        .header_length = paced->header_length,
        .prefix_length = (uint16_t)(paced->head_length - paced->header_length),
        .payload_length = paced->payload_length,
        .padding = paced->padding,
    };
    tx_pacer_sent(&transport->pacer, tx_paced_length(paced), transport->congestion->estimate.bps, worker->now_us);
    if (tx_srtp_protect(transport->sender, &job, 1) == 1) {
        tx_udp_queue(&worker->udp, &transport->path, job.length);
        transport->packets_sent++;
        transport->bytes_sent += job.length;
        worker->outputs++;
    }
    tx_pacer_pop(&transport->pacer);
}

/* `all`: also what is not due. */
static void release(tx_worker *worker, tx_transport *transport, bool all)
{
    bool ready = tx_transport_ready(transport);
    while (tx_pacer_first(&transport->pacer)) {
        if (!ready)
            tx_pacer_pop(&transport->pacer);
        else if (all || tx_pacer_due(&transport->pacer, worker->now_us))
            send_first(worker, transport);
        else
            return;
    }
}

void tx_pacing_follow(tx_worker *worker, tx_transport *transport)
{
    const tx_congestion *congestion = transport->congestion;
    bool paced = congestion->known && congestion->estimate.limited && tx_pacer_open(&transport->pacer);
    if (transport->paced && !paced)
        release(worker, transport, true);
    transport->paced = paced;
}

void tx_pacing_put(tx_transport *transport, const tx_rtp_template *template, const tx_srtp_job *job)
{
    const tx_paced paced = {
        .stream = job->stream,
        .header_length = job->header_length,
        .head_length = (uint16_t)(job->header_length + job->prefix_length),
        .payload_length = job->payload_length,
        .transport_cc_offset = template->transport_cc_offset,
        .abs_send_time_offset = template->abs_send_time_offset,
        .padding = job->padding,
        .overhead = transport->overhead,
    };
    tx_pacer_put(&transport->pacer, &paced, job->packet, job->payload); /* or it is lost, and asked for again */
}

bool tx_pacing_tick(tx_worker *worker, tx_transport *transport)
{
    if (!tx_pacer_first(&transport->pacer))
        return false;
    release(worker, transport, false);
    if (!tx_pacer_first(&transport->pacer))
        return false;
    tx_worker_soon(worker, transport->pacer.free_us);
    tx_transport_unrest(worker, transport);
    return true;
}
