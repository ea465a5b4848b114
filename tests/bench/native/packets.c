#include "packets.h"

#include <string.h>
#include <time.h>

#include "srtp.h"

#define KEYFRAME_EVERY 30
#define DESCRIPTOR_BYTES 4u /* servers may renumber pictures, so the checksum begins behind it */
#define TIME_BYTES 8u
#define AUDIO_SPREAD 41u /* bytes between the smallest and the greatest packet of sound, and one */
#define VIDEO_CLOCK 90000
#define AUDIO_CLOCK 48000

static uint32_t checksum(const uint8_t *p, size_t n)
{
    static uint32_t table[256];
    if (!table[1])
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++)
                c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            table[i] = c;
        }
    uint32_t c = 0xFFFFFFFFu;
    while (n--)
        c = table[(c ^ *p++) & 255] ^ (c >> 8);
    return ~c;
}

static size_t write_header(struct media *media, bool marker, uint8_t *p)
{
    p[0] = media->transport_cc_id ? 0x90 : 0x80;
    p[1] = (uint8_t)(media->payload_type | (marker ? 0x80 : 0));
    put16(p + 2, media->sequence);
    put32(p + 4, media->timestamp);
    put32(p + 8, media->ssrc);
    if (!media->transport_cc_id)
        return 12;
    put32(p + 12, 0xBEDE0001u);
    p[16] = (uint8_t)(media->transport_cc_id << 4 | 1);
    put16(p + 17, media->transport_sequence++);
    p[19] = 0;
    return 20;
}

static size_t write_descriptor(const struct media *media, bool first, uint8_t *p)
{
    size_t at = 0;
    p[at++] = first ? 0x90 : 0x80;
    p[at++] = 0x80;
    p[at++] = (uint8_t)(0x80 | (media->picture >> 8 & 0x7f));
    p[at++] = (uint8_t)media->picture;
    if (first) {
        const bool key = media->frames % KEYFRAME_EVERY == 0;
        const uint8_t head[10] = {(uint8_t)(key ? 0x10 : 0x11), 0, 0, 0x9d, 0x01, 0x2a, 0xa0, 0, 0x78, 0};
        memcpy(p + at, head, sizeof head);
        at += sizeof head;
    }
    return at;
}

size_t media_write(struct media *media, int index, uint8_t *packet, size_t *length, uint32_t *roc)
{
    const size_t body = write_header(media, media->video && index == media->burst - 1, packet);
    *length = (size_t)media->size;
    if (!media->video) /* an encoder of sound makes every packet another size */
        *length += (media->sent * 2654435761u + media->ssrc * 40503u) % AUDIO_SPREAD - AUDIO_SPREAD / 2;
    const size_t end = *length - 4;
    size_t at = body;
    if (media->video)
        at += write_descriptor(media, index == 0, packet + at);
    for (uint32_t x = (uint32_t)media->sent * 2654435761u + 1; at < end; at++) {
        x = x * 1664525u + 1013904223u;
        packet[at] = (uint8_t)(x >> 24);
    }
    const uint64_t now_ns = media_now_ns();
    memcpy(packet + end - TIME_BYTES, &now_ns, TIME_BYTES);
    const size_t from = body + (media->video ? DESCRIPTOR_BYTES : 0);
    put32(packet + end, checksum(packet + from, end - from));
    *roc = media->roc;
    if (++media->sequence == 0)
        media->roc++;
    media->sent++;
    return body;
}

void media_next_frame(struct media *media, long interval_us)
{
    const long clock = media->video ? VIDEO_CLOCK : AUDIO_CLOCK;
    media->frames++;
    media->picture = (uint16_t)((media->picture + 1) & 0x7fff);
    media->timestamp += (uint32_t)(clock * interval_us / 1000000);
}

size_t media_header_bytes(const uint8_t *packet, size_t length)
{
    size_t bytes = 12 + 4u * (packet[0] & 15u);
    if (packet[0] & 0x10)
        bytes += bytes + 4 <= length ? 4 + 4u * (size_t)get16(packet + bytes + 2) : length;
    return bytes <= length ? bytes : 0;
}

bool media_intact(bool video, const uint8_t *packet, const uint8_t *payload, size_t length, uint64_t *sent_ns)
{
    const size_t from = video ? DESCRIPTOR_BYTES : 0;
    if (packet[0] & 0x20) /* padding, RFC 3550 5.1: a server may even sizes out with it */
        length -= length && payload[length - 1] <= length ? payload[length - 1] : 0;
    if (length < from + TIME_BYTES + 4 || get32(payload + length - 4) != checksum(payload + from, length - 4 - from))
        return false;
    memcpy(sent_ns, payload + length - 4 - TIME_BYTES, TIME_BYTES);
    return true;
}

uint64_t media_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
