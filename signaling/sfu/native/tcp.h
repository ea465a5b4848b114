/* ICE-TCP (RFC 6544): the worker's TCP connections, which carry the same packets as its UDP port, framed.
 *
 * They belong to the worker's gate like everything else.  A connection is told by an id that does not come again
 * for some million connections; a path (address.h) names it so.  What is sent is copied into the connection's ring and leaves with the next flush;
 * where there is no room a packet is dropped whole, as UDP would.  Nothing is allocated per packet.
 *
 * Every connection ends in one place: it is marked with tx_tcp_end, found by tx_tcp_next_ended, and freed by
 * tx_tcp_free_ended, so that the transport that used it can be told in between.
 */
#ifndef TX_TCP_H
#define TX_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "frame.h"
#include "list.h"

#define TX_TCP_CONNECTIONS_MAX 2048u
#define TX_TCP_STRANGERS_MAX 512u     /* connections that have proven nothing yet; the oldest gives way */
#define TX_TCP_SITES 1024u            /* hashed; sites that collide share a count */
#define TX_TCP_SITE_MAX 512u          /* connections of one site: many people may be behind one firewall */
#define TX_TCP_SITE_STRANGERS_MAX 64u /* of these that have proven nothing yet */
#define TX_TCP_LISTENERS_MAX 8u
#define TX_TCP_ACCEPTS_MAX 32u /* in one batch */
#define TX_TCP_IN_BYTES 8192u  /* received and not yet looked at */
#define TX_TCP_OUT_BYTES (256u << 10)
#define TX_TCP_STRANGER_OUT_BYTES 1024u /* room for a few answers to those who have proven nothing */
#define TX_TCP_STRANGER_FRAMES_MAX 32u  /* checks that may fail before a connection is closed */
#define TX_TCP_PROVE_US 10000000u       /* from connecting to the first authenticated check */
#define TX_TCP_IDLE_US 45000000u        /* silence; checks of consent come every few seconds (RFC 7675) */
#define TX_TCP_KERNEL_BUFFER_BYTES (128 << 10) /* what the kernel may hold besides: more would only grow the delay */

/* epoll data of listeners and connections has one of these bits, the worker's own descriptors have neither. */
#define TX_TCP_EVENT_CONNECTION (UINT64_C(1) << 63)
#define TX_TCP_EVENT_LISTENER (UINT64_C(1) << 62)

typedef struct {
    uint32_t id; /* slot in the low 11 bits, then how often that slot was used; 0 = none */
    int fd;
    bool proven;   /* an authenticated check came over it */
    bool opened;   /* its first bytes were those of a check */
    bool readable; /* the kernel has more */
    bool watched;  /* for room to write */
    bool ended;
    uint16_t site; /* index into the counts */
    tx_path path;
    uint64_t since_us;
    uint64_t heard_us;
    tx_link order; /* in strangers, oldest first, or in proven ones */
    tx_link ready; /* has something to be read or parsed */
    tx_link dirty; /* has something to be sent */
    uint32_t frames;               /* received before it had proven anything */
    uint32_t in_start, in_end;    /* what of `in` was not looked at yet */
    uint32_t out_start, out_used; /* what of `out` was not sent yet */
    uint8_t in[TX_TCP_IN_BYTES];
    uint8_t out[TX_TCP_OUT_BYTES]; /* a ring; the kernel gives it pages as they are used */
} tx_tcp_connection;

typedef struct {
    uint64_t accepted; /* taken over from a listener or from the web server */
    uint64_t refused;  /* closed at once because a bound was reached */
    uint64_t dropped;  /* packets for which a connection had no room */
} tx_tcp_counters;

typedef struct tx_tcp {
    int epoll;
    unsigned count, strangers_count, listeners_count;
    int listeners[TX_TCP_LISTENERS_MAX];
    unsigned listeners_ready; /* bits */
    tx_link strangers, proven, ready, dirty, ended;
    tx_tcp_counters counters;
    uint16_t site_count[TX_TCP_SITES];
    uint16_t site_strangers[TX_TCP_SITES];
    uint32_t uses[TX_TCP_CONNECTIONS_MAX];
    uint16_t free_slots[TX_TCP_CONNECTIONS_MAX];
    tx_tcp_connection *slots[TX_TCP_CONNECTIONS_MAX];
} tx_tcp;

/* `epoll`: where descriptors are watched; it must outlive this. */
void tx_tcp_init(tx_tcp *tcp, int epoll);
void tx_tcp_close(tx_tcp *tcp);

/* Listens on `address`:`port`.  0 or -errno. */
int tx_tcp_listen(tx_tcp *tcp, const char *address, uint16_t port);

/* Takes a connected socket over, whatever becomes of it.  0, or -errno when it was closed at once. */
int tx_tcp_adopt(tx_tcp *tcp, int fd, const uint64_t secret[2], uint64_t now_us);

/* What epoll said, to be acted on by the next batch.  `data` carries one of the TX_TCP_EVENT bits. */
void tx_tcp_note(tx_tcp *tcp, uint64_t data, uint32_t events);

/* Accepts who is waiting at the listeners.  True when there may be more. */
bool tx_tcp_accept(tx_tcp *tcp, const uint64_t secret[2], uint64_t now_us);

/* NULL for an id whose connection is gone. */
tx_tcp_connection *tx_tcp_find(const tx_tcp *tcp, uint32_t id);

/* Reads what there is room for, after which former frames are gone.  False when the other side has closed. */
bool tx_tcp_read(tx_tcp_connection *connection, uint64_t now_us);

/* The next frame that is complete: its bytes (to be changed in place) and length.  NULL when there is none; then
 * `*bad` says whether the connection broke the protocol. */
uint8_t *tx_tcp_frame(tx_tcp_connection *connection, size_t *length, bool *bad);

/* An authenticated check came over it. */
void tx_tcp_prove(tx_tcp *tcp, uint32_t id);

/* Queues one packet.  False, counted, when the connection is gone or has no room. */
bool tx_tcp_queue(tx_tcp *tcp, uint32_t id, const uint8_t *packet, size_t length);

/* Gives what is queued to the kernel. */
void tx_tcp_flush(tx_tcp *tcp);

/* Ends those that have been silent or unproven for too long; once a second. */
void tx_tcp_expire(tx_tcp *tcp, uint64_t now_us);

void tx_tcp_end(tx_tcp *tcp, tx_tcp_connection *connection);

/* One that has ended and is to be freed; NULL when there is none. */
tx_tcp_connection *tx_tcp_next_ended(const tx_tcp *tcp);
void tx_tcp_free_ended(tx_tcp *tcp, tx_tcp_connection *connection);

static inline bool tx_tcp_waiting(const tx_tcp *tcp) { return !tx_list_empty(&tcp->dirty); }

#endif
