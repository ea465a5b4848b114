#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "check.h"
#include "tcp.h"

#define NOW 1000000u

static const uint64_t SECRET[2] = {1, 2};

/* Connections under test with their epoll, and a listener whose port is known. */
typedef struct {
    tx_tcp tcp;
    uint16_t port;
} stage;

static void stage_open(stage *stage)
{
    tx_tcp_init(&stage->tcp, epoll_create1(0));
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof local;
    const int free_port = socket(AF_INET, SOCK_STREAM, 0);
    EQUAL(bind(free_port, (struct sockaddr *)&local, sizeof local), 0);
    EQUAL(getsockname(free_port, (struct sockaddr *)&local, &length), 0);
    close(free_port);
    stage->port = ntohs(local.sin_port);
    EQUAL(tx_tcp_listen(&stage->tcp, "127.0.0.1", stage->port), 0);
}

static void stage_close(stage *stage)
{
    tx_tcp_close(&stage->tcp);
    EQUAL(stage->tcp.count, 0);
    EQUAL(stage->tcp.strangers_count, 0);
    close(stage->tcp.epoll);
}

static void look(stage *stage, int timeout_ms)
{
    struct epoll_event events[64];
    const int count = epoll_wait(stage->tcp.epoll, events, 64, timeout_ms);
    for (int i = 0; i < count; i++)
        tx_tcp_note(&stage->tcp, events[i].data.u64, events[i].events);
}

