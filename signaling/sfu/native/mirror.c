#include "mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forward.h"
#include "ingest.h"
#include "pipe.h"
#include "playout.h"
#include "recovery.h"
#include "reports.h"
#include "track.h"
#include "transport.h"

#define RECORDS_MAX 256u /* of one pipe in one batch */

struct tx_conduit {
    atomic_uint ends; /* still open; the last one frees */
    atomic_bool home_closed;
    atomic_bool away_closed;
    const tx_worker *away; /* only compared */
    int home_wake, away_wake; /* copies of the workers' descriptors: they outlive the workers */
    tx_pipe down;
    tx_pipe up;
};

struct tx_inlet {
    tx_link of_worker;
    tx_link mirrors;
    tx_conduit *conduit;
    bool asked;  /* the other side is to be woken */
    bool behind; /* the pipe was full: it is to be told anew what is watched */
};

typedef enum { WISH, WATCHED, UNWATCHED } tx_reply_kind;

/* A record on its way up. */
typedef struct {
    int64_t track;
    uint32_t kind;
} tx_reply;

typedef enum { PACKET, CLOCK, SEAT, RESTART, LOSS } tx_news_kind;

/* A record on its way down.  Of a PACKET the packet's bytes follow. */
typedef struct {
    int64_t track;
    uint8_t kind;
    bool red;
    bool lost;  /* packets before this one did not fit the pipe */
    bool voice; /* of changing senders: not kept for retransmission */
    uint16_t plain_offset;
    uint16_t plain_length;
    union {
        struct {
            int64_t sequence;
            tx_rtp_view view;
            tx_extension_set set;
        };
        tx_sender_clock clock; /* unix_us on the steady clock, which both workers share */
        uint64_t seat;
        tx_playout_way way; /* from the publisher to home */
    };
} tx_news;

/* ---- the conduit and its ends ---- */

static void release_end(tx_conduit *conduit)
{
    if (atomic_fetch_sub_explicit(&conduit->ends, 1, memory_order_acq_rel) > 1)
        return;
    tx_pipe_free(&conduit->down);
    tx_pipe_free(&conduit->up);
    if (conduit->home_wake >= 0)
        close(conduit->home_wake);
    if (conduit->away_wake >= 0)
        close(conduit->away_wake);
    free(conduit);
}

static tx_conduit *conduit_between(const tx_worker *home, const tx_worker *away)
{
    tx_conduit *conduit = aligned_alloc(64, (sizeof *conduit + 63) / 64 * 64);
    if (!conduit)
        return NULL;
    memset(conduit, 0, sizeof *conduit);
    atomic_init(&conduit->ends, 1);
    conduit->away = away;
    conduit->home_wake = dup(home->wake);
    conduit->away_wake = dup(away->wake);
    const bool down = tx_pipe_init(&conduit->down, TX_MIRROR_DOWN_BYTES);
    const bool made = tx_pipe_init(&conduit->up, TX_MIRROR_UP_BYTES) && down; /* both, for the release frees both */
    if (made && conduit->home_wake >= 0 && conduit->away_wake >= 0)
        return conduit;
    release_end(conduit);
    return NULL;
}

static void notify(int wake)
{
    uint64_t one = 1;
    if (write(wake, &one, sizeof one) < 0)
        errno = 0; /* full: it is awake already */
}

int64_t tx_mirror_connect(tx_worker *home, tx_worker *away)
{
    if (home == away)
        return -EINVAL;
    tx_conduit *conduit = conduit_between(home, away);
    tx_inlet *inlet = calloc(1, sizeof *inlet);
    tx_outlet *outlet = calloc(1, sizeof *outlet);
    int64_t handle = -ENOMEM;
    if (conduit && inlet && outlet) {
        inlet->conduit = outlet->conduit = conduit;
        tx_list_init(&inlet->mirrors);
        tx_list_init(&outlet->taps);
        tx_gate_enter(&home->gate);
        if (tx_worker_register(home, &outlet->object, TX_KIND_OUTLET)) {
            handle = outlet->object.handle;
            tx_list_append(&home->outlets, &outlet->of_worker);
        }
        tx_gate_leave(&home->gate);
    }
    if (handle < 0) {
        free(inlet);
        free(outlet);
        if (conduit)
            release_end(conduit);
        return handle;
    }
    atomic_fetch_add_explicit(&conduit->ends, 1, memory_order_relaxed);
    tx_gate_enter(&away->gate);
    tx_list_append(&away->inlets, &inlet->of_worker);
    tx_gate_leave(&away->gate);
    return handle;
}

