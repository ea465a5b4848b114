#include "reports.h"

#include "room.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

/* Room for one SR with its SDES at the end of a compound packet. */
#define SENDER_ENTRY_BYTES 64
#define NTP_UNIX_SECONDS 2208988800ll

static int64_t unix_us_from_ntp(uint64_t ntp)
{
    int64_t seconds = (int64_t)(ntp >> 32) - NTP_UNIX_SECONDS;
    return seconds * 1000000 + (int64_t)(((ntp & 0xffffffff) * 1000000) >> 32);
}

void tx_reports_learn(tx_worker *worker, tx_track *track, const tx_rtcp_sender_report *report)
{
    /* A sender without a clock, or one that has sent nothing yet, says zero (RFC 3550 6.4.1): that tells no time. */
    if (report->ntp == 0)
        return;
    tx_transport *transport = track->transport;
    int64_t theirs = unix_us_from_ntp(report->ntp);
    tx_sender_offset_hear(&transport->sender_offset, theirs, (int64_t)tx_worker_unix_us(worker));
    bool first = !track->clock.valid;
    track->clock = (tx_sender_clock){
        .valid = true,
        .middle = tx_ntp_middle(report->ntp),
        .arrival_us = worker->now_us,
        .unix_us = theirs + transport->sender_offset.us,
        .timestamp = report->rtp_timestamp + track->timestamp_offset,
    };
    if (first)
        tx_reports_first(worker, track);
    tx_mirror_clock(worker, track);
    if (track->room)
        tx_room_learn(worker, track->room, track);
}

void tx_reports_first(tx_worker *worker, tx_track *track)
{
    tx_list_each(&track->subscriptions, link, after) {
        tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_track);
        if (subscription->packets && !subscription->reported) {
            subscription->transport->report_soon = true;
            tx_transport_unrest(worker, subscription->transport);
        }
    }
}

static void write_sender_report(tx_worker *worker, tx_subscription *subscription, tx_writer *w)
{
    const tx_track *track = subscription->track;
    int64_t now = (int64_t)tx_worker_unix_us(worker);
    int64_t since = now - track->clock.unix_us;
    tx_rtcp_sender_report report = {
        .ssrc = subscription->ssrc,
        .ntp = tx_ntp_from_unix_us((uint64_t)now),
        .rtp_timestamp = track->clock.timestamp + subscription->stretch.timestamp_offset
            + (uint32_t)(since * (int64_t)track->clock_rate / 1000000),
        .packets = (uint32_t)subscription->packets,
        .octets = (uint32_t)subscription->bytes,
    };
    tx_rtcp_write_sender_report(w, &report, NULL, 0);
    tx_rtcp_write_cname(w, subscription->ssrc, track->transport->cname, TX_CNAME_BYTES);
    subscription->packets_reported = subscription->packets;
    subscription->reported = true;
}

static tx_writer begin(tx_worker *worker)
{
    uint8_t *space = tx_udp_reserve(&worker->udp, TX_RTCP_MAX_BYTES + TX_SRTP_OVERHEAD_MAX_BYTES);
    return tx_writer_over(space, TX_RTCP_MAX_BYTES);
}

/* `first_only`: those that never had one. */
static void send_sender_reports(tx_worker *worker, tx_transport *transport, bool first_only)
{
    tx_writer w = begin(worker);
    tx_list_each(&transport->subscriptions, link, after) {
        tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_transport);
        bool wanted = first_only ? !subscription->reported : subscription->packets != subscription->packets_reported;
        if (!wanted || !subscription->packets || !subscription->track->clock.valid)
            continue;
        if (tx_writer_length(&w) + SENDER_ENTRY_BYTES > TX_RTCP_MAX_BYTES) {
            tx_transport_send_rtcp(worker, transport, &w);
            w = begin(worker);
        }
        write_sender_report(worker, subscription, &w);
    }
    tx_transport_send_rtcp(worker, transport, &w);
}

