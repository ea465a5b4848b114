#include "check.h"
#include "udp.h"

#include <arpa/inet.h>
#include <poll.h>
#include <unistd.h>

/* A sender under test and a plain receiver. */
typedef struct {
    tx_udp udp;
    int receiver;
    tx_path path;
} pair;

static void pair_open(pair *pair, bool gso)
{
    uint16_t port;
    EQUAL(tx_udp_open(&pair->udp, "127.0.0.1", 0, gso, &port), 0);
    CHECK(port != 0);
    memset(&pair->path, 0, sizeof pair->path);
    pair->path.remote.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    pair->path.remote.length = sizeof pair->path.remote.v4;
    pair->receiver = socket(AF_INET, SOCK_DGRAM, 0);
    const int room = 4 << 20;
    EQUAL(setsockopt(pair->receiver, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    EQUAL(bind(pair->receiver, &pair->path.remote.any, pair->path.remote.length), 0);
    socklen_t length = sizeof pair->path.remote.v4;
    EQUAL(getsockname(pair->receiver, &pair->path.remote.any, &length), 0);
}

static void pair_close(pair *pair)
{
    tx_udp_close(&pair->udp);
    close(pair->receiver);
}

static void queue(pair *pair, uint8_t mark, size_t length)
{
    memset(tx_udp_reserve(&pair->udp, length), mark, length);
    tx_udp_queue(&pair->udp, &pair->path, length);
}

static void expect(pair *pair, uint8_t mark, size_t length)
{
    uint8_t data[65536];
    struct pollfd poller = {.fd = pair->receiver, .events = POLLIN};
    EQUAL(poll(&poller, 1, 5000), 1);
    EQUAL(recv(pair->receiver, data, sizeof data, 0), length);
    EQUAL(data[0], mark);
    EQUAL(data[length - 1], mark);
}

static void equal_datagrams_leave_in_one_message(void)
{
    pair pair;
    pair_open(&pair, true);
    CHECK(pair.udp.gso);
    for (uint8_t i = 0; i < 10; i++)
        queue(&pair, i, 1100);
    queue(&pair, 10, 700); /* shorter: ends the run */
    queue(&pair, 11, 700);
    queue(&pair, 12, 900); /* longer than its run: another */
    EQUAL(pair.udp.runs, 3);
    tx_udp_flush(&pair.udp);
    for (uint8_t i = 0; i < 10; i++)
        expect(&pair, i, 1100);
    expect(&pair, 10, 700);
    expect(&pair, 11, 700);
    expect(&pair, 12, 900);
    EQUAL(pair.udp.counters.send_calls, 1);
    EQUAL(pair.udp.counters.sent, 13);
    pair_close(&pair);
}

static void without_gso_each_leaves_alone(void)
{
    pair pair;
    pair_open(&pair, false);
    for (uint8_t i = 0; i < 5; i++)
        queue(&pair, i, 500);
    EQUAL(pair.udp.runs, 5);
    tx_udp_flush(&pair.udp);
    for (uint8_t i = 0; i < 5; i++)
        expect(&pair, i, 500);
    pair_close(&pair);
}

/* The kernel refuses UDP_SEGMENT on a socket without checksums, as it does where a device cannot do them. */
static void a_refusal_of_gso_is_survived_for_good(void)
{
    pair pair;
    pair_open(&pair, true);
    const int yes = 1;
    EQUAL(setsockopt(pair.udp.fd, SOL_SOCKET, SO_NO_CHECK, &yes, sizeof yes), 0);
    for (int turn = 0; turn < 2; turn++) {
        for (uint8_t i = 0; i < 6; i++)
            queue(&pair, i, i < 5 ? 800 : 300);
        tx_udp_flush(&pair.udp);
        for (uint8_t i = 0; i < 6; i++)
            expect(&pair, i, i < 5 ? 800 : 300);
        CHECK(!pair.udp.gso);
    }
    EQUAL(pair.udp.counters.sent, 12);
    EQUAL(pair.udp.counters.dropped, 0);
    pair_close(&pair);
}

static void a_full_arena_flushes_by_itself(void)
{
    pair pair;
    pair_open(&pair, true);
    const unsigned many = 3 * TX_UDP_ARENA_BYTES / 1200;
    for (unsigned i = 0; i < many; i++)
        queue(&pair, (uint8_t)i, 1200);
    CHECK(pair.udp.counters.send_calls >= 2);
    tx_udp_flush(&pair.udp);
    for (unsigned i = 0; i < many; i++)
        expect(&pair, (uint8_t)i, 1200);
    for (unsigned i = 0; i < 2 * TX_UDP_OUTBOX; i++)
        queue(&pair, 1, 10 + i % 2 * 10);
    tx_udp_flush(&pair.udp);
    for (unsigned i = 0; i < 2 * TX_UDP_OUTBOX; i++)
        expect(&pair, 1, 10 + i % 2 * 10);
    pair_close(&pair);
}

/* What one subscriber gets of a batch is reserved at once; sound makes every packet another size, so each is a message. */
static void datagrams_reserved_together_find_room_for_a_message_each(void)
{
    pair pair;
    pair_open(&pair, false);
    for (unsigned i = 0; i < TX_UDP_OUTBOX - 1; i++)
        queue(&pair, 1, 10 + i % 2 * 10);
    EQUAL(pair.udp.runs, TX_UDP_OUTBOX - 1);
    uint8_t *at = tx_udp_reserve_all(&pair.udp, 64 * 20, 64);
    EQUAL(pair.udp.runs, 0);
    for (unsigned i = 0; i < 64; i++, at += 10 + i % 2 * 10) {
        memset(at, 2, 20);
        tx_udp_queue(&pair.udp, &pair.path, 10 + i % 2 * 10);
    }
    tx_udp_flush(&pair.udp);
    for (unsigned i = 0; i < TX_UDP_OUTBOX - 1; i++)
        expect(&pair, 1, 10 + i % 2 * 10);
    for (unsigned i = 0; i < 64; i++)
        expect(&pair, 2, 10 + i % 2 * 10);
    pair_close(&pair);
}

static void more_than_were_reserved_are_dropped(void)
{
    pair pair;
    pair_open(&pair, false);
    memset(tx_udp_reserve(&pair.udp, 20 * (TX_UDP_OUTBOX + 2)), 5, 20 * (TX_UDP_OUTBOX + 2));
    for (unsigned i = 0; i < TX_UDP_OUTBOX + 2; i++)
        tx_udp_queue(&pair.udp, &pair.path, 20);
    EQUAL(pair.udp.runs, TX_UDP_OUTBOX);
    EQUAL(pair.udp.counters.dropped, 2);
    tx_udp_flush(&pair.udp);
    for (unsigned i = 0; i < TX_UDP_OUTBOX; i++)
        expect(&pair, 5, 20);
    pair_close(&pair);
}

static void skipped_bytes_are_not_sent(void)
{
    pair pair;
    pair_open(&pair, true);
    queue(&pair, 1, 100);
    tx_udp_reserve(&pair.udp, 100);
    tx_udp_skip(&pair.udp, 100);
    queue(&pair, 2, 100);
    tx_udp_flush(&pair.udp);
    expect(&pair, 1, 100);
    expect(&pair, 2, 100);
    pair_close(&pair);
}

static void a_dead_destination_harms_no_other(void)
{
    pair pair;
    pair_open(&pair, true);
    tx_path nowhere = pair.path;
    nowhere.remote.v4.sin_addr.s_addr = htonl(0xf0000001); /* 240.0.0.1: no route */
    memset(tx_udp_reserve(&pair.udp, 50), 9, 50);
    tx_udp_queue(&pair.udp, &nowhere, 50);
    queue(&pair, 3, 50);
    tx_udp_flush(&pair.udp);
    expect(&pair, 3, 50);
    pair_close(&pair);
}

static void received_runs_tell_their_segments(void)
{
    pair out;
    pair_open(&out, true);
    tx_udp in;
    uint16_t port;
    EQUAL(tx_udp_open(&in, "0.0.0.0", 0, true, &port), 0);
    tx_path path = out.path;
    path.remote.v4.sin_port = htons(port);
    for (uint8_t i = 0; i < 8; i++) {
        memset(tx_udp_reserve(&out.udp, 1000), i, 1000);
        tx_udp_queue(&out.udp, &path, 1000);
    }
    tx_udp_flush(&out.udp);
    unsigned datagrams = 0;
    while (datagrams < 8) {
        struct pollfd poller = {.fd = in.fd, .events = POLLIN};
        EQUAL(poll(&poller, 1, 5000), 1);
        const unsigned messages = tx_udp_receive(&in);
        for (unsigned i = 0; i < messages; i++) {
            const tx_udp_message *message = &in.inbox[i];
            EQUAL(message->segment, 1000);
            EQUAL(message->path.local_family, AF_INET);
            EQUAL(message->path.local.v4.s_addr, htonl(INADDR_LOOPBACK));
            for (size_t at = 0; at < message->length; at += message->segment)
                EQUAL(message->data[at], datagrams++);
        }
    }
    EQUAL(tx_udp_receive(&in), 0);
    tx_udp_close(&in);
    pair_close(&out);
}

static void bad_addresses_are_refused(void)
{
    tx_udp udp;
    uint16_t port;
    CHECK(tx_udp_open(&udp, "localhost", 0, true, &port) < 0);
    CHECK(tx_udp_open(&udp, "203.0.113.1", 0, true, &port) < 0);
}

int main(void)
{
    equal_datagrams_leave_in_one_message();
    without_gso_each_leaves_alone();
    a_refusal_of_gso_is_survived_for_good();
    a_full_arena_flushes_by_itself();
    datagrams_reserved_together_find_room_for_a_message_each();
    more_than_were_reserved_are_dropped();
    skipped_bytes_are_not_sent();
    a_dead_destination_harms_no_other();
    received_runs_tell_their_segments();
    bad_addresses_are_refused();
    return 0;
}
