#define _GNU_SOURCE
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "bandwidth.h"
#include "forward.h"
#include "ingest.h"
#include "mirror.h"
#include "pacing.h"
#include "recovery.h"
#include "reports.h"
#include "resend.h"
#include "room.h"
#include "track.h"
#include "transport.h"

/* After a pause of the whole machine the missed ticks are not made up for, beyond one round of slots. */
#define TICKS_BEHIND_MAX TX_TICK_SLOTS

/* Ticks may come this much late together when no loss is being repaired: feedback and first reports bear the one,
 * reports of every second and speakers the other. */
#define REST_REPORTS_US 20000u
#define REST_CALM_US 80000u

#define EVENTS_MAX 64 /* descriptors told of at once */

/* Each worker's handles begin elsewhere, so that a mirror can have the handle of what it mirrors. */
#define HANDLE_BITS 40
static atomic_uint_least32_t workers_opened;

static uint64_t clock_us(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t tx_clock_us(void) { return clock_us(CLOCK_MONOTONIC); }

bool tx_worker_register(tx_worker *worker, tx_object *object, tx_kind kind)
{
    object->kind = kind;
    object->handle = worker->last_handle + 1;
    if (!tx_table_put(&worker->objects, (uint64_t)object->handle, object))
        return false;
    worker->last_handle = object->handle;
    return true;
}

bool tx_worker_rename(tx_worker *worker, tx_object *object, int64_t handle)
{
    if (tx_table_get(&worker->objects, (uint64_t)handle) || !tx_table_put(&worker->objects, (uint64_t)handle, object))
        return false;
    tx_table_remove(&worker->objects, (uint64_t)object->handle);
    object->handle = handle;
    return true;
}

void *tx_worker_find(const tx_worker *worker, int64_t handle, tx_kind kind)
{
    tx_object *object = handle > 0 ? tx_table_get(&worker->objects, (uint64_t)handle) : NULL;
    return object && object->kind == kind ? object : NULL;
}

void tx_worker_wake(tx_worker *worker)
{
    uint64_t one = 1;
    if (write(worker->wake, &one, sizeof one) < 0)
        errno = 0; /* full: it is awake already */
}

/* Visits what asked for it; each visit says whether it wants another. */
static void visit_restless(tx_worker *worker)
{
    worker->soon_us = 0;
    tx_list_each(&worker->restless_tracks, link, after) {
        tx_track *track = tx_owner_of(link, tx_track, restless);
        bool waiting = track->waiting && !tx_resend_start_waiting(worker, track);
        if (waiting && !track->recovery.keyframe_wanted)
            tx_recovery_want_keyframe(worker, track);
        if (!tx_recovery_tick(worker, track) && !waiting)
            tx_list_remove(link);
    }
    tx_list_each(&worker->restless_transports, link, after) {
        tx_transport *transport = tx_owner_of(link, tx_transport, restless);
        bool reports = tx_reports_tick(worker, transport), waits = tx_pacing_tick(worker, transport);
        bool probes = tx_bandwidth_tick(worker, transport);
        if (!reports && !waits && !probes)
            tx_list_remove(link);
    }
}

static void tick(tx_worker *worker)
{
    if (worker->ticks % TX_TICK_SLOTS == 0)
        tx_tcp_expire(&worker->tcp, worker->now_us);
    tx_link *slot = &worker->slots[worker->ticks++ % TX_TICK_SLOTS];
    tx_list_each(slot, link, after) {
        tx_transport *transport = tx_owner_of(link, tx_transport, of_slot);
        tx_reports_send(worker, transport);
        tx_bandwidth_second(worker, transport);
        tx_transport_check_consent(worker, transport);
    }
    tx_list_each(&worker->loud_rooms, room, next_room)
        tx_room_choose(worker, tx_owner_of(room, tx_room, loud));
}

void tx_worker_tick(tx_worker *worker)
{
    if (worker->now_us - worker->next_tick_us > (uint64_t)TICKS_BEHIND_MAX * TX_TICK_US)
        worker->next_tick_us = worker->now_us - (uint64_t)TICKS_BEHIND_MAX * TX_TICK_US;
    while (worker->now_us >= worker->next_tick_us) {
        worker->next_tick_us += TX_TICK_US;
        tick(worker);
    }
    visit_restless(worker);
}

/* One batch under the gate.  True when more is waiting. */
static bool run_batch(tx_worker *worker, bool woken)
{
    bool more = false;
    tx_gate_enter(&worker->gate);
    worker->now_us = tx_clock_us();
    worker->outputs = 0;
    if (worker->inbox_at >= worker->udp.inbox_count) {
        worker->inbox_at = 0;
        more = tx_udp_receive(&worker->udp) == TX_UDP_INBOX;
    }
    more |= tx_ingest(worker);
    more |= tx_ingest_tcp(worker);
    tx_mirror_wake(worker); /* before our own fan-out: the others do theirs meanwhile */
    more |= tx_mirror_receive(worker);
    tx_forward_all(worker);
    tx_mirror_release(worker);
    if (worker->now_us >= worker->next_tick_us)
        tx_worker_tick(worker);
    else if (woken || (worker->soon_us && worker->now_us >= worker->soon_us))
        visit_restless(worker);
    tx_udp_flush(&worker->udp);
    tx_transport_bury(worker);
    tx_mirror_wake(worker);
    worker->busy_us += tx_clock_us() - worker->now_us;
    tx_gate_leave(&worker->gate);
    return more;
}

/* How long the thread may sleep when nothing arrives; arriving packets run the ticks that are due by themselves. */
static int wait_ms(tx_worker *worker)
{
    tx_gate_enter(&worker->gate);
    bool idle = worker->transports == 0 && worker->tcp.count == 0;
    uint64_t next = worker->next_tick_us;
    if (tx_list_empty(&worker->restless_tracks))
        next += tx_list_empty(&worker->restless_transports) ? REST_CALM_US : REST_REPORTS_US;
    next = worker->soon_us && worker->soon_us < next ? worker->soon_us : next;
    tx_gate_leave(&worker->gate);
    if (idle)
        return -1;
    uint64_t now = tx_clock_us();
    return now >= next ? 0 : (int)((next - now + 999) / 1000);
}

/* What epoll said.  True when a control call wants the thread. */
static bool take_notes(tx_worker *worker, const struct epoll_event *events, int count)
{
    bool woken = false;
    bool entered = false;
    for (int i = 0; i < count; i++) {
        uint64_t data = events[i].data.u64, ignored;
        if (data == (uint64_t)worker->wake)
            woken = read(worker->wake, &ignored, sizeof ignored) > 0;
        if (!(data & (TX_TCP_EVENT_CONNECTION | TX_TCP_EVENT_LISTENER)))
            continue;
        if (!entered)
            tx_gate_enter(&worker->gate);
        entered = true;
        tx_tcp_note(&worker->tcp, data, events[i].events);
    }
    if (entered)
        tx_gate_leave(&worker->gate);
    return woken;
}

static void *run(void *argument)
{
    tx_worker *worker = argument;
    while (!atomic_load_explicit(&worker->stopping, memory_order_acquire)) {
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(worker->epoll, events, EVENTS_MAX, wait_ms(worker));
        bool woken = take_notes(worker, events, count);
        while (run_batch(worker, woken) && !atomic_load_explicit(&worker->stopping, memory_order_acquire))
            woken = false;
    }
    return NULL;
}

static int watch(tx_worker *worker, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = (uint64_t)fd}};
    return epoll_ctl(worker->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static int prepare(tx_worker *worker, const char *address, uint16_t port, bool gso)
{
    worker->epoll = worker->wake = -1;
    tx_gate_init(&worker->gate);
    tx_list_init(&worker->restless_tracks);
    tx_list_init(&worker->restless_transports);
    tx_list_init(&worker->loud_rooms);
    tx_list_init(&worker->outlets);
    tx_list_init(&worker->inlets);
    for (unsigned i = 0; i < TX_TICK_SLOTS; i++)
        tx_list_init(&worker->slots[i]);
    worker->last_handle = (int64_t)atomic_fetch_add(&workers_opened, 1) << HANDLE_BITS;
    worker->now_us = tx_clock_us();
    worker->next_tick_us = worker->now_us;
    worker->unix_offset_us = clock_us(CLOCK_REALTIME) - worker->now_us;
    tx_admission_init(&worker->admission, worker->now_us);
    if (getrandom(worker->secret, sizeof worker->secret, 0) != sizeof worker->secret)
        return -EIO;
    int error = tx_udp_open(&worker->udp, address, port, gso, &worker->port);
    if (error)
        return error;
    error = tx_events_init(&worker->events);
    if (error)
        return error;
    if (!tx_table_init(&worker->objects, 64) || !tx_table_init(&worker->ufrags, 64)
        || !tx_table_init(&worker->addresses, 64))
        return -ENOMEM;
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->tcp.epoll = worker->epoll;
    worker->udp.tcp = &worker->tcp;
    worker->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (worker->epoll < 0 || worker->wake < 0)
        return -errno;
    error = watch(worker, worker->wake);
    return error ? error : watch(worker, worker->udp.fd);
}

/* Signals are for the threads that know what to do with them. */
static int start_thread(tx_worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        return -error;
    worker->running = true;
    pthread_setname_np(worker->thread, "tongxin-media");
    return 0;
}

tx_worker *tx_worker_open(const char *address, uint16_t port, bool gso, int *error)
{
    tx_worker *worker = calloc(1, sizeof *worker);
    *error = worker ? 0 : -ENOMEM;
    if (!worker)
        return NULL;
    worker->udp.fd = -1;
    tx_tcp_init(&worker->tcp, -1);
    *error = prepare(worker, address, port, gso);
    if (!*error)
        *error = start_thread(worker);
    if (!*error)
        return worker;
    tx_worker_close(worker);
    return NULL;
}

static void free_objects(tx_worker *worker)
{
    for (size_t i = 0; worker->objects.slots && i <= worker->objects.mask;) {
        tx_object *object = worker->objects.slots[i].value;
        if (object && object->kind == TX_KIND_ROOM)
            tx_room_free(worker, (tx_room *)object); /* shifts its neighbours: look at this slot again */
        else
            i++;
    }
    for (unsigned i = 0; i < TX_TICK_SLOTS; i++)
        tx_list_each(&worker->slots[i], link, after)
            tx_transport_free(worker, tx_owner_of(link, tx_transport, of_slot));
}

void tx_worker_close(tx_worker *worker)
{
    if (worker->running) {
        atomic_store_explicit(&worker->stopping, true, memory_order_release);
        tx_worker_wake(worker);
        pthread_join(worker->thread, NULL);
    }
    tx_mirror_close_all(worker);
    free_objects(worker);
    tx_tcp_close(&worker->tcp);
    tx_udp_close(&worker->udp);
    tx_events_free(&worker->events);
    tx_table_free(&worker->objects);
    tx_table_free(&worker->ufrags);
    tx_table_free(&worker->addresses);
    if (worker->epoll >= 0)
        close(worker->epoll);
    if (worker->wake >= 0)
        close(worker->wake);
    tx_gate_destroy(&worker->gate);
    free(worker);
}