static void set_watched(tx_worker *worker, tx_track *track, tx_tap *tap, bool watched)
{
    if (tap->watched == watched)
        return;
    tap->watched = watched;
    tx_track_count_watcher(worker, track, watched);
}

static void free_tap(tx_worker *worker, tx_tap *tap)
{
    set_watched(worker, tap->of, tap, false);
    tx_list_remove(&tap->of_track);
    tx_list_remove(&tap->of_outlet);
    free(tap);
}

void tx_mirror_close_outlet(tx_worker *worker, tx_outlet *outlet)
{
    tx_list_each(&outlet->taps, link, after)
        free_tap(worker, tx_owner_of(link, tx_tap, of_outlet));
    tx_list_remove(&outlet->of_worker);
    tx_table_remove(&worker->objects, (uint64_t)outlet->object.handle);
    atomic_store_explicit(&outlet->conduit->home_closed, true, memory_order_release);
    notify(outlet->conduit->away_wake);
    release_end(outlet->conduit);
    free(outlet);
}

static void close_inlet(tx_inlet *inlet)
{
    tx_list_each(&inlet->mirrors, link, after)
        tx_mirror_detach(tx_owner_of(link, tx_track, of_inlet));
    tx_list_remove(&inlet->of_worker);
    atomic_store_explicit(&inlet->conduit->away_closed, true, memory_order_release);
    release_end(inlet->conduit);
    free(inlet);
}

void tx_mirror_close_all(tx_worker *worker)
{
    tx_list_each(&worker->outlets, link, after)
        tx_mirror_close_outlet(worker, tx_owner_of(link, tx_outlet, of_worker));
    tx_list_each(&worker->inlets, link, after)
        close_inlet(tx_owner_of(link, tx_inlet, of_worker));
}

/* ---- opening and stopping ---- */

static tx_tap *tap_of(const tx_track *track, const tx_outlet *outlet)
{
    tx_list_each(&track->taps, link, after) {
        tx_tap *tap = tx_owner_of(link, tx_tap, of_track);
        if (tap->outlet == outlet)
            return tap;
    }
    return NULL;
}

static int describe(tx_worker *home, int64_t outlet_handle, int64_t track_handle, const tx_worker *away,
                    tx_conduit **conduit, tx_track_settings *settings, uint8_t *cname)
{
    const tx_outlet *outlet = tx_worker_find(home, outlet_handle, TX_KIND_OUTLET);
    const tx_track *track = tx_worker_find(home, track_handle, TX_KIND_TRACK);
    if (!outlet || !track)
        return -ENOENT;
    if (outlet->conduit->away != away)
        return -EINVAL;
    if (tap_of(track, outlet))
        return -EEXIST;
    *conduit = outlet->conduit;
    tx_track_settings_of(track, settings);
    settings->ssrc = settings->rtx_ssrc = 0; /* nobody sends to it */
    if (tx_listed(&track->of_source))
        settings->sibling = tx_owner_of(track->of_source.previous, tx_track, of_source)->object.handle;
    settings->nack = settings->transport_cc = false;
    memcpy(cname, track->transport->cname, TX_CNAME_BYTES);
    return 0;
}

