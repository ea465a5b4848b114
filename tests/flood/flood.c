/* A flood of packets that prove nothing, from some 65,000 addresses: `flood IP PORT PER_SECOND SECONDS KINDS SENDERS`.
 *
 * Sources are 10.50.0.0/16, which the namespace has to have as local addresses (`ip route add local 10.50.0.0/16 dev
 * lo`); each packet's is chosen by IP_PKTINFO (ip(7)), its port by which of a few sockets sends it.  KINDS are letters, one
 * packet of each in turn: j junk, b plain binding request, s binding request with a user name and a wrong integrity,
 * d DTLS ClientHello, r RTP, c RTCP.  SENDERS threads share the rate.  At its end it prints one JSON line of what it
 * reached.  Every packet is one datagram of its own: joined ones (UDP GSO) would spare the server's kernel its work.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define SOCKETS 8 /* of each sender */
#define SENDERS_MAX 8
#define PACKET_BYTES 200
#define FIRST_SOURCE 0x0a320000u /* 10.50.0.0 */

static struct sockaddr_in to;
static const char *kinds;
static double per_second_each, seconds;

static __thread uint64_t state;

static uint64_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static size_t stun(uint8_t *packet, int with_user)
{
    static const uint8_t head[] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    static const uint8_t user[] = {0, 6, 0, 17, 'a', 'b', 'c', 'd', 'e', 'f', '0', '1', '2', '3', '4', '5', ':', 'p', 'e', 'e',
                                   'r', 0, 0, 0, 0, 8, 0, 20};
    memcpy(packet, head, sizeof head);
    if (!with_user)
        return 20;
    memcpy(packet + 20, user, sizeof user);
    packet[24] = (uint8_t)('a' + chance() % 26); /* another user each time: none is known */
    const size_t integrity = 20 + sizeof user, fingerprint = integrity + 20;
    memcpy(packet + fingerprint, (const uint8_t[]){0x80, 0x28, 0, 4, 1, 2, 3, 4}, 8);
    packet[3] = (uint8_t)(fingerprint + 8 - 20);
    return fingerprint + 8;
}

static size_t make(uint8_t *packet, char kind)
{
    for (size_t i = 0; i < PACKET_BYTES; i += 8) {
        const uint64_t word = chance();
        memcpy(packet + i, &word, 8);
    }
    switch (kind) {
    case 'b': return stun(packet, 0);
    case 's': return stun(packet, 1);
    case 'd': memcpy(packet, (const uint8_t[]){22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 187, 1}, 14); return PACKET_BYTES;
    case 'r': packet[0] = 0x90, packet[1] = 96; return PACKET_BYTES;
    case 'c': packet[0] = 0x80, packet[1] = 201; return 60;
    default: return 20 + chance() % (PACKET_BYTES - 20);
    }
}

static int open_socket(void)
{
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const int size = 1 << 20;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0)
        exit(3);
    return fd;
}

/* The packets of one batch, each from an address of its own; `first` counts what was sent before. */
static void fill(struct mmsghdr *messages, uint64_t first)
{
    static __thread uint8_t packets[BATCH][PACKET_BYTES];
    static __thread uint8_t control[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))] __attribute__((aligned(16)));
    static __thread struct iovec parts[BATCH];
    const size_t kind_count = strlen(kinds);
    for (size_t i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){packets[i], make(packets[i], kinds[(first + i) % kind_count])};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &parts[i],
                                                  .msg_iovlen = 1, .msg_control = control[i],
                                                  .msg_controllen = sizeof control[i]}};
        struct cmsghdr *c = CMSG_FIRSTHDR(&messages[i].msg_hdr);
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
        const struct in_pktinfo from = {.ipi_spec_dst.s_addr = htonl(FIRST_SOURCE + 1 + chance() % 0xfffe)};
        memcpy(CMSG_DATA(c), &from, sizeof from);
    }
}

/* One thread; `number` in, how many packets it sent out. */
static void *send_all(void *argument)
{
    uint64_t *result = argument;
    state = 88172645463325252u * (*result + 1);
    int fd[SOCKETS];
    for (int i = 0; i < SOCKETS; i++)
        fd[i] = open_socket();
    struct mmsghdr messages[BATCH];
    uint64_t sent = 0, refused = 0;
    const uint64_t start = now_ns(), end = start + (uint64_t)(seconds * 1e9);
    for (uint64_t now = start; now < end; now = now_ns()) {
        if ((double)(sent + refused) > (double)(now - start) * per_second_each / 1e9) {
            nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
            continue;
        }
        fill(messages, sent);
        const int done = sendmmsg(fd[sent / BATCH % SOCKETS], messages, BATCH, 0);
        if (done < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
            exit(4);
        sent += done > 0 ? (uint64_t)done : 0;
        refused += done > 0 ? 0 : BATCH;
    }
    *result = sent;
    return NULL;
}

int main(int count, char **word)
{
    if (count != 7)
        return 2;
    to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(word[2]))};
    const int senders = atoi(word[6]);
    if (inet_pton(AF_INET, word[1], &to.sin_addr) != 1 || !*word[5] || senders < 1 || senders > SENDERS_MAX)
        return 2;
    seconds = atof(word[4]);
    per_second_each = atof(word[3]) / senders;
    kinds = word[5];
    pthread_t threads[SENDERS_MAX];
    uint64_t results[SENDERS_MAX], sent = 0;
    const uint64_t start = now_ns();
    for (int i = 0; i < senders; i++) {
        results[i] = (uint64_t)i;
        if (pthread_create(&threads[i], NULL, send_all, &results[i]) != 0)
            return 5;
    }
    for (int i = 0; i < senders; i++) {
        pthread_join(threads[i], NULL);
        sent += results[i];
    }
    const double took = (double)(now_ns() - start) / 1e9;
    printf("{\"sent\":%llu,\"per_second\":%.0f}\n", (unsigned long long)sent, (double)sent / took);
    return 0;
}
