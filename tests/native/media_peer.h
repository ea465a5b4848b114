/* A peer of the worker for native tests: STUN and SRTP by the core's own modules, over a real socket. */
#ifndef TX_MEDIA_PEER_H
#define TX_MEDIA_PEER_H

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "check.h"
#include "control.h"
#include "stun.h"

#define PEER_KEY_BYTES 28
#define PEER_PATIENCE_MS 20000
#define PEER_RETRY_MS 200
#define PEER_POLL_MS 20

typedef struct {
    tx_worker *worker;
    int64_t handle;
    int fd;
    char username[64];
    tx_hmac_sha1 password;
    tx_srtp_sender *out;
    tx_srtp_receiver *in;
    tx_srtp_stream *stream; /* of its one published SSRC */
    uint16_t sequence;
} peer;

static inline void peer_connect(peer *peer)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons(peer->worker->port);
    peer->fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(peer->fd >= 0);
    EQUAL(connect(peer->fd, (struct sockaddr *)&to, sizeof to), 0);
}

static inline bool peer_readable(const peer *peer, int timeout_ms)
{
    struct pollfd poller = {.fd = peer->fd, .events = POLLIN};
    return poll(&poller, 1, timeout_ms) == 1;
}

/* A check, and its answer; other packets that come first are thrown away. */
static inline void peer_check(peer *peer, bool nominate)
{
    static _Atomic uint32_t counter;
    uint8_t transaction[12] = {0}, packet[256], answer[2048];
    const uint32_t number = ++counter;
    memcpy(transaction, &number, sizeof number);
    const tx_stun_request request = {
        .transaction = transaction,
        .username = (const uint8_t *)peer->username,
        .username_length = strlen(peer->username),
        .priority = 1,
        .tie_breaker = 1,
        .use_candidate = nominate,
    };
    const size_t length = tx_stun_build_request(packet, sizeof packet, &request, &peer->password);
    CHECK(length > 0);
    for (int left_ms = PEER_PATIENCE_MS; left_ms > 0;) {
        EQUAL(send(peer->fd, packet, length, 0), length);
        /* Under a flood the answer may find no room in the socket's buffer: ask again, as ICE does. */
        for (int wait_ms = PEER_RETRY_MS; wait_ms > 0; wait_ms -= PEER_POLL_MS, left_ms -= PEER_POLL_MS) {
            while (peer_readable(peer, 0)) {
                const ssize_t got = recv(peer->fd, answer, sizeof answer, 0);
                tx_stun_view view;
                if (got <= 0 || !tx_stun_parse(&view, answer, (size_t)got))
                    continue;
                if (memcmp(view.transaction, transaction, sizeof transaction) != 0)
                    continue;
                EQUAL(view.type, TX_STUN_BINDING_SUCCESS);
                CHECK(tx_stun_check_integrity(&view, &peer->password));
                return;
            }
            peer_readable(peer, PEER_POLL_MS);
        }
    }
    CHECK(!"a check was never answered");
}

static inline void peer_open(peer *peer, tx_worker *worker, unsigned number)
{
    uint8_t towards[PEER_KEY_BYTES], away[PEER_KEY_BYTES];
    char ufrag[16], password[32];
    memset(peer, 0, sizeof *peer);
    peer->worker = worker;
    const size_t ufrag_length = (size_t)snprintf(ufrag, sizeof ufrag, "u%u", number);
    const size_t password_length = (size_t)snprintf(password, sizeof password, "password of %u........", number);
    snprintf(peer->username, sizeof peer->username, "%s:them", ufrag);
    tx_hmac_sha1_init(&peer->password, (uint8_t *)password, password_length);
    peer->handle =
        tx_control_open_transport(worker, (uint8_t *)ufrag, ufrag_length, (uint8_t *)password, password_length);
    CHECK(peer->handle > 0);
    peer_connect(peer);
    peer_check(peer, true);
    for (size_t i = 0; i < PEER_KEY_BYTES; i++) {
        towards[i] = (uint8_t)(i + number);
        away[i] = (uint8_t)(i * 3 + number + 100);
    }
    EQUAL(
        tx_control_set_srtp(worker, peer->handle, TX_SRTP_AEAD_AES_128_GCM, towards, sizeof towards, away, sizeof away),
        0);
    peer->out = tx_srtp_sender_new(TX_SRTP_AEAD_AES_128_GCM, towards, sizeof towards);
    peer->in = tx_srtp_receiver_new(TX_SRTP_AEAD_AES_128_GCM, away, sizeof away);
    CHECK(peer->out && peer->in);
}

