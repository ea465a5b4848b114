/* The physical limit: the same datagrams to the same receivers with UDP GSO, and nothing else: no SRTP, no rewriting.
 *
 * null_forwarder IP [--no-gso]: prints its port; a datagram of one byte 'R' registers a receiver; every longer one is
 * sent to all receivers.  It leaves when standard input closes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define BATCH 64
#define GSO_MAX 40
#define PACKET_MAX 1600
#define RECEIVERS_MAX 4096
#define MESSAGES_MAX 1024

static struct sockaddr_in receivers[RECEIVERS_MAX];
static int count;
static uint8_t packets[BATCH][PACKET_MAX];
static struct mmsghdr out[MESSAGES_MAX];
static struct iovec pieces[BATCH];
static char control[MESSAGES_MAX][CMSG_SPACE(sizeof(uint16_t))];
static int queued;

static void flush_out(int fd)
{
    for (int done = 0; done < queued;) {
        int n = sendmmsg(fd, out + done, (unsigned)(queued - done), 0);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            exit(4);
        if (n > 0)
            done += n;
    }
    queued = 0;
}

static void queue_to(int fd, struct sockaddr_in *to, struct iovec *iov, size_t n, uint16_t size)
{
    if (queued == MESSAGES_MAX)
        flush_out(fd);
    struct msghdr *m = &out[queued].msg_hdr;
    memset(m, 0, sizeof *m);
    m->msg_name = to;
    m->msg_namelen = sizeof *to;
    m->msg_iov = iov;
    m->msg_iovlen = n;
    if (n > 1) {
        m->msg_control = control[queued];
        m->msg_controllen = sizeof control[queued];
        struct cmsghdr *c = CMSG_FIRSTHDR(m);
        c->cmsg_level = SOL_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof size);
        memcpy(CMSG_DATA(c), &size, sizeof size);
    }
    queued++;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    int gso = argc < 3;
    int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t at_len = sizeof at;
    inet_pton(AF_INET, argv[1], &at.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || getsockname(fd, (struct sockaddr *)&at, &at_len))
        return 1;
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    struct pollfd wait[2] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
    for (;;) {
        poll(wait, 2, -1);
        if (wait[1].revents)
            return 0;
        struct mmsghdr in[BATCH];
        struct sockaddr_in from[BATCH];
        memset(in, 0, sizeof in);
        for (int i = 0; i < BATCH; i++) {
            pieces[i].iov_base = packets[i];
            pieces[i].iov_len = PACKET_MAX;
            in[i].msg_hdr.msg_iov = &pieces[i];
            in[i].msg_hdr.msg_iovlen = 1;
            in[i].msg_hdr.msg_name = &from[i];
            in[i].msg_hdr.msg_namelen = sizeof from[i];
        }
        int n = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
        int media = 0;
        for (int i = 0; i < n; i++) {
            if (in[i].msg_len == 1) {
                if (count < RECEIVERS_MAX)
                    receivers[count++] = from[i];
                continue;
            }
            pieces[media].iov_base = packets[i];
            pieces[media++].iov_len = in[i].msg_len;
        }
        /* runs of equal sizes, as GSO wants them (the last may be shorter) */
        for (int start = 0; start < media;) {
            int end = start + 1;
            size_t unit = pieces[start].iov_len;
            while (gso && end < media && end - start < GSO_MAX && pieces[end].iov_len == unit)
                end++;
            for (int r = 0; r < count; r++)
                queue_to(fd, &receivers[r], &pieces[start], (size_t)(end - start), (uint16_t)unit);
            start = end;
        }
        flush_out(fd);
    }
}
