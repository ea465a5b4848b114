/* The load client's packet side: one publisher and many receivers on sockets that the Python side has already taken
 * through ICE and DTLS.  Its SRTP (AES-128-GCM, RFC 7714) is its own, on purpose: a fault that the server's code had on
 * both directions would otherwise cancel out.
 *
 * Standard input, first lines:
 *   publish FD IP PORT KEYHEX SALTHEX SSRC PT BURST INTERVAL_US SIZE TWCC_EXT_ID
 *   receive FD KEYHEX SALTHEX
 *   run
 * then any of: "mark" (prints one JSON line of totals) and "quit".  Everything it sends goes to the one address given.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define PACKET_MAX 1600
#define RECEIVERS_MAX 4096
#define TAG_BYTES 16
#define CHECK_EVERY 64
#define KEYFRAME_EVERY 30

struct receiver {
    int fd;
    EVP_CIPHER_CTX *gcm;
    uint8_t salt[12];
    uint32_t ssrc;
    uint16_t last_seq;
    uint32_t roc;
    int seen;
    uint64_t packets, gaps, repeats, checked, bad;
    uint64_t first_ns;
};

static struct receiver receivers[RECEIVERS_MAX];
static int receiver_count;

static struct {
    int fd;
    struct sockaddr_in to;
    EVP_CIPHER_CTX *gcm;
    uint8_t salt[12];
    uint32_t ssrc, roc, ts;
    uint16_t seq, twcc, picture;
    int pt, burst, size, twcc_id;
    long interval_us;
    uint64_t sent, frames;
} pub;

static uint32_t crc_table[256];

static void crc_init(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        crc_table[i] = c;
    }
}

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    uint32_t c = 0xFFFFFFFFu;
    while (n--)
        c = crc_table[(c ^ *p++) & 255] ^ (c >> 8);
    return ~c;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24), p[1] = (uint8_t)(v >> 16), p[2] = (uint8_t)(v >> 8), p[3] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void unhex(const char *s, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (sscanf(s + 2 * i, "%2hhx", &out[i]) != 1)
            exit(3);
}

/* RFC 7714 8.1: 00 00 || SSRC || ROC || SEQ, xor salt. */
static void make_iv(uint8_t iv[12], const uint8_t salt[12], uint32_t ssrc, uint32_t roc, uint16_t seq)
{
    memset(iv, 0, 12);
    put32(iv + 2, ssrc);
    put32(iv + 6, roc);
    iv[10] = (uint8_t)(seq >> 8), iv[11] = (uint8_t)seq;
    for (int i = 0; i < 12; i++)
        iv[i] ^= salt[i];
}

static EVP_CIPHER_CTX *gcm_context(const char *key_hex, int encrypt)
{
    uint8_t key[16];
    unhex(key_hex, key, 16);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    if (!c || EVP_CipherInit_ex(c, EVP_aes_128_gcm(), NULL, key, NULL, encrypt) != 1)
        exit(3);
    return c;
}

/* One RTP packet with a VP8 payload (RFC 7741): descriptor, frame header, its own number, filler, checksum. */
static size_t build_packet(uint8_t *p, int index_in_frame)
{
    size_t at = 12;
    int last = index_in_frame == pub.burst - 1;
    p[0] = pub.twcc_id ? 0x90 : 0x80;
    p[1] = (uint8_t)(pub.pt | (last ? 0x80 : 0));
    p[2] = (uint8_t)(pub.seq >> 8), p[3] = (uint8_t)pub.seq;
    put32(p + 4, pub.ts);
    put32(p + 8, pub.ssrc);
    if (pub.twcc_id) {
        put32(p + 12, 0xBEDE0001u);
        p[16] = (uint8_t)(pub.twcc_id << 4 | 1);
        p[17] = (uint8_t)(pub.twcc >> 8), p[18] = (uint8_t)pub.twcc, p[19] = 0;
        pub.twcc++;
        at = 20;
    }
    size_t body = at;
    p[at++] = index_in_frame == 0 ? 0x90 : 0x80;
    p[at++] = 0x80;
    p[at++] = (uint8_t)(0x80 | (pub.picture >> 8 & 0x7f));
    p[at++] = (uint8_t)pub.picture;
    if (index_in_frame == 0) {
        int key = pub.frames % KEYFRAME_EVERY == 0;
        const uint8_t head[10] = {(uint8_t)(key ? 0x10 : 0x11), 0, 0, 0x9d, 0x01, 0x2a, 0xa0, 0, 0x78, 0};
        memcpy(p + at, head, sizeof head);
        at += sizeof head;
    }
    size_t end = (size_t)pub.size - 4;
    for (uint32_t x = (uint32_t)pub.sent * 2654435761u + 1; at < end; at++) {
        x = x * 1664525u + 1013904223u;
        p[at] = (uint8_t)(x >> 24);
    }
    put32(p + end, crc32_of(p + body, end - body));
    /* encrypt in place, header as additional data */
    uint8_t iv[12];
    int n;
    make_iv(iv, pub.salt, pub.ssrc, pub.roc, pub.seq);
    EVP_EncryptInit_ex(pub.gcm, NULL, NULL, NULL, iv);
    EVP_EncryptUpdate(pub.gcm, NULL, &n, p, (int)body);
    EVP_EncryptUpdate(pub.gcm, p + body, &n, p + body, pub.size - (int)body);
    EVP_EncryptFinal_ex(pub.gcm, p + pub.size, &n);
    EVP_CIPHER_CTX_ctrl(pub.gcm, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, p + pub.size);
    if (++pub.seq == 0)
        pub.roc++;
    pub.sent++;
    return (size_t)pub.size + TAG_BYTES;
}