static inline void peer_close(peer *peer)
{
    close(peer->fd);
    tx_srtp_sender_free(peer->out);
    tx_srtp_receiver_free(peer->in);
}

/* One VP8 packet; every `key_every`-th is a keyframe of its own. */
static inline void peer_send_video(peer *peer, uint32_t ssrc, unsigned key_every, size_t length)
{
    uint8_t packet[2048] = {0x80, 0x80 | 96}, payload[1500] = {0x10, 0x01, 0, 0, 0x9d, 0x01, 0x2a};
    payload[1] = key_every && peer->sequence % key_every == 0 ? 0x00 : 0x01;
    tx_put16(packet + 2, peer->sequence);
    tx_put32(packet + 4, peer->sequence * 3000u);
    tx_put32(packet + 8, ssrc);
    if (!peer->stream)
        peer->stream = tx_srtp_sender_stream(peer->out, ssrc);
    tx_srtp_job job = {
        .stream = peer->stream,
        .packet = packet,
        .payload = payload,
        .header_length = 12,
        .payload_length = (uint16_t)length,
    };
    EQUAL(tx_srtp_protect(peer->out, &job, 1), 1);
    CHECK(send(peer->fd, packet, job.length, 0) == job.length);
    peer->sequence++;
}

static inline void peer_send_rtcp(peer *peer, tx_writer *w)
{
    size_t length = tx_writer_length(w);
    EQUAL(tx_srtp_protect_rtcp(peer->out, w->start, &length), TX_SRTP_OK);
    CHECK(send(peer->fd, w->start, length, 0) == (ssize_t)length);
}

/* One RTP packet, decrypted; false when none came in time.  Others are passed by. */
static inline bool peer_receive(peer *peer, int timeout_ms, tx_rtp_view *view, uint8_t *data, size_t capacity)
{
    while (peer_readable(peer, timeout_ms)) {
        const ssize_t got = recv(peer->fd, data, capacity, 0);
        if (got < 12 || data[0] < 128 || (data[1] >= 192 && data[1] <= 223))
            continue;
        size_t length;
        CHECK(tx_rtp_parse_header(view, data, (size_t)got));
        EQUAL(tx_srtp_unprotect(peer->in, view, data, &length), TX_SRTP_OK);
        CHECK(tx_rtp_trim_padding(view, data, length));
        return true;
    }
    return false;
}

static inline int64_t peer_publish(peer *peer, int64_t room, uint32_t ssrc)
{
    const tx_track_settings settings = {
        .kind = TX_VIDEO,
        .formats = {.at = {{.codec = TX_CODEC_VP8, .payload_type = 96}}, .count = 1},
        .clock_rate = 90000,
        .ssrc = ssrc,
        .nack = true,
        .transport_cc = true,
        .extensions = {[TX_EXT_TRANSPORT_CC] = 3},
    };
    const int64_t track = tx_control_add_track(peer->worker, peer->handle, room, &settings);
    CHECK(track > 0);
    return track;
}

static inline int64_t peer_subscribe(peer *peer, int64_t track, uint32_t ssrc)
{
    const tx_subscription_settings settings = {
        .ssrc = ssrc,
        .rtx_ssrc = ssrc + 1,
        .formats = {.at = {{.payload_type = 100, .rtx_payload_type = 101}}, .count = 1},
        .mid_length = 1,
        .active = true,
        .mid = "1",
        .extensions = {[TX_EXT_MID] = 4},
    };
    return tx_control_add_subscription(peer->worker, peer->handle, track, &settings);
}

#endif
