#define _GNU_SOURCE
#include "receiver.h"

#include <string.h>
#include <sys/socket.h>

#include "packets.h"

#define BATCH 32
#define CHECK_EVERY 64

static struct stream *find(struct receiver *receiver, uint32_t ssrc)
{
    for (uint32_t i = ssrc * 2654435761u >> 16, tried = 0; tried < STREAMS_MAX / 2; i++, tried++) {
        struct stream *stream = &receiver->stream[i % STREAMS_MAX];
        if (stream->ssrc == ssrc || stream->ssrc == 0)
            return stream;
    }
    return NULL;
}

static void count_delay(struct counts *counts, uint64_t ns)
{
    const uint64_t us = ns / 1000 < 16 ? 16 : ns / 1000;
    const unsigned doublings = 63u - (unsigned)__builtin_clzll(us) - 4;
    const unsigned step = 4 * doublings + (unsigned)(us >> (doublings + 2) & 3);
    counts->delays[step < DELAY_STEPS ? step : DELAY_STEPS - 1]++;
}

static void check(struct receiver *receiver, struct counts *counts, const uint8_t *packet, size_t length, uint32_t roc)
{
    uint8_t text[PACKET_MAX_BYTES];
    const size_t header = media_header_bytes(packet, length);
    const int plain = header ? srtp_unseal(&receiver->srtp, packet, header, length, roc, text) : -1;
    const bool also = (packet[1] & 0x7f) == receiver->also_payload_type;
    uint64_t sent_ns;
    counts->checked++;
    if (plain >= 0 && media_intact(also ? receiver->also_video : receiver->video, packet, text, (size_t)plain, &sent_ns))
        count_delay(counts, media_now_ns() - sent_ns);
    else
        counts->bad++;
}

static void take(struct receiver *receiver, struct counts *counts, const uint8_t *packet, size_t length)
{
    if (length < 12 + SRTP_TAG_MAX_BYTES || packet[0] >> 6 != 2)
        return; /* STUN, DTLS */
    const int payload_type = packet[1] & 0x7f;
    if (payload_type != receiver->payload_type && payload_type != receiver->also_payload_type)
        return; /* RTCP, RTX */
    const uint32_t ssrc = get32(packet + 8);
    const uint16_t sequence = get16(packet + 2);
    struct stream *stream = find(receiver, ssrc);
    if (!stream)
        return;
    if (stream->ssrc == 0) {
        *stream = (struct stream){.ssrc = ssrc, .newest = sequence, .packets = 1};
        counts->streams++;
        counts->received++;
        return;
    }
    const uint16_t step = (uint16_t)(sequence - stream->newest);
    if (step == 0 || step > 0x8000) {
        counts->repeats++;
        return;
    }
    if (sequence < stream->newest)
        stream->roc++;
    counts->gaps += step - 1u;
    counts->received++;
    stream->newest = sequence;
    if (++stream->packets % CHECK_EVERY == 0)
        check(receiver, counts, packet, length, stream->roc);
}

void receiver_drain(struct receiver *receiver, struct counts *counts)
{
    static uint8_t buffers[BATCH][PACKET_MAX_BYTES];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    if (!messages[0].msg_hdr.msg_iov) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){buffers[i], PACKET_MAX_BYTES};
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
    }
    for (int n = BATCH; n == BATCH;) {
        n = recvmmsg(receiver->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++)
            take(receiver, counts, buffers[i], messages[i].msg_len);
    }
}