static void send_frame(void)
{
    static uint8_t buffers[BATCH][PACKET_MAX];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < pub.burst; i++) {
        parts[i].iov_base = buffers[i];
        parts[i].iov_len = build_packet(buffers[i], i);
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &pub.to;
        messages[i].msg_hdr.msg_namelen = sizeof pub.to;
    }
    for (int done = 0; done < pub.burst;) {
        int n = sendmmsg(pub.fd, messages + done, (unsigned)(pub.burst - done), 0);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            exit(4);
        if (n > 0)
            done += n;
    }
    pub.frames++;
    pub.picture = (uint16_t)((pub.picture + 1) & 0x7fff);
    pub.ts += (uint32_t)(90000L * pub.interval_us / 1000000L);
}

/* Open one received packet and compare its checksum.  The header may have been rewritten; the body must be the same. */
static void check(struct receiver *r, uint8_t *p, size_t n, uint32_t roc)
{
    size_t body = 12 + 4u * (p[0] & 15);
    if (p[0] & 0x10)
        body += 4 + 4u * (size_t)(p[body + 2] << 8 | p[body + 3]);
    r->checked++;
    if (n < body + TAG_BYTES + 8) {
        r->bad++;
        return;
    }
    uint8_t iv[12], out[PACKET_MAX];
    int len;
    uint16_t seq = (uint16_t)(p[2] << 8 | p[3]);
    size_t text = n - body - TAG_BYTES;
    make_iv(iv, r->salt, get32(p + 8), roc, seq);
    EVP_DecryptInit_ex(r->gcm, NULL, NULL, NULL, iv);
    EVP_DecryptUpdate(r->gcm, NULL, &len, p, (int)body);
    EVP_DecryptUpdate(r->gcm, out, &len, p + body, (int)text);
    EVP_CIPHER_CTX_ctrl(r->gcm, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, p + n - TAG_BYTES);
    if (EVP_DecryptFinal_ex(r->gcm, out + text, &len) != 1) {
        r->bad++;
        return;
    }
    if (p[0] & 0x20) /* padding, RFC 3550 5.1: a server may even sizes out with it */
        text -= out[text - 1] <= text ? out[text - 1] : text;
    if (text < 8 || get32(out + text - 4) != crc32_of(out, text - 4))
        r->bad++;
}

static void take(struct receiver *r, uint8_t *p, size_t n)
{
    if (n < 12 + TAG_BYTES || p[0] >> 6 != 2 || (p[1] >= 192 && p[1] <= 223))
        return; /* STUN, DTLS or RTCP */
    uint32_t ssrc = get32(p + 8);
    uint16_t seq = (uint16_t)(p[2] << 8 | p[3]);
    if (!r->seen) {
        r->seen = 1;
        r->first_ns = now_ns();
        r->ssrc = ssrc;
        r->last_seq = seq;
        r->packets = 1;
        return;
    }
    if (ssrc != r->ssrc)
        return; /* RTX or probing */
    uint16_t step = (uint16_t)(seq - r->last_seq);
    uint32_t roc = r->roc;
    if (step == 0 || step > 0x8000) {
        r->repeats++;
        return;
    }
    if (seq < r->last_seq)
        roc = ++r->roc;
    r->gaps += step - 1u;
    r->last_seq = seq;
    if (++r->packets % CHECK_EVERY == 0)
        check(r, p, n, roc);
}

