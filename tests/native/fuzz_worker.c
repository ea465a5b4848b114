/* The whole path of a worker, from datagram to datagram, with authenticated rubbish: what a member of a room can do.
 *
 * Input: records of operation, parameter, 16-bit length and body; the body becomes a packet of the publisher, of the
 * subscriber or of a stranger, encrypted with good keys where the operation says so.  The I/O thread waits at the gate
 * meanwhile, and the clock is the input's.
 */
#include <arpa/inet.h>

#include "bandwidth.h"
#include "check.h"
#include "encodings.h"
#include "forward.h"
#include "ingest.h"
#include "room.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

#define KEY_BYTES 28
#define VIDEO_SSRC 1000
#define VIDEO_RTX_SSRC 1001
#define AUDIO_SSRC 1002
#define UPPER_SSRC 1003 /* the same camera, a higher encoding */
#define PLACES 1        /* of two microphones only one is heard at a time */
#define OUT_SSRC 2000

enum { PUBLISHER, SUBSCRIBER, STRANGER, ENDS };

static tx_worker *worker;
static tx_path paths[ENDS];

typedef struct {
    tx_transport *transport;
    tx_srtp_sender *sender; /* what the peer encrypts with */
} end;

static void set_up(void)
{
    int error;
    worker = tx_worker_open("127.0.0.1", 0, true, &error);
    CHECK(worker != NULL);
    tx_gate_enter(&worker->gate); /* for good */
    for (int i = 0; i < ENDS; i++) {
        const int sink = socket(AF_INET, SOCK_DGRAM, 0); /* never read: what is sent to it is dropped there */
        paths[i].remote.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        paths[i].remote.length = sizeof paths[i].remote.v4;
        EQUAL(bind(sink, &paths[i].remote.any, paths[i].remote.length), 0);
        socklen_t length = sizeof paths[i].remote.v4;
        EQUAL(getsockname(sink, &paths[i].remote.any, &length), 0);
    }
}

static end open_end(const char *ufrag, int which, const uint8_t key[KEY_BYTES])
{
    end end;
    end.transport = tx_transport_new(worker, (const uint8_t *)ufrag, 4, (const uint8_t *)"password", 8);
    CHECK(end.transport != NULL);
    CHECK(tx_transport_validate(worker, end.transport, &paths[which], true));
    EQUAL(tx_transport_set_srtp(worker, end.transport, TX_SRTP_AEAD_AES_128_GCM, key, KEY_BYTES, key, KEY_BYTES), 0);
    end.sender = tx_srtp_sender_new(TX_SRTP_AEAD_AES_128_GCM, key, KEY_BYTES);
    CHECK(end.sender != NULL);
    return end;
}

static void receive(int from, const uint8_t *data, size_t length)
{
    tx_udp_message *message = &worker->udp.inbox[0];
    message->path = paths[from];
    message->data = worker->udp.inbox_bytes;
    message->length = length;
    message->segment = length;
    memcpy(message->data, data, length);
    worker->udp.inbox_count = 1;
    worker->inbox_at = 0;
    worker->inbox_offset = 0;
    worker->outputs = 0;
    CHECK(!tx_ingest(worker));
    tx_forward_all(worker);
    tx_udp_flush(&worker->udp);
}

static void receive_rtp(const end *from, unsigned parameter, uint8_t *packet, size_t length)
{
    static const uint32_t ssrcs[] = {VIDEO_SSRC, VIDEO_RTX_SSRC, AUDIO_SSRC, UPPER_SSRC, 77};
    tx_rtp_view view;
    if (length < TX_RTP_HEADER_BYTES)
        return;
    packet[0] = (uint8_t)(0x80 | (packet[0] & 0x3f));
    tx_put32(packet + 8, ssrcs[parameter % 5]);
    if (!tx_rtp_parse_header(&view, packet, length))
        return;
    tx_srtp_job job = {
        .stream = tx_srtp_sender_stream(from->sender, view.ssrc),
        .packet = packet,
        .payload = packet + view.header_length,
        .header_length = view.header_length,
        .payload_length = (uint16_t)(length - view.header_length),
    };
    if (tx_srtp_protect(from->sender, &job, 1) == 1)
        receive(PUBLISHER, packet, job.length);
}

