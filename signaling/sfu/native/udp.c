#define _GNU_SOURCE
#include "udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

/* A GSO segment above this may exceed the path's MTU; its refusal then says nothing about GSO as such. */
#define SAFE_SEGMENT_BYTES 1232u

struct tx_udp_headers {
    struct mmsghdr inbox[TX_UDP_INBOX];
    struct iovec inbox_vector[TX_UDP_INBOX];
    struct mmsghdr outbox[TX_UDP_OUTBOX];
    struct iovec outbox_vector[TX_UDP_OUTBOX];
    uint8_t inbox_control[TX_UDP_INBOX][128] __attribute__((aligned(16)));
    uint8_t outbox_control[TX_UDP_OUTBOX][96] __attribute__((aligned(16)));
};

static void set_option(int fd, int level, int name, int value)
{
    /* Best effort: without these the worker is slower, not wrong. */
    if (setsockopt(fd, level, name, &value, sizeof value) != 0)
        errno = 0;
}

static void enlarge_buffers(int fd)
{
    /* FORCE passes the system's limit but needs CAP_NET_ADMIN; the plain option is clipped to the limit. */
    set_option(fd, SOL_SOCKET, SO_RCVBUF, TX_UDP_SOCKET_BUFFER_BYTES);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, TX_UDP_SOCKET_BUFFER_BYTES);
    set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, TX_UDP_SOCKET_BUFFER_BYTES);
    set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, TX_UDP_SOCKET_BUFFER_BYTES);
}

static void prepare_inbox(tx_udp *udp)
{
    for (unsigned i = 0; i < TX_UDP_INBOX; i++) {
        udp->headers->inbox_vector[i].iov_base = udp->inbox_bytes + (size_t)i * TX_UDP_MESSAGE_BYTES;
        udp->headers->inbox_vector[i].iov_len = TX_UDP_MESSAGE_BYTES;
        udp->headers->inbox[i].msg_hdr = (struct msghdr){
            .msg_name = &udp->inbox[i].path.remote,
            .msg_iov = &udp->headers->inbox_vector[i],
            .msg_iovlen = 1,
            .msg_control = udp->headers->inbox_control[i],
        };
    }
}

int tx_udp_open(tx_udp *udp, const char *address, uint16_t port, bool gso, uint16_t *bound)
{
    tx_address local;
    memset(udp, 0, sizeof *udp);
    udp->fd = -1;
    int error = tx_address_parse(address, port, &local, &udp->wildcard);
    if (error)
        return error;
    udp->inbox_bytes = malloc((size_t)TX_UDP_INBOX * TX_UDP_MESSAGE_BYTES);
    udp->arena = malloc(TX_UDP_ARENA_BYTES);
    udp->headers = calloc(1, sizeof *udp->headers);
    udp->fd = socket(local.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    error = udp->fd < 0 ? -errno : !udp->inbox_bytes || !udp->arena || !udp->headers ? -ENOMEM : 0;
    if (!error && local.any.sa_family == AF_INET6)
        set_option(udp->fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (!error && bind(udp->fd, &local.any, local.length) != 0)
        error = -errno;
    socklen_t length = sizeof local.v6;
    if (!error && getsockname(udp->fd, &local.any, &length) != 0)
        error = -errno;
    if (error) {
        tx_udp_close(udp);
        return error;
    }
    *bound = ntohs(local.any.sa_family == AF_INET ? local.v4.sin_port : local.v6.sin6_port);
    enlarge_buffers(udp->fd);
    if (udp->wildcard && local.any.sa_family == AF_INET)
        set_option(udp->fd, IPPROTO_IP, IP_PKTINFO, 1);
    if (udp->wildcard && local.any.sa_family == AF_INET6)
        set_option(udp->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    set_option(udp->fd, IPPROTO_UDP, UDP_GRO, 1);
    int segment = 0;
    udp->gso = gso && setsockopt(udp->fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) == 0;
    prepare_inbox(udp);
    return 0;
}

void tx_udp_close(tx_udp *udp)
{
    if (udp->fd >= 0)
        close(udp->fd);
    free(udp->inbox_bytes);
    free(udp->arena);
    free(udp->headers);
    udp->fd = -1;
    udp->inbox_bytes = NULL;
    udp->arena = NULL;
    udp->headers = NULL;
}

static void read_control(struct msghdr *header, tx_udp_message *message)
{
    message->path.local_family = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int segment;
            memcpy(&segment, CMSG_DATA(c), sizeof segment);
            if (segment > 0)
                message->segment = (size_t)segment;
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            message->path.local_family = AF_INET;
            message->path.local.v4 = info.ipi_spec_dst;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            message->path.local_family = AF_INET6;
            message->path.local.v6 = info.ipi6_addr;
            message->path.local_interface = IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) ? info.ipi6_ifindex : 0;
        }
    }
}