static int make_mirror(tx_worker *away, int64_t transport_handle, const tx_conduit *conduit, int64_t home_track,
                           tx_track_settings *settings, const uint8_t *cname)
{
    tx_inlet *inlet = NULL;
    tx_list_each(&away->inlets, link, after)
        if (tx_owner_of(link, tx_inlet, of_worker)->conduit == conduit)
            inlet = tx_owner_of(link, tx_inlet, of_worker);
    tx_transport *transport = tx_worker_find(away, transport_handle, TX_KIND_TRANSPORT);
    if (!inlet || !transport)
        return -ENOENT;
    if (!tx_worker_find(away, settings->sibling, TX_KIND_TRACK))
        settings->sibling = 0; /* mirrored later, or known by its name */
    tx_track *mirror;
    int error = tx_track_new(away, transport, NULL, settings, &mirror);
    if (error)
        return error;
    if (!tx_worker_rename(away, &mirror->object, home_track)) {
        tx_track_free(away, mirror);
        return -EEXIST;
    }
    memcpy(transport->cname, cname, TX_CNAME_BYTES);
    mirror->source.started = mirror->started = true;
    mirror->inlet = inlet;
    tx_list_append(&inlet->mirrors, &mirror->of_inlet);
    return 0;
}

static int tap(tx_worker *home, int64_t outlet_handle, int64_t track_handle)
{
    tx_outlet *outlet = tx_worker_find(home, outlet_handle, TX_KIND_OUTLET);
    tx_track *track = tx_worker_find(home, track_handle, TX_KIND_TRACK);
    tx_tap *made = outlet && track ? calloc(1, sizeof *made) : NULL;
    if (!made)
        return outlet && track ? -ENOMEM : -ENOENT;
    made->outlet = outlet;
    made->track = track_handle;
    made->of = track;
    tx_list_append(&track->taps, &made->of_track);
    tx_list_append(&outlet->taps, &made->of_outlet);
    tx_mirror_seat(track);
    if (track->clock.valid)
        tx_mirror_clock(home, track);
    if (track->reception.lost_ppm)
        tx_mirror_loss(track);
    tx_worker_wake(home);
    return 0;
}

int tx_mirror_open(tx_worker *home, int64_t outlet, int64_t track, tx_worker *away, int64_t transport)
{
    tx_track_settings settings;
    uint8_t cname[TX_CNAME_BYTES];
    tx_conduit *conduit = NULL;
    tx_gate_enter(&home->gate);
    int error = describe(home, outlet, track, away, &conduit, &settings, cname);
    tx_gate_leave(&home->gate);
    if (error)
        return error;
    tx_gate_enter(&away->gate);
    away->now_us = tx_clock_us();
    error = make_mirror(away, transport, conduit, track, &settings, cname);
    tx_gate_leave(&away->gate);
    if (error)
        return error;
    tx_gate_enter(&home->gate);
    error = tap(home, outlet, track);
    tx_gate_leave(&home->gate);
    if (!error)
        return 0;
    tx_gate_enter(&away->gate);
    tx_track *made = tx_worker_find(away, track, TX_KIND_TRACK);
    if (made)
        tx_track_free(away, made);
    tx_gate_leave(&away->gate);
    return error;
}

bool tx_mirror_stop(tx_worker *worker, tx_track *track, const tx_outlet *outlet)
{
    tx_tap *found = tap_of(track, outlet);
    if (found)
        free_tap(worker, found);
    return found != NULL;
}

void tx_mirror_forget(tx_worker *worker, tx_track *track)
{
    tx_list_each(&track->taps, link, after)
        free_tap(worker, tx_owner_of(link, tx_tap, of_track));
}

void tx_mirror_detach(tx_track *mirror)
{
    tx_list_remove(&mirror->of_inlet);
    mirror->inlet = NULL;
}

/* ---- down ---- */

static tx_news *begin(tx_tap *tap, tx_news_kind kind, size_t bytes)
{
    tx_conduit *conduit = tap->outlet->conduit;
    if (atomic_load_explicit(&conduit->away_closed, memory_order_acquire))
        return NULL;
    tx_news *news = tx_pipe_reserve(&conduit->down, sizeof *news + bytes);
    if (!news) {
        tap->lost = true;
        return NULL;
    }
    memset(news, 0, sizeof *news);
    news->track = tap->track;
    news->kind = (uint8_t)kind;
    return news;
}

static void push(tx_tap *tap)
{
    tx_pipe_commit(&tap->outlet->conduit->down);
    tap->outlet->pushed = true;
}