static void receive_rtcp(const end *from, int which, uint8_t *packet, size_t length)
{
    if (length >= 8 && tx_srtp_protect_rtcp(from->sender, packet, &length) == TX_SRTP_OK)
        receive(which, packet, length);
}

static uint8_t other_codec(unsigned codec) { return codec == TX_CODEC_H264 ? TX_CODEC_VP8 : TX_CODEC_H264; }

/* `rid`: of a camera's encodings; 0 for what has one only. */
static tx_track *publish(tx_transport *transport, tx_room *room, uint8_t kind, unsigned codec, uint8_t rid,
                         uint32_t ssrc)
{
    const tx_formats sound = {.at = {{.codec = TX_CODEC_OPUS, .payload_type = 111}}, .count = 1};
    const tx_formats picture = {
        .at = {{.codec = (uint8_t)codec, .payload_type = 96, .rtx_payload_type = 97},
               {.codec = other_codec(codec), .payload_type = 98, .rtx_payload_type = 99}},
        .count = 2,
    };
    const tx_track_settings settings = {
        .kind = kind,
        .formats = kind == TX_VIDEO ? picture : sound,
        .red_payload_type = kind == TX_AUDIO ? 63 : 0,
        .mid_length = 1,
        .nack = true,
        .transport_cc = true,
        .clock_rate = 90000,
        .ssrc = ssrc,
        .rtx_ssrc = ssrc == VIDEO_SSRC ? VIDEO_RTX_SSRC : 0,
        .mid = {kind},
        .rid_length = rid != 0,
        .rid = {rid},
        .extensions = {[TX_EXT_MID] = 1, [TX_EXT_AUDIO_LEVEL] = 2, [TX_EXT_TRANSPORT_CC] = 3,
                       [TX_EXT_DEPENDENCY_DESCRIPTOR] = 4, [TX_EXT_RID] = 5, [TX_EXT_REPAIRED_RID] = 6},
    };
    tx_track *track;
    EQUAL(tx_track_new(worker, transport, room, &settings, &track), 0);
    return track;
}

static tx_subscription *subscribe(tx_transport *transport, tx_track *track, uint32_t ssrc, bool rtx)
{
    /* Half of them cannot take what the publisher may turn to. */
    const tx_subscription_settings settings = {
        .ssrc = ssrc,
        .rtx_ssrc = rtx ? ssrc + 1 : 0,
        .formats = {
            .at = {{.codec = track->codec, .payload_type = 100, .rtx_payload_type = rtx ? 101 : 0},
                   {.codec = other_codec(track->codec), .payload_type = 102, .rtx_payload_type = rtx ? 103 : 0}},
            .count = rtx ? 2 : 1,
        },
        .mid_length = 2,
        .allow_two_byte = true,
        .active = true,
        .mid = {'m', 'd'},
        .extensions = {[TX_EXT_MID] = 5, [TX_EXT_DEPENDENCY_DESCRIPTOR] = 6},
    };
    tx_subscription *subscription;
    EQUAL(tx_subscription_new(worker, transport, track, &settings, &subscription), 0);
    return subscription;
}

static void choose(tx_subscription *subscription, tx_track *track, unsigned spatial, unsigned temporal)
{
    tx_subscription_limit(worker, subscription, spatial, temporal);
    tx_encodings_choose(worker, subscription, track);
}

