/* The worker with its thread running; under TSan this is the proof of its locking. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "media_peer.h"
#include "recovery.h"
#include "rtcp.h"
#include "transport.h"

#define SSRC 7000
#define OUT_SSRC 9000
#define SUBSCRIBERS 3
#define CHURN_MS 2000

static tx_worker *open_worker(void)
{
    int error;
    tx_worker *worker = tx_worker_open("127.0.0.1", 0, true, &error);
    CHECK(worker != NULL);
    return worker;
}

/* The next event of that kind; others are passed by. */
static tx_event await_event(tx_worker *worker, unsigned kind)
{
    tx_event event;
    uint8_t data[TX_EVENT_DATA_MAX_BYTES];
    for (;;) {
        while (tx_events_pop(&worker->events, &event, data))
            if (event.kind == kind)
                return event;
        struct pollfd poller = {.fd = worker->events.fd, .events = POLLIN};
        EQUAL(poll(&poller, 1, PEER_PATIENCE_MS), 1);
    }
}

static void expect_video(peer *peer, unsigned count)
{
    tx_rtp_view view;
    uint8_t data[2048];
    for (unsigned i = 0; i < count; i++)
        CHECK(peer_receive(peer, PEER_PATIENCE_MS, &view, data, sizeof data));
}

static void packets_are_forwarded(void)
{
    tx_worker *worker = open_worker();
    peer publisher, subscriber;
    peer_open(&publisher, worker, 1);
    peer_open(&subscriber, worker, 2);
    const int64_t track = peer_publish(&publisher, 0, SSRC);
    CHECK(peer_subscribe(&subscriber, track, OUT_SSRC) > 0);
    EQUAL(peer_subscribe(&subscriber, track, OUT_SSRC), -EINVAL);
    EQUAL(peer_subscribe(&subscriber, track + 100, OUT_SSRC), -ENOENT);
    for (int i = 0; i < 10; i++)
        peer_send_video(&publisher, SSRC, 100, 1000);
    expect_video(&subscriber, 10);
    EQUAL(await_event(worker, TX_EVENT_TRACK_STARTED).value, track);
    tx_worker_close(worker); /* with all still open */
    peer_close(&publisher);
    peer_close(&subscriber);
}

static void a_silent_peer_is_disconnected_and_may_come_back(void)
{
    tx_worker *worker = open_worker();
    peer publisher, subscriber;
    peer_open(&publisher, worker, 1);
    peer_open(&subscriber, worker, 2);
    peer_subscribe(&subscriber, peer_publish(&publisher, 0, SSRC), OUT_SSRC);
    peer_send_video(&publisher, SSRC, 1, 100);
    expect_video(&subscriber, 1);

    tx_gate_enter(&worker->gate);
    tx_transport *transport = tx_worker_find(worker, subscriber.handle, TX_KIND_TRANSPORT);
    transport->authenticated_us -= TX_CONSENT_US;
    tx_gate_leave(&worker->gate);

    EQUAL(await_event(worker, TX_EVENT_DISCONNECTED).transport, subscriber.handle);
    EQUAL(tx_control_send_dtls(worker, subscriber.handle, (const uint8_t *)"x", 1), 0);
    peer_check(&subscriber, false);
    EQUAL(await_event(worker, TX_EVENT_CONNECTED).transport, subscriber.handle);
    for (int i = 0; i < 3; i++) {
        peer_send_video(&publisher, SSRC, 1, 100);
        expect_video(&subscriber, 1);
    }
    tx_worker_close(worker);
    peer_close(&publisher);
    peer_close(&subscriber);
}

static void a_kernel_without_gso_is_survived(void)
{
    tx_worker *worker = open_worker();
    peer publisher, subscriber;
    peer_open(&publisher, worker, 1);
    peer_open(&subscriber, worker, 2);
    peer_subscribe(&subscriber, peer_publish(&publisher, 0, SSRC), OUT_SSRC);
    const int yes = 1;
    EQUAL(setsockopt(worker->udp.fd, SOL_SOCKET, SO_NO_CHECK, &yes, sizeof yes), 0);
    peer_send_video(&publisher, SSRC, 1, 1000);
    expect_video(&subscriber, 1);
    tx_worker_stats stats;
    do {
        /* Until a batch held two equal packets, so that the kernel had something to refuse. */
        for (int i = 0; i < 20; i++)
            peer_send_video(&publisher, SSRC, 0, 1000);
        expect_video(&subscriber, 20);
        tx_control_stats(worker, &stats);
    } while (stats.gso);
    EQUAL(stats.packets_dropped, 0);
    tx_worker_close(worker);
    peer_close(&publisher);
    peer_close(&subscriber);
}

/* ---- everything at once ---- */

static atomic_bool stop;
static _Atomic int64_t shared_track, shared_room;