static tx_rtcp_report_block reception_of(const tx_worker *worker, tx_track *track)
{
    tx_reception *reception = &track->reception;
    int64_t newest = track->source.newest;
    int64_t expected = newest - reception->base + 1;
    int64_t lost = expected - (int64_t)reception->received;
    int64_t expected_now = expected - reception->expected_before;
    int64_t received_now = (int64_t)(reception->received - reception->received_before);
    int64_t lost_now = expected_now - received_now;
    reception->expected_before = expected;
    reception->received_before = reception->received;
    uint8_t fraction = 0;
    reception->lost_ppm = 0;
    if (expected_now > 0 && lost_now > 0) {
        fraction = (uint8_t)(lost_now >= expected_now ? 255 : lost_now * 256 / expected_now);
        reception->lost_ppm = (uint32_t)(lost_now >= expected_now ? 1000000 : lost_now * 1000000 / expected_now);
    }
    uint64_t since_us = worker->now_us - track->clock.arrival_us;
    return (tx_rtcp_report_block){
        .ssrc = track->ssrc,
        .fraction_lost = fraction,
        .cumulative_lost = (int32_t)(lost > 0x7fffff        ? 0x7fffff
                                         : lost < -0x800000 ? -0x800000
                                                            : lost),
        .highest_sequence = (uint32_t)newest,
        .jitter = reception->jitter_q4 >> 4,
        .last_sr = track->clock.valid ? track->clock.middle : 0,
        .delay_last_sr = track->clock.valid ? (uint32_t)((since_us << 16) / 1000000) : 0,
    };
}

static void send_blocks(tx_worker *worker, tx_transport *transport, const tx_rtcp_report_block *blocks, size_t count)
{
    if (count == 0)
        return;
    tx_writer w = begin(worker);
    tx_rtcp_write_receiver_report(&w, transport->local_ssrc, blocks, count);
    tx_rtcp_write_cname(&w, transport->local_ssrc, transport->cname, TX_CNAME_BYTES);
    tx_transport_send_rtcp(worker, transport, &w);
}

static void send_receiver_reports(tx_worker *worker, tx_transport *transport)
{
    tx_rtcp_report_block blocks[TX_RTCP_REPORT_BLOCKS_MAX];
    size_t count = 0;
    tx_list_each(&transport->tracks, link, after) {
        tx_track *track = tx_owner_of(link, tx_track, of_transport);
        if (!track->reception.received)
            continue;
        uint32_t lost_before_ppm = track->reception.lost_ppm;
        blocks[count++] = reception_of(worker, track);
        if (track->kind == TX_VIDEO && track->reception.lost_ppm != lost_before_ppm)
            tx_mirror_loss(track);
        if (count == TX_RTCP_REPORT_BLOCKS_MAX) {
            send_blocks(worker, transport, blocks, count);
            count = 0;
        }
    }
    send_blocks(worker, transport, blocks, count);
}

void tx_reports_send(tx_worker *worker, tx_transport *transport)
{
    if (!tx_transport_ready(transport))
        return;
    send_sender_reports(worker, transport, false);
    send_receiver_reports(worker, transport);
}

static void send_transport_feedback(tx_worker *worker, tx_transport *transport)
{
    tx_track *track = tx_owner_of(transport->tracks.next, tx_track, of_transport);
    uint32_t media_ssrc = tx_list_empty(&transport->tracks) ? 0 : track->ssrc;
    while (tx_twcc_pending(transport->twcc)) {
        uint8_t *space = tx_udp_reserve(&worker->udp, 1300 + TX_SRTP_OVERHEAD_MAX_BYTES);
        tx_writer w = tx_writer_over(space, 1300);
        if (!tx_twcc_write(transport->twcc, &w, transport->local_ssrc, media_ssrc))
            break;
        tx_transport_send_rtcp(worker, transport, &w);
    }
    transport->twcc_sent_us = worker->now_us;
}

bool tx_reports_tick(tx_worker *worker, tx_transport *transport)
{
    if (!tx_transport_ready(transport)) {
        transport->report_soon = false;
        return false;
    }
    if (transport->report_soon) {
        transport->report_soon = false;
        send_sender_reports(worker, transport, true);
    }
    bool feedback = transport->twcc && tx_twcc_pending(transport->twcc);
    if (feedback && worker->now_us - transport->twcc_sent_us >= TX_TWCC_PERIOD_US) {
        send_transport_feedback(worker, transport);
        feedback = false;
    }
    return feedback;
}