static void check_counts(tx_track *track)
{
    unsigned all = 0, live = 0, waiting = 0;
    tx_list_each(&track->subscriptions, link, after) {
        const tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_track);
        all++;
        live += subscription->state == TX_SUBSCRIPTION_LIVE;
        waiting += subscription->counted;
        CHECK(!subscription->counted || subscription->state == TX_SUBSCRIPTION_WAITING);
    }
    tx_list_each(&track->arrivals, link, after)
        waiting++; /* they are sent another encoding until a keyframe of this one comes */
    EQUAL(all, track->subscription_count);
    EQUAL(live, track->live_count);
    EQUAL(waiting, track->waiting);
    CHECK(track->recovery.count <= TX_GAPS_MAX);
    CHECK(track->pending == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!worker)
        set_up();
    if (size < 1)
        return 0;
    uint8_t key[KEY_BYTES] = {1}, other[KEY_BYTES] = {2};
    end publisher = open_end("pubu", PUBLISHER, key);
    end subscriber = open_end("subu", SUBSCRIBER, other);
    tx_room *room = tx_room_new(worker, PLACES);
    const unsigned codec = TX_CODEC_VP8 + data[0] % 4;
    tx_track *video = publish(publisher.transport, room, TX_VIDEO, codec, 'q', VIDEO_SSRC);
    tx_track *upper = publish(publisher.transport, room, TX_VIDEO, codec, 'h', UPPER_SSRC);
    tx_track *audio = publish(publisher.transport, room, TX_AUDIO, 0, 0, 0);
    tx_track *other_audio = publish(subscriber.transport, room, TX_AUDIO, 0, 0, 0);
    tx_subscription *watching = subscribe(subscriber.transport, video, OUT_SSRC, data[0] & 0x10);
    subscribe(subscriber.transport, audio, OUT_SSRC + 10, false);
    subscribe(publisher.transport, other_audio, OUT_SSRC + 20, false);
    tx_bandwidth_set_target(worker, subscriber.transport, 300000, 2000000); /* what it says of its line is compared with */
    uint8_t packet[2048];
    for (size_t at = 1; at + 4 <= size;) {
        const unsigned operation = data[at] % 8, parameter = data[at + 1];
        size_t length = tx_get16(data + at + 2) % 1500;
        at += 4;
        length = length < size - at ? length : size - at;
        memcpy(packet, data + at, length);
        switch (operation) {
        case 0:
        case 1: receive_rtp(&publisher, parameter, packet, length); break;
        case 2: receive_rtcp(&publisher, PUBLISHER, packet, length); break;
        case 3: receive_rtcp(&subscriber, SUBSCRIBER, packet, length); break;
        case 4: receive((int)(parameter % ENDS), packet, length); break;
        case 5:
            worker->now_us += (uint64_t)parameter * 4000;
            tx_worker_tick(worker);
            break;
        case 6:
            if (parameter & 2)
                tx_subscription_set_active(worker, watching, parameter & 1);
            else
                choose(watching, parameter & 1 ? upper : video, parameter >> 2 & 7, parameter >> 5 & 7);
            break;
        case 7: tx_track_set_blocked(worker, parameter & 2 ? video : audio, parameter & 1); break;
        }
        tx_udp_flush(&worker->udp);
        check_counts(video);
        check_counts(upper);
        check_counts(audio);
        CHECK(tx_remb_said_bps(&subscriber.transport->remb, worker->now_us) <= TX_REMB_SETS_MAX * TX_REMB_BPS_MAX);
        CHECK(subscriber.transport->announced_bps <= TX_ESTIMATE_MAX_BPS);
        at += length;
    }
    const bool publisher_first = data[0] & 0x20;
    tx_transport_free(worker, publisher_first ? publisher.transport : subscriber.transport);
    tx_transport_free(worker, publisher_first ? subscriber.transport : publisher.transport);
    tx_room_free(worker, room);
    tx_srtp_sender_free(publisher.sender);
    tx_srtp_sender_free(subscriber.sender);
    EQUAL(worker->transports + worker->tracks + worker->subscriptions, 0);
    EQUAL(worker->objects.used + worker->ufrags.used + worker->addresses.used, 0);
    tx_event event;
    uint8_t told[TX_EVENT_DATA_MAX_BYTES];
    while (tx_events_pop(&worker->events, &event, told))
        CHECK(event.length <= TX_EVENT_DATA_MAX_BYTES);
    return 0;
}