void tx_mirror_packet(tx_track *track, const tx_pending *made)
{
    const tx_rtp_view *view = &made->view;
    tx_list_each(&track->taps, link, after) {
        tx_tap *tap = tx_owner_of(link, tx_tap, of_track);
        tx_news *news = begin(tap, PACKET, view->length);
        if (!news)
            continue;
        news->red = made->red;
        news->lost = tap->lost;
        news->voice = track->voice;
        news->sequence = made->sequence;
        news->view = *view;
        news->set = made->set;
        news->plain_offset = (uint16_t)(made->plain - view->data);
        news->plain_length = made->plain_length;
        memcpy(news + 1, view->data, view->length);
        tap->lost = false;
        push(tap);
    }
}

void tx_mirror_clock(tx_worker *worker, tx_track *track)
{
    tx_list_each(&track->taps, link, after) {
        tx_tap *tap = tx_owner_of(link, tx_tap, of_track);
        tx_news *news = begin(tap, CLOCK, 0);
        if (!news)
            continue;
        news->clock = track->clock;
        news->clock.unix_us -= (int64_t)worker->unix_offset_us;
        push(tap);
    }
}

void tx_mirror_loss(tx_track *track)
{
    tx_list_each(&track->taps, link, after) {
        tx_tap *tap = tx_owner_of(link, tx_tap, of_track);
        tx_news *news = begin(tap, LOSS, 0);
        if (!news)
            continue;
        news->way = tx_recovery_way(track);
        push(tap);
    }
}

void tx_mirror_seat(tx_track *track)
{
    tx_list_each(&track->taps, link, after) {
        tx_tap *tap = tx_owner_of(link, tx_tap, of_track);
        tx_news *news = begin(tap, SEAT, 0);
        if (!news)
            continue;
        news->seat = track->seat;
        push(tap);
    }
}

void tx_mirror_restart(tx_track *track)
{
    tx_list_each(&track->taps, link, after) {
        tx_tap *tap = tx_owner_of(link, tx_tap, of_track);
        if (begin(tap, RESTART, 0))
            push(tap);
    }
}

/* ---- away ---- */

static void begin_anew(tx_worker *worker, tx_track *mirror)
{
    if (mirror->kind != TX_VIDEO)
        return;
    mirror->line_first = tx_cache_empty(mirror->cache) ? 0 : tx_cache_newest(mirror->cache) + 1;
    tx_track_restart_subscriptions(worker, mirror);
    if (mirror->subscription_count)
        tx_recovery_want_keyframe(worker, mirror);
}

static void take_packet(tx_worker *worker, tx_track *mirror, const tx_news *news)
{
    tx_rtp_view view = news->view;
    view.data = (const uint8_t *)(news + 1);
    if (news->lost)
        begin_anew(worker, mirror);
    mirror->packets++;
    mirror->bytes += view.length;
    if (mirror->arrival_us == 0 || (int32_t)(view.timestamp - mirror->newest_timestamp) >= 0) {
        mirror->newest_timestamp = view.timestamp;
        mirror->arrival_us = worker->now_us;
    }
    if (!news->voice) {
        if (view.payload_type != mirror->payload_type && mirror->kind == TX_VIDEO)
            tx_track_use_format(worker, mirror, view.payload_type);
        tx_ingest_keep(worker, mirror, &view, &news->set, news->sequence);
        return;
    }
    tx_pending *pending = tx_forward_add(worker, mirror);
    if (!pending)
        return;
    *pending = (tx_pending){
        .sequence = news->sequence,
        .view = view,
        .set = news->set,
        .plain = view.data + news->plain_offset,
        .plain_length = news->plain_length,
        .red = news->red,
    };
}

