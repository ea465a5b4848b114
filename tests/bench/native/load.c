/* The load client's packet side: publishers and receivers on sockets that the Python side has already taken through ICE
 * and DTLS.
 *
 * Standard input, first lines:
 *   publish FD IP PORT KEYS SSRC PAYLOAD_TYPE TRANSPORT_CC_ID
 *   receive FD KEYS PAYLOAD_TYPE
 *   also PAYLOAD_TYPE KIND BURST INTERVAL_US SIZE      once or not: another shape for publishers of that payload type
 *   run KIND BURST INTERVAL_US SIZE      KIND is "video" or "audio"; each publisher sends BURST packets each interval
 * then any of: "mark" (prints one JSON line of totals), "pace INTERVAL_US" and "quit".  Publishers are spread evenly over
 * the interval, as independent people are.  Everything is sent to the addresses given.
 *
 * It never sleeps on a socket: on one machine the sender's processor would pay for waking it, packet by packet, which no
 * server pays when its receivers are elsewhere.  It looks every millisecond, or when a publisher's time has come.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "packets.h"
#include "receiver.h"
#include "srtp.h"

#define RECEIVERS_MAX 4096
#define PUBLISHERS_MAX 512
#define BURST_MAX 64
#define MISSED_MAX 3u /* frames that are made up for after a pause of the machine */
#define LOOK_NS 1000000u
#define STDIN_ID UINT32_MAX

struct publisher {
    int fd;
    bool also; /* it has the other shape */
    long interval_us;
    uint64_t due_ns;
    struct sockaddr_in to;
    struct srtp srtp;
    struct media media;
};

static struct receiver *receivers[RECEIVERS_MAX];
static uint32_t receiver_count;
static struct publisher publishers[PUBLISHERS_MAX];
static uint32_t publisher_count;
static struct counts counts;

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void send_frame(struct publisher *publisher)
{
    static uint8_t buffers[BURST_MAX][PACKET_MAX_BYTES];
    struct mmsghdr messages[BURST_MAX];
    struct iovec parts[BURST_MAX];
    struct media *media = &publisher->media;
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < media->burst; i++) {
        uint32_t roc;
        size_t length;
        const size_t header = media_write(media, i, buffers[i], &length, &roc);
        parts[i].iov_base = buffers[i];
        parts[i].iov_len = srtp_seal(&publisher->srtp, buffers[i], header, length, roc);
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &publisher->to;
        messages[i].msg_hdr.msg_namelen = sizeof publisher->to;
    }
    for (int done = 0; done < media->burst;) {
        const int n = sendmmsg(publisher->fd, messages + done, (unsigned)(media->burst - done), 0);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            fail("send");
        if (n > 0)
            done += n;
    }
    media_next_frame(media, publisher->interval_us);
}

/* Sends what is due and returns when the next one is. */
static uint64_t send_due(void)
{
    uint64_t now = now_ns(), next = now + LOOK_NS;
    for (uint32_t i = 0; i < publisher_count; i++) {
        struct publisher *publisher = &publishers[i];
        const uint64_t step_ns = (uint64_t)publisher->interval_us * 1000;
        if (now > publisher->due_ns + MISSED_MAX * step_ns)
            publisher->due_ns = now;
        for (; publisher->due_ns <= now; publisher->due_ns += step_ns)
            send_frame(publisher);
        next = publisher->due_ns < next ? publisher->due_ns : next;
    }
    return next;
}

static void set_pace(long us)
{
    for (uint32_t i = 0; i < publisher_count; i++)
        if (!publishers[i].also)
            publishers[i].interval_us = us;
}

static void spread(void)
{
    const uint64_t now = now_ns();
    for (uint32_t i = 0; i < publisher_count; i++)
        publishers[i].due_ns = now + (uint64_t)publishers[i].interval_us * 1000 * i / publisher_count;
}

static void mark(void)
{
    uint64_t sent = 0;
    for (uint32_t i = 0; i < publisher_count; i++)
        sent += publishers[i].media.sent;
    printf("{\"at_ns\":%llu,\"sent\":%llu,\"received\":%llu,\"gaps\":%llu,\"repeats\":%llu,\"checked\":%llu,\"bad\":%llu,"
           "\"streams\":%llu,\"delays\":[",
           (unsigned long long)now_ns(), (unsigned long long)sent, (unsigned long long)counts.received,
           (unsigned long long)counts.gaps, (unsigned long long)counts.repeats, (unsigned long long)counts.checked,
           (unsigned long long)counts.bad, (unsigned long long)counts.streams);
    for (unsigned i = 0; i < DELAY_STEPS; i++)
        printf("%s%llu", i ? "," : "", (unsigned long long)counts.delays[i]);
    puts("]}");
    fflush(stdout);
}