/* A client's end; the connection's is the newest stranger. */
static int join(stage *stage, uint64_t now_us)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(stage->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const uint64_t before = stage->tcp.counters.accepted + stage->tcp.counters.refused;
    EQUAL(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    while (stage->tcp.counters.accepted + stage->tcp.counters.refused == before) {
        look(stage, 1000);
        tx_tcp_accept(&stage->tcp, SECRET, now_us);
    }
    return fd;
}

static tx_tcp_connection *newest(const stage *stage)
{
    return tx_owner_of(stage->tcp.strangers.previous, tx_tcp_connection, order);
}

static void bury(stage *stage)
{
    for (tx_tcp_connection *ended; (ended = tx_tcp_next_ended(&stage->tcp));)
        tx_tcp_free_ended(&stage->tcp, ended);
}

static bool closed(int fd)
{
    uint8_t byte;
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, 5000) == 1 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

static void read_exactly(int fd, uint8_t *data, size_t length)
{
    for (size_t got = 0; got < length;) {
        const ssize_t part = recv(fd, data + got, length - got, 0);
        CHECK(part > 0);
        got += (size_t)part;
    }
}

static void packets_leave_framed_and_in_order(void)
{
    stage stage;
    stage_open(&stage);
    const int client = join(&stage, NOW);
    const uint32_t id = newest(&stage)->id;
    uint8_t packet[1200], got[1202];
    tx_tcp_prove(&stage.tcp, id);
    for (uint8_t turn = 0; turn < 40; turn++) {
        for (uint8_t i = 0; i < 9; i++) {
            memset(packet, turn + i, sizeof packet);
            CHECK(tx_tcp_queue(&stage.tcp, id, packet, 1100 + i));
        }
        CHECK(tx_tcp_waiting(&stage.tcp));
        tx_tcp_flush(&stage.tcp);
        CHECK(!tx_tcp_waiting(&stage.tcp));
        for (uint8_t i = 0; i < 9; i++) {
            read_exactly(client, got, 1102 + i);
            EQUAL(tx_get16(got), 1100 + i);
            EQUAL(got[2], turn + i);
            EQUAL(got[1101 + i], turn + i);
        }
    }
    close(client);
    stage_close(&stage);
}

static void a_full_connection_drops_whole_packets_and_goes_on(void)
{
    stage stage;
    stage_open(&stage);
    const int client = join(&stage, NOW);
    tx_tcp_connection *connection = newest(&stage);
    const uint32_t id = connection->id;
    tx_tcp_prove(&stage.tcp, id);
    uint8_t packet[1000] = {0}, got[1002];
    /* given a client that does not read: first the kernel's buffers fill, then the ring, then packets are dropped */
    uint32_t queued = 0, dropped = 0;
    while (dropped < 100) {
        tx_put32(packet, queued);
        if (tx_tcp_queue(&stage.tcp, id, packet, sizeof packet))
            queued++;
        else
            dropped++;
        tx_tcp_flush(&stage.tcp);
    }
    EQUAL(stage.tcp.counters.dropped, 100);
    CHECK(connection->watched);
    CHECK(connection->out_used > TX_TCP_OUT_BYTES - 2 * sizeof packet);
    /* when it reads, then all that was queued comes, whole */
    for (uint32_t i = 0; i < queued; i++) {
        struct pollfd poller = {.fd = client, .events = POLLIN};
        while (poll(&poller, 1, 0) == 0) {
            look(&stage, 1000);
            tx_tcp_flush(&stage.tcp);
        }
        for (size_t at = 0; at < sizeof got;) {
            const ssize_t part = recv(client, got + at, sizeof got - at, MSG_DONTWAIT);
            if (part > 0)
                at += (size_t)part;
            look(&stage, 0);
            tx_tcp_flush(&stage.tcp);
        }
        EQUAL(tx_get16(got), sizeof packet);
        EQUAL(tx_get32(got + 2), i);
    }
    EQUAL(connection->out_used, 0);
    CHECK(!connection->watched);
    close(client);
    stage_close(&stage);
}

static void strangers_get_room_for_answers_only(void)
{
    stage stage;
    stage_open(&stage);
    const int client = join(&stage, NOW);
    const uint8_t packet[100] = {0};
    for (unsigned i = 0; i < TX_TCP_STRANGER_OUT_BYTES / 102; i++)
        CHECK(tx_tcp_queue(&stage.tcp, newest(&stage)->id, packet, sizeof packet));
    CHECK(!tx_tcp_queue(&stage.tcp, newest(&stage)->id, packet, sizeof packet));
    close(client);
    stage_close(&stage);
}

static void what_proves_nothing_is_closed_in_time(void)
{
    stage stage;
    stage_open(&stage);
    const int idle = join(&stage, NOW), good = join(&stage, NOW);
    tx_tcp_connection *connection = newest(&stage);
    tx_tcp_prove(&stage.tcp, connection->id);
    tx_tcp_expire(&stage.tcp, NOW + TX_TCP_PROVE_US - 1);
    CHECK(!tx_tcp_next_ended(&stage.tcp));
    tx_tcp_expire(&stage.tcp, NOW + TX_TCP_PROVE_US);
    bury(&stage);
    CHECK(closed(idle));
    EQUAL(stage.tcp.count, 1);
    tx_tcp_expire(&stage.tcp, NOW + TX_TCP_IDLE_US - 1);
    CHECK(!tx_tcp_next_ended(&stage.tcp));
    tx_tcp_expire(&stage.tcp, NOW + TX_TCP_IDLE_US);
    bury(&stage);
    CHECK(closed(good));
    EQUAL(stage.tcp.count, 0);
    close(idle);
    close(good);
    stage_close(&stage);
}

static void one_site_keeps_few_strangers(void)
{
    stage stage;
    stage_open(&stage);
    int clients[TX_TCP_SITE_STRANGERS_MAX + 3];
    const unsigned count = sizeof clients / sizeof *clients;
    for (unsigned i = 0; i < count; i++)
        clients[i] = join(&stage, NOW);
    EQUAL(stage.tcp.strangers_count, TX_TCP_SITE_STRANGERS_MAX);
    EQUAL(stage.tcp.counters.refused, 3);
    CHECK(closed(clients[count - 1]));
    /* those who prove themselves make room */
    tx_tcp_prove(&stage.tcp, newest(&stage)->id);
    const int another = join(&stage, NOW);
    EQUAL(stage.tcp.counters.refused, 3);
    EQUAL(stage.tcp.count, TX_TCP_SITE_STRANGERS_MAX + 1);
    for (unsigned i = 0; i < count; i++)
        close(clients[i]);
    close(another);
    stage_close(&stage);
}

static void an_id_does_not_name_the_next_connection(void)
{
    stage stage;
    stage_open(&stage);
    const int first = join(&stage, NOW);
    const uint32_t former = newest(&stage)->id;
    tx_tcp_end(&stage.tcp, newest(&stage));
    CHECK(!tx_tcp_find(&stage.tcp, former));
    bury(&stage);
    const int second = join(&stage, NOW);
    CHECK(newest(&stage)->id != former);
    CHECK(!tx_tcp_find(&stage.tcp, former));
    CHECK(tx_tcp_find(&stage.tcp, newest(&stage)->id) == newest(&stage));
    const uint8_t packet[10] = {0};
    CHECK(!tx_tcp_queue(&stage.tcp, former, packet, sizeof packet));
    CHECK(!tx_tcp_find(&stage.tcp, 0));
    close(first);
    close(second);
    stage_close(&stage);
}

static void who_never_stops_asking_without_proof_is_cut(void)
{
    stage stage;
    stage_open(&stage);
    const int client = join(&stage, NOW);
    tx_tcp_connection *connection = newest(&stage);
    uint8_t request[22] = {0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    bool bad = false;
    unsigned frames = 0;
    while (!bad) {
        size_t length;
        EQUAL(send(client, request, sizeof request, 0), sizeof request);
        struct pollfd poller = {.fd = connection->fd, .events = POLLIN};
        EQUAL(poll(&poller, 1, 5000), 1);
        CHECK(tx_tcp_read(connection, NOW));
        while (tx_tcp_frame(connection, &length, &bad))
            frames++;
    }
    EQUAL(frames, TX_TCP_STRANGER_FRAMES_MAX);
    close(client);
    stage_close(&stage);
}

static void a_taken_port_is_refused(void)
{
    stage stage;
    stage_open(&stage);
    CHECK(tx_tcp_listen(&stage.tcp, "127.0.0.1", stage.port) < 0);
    CHECK(tx_tcp_listen(&stage.tcp, "localhost", 0) < 0);
    stage_close(&stage);
}

int main(void)
{
    packets_leave_framed_and_in_order();
    a_full_connection_drops_whole_packets_and_goes_on();
    strangers_get_room_for_answers_only();
    what_proves_nothing_is_closed_in_time();
    one_site_keeps_few_strangers();
    an_id_does_not_name_the_next_connection();
    who_never_stops_asking_without_proof_is_cut();
    a_taken_port_is_refused();
    return 0;
}