unsigned tx_udp_receive(tx_udp *udp)
{
    for (unsigned i = 0; i < TX_UDP_INBOX; i++) {
        udp->headers->inbox[i].msg_hdr.msg_namelen = sizeof udp->inbox[i].path.remote.v6;
        udp->headers->inbox[i].msg_hdr.msg_controllen = sizeof udp->headers->inbox_control[i];
    }
    udp->waited = false;
    int count = recvmmsg(udp->fd, udp->headers->inbox, TX_UDP_INBOX, MSG_DONTWAIT, NULL);
    udp->inbox_count = count > 0 ? (unsigned)count : 0;
    for (unsigned i = 0; i < udp->inbox_count; i++) {
        struct msghdr *header = &udp->headers->inbox[i].msg_hdr;
        tx_udp_message *message = &udp->inbox[i];
        message->path.remote.length = header->msg_namelen;
        message->data = udp->headers->inbox_vector[i].iov_base;
        message->length = header->msg_flags & MSG_TRUNC ? 0 : udp->headers->inbox[i].msg_len;
        message->segment = message->length ? message->length : 1;
        read_control(header, message);
    }
    return udp->inbox_count;
}

static void add_control(struct msghdr *header, int level, int type, const void *data, size_t length)
{
    struct cmsghdr *c = (struct cmsghdr *)((uint8_t *)header->msg_control + header->msg_controllen);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(c), data, length);
    header->msg_controllen += CMSG_SPACE(length);
}