static void *publish_forever(void *argument)
{
    peer *publisher = argument;
    const struct timespec pause = {.tv_nsec = 2000000};
    while (!atomic_load(&stop)) {
        for (int i = 0; i < 10; i++) {
            if (publisher->sequence % 37 == 5)
                publisher->sequence++; /* a loss */
            peer_send_video(publisher, SSRC, 50, 900);
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void *receive_forever(void *argument)
{
    peer *subscriber = argument;
    tx_rtp_view view;
    uint8_t data[2048], rtcp[256];
    unsigned received = 0;
    while (!atomic_load(&stop)) {
        if (!peer_receive(subscriber, 10, &view, data, sizeof data))
            continue;
        if (++received % 50)
            continue;
        tx_writer w = tx_writer_over(rtcp, 128);
        const uint16_t lost[] = {(uint16_t)(view.sequence - 9), (uint16_t)(view.sequence - 3)};
        tx_rtcp_write_nack(&w, 1, view.ssrc, lost, 2);
        tx_rtcp_write_pli(&w, 1, view.ssrc);
        peer_send_rtcp(subscriber, &w);
        if (received % 500 == 0)
            peer_check(subscriber, true);
    }
    CHECK(received > 0);
    return NULL;
}

static void *join_and_leave_forever(void *argument)
{
    tx_worker *worker = argument;
    for (unsigned number = 1000; !atomic_load(&stop); number++) {
        peer guest;
        peer_open(&guest, worker, number);
        const int64_t own = peer_publish(&guest, atomic_load(&shared_room), SSRC + 1);
        const int64_t watching = peer_subscribe(&guest, atomic_load(&shared_track), OUT_SSRC);
        CHECK(watching > 0);
        for (int i = 0; i < 5; i++)
            peer_send_video(&guest, SSRC + 1, 1, 300);
        EQUAL(tx_control_set_active(worker, &watching, 1, false), 0);
        EQUAL(tx_control_set_active(worker, &watching, 1, true), 0);
        EQUAL(tx_control_set_track_blocked(worker, own, number % 2), 0);
        if (number % 3 == 0)
            EQUAL(tx_control_remove_subscription(worker, watching), 0);
        if (number % 5 == 0)
            EQUAL(tx_control_remove_track(worker, own), 0);
        EQUAL(tx_control_close_transport(worker, guest.handle), 0);
        EQUAL(tx_control_remove_subscription(worker, watching), -ENOENT);
        peer_close(&guest);
    }
    return NULL;
}

static void *ask_forever(void *argument)
{
    tx_worker *worker = argument;
    while (!atomic_load(&stop)) {
        tx_worker_stats all;
        tx_track_stats track;
        tx_control_stats(worker, &all);
        CHECK(all.transports >= 1 + SUBSCRIBERS);
        EQUAL(tx_control_track_stats(worker, atomic_load(&shared_track), &track), 0);
        EQUAL(tx_control_request_keyframe(worker, atomic_load(&shared_track)), 0);
        const int64_t room = tx_control_open_room(worker, 5);
        EQUAL(tx_control_close_room(worker, room), 0);
        EQUAL(tx_control_close_room(worker, room), -ENOENT);
    }
    return NULL;
}

static void *read_events_forever(void *argument)
{
    tx_worker *worker = argument;
    tx_event event;
    uint8_t data[TX_EVENT_DATA_MAX_BYTES];
    while (!atomic_load(&stop)) {
        struct pollfd poller = {.fd = worker->events.fd, .events = POLLIN};
        poll(&poller, 1, 10);
        while (tx_events_pop(&worker->events, &event, data))
            CHECK(event.kind != TX_EVENT_OVERFLOW);
    }
    return NULL;
}

static void calls_from_many_threads_and_packets_go_together(void)
{
    tx_worker *worker = open_worker();
    peer publisher, subscribers[SUBSCRIBERS];
    pthread_t threads[4 + SUBSCRIBERS];
    unsigned started = 0;
    peer_open(&publisher, worker, 1);
    atomic_store(&shared_room, tx_control_open_room(worker, 5));
    atomic_store(&shared_track, peer_publish(&publisher, atomic_load(&shared_room), SSRC));
    for (unsigned i = 0; i < SUBSCRIBERS; i++) {
        peer_open(&subscribers[i], worker, 10 + i);
        CHECK(peer_subscribe(&subscribers[i], atomic_load(&shared_track), OUT_SSRC + 2 * i) > 0);
    }
    pthread_create(&threads[started++], NULL, publish_forever, &publisher);
    for (unsigned i = 0; i < SUBSCRIBERS; i++)
        pthread_create(&threads[started++], NULL, receive_forever, &subscribers[i]);
    pthread_create(&threads[started++], NULL, join_and_leave_forever, worker);
    pthread_create(&threads[started++], NULL, ask_forever, worker);
    pthread_create(&threads[started++], NULL, read_events_forever, worker);
    const struct timespec churn = {.tv_sec = CHURN_MS / 1000, .tv_nsec = CHURN_MS % 1000 * 1000000};
    nanosleep(&churn, NULL);
    atomic_store(&stop, true);
    while (started)
        pthread_join(threads[--started], NULL);

    EQUAL(tx_control_close_transport(worker, publisher.handle), 0);
    peer_close(&publisher);
    for (unsigned i = 0; i < SUBSCRIBERS; i++) {
        EQUAL(tx_control_close_transport(worker, subscribers[i].handle), 0);
        peer_close(&subscribers[i]);
    }
    tx_worker_stats stats;
    tx_control_stats(worker, &stats);
    EQUAL(stats.native_bytes, 0);
    EQUAL(stats.transports + stats.tracks + stats.subscriptions, 0);
    CHECK(stats.packets_forwarded > 100);
    tx_worker_close(worker);
}

int main(void)
{
    packets_are_forwarded();
    a_silent_peer_is_disconnected_and_may_come_back();
    a_kernel_without_gso_is_survived();
    calls_from_many_threads_and_packets_go_together();
    return 0;
}