static void take(tx_worker *worker, const tx_inlet *inlet, const tx_news *news)
{
    tx_track *mirror = tx_worker_find(worker, news->track, TX_KIND_TRACK);
    if (!mirror || mirror->inlet != inlet)
        return;
    switch ((tx_news_kind)news->kind) {
    case PACKET: take_packet(worker, mirror, news); break;
    case CLOCK: {
        bool first = !mirror->clock.valid;
        mirror->clock = news->clock;
        mirror->clock.unix_us += (int64_t)worker->unix_offset_us;
        if (first)
            tx_reports_first(worker, mirror);
        break;
    }
    case LOSS:
        mirror->recovery.round_trip.us = (uint32_t)news->way.rtt_us;
        tx_recovery_lossy(worker, mirror, news->way.loss_ppm);
        break;
    case SEAT: tx_track_set_seat(worker, mirror, news->seat); break;
    case RESTART: begin_anew(worker, mirror); break;
    }
}

/* True when more waits. */
static bool drain(tx_worker *worker, tx_inlet *inlet)
{
    size_t length;
    for (unsigned i = 0; i < RECORDS_MAX; i++) {
        if (worker->outputs > TX_BATCH_OUTPUTS_MAX / 2)
            return true;
        const tx_news *news = tx_pipe_next(&inlet->conduit->down, &length);
        if (!news)
            return false;
        take(worker, inlet, news);
    }
    return true;
}

static bool reply(const tx_track *mirror, tx_reply_kind kind)
{
    tx_inlet *inlet = mirror->inlet;
    if (atomic_load_explicit(&inlet->conduit->home_closed, memory_order_acquire))
        return false;
    tx_reply *record = tx_pipe_reserve(&inlet->conduit->up, sizeof *record);
    if (!record)
        return false;
    *record = (tx_reply){.track = mirror->object.handle, .kind = kind};
    tx_pipe_commit(&inlet->conduit->up);
    inlet->asked = true;
    return true;
}

bool tx_mirror_ask(tx_track *mirror) { return reply(mirror, WISH); }

void tx_mirror_watch(tx_track *mirror)
{
    if (!reply(mirror, mirror->watchers ? WATCHED : UNWATCHED))
        mirror->inlet->behind = true;
}

static void catch_up(tx_inlet *inlet)
{
    inlet->behind = false;
    tx_list_each(&inlet->mirrors, link, after)
        tx_mirror_watch(tx_owner_of(link, tx_track, of_inlet));
}

/* ---- the batch ---- */

static void take_replies(tx_worker *worker, tx_outlet *outlet)
{
    size_t length;
    const tx_reply *record;
    while ((record = tx_pipe_next(&outlet->conduit->up, &length))) {
        tx_track *track = tx_worker_find(worker, record->track, TX_KIND_TRACK);
        tx_tap *tap = track ? tap_of(track, outlet) : NULL;
        if (!tap)
            continue;
        if (record->kind == WISH)
            tx_recovery_want_keyframe(worker, track);
        else
            set_watched(worker, track, tap, record->kind == WATCHED);
    }
    tx_pipe_release(&outlet->conduit->up);
}

bool tx_mirror_receive(tx_worker *worker)
{
    bool more = false;
    tx_list_each(&worker->outlets, outlet, next_outlet)
        take_replies(worker, tx_owner_of(outlet, tx_outlet, of_worker));
    tx_list_each(&worker->inlets, inlet, next_inlet)
        more |= drain(worker, tx_owner_of(inlet, tx_inlet, of_worker));
    return more;
}

void tx_mirror_release(tx_worker *worker)
{
    tx_list_each(&worker->inlets, link, after) {
        tx_inlet *inlet = tx_owner_of(link, tx_inlet, of_worker);
        tx_pipe_release(&inlet->conduit->down);
        if (atomic_load_explicit(&inlet->conduit->home_closed, memory_order_acquire))
            close_inlet(inlet);
    }
}

void tx_mirror_wake(tx_worker *worker)
{
    tx_list_each(&worker->outlets, out, next_out) {
        tx_outlet *outlet = tx_owner_of(out, tx_outlet, of_worker);
        if (outlet->pushed)
            notify(outlet->conduit->away_wake);
        outlet->pushed = false;
    }
    tx_list_each(&worker->inlets, in, next_in) {
        tx_inlet *inlet = tx_owner_of(in, tx_inlet, of_worker);
        if (inlet->behind)
            catch_up(inlet);
        if (inlet->asked)
            notify(inlet->conduit->home_wake);
        inlet->asked = false;
    }
}
