/* One worker: a UDP port (and the TCP port of the same number), an I/O thread, and all that is carried over it.
 *
 * Everything below belongs to whoever holds the gate: the I/O thread for one batch, or a control call (control.h).
 * Functions named tx_<noun>_<verb> in the other headers expect the gate to be held.
 */
#ifndef TX_WORKER_H
#define TX_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "admission.h"
#include "codec.h"
#include "events.h"
#include "gate.h"
#include "list.h"
#include "rtp.h"
#include "srtp.h"
#include "table.h"
#include "tcp.h"
#include "udp.h"

typedef struct tx_transport tx_transport;
typedef struct tx_track tx_track;
typedef struct tx_subscription tx_subscription;
typedef struct tx_room tx_room;

#define TX_TICK_US 10000u
#define TX_TICK_SLOTS 100u         /* each transport's once-a-second work falls into one of them */
#define TX_PENDING_MAX 64u         /* packets that wait for fan-out */
#define TX_PLANS 3u                /* header layouts kept ready per fan-out */
/* Packets sent before the gate is opened to control calls: at most some 15 ms, and that only where a thousand watch one
 * picture.  With 4,096 its frames went out in pieces of four packets, and a packet cost 2.6 us instead of 1.5. */
#define TX_BATCH_OUTPUTS_MAX 12288u

typedef enum {
    TX_KIND_ROOM = 1,
    TX_KIND_TRANSPORT,
    TX_KIND_TRACK,
    TX_KIND_SUBSCRIPTION,
    TX_KIND_OUTLET,
} tx_kind;

/* First member of everything that has a handle. */
typedef struct {
    int64_t handle; /* positive, never used again, by no worker of the process */
    tx_kind kind;
} tx_object;

/* A published packet, decrypted in the inbox, that waits for fan-out at the end of the batch. */
typedef struct tx_pending {
    struct tx_pending *next; /* of the same track */
    int64_t sequence;        /* the track's, gapless */
    tx_rtp_view view;        /* timestamp already on the track's own line */
    tx_extension_set set;
    const uint8_t *plain; /* payload without RED */
    uint16_t plain_length;
    bool red;
    tx_codec_view codec; /* of video */
} tx_pending;

/* What fan-out prepares once for all subscriptions with the same header layout. */
typedef struct {
    uint64_t layout_key; /* 0 = free */
    uint64_t used;
    uint8_t padding[TX_PENDING_MAX]; /* bytes that even out the sizes of one GSO run */
    tx_rtp_template template[TX_PENDING_MAX];
} tx_plan;

typedef struct {
    uint64_t packets_received;
    uint64_t packets_forwarded;
    uint64_t packets_dropped;
} tx_worker_counters;

typedef struct tx_worker {
    tx_gate gate;
    pthread_t thread;
    atomic_bool stopping;
    bool running;
    int epoll;
    int wake; /* eventfd: control calls that need the thread soon write to it */
    uint16_t port;

    uint64_t now_us;         /* steady clock at the start of the batch */
    uint64_t unix_offset_us; /* steady clock + this = Unix time as it was at the start */
    uint64_t next_tick_us;
    uint64_t soon_us; /* when something restless wants a visit before the next tick; 0 = nothing */
    uint64_t ticks;
    uint64_t outputs; /* packets queued since the gate was entered */
    uint64_t planned; /* packets that the pending ones will become */
    uint64_t secret[2];
    int64_t last_handle;

    tx_udp udp;
    tx_tcp tcp;
    unsigned inbox_at;   /* next message of udp.inbox to look at, */
    size_t inbox_offset; /* and where in it */
    tx_events events;
    tx_admission admission;
    tx_worker_counters counters;

    tx_table objects;   /* handle -> tx_object */
    tx_table ufrags;    /* hash of a local ufrag -> tx_transport */
    tx_table addresses; /* hash of a validated peer address -> tx_transport */
    uint64_t transports, tracks, subscriptions;
    tx_link slots[TX_TICK_SLOTS]; /* transports, by the slot of their once-a-second work */
    tx_link restless_tracks;      /* tracks that want to be looked at each tick */
    tx_link restless_transports;  /* transports likewise */
    tx_link loud_rooms;           /* rooms where someone was heard lately */
    tx_link outlets, inlets;      /* ends of the pipes to and from other workers */
    uint64_t busy_us;             /* spent in batches */

    tx_track *dirty[TX_PENDING_MAX]; /* tracks with pending packets */
    unsigned dirty_count;
    unsigned pending_count;
    uint64_t plan_clock;
    tx_pending pending[TX_PENDING_MAX];
    tx_dependency dependencies[TX_PENDING_MAX]; /* of those that have one */
    tx_srtp_job jobs[TX_PENDING_MAX];
    tx_plan plans[TX_PLANS];
    tx_rtp_template masked; /* header of a packet whose dependency descriptor is rewritten */
} tx_worker;

/* Binds and starts the I/O thread.  NULL with *error = -errno. */
tx_worker *tx_worker_open(const char *address, uint16_t port, bool gso, int *error);

/* Stops the thread and frees everything. */
void tx_worker_close(tx_worker *worker);

/* Makes the I/O thread run its tick now. */
void tx_worker_wake(tx_worker *worker);

/* Visits what is restless at that time, or at the next tick when that is sooner. */
static inline void tx_worker_soon(tx_worker *worker, uint64_t at_us)
{
    if (worker->soon_us == 0 || at_us < worker->soon_us)
        worker->soon_us = at_us;
}

/* Does what is due at worker->now_us; the I/O thread's, and for tests that set the clock. */
void tx_worker_tick(tx_worker *worker);

uint64_t tx_clock_us(void);

static inline uint64_t tx_worker_unix_us(const tx_worker *worker) { return worker->now_us + worker->unix_offset_us; }

/* Gives the object a handle.  False when memory is short. */
bool tx_worker_register(tx_worker *worker, tx_object *object, tx_kind kind);

/* Gives it another worker's handle: those of all workers of a process differ.  False when it is in use or memory is
 * short, and then nothing has changed. */
bool tx_worker_rename(tx_worker *worker, tx_object *object, int64_t handle);

/* NULL when there is none of that kind. */
void *tx_worker_find(const tx_worker *worker, int64_t handle, tx_kind kind);

#endif