static void add_source(struct msghdr *header, const tx_path *path)
{
    if (path->local_family == AF_INET) {
        struct in_pktinfo info = {.ipi_spec_dst = path->local.v4};
        add_control(header, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else if (path->local_family == AF_INET6) {
        struct in6_pktinfo info = {.ipi6_addr = path->local.v6, .ipi6_ifindex = path->local_interface};
        add_control(header, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

static void prepare_message(tx_udp *udp, unsigned i)
{
    tx_udp_run *run = &udp->run[i];
    udp->headers->outbox_vector[i] = (struct iovec){udp->arena + run->start, run->length};
    struct msghdr *header = &udp->headers->outbox[i].msg_hdr;
    *header = (struct msghdr){
        .msg_name = (void *)(uintptr_t)&run->path->remote,
        .msg_namelen = run->path->remote.length,
        .msg_iov = &udp->headers->outbox_vector[i],
        .msg_iovlen = 1,
        .msg_control = udp->headers->outbox_control[i],
    };
    if (udp->wildcard)
        add_source(header, run->path);
    if (run->count > 1) {
        uint16_t segment = (uint16_t)run->segment;
        add_control(header, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
    }
    if (header->msg_controllen == 0)
        header->msg_control = NULL;
}

/* Sends the datagrams of a refused GSO message one by one. */
static unsigned send_apart(tx_udp *udp, unsigned i)
{
    tx_udp_run *run = &udp->run[i];
    struct msghdr header = udp->headers->outbox[i].msg_hdr;
    header.msg_control = udp->headers->outbox_control[i];
    header.msg_controllen = 0;
    if (udp->wildcard)
        add_source(&header, run->path);
    if (header.msg_controllen == 0)
        header.msg_control = NULL;
    unsigned sent = 0;
    for (size_t at = 0; at < run->length; at += run->segment) {
        size_t left = run->length - at;
        struct iovec part = {udp->arena + run->start + at, left < run->segment ? left : run->segment};
        header.msg_iov = &part;
        udp->counters.send_calls++;
        sent += sendmsg(udp->fd, &header, 0) >= 0;
    }
    return sent;
}

static bool gso_refused(int error)
{
    return error == EIO || error == EINVAL || error == ENOPROTOOPT || error == EOPNOTSUPP || error == EMSGSIZE;
}

static void after_refusal(tx_udp *udp, unsigned i, int error)
{
    tx_udp_run *run = &udp->run[i];
    unsigned sent = send_apart(udp, i);
    udp->counters.sent += sent;
    udp->counters.dropped += run->count - sent;
    if (sent == 0 || run->segment > SAFE_SEGMENT_BYTES)
        return;
    udp->gso = false;
    if (!udp->refused_logged)
        fprintf(stderr, "tongxin media: the kernel refuses UDP segmentation (%s); sending packets one by one\n",
                strerror(error));
    udp->refused_logged = true;
}

void tx_udp_flush(tx_udp *udp)
{
    for (unsigned i = 0; i < udp->runs; i++)
        prepare_message(udp, i);
    for (unsigned at = 0; at < udp->runs;) {
        udp->counters.send_calls++;
        int done = sendmmsg(udp->fd, udp->headers->outbox + at, udp->runs - at, 0);
        if (done > 0) {
            for (int k = 0; k < done; k++)
                udp->counters.sent += udp->run[at + (unsigned)k].count;
            at += (unsigned)done;
            continue;
        }
        int error = errno;
        if (error == EINTR)
            continue;
        if ((error == EAGAIN || error == ENOBUFS) && !udp->waited) {
            struct pollfd wait = {.fd = udp->fd, .events = POLLOUT};
            poll(&wait, 1, TX_UDP_SEND_WAIT_MS);
            udp->waited = true;
            continue;
        }
        if (udp->run[at].count > 1 && gso_refused(error))
            after_refusal(udp, at, error);
        else
            udp->counters.dropped += udp->run[at].count;
        at++;
    }
    udp->runs = 0;
    udp->arena_used = 0;
    if (udp->tcp && tx_tcp_waiting(udp->tcp))
        tx_tcp_flush(udp->tcp);
}

uint8_t *tx_udp_reserve_all(tx_udp *udp, size_t length, unsigned datagrams)
{
    if (udp->arena_used + length > TX_UDP_ARENA_BYTES || udp->runs + datagrams > TX_UDP_OUTBOX)
        tx_udp_flush(udp);
    return udp->arena + udp->arena_used;
}

uint8_t *tx_udp_reserve(tx_udp *udp, size_t length) { return tx_udp_reserve_all(udp, length, 1); }

void tx_udp_queue(tx_udp *udp, const tx_path *path, size_t length)
{
    tx_udp_run *run = udp->runs ? &udp->run[udp->runs - 1] : NULL;
    if (run && udp->gso && run->path == path && !run->closed && length <= run->segment
        && run->count < TX_UDP_SEGMENTS_MAX && run->length + length <= TX_UDP_RUN_MAX_BYTES) {
        run->closed = length < run->segment;
        run->length += length;
        run->count++;
    } else if (__builtin_expect(path->tcp != 0, 0)) {
        udp->counters.dropped += !udp->tcp || !tx_tcp_queue(udp->tcp, path->tcp, udp->arena + udp->arena_used, length);
        if (run)
            run->closed = true; /* these bytes of the arena are not the run's */
    } else if (__builtin_expect(udp->runs == TX_UDP_OUTBOX, 0)) {
        udp->counters.dropped++; /* more than were reserved */
        run->closed = true;
    } else {
        udp->run[udp->runs++] = (tx_udp_run){path, udp->arena_used, length, length, 1, false};
    }
    udp->arena_used += length;
}

void tx_udp_skip(tx_udp *udp, size_t length)
{
    if (udp->runs)
        udp->run[udp->runs - 1].closed = true;
    udp->arena_used += length;
}