static bool read_publisher(const char *line)
{
    char ip[64], keys[160];
    int port;
    struct publisher *p = &publishers[publisher_count];
    if (publisher_count == PUBLISHERS_MAX
        || sscanf(line, "publish %d %63s %d %159s %u %d %d", &p->fd, ip, &port, keys, &p->media.ssrc,
                  &p->media.payload_type, &p->media.transport_cc_id)
            != 7)
        return false;
    p->to.sin_family = AF_INET;
    p->to.sin_port = htons((uint16_t)port);
    publisher_count++;
    return inet_pton(AF_INET, ip, &p->to.sin_addr) == 1 && srtp_open(&p->srtp, keys, true);
}

static bool read_receiver(const char *line)
{
    char keys[160];
    struct receiver *r = calloc(1, sizeof *r);
    if (!r || receiver_count == RECEIVERS_MAX
        || sscanf(line, "receive %d %159s %d", &r->fd, keys, &r->payload_type) != 3)
        return false;
    receivers[receiver_count++] = r;
    return srtp_open(&r->srtp, keys, false);
}

/* What follows a payload type (0: any that has no shape yet). */
static bool read_shape(const char *words, int payload_type)
{
    char kind[8];
    int burst, size;
    long pace;
    if (sscanf(words, "%7s %d %ld %d", kind, &burst, &pace, &size) != 4 || burst < 1 || burst > BURST_MAX
        || size < 80 || size + SRTP_TAG_MAX_BYTES > PACKET_MAX_BYTES || pace < 100)
        return false;
    const bool video = strcmp(kind, "video") == 0;
    for (uint32_t i = 0; i < publisher_count; i++) {
        struct publisher *publisher = &publishers[i];
        if (payload_type ? publisher->media.payload_type != payload_type : publisher->also)
            continue;
        publisher->also = payload_type != 0;
        publisher->interval_us = pace;
        publisher->media.video = video, publisher->media.burst = burst, publisher->media.size = size;
    }
    for (uint32_t i = 0; i < receiver_count; i++) {
        if (payload_type)
            receivers[i]->also_payload_type = payload_type, receivers[i]->also_video = video;
        else
            receivers[i]->video = video;
    }
    return true;
}

static bool read_also(const char *line)
{
    int payload_type, at = 0;
    return sscanf(line, "also %d %n", &payload_type, &at) == 1 && at && payload_type > 0
        && read_shape(line + at, payload_type);
}

static void read_setup(void)
{
    char line[1024];
    while (fgets(line, sizeof line, stdin)) {
        const bool run = strncmp(line, "run ", 4) == 0;
        const bool read = run ? read_shape(line + 4, 0)
            : line[0] == 'a'  ? read_also(line)
            : line[0] == 'p'  ? read_publisher(line)
                              : read_receiver(line);
        if (!read)
            fail(line);
        if (run)
            return;
    }
    fail("no run");
}

/* False when it is time to leave. */
static bool obey(void)
{
    char line[64];
    const ssize_t got = read(0, line, sizeof line - 1);
    long us;
    if (got > 0) {
        line[got] = 0;
        if (sscanf(line, "pace %ld", &us) == 1 && us >= 100) {
            set_pace(us);
            spread();
        }
    }
    mark();
    return got > 0 && line[0] != 'q';
}

static void watch(int epoll, int fd, uint32_t id)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = id}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll");
}

int main(void)
{
    /* commands are read with read() afterwards: nothing may stay in a stdio buffer */
    setvbuf(stdin, NULL, _IONBF, 0);
    read_setup();
    const int epoll = epoll_create1(0);
    for (uint32_t i = 0; i < receiver_count; i++)
        watch(epoll, receivers[i]->fd, i);
    watch(epoll, 0, STDIN_ID);
    spread();
    for (;;) {
        struct epoll_event events[256];
        const uint64_t next = send_due();
        const int count = epoll_wait(epoll, events, 256, 0);
        for (int i = 0; i < count; i++) {
            const uint32_t id = events[i].data.u32;
            if (id != STDIN_ID)
                receiver_drain(receivers[id], &counts);
            else if (!obey())
                return 0;
        }
        if (count <= 0) {
            const struct timespec until = {(time_t)(next / 1000000000u), (long)(next % 1000000000u)};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        }
    }
}