static void drain(struct receiver *r)
{
    static uint8_t buffers[BATCH][PACKET_MAX];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    for (;;) {
        memset(messages, 0, sizeof messages);
        for (int i = 0; i < BATCH; i++) {
            parts[i].iov_base = buffers[i];
            parts[i].iov_len = PACKET_MAX;
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        int n = recvmmsg(r->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < n; i++)
            take(r, buffers[i], messages[i].msg_len);
        if (n < BATCH)
            return;
    }
}

static void mark(void)
{
    uint64_t packets = 0, gaps = 0, repeats = 0, checked = 0, bad = 0;
    int active = 0;
    for (int i = 0; i < receiver_count; i++) {
        struct receiver *r = &receivers[i];
        packets += r->packets, gaps += r->gaps, repeats += r->repeats, checked += r->checked, bad += r->bad;
        active += r->seen;
    }
    printf("{\"at_ns\":%llu,\"sent\":%llu,\"received\":%llu,\"gaps\":%llu,\"repeats\":%llu,\"checked\":%llu,\"bad\":%llu,"
           "\"active\":%d}\n",
           (unsigned long long)now_ns(), (unsigned long long)pub.sent, (unsigned long long)packets,
           (unsigned long long)gaps, (unsigned long long)repeats, (unsigned long long)checked, (unsigned long long)bad,
           active);
    fflush(stdout);
}

static void read_setup(void)
{
    char line[1024], key[80], salt[80], ip[64];
    while (fgets(line, sizeof line, stdin)) {
        int port;
        if (strncmp(line, "run", 3) == 0)
            return;
        if (sscanf(line, "publish %d %63s %d %79s %79s %u %d %d %ld %d %d", &pub.fd, ip, &port, key, salt, &pub.ssrc,
                   &pub.pt, &pub.burst, &pub.interval_us, &pub.size, &pub.twcc_id) == 11) {
            if (pub.burst < 1 || pub.burst > BATCH || pub.size < 64 || pub.size + TAG_BYTES > PACKET_MAX)
                exit(2);
            pub.to.sin_family = AF_INET;
            pub.to.sin_port = htons((uint16_t)port);
            inet_pton(AF_INET, ip, &pub.to.sin_addr);
            unhex(salt, pub.salt, 12);
            pub.gcm = gcm_context(key, 1);
            continue;
        }
        struct receiver *r = &receivers[receiver_count];
        if (receiver_count < RECEIVERS_MAX && sscanf(line, "receive %d %79s %79s", &r->fd, key, salt) == 3) {
            unhex(salt, r->salt, 12);
            r->gcm = gcm_context(key, 0);
            receiver_count++;
            continue;
        }
        exit(2);
    }
    exit(2);
}

int main(void)
{
    /* commands are read with read() afterwards: nothing may stay in a stdio buffer */
    setvbuf(stdin, NULL, _IONBF, 0);
    crc_init();
    pub.fd = -1;
    read_setup();
    int ep = epoll_create1(0);
    struct epoll_event ev = {.events = EPOLLIN};
    for (int i = 0; i < receiver_count; i++) {
        ev.data.u32 = (uint32_t)i;
        epoll_ctl(ep, EPOLL_CTL_ADD, receivers[i].fd, &ev);
    }
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec every = {{0, pub.interval_us * 1000L}, {0, 1000000}};
    if (pub.fd >= 0)
        timerfd_settime(timer, 0, &every, NULL);
    ev.data.u32 = RECEIVERS_MAX;
    epoll_ctl(ep, EPOLL_CTL_ADD, timer, &ev);
    ev.data.u32 = RECEIVERS_MAX + 1;
    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &ev);
    for (;;) {
        struct epoll_event events[256];
        int n = epoll_wait(ep, events, 256, 1000);
        for (int i = 0; i < n; i++) {
            uint32_t id = events[i].data.u32;
            if (id < RECEIVERS_MAX) {
                drain(&receivers[id]);
            } else if (id == RECEIVERS_MAX) {
                uint64_t ticks;
                if (read(timer, &ticks, 8) == 8)
                    for (ticks = ticks > 3 ? 3 : ticks; ticks; ticks--)
                        send_frame();
            } else {
                char line[64];
                ssize_t got = read(0, line, sizeof line - 1);
                if (got <= 0 || line[0] == 'q') {
                    mark();
                    return 0;
                }
                mark();
            }
        }
    }
}
