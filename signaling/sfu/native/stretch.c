#include "stretch.h"

#include "cache.h"
#include "codec.h"
#include "frame_line.h"
#include "subscription.h"
#include "track.h"

/* What sender reports say about two encodings is believed up to this distance from what their arrival says. */
#define CLOCKS_APART_MAX_US 1000000

static bool later(uint32_t a, uint32_t b) { return (int32_t)(a - b) > 0; }

/* By the publisher's clock: the sent timestamp at which `timestamp` of the new track was sampled. */
static bool by_reports(const tx_subscription *subscription, const tx_track *from, const tx_track *to,
                       uint32_t timestamp, uint32_t *sent)
{
    if (!from || !from->clock.valid || !to->clock.valid)
        return false;
    int64_t unix_us =
        to->clock.unix_us + (int64_t)(int32_t)(timestamp - to->clock.timestamp) * 1000000 / (int64_t)to->clock_rate;
    int64_t since_us = unix_us - from->clock.unix_us;
    *sent = from->clock.timestamp + (uint32_t)(since_us * (int64_t)from->clock_rate / 1000000)
        + subscription->stretch.timestamp_offset;
    return true;
}

tx_stretch tx_stretch_next(const tx_worker *worker, const tx_subscription *subscription, const tx_track *track,
                           const tx_cached *begin, const tx_cached *anchor)
{
    const tx_stretch *last = &subscription->stretch;
    tx_stretch next = tx_stretch_first(track->object.handle);
    next.number = last->number + 1;
    if (subscription->packets == 0 || subscription->constant_timestamps)
        return next;
    uint32_t timestamp = anchor->view.timestamp, sent;
    int64_t elapsed_us = (int64_t)(anchor->arrival_us - subscription->sent_us);
    uint32_t by_arrival = subscription->timestamp + (uint32_t)(elapsed_us * (int64_t)track->clock_rate / 1000000);
    int64_t apart_max = (int64_t)track->clock_rate * CLOCKS_APART_MAX_US / 1000000;
    const tx_track *from = tx_worker_find(worker, last->encoding, TX_KIND_TRACK);
    if (by_reports(subscription, from, track, timestamp, &sent)) {
        int64_t apart = (int32_t)(sent - by_arrival);
        if (apart > apart_max || apart < -apart_max)
            sent = by_arrival;
    } else {
        sent = by_arrival;
    }
    if (!later(sent, subscription->timestamp))
        sent = subscription->timestamp + 1;
    next.timestamp_offset = sent - timestamp;
    tx_picture_numbers sent_last = tx_subscription_pictures(subscription);
    uint16_t frame;
    if (tx_frame_line_number(track, begin, &frame))
        next.frame_offset = (uint16_t)(sent_last.frame + 1 - frame);
    tx_codec_view view;
    if (tx_codec_inspect((tx_codec)track->codec, tx_rtp_payload(&begin->view), begin->view.payload_length, &view)) {
        next.picture_offset = (uint16_t)(sent_last.picture_id + 1 - view.picture_id);
        next.tl0_offset = (uint8_t)(sent_last.tl0picidx + 1 - view.tl0picidx);
    }
    return next;
}
