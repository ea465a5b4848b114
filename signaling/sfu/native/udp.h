/* The worker's UDP socket: receives in batches, sends in batches of GSO messages.
 *
 * One owner at a time (the worker's gate); nothing here locks or allocates after opening.
 */
#ifndef TX_UDP_H
#define TX_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "address.h"
#include "tcp.h"

#define TX_UDP_INBOX 32             /* messages per receive; with GRO each may hold many datagrams of one sender */
#define TX_UDP_MESSAGE_BYTES 65536u /* room for one of them */
#define TX_UDP_OUTBOX 128           /* messages per send */
#define TX_UDP_ARENA_BYTES (256u << 10)
#define TX_UDP_SEGMENTS_MAX 60      /* datagrams per GSO message; kernels take 64 */
#define TX_UDP_RUN_MAX_BYTES 64000u /* bytes per GSO message */
#define TX_UDP_SOCKET_BUFFER_BYTES (8 << 20)
#define TX_UDP_SEND_WAIT_MS 2 /* how long one batch may wait for a full socket buffer before it drops */

typedef struct {
    tx_path path; /* who sent it, and to which of our addresses */
    uint8_t *data;
    size_t length;
    size_t segment; /* bytes per datagram; only the last may be shorter */
} tx_udp_message;

typedef struct {
    uint64_t send_calls;
    uint64_t sent;    /* datagrams */
    uint64_t dropped; /* datagrams that the kernel refused or had no room for */
} tx_udp_counters;

typedef struct {
    const tx_path *path;
    size_t start; /* in the arena */
    size_t length;
    size_t segment; /* bytes of the first datagram */
    unsigned count;
    bool closed; /* a shorter datagram ended the run */
} tx_udp_run;

typedef struct {
    int fd;
    bool gso;
    bool wildcard; /* bound to every address: answer from the one that was asked */
    bool refused_logged;
    bool waited; /* for a full socket buffer, since the last receive */
    unsigned inbox_count;
    unsigned runs;
    size_t arena_used;
    tx_udp_counters counters;
    tx_tcp *tcp; /* where packets go whose path is a TCP connection; NULL = nowhere */
    uint8_t *inbox_bytes;
    uint8_t *arena;
    tx_udp_message inbox[TX_UDP_INBOX];
    tx_udp_run run[TX_UDP_OUTBOX];
    struct tx_udp_headers *headers; /* what the kernel reads and writes */
} tx_udp;

/* Binds a non-blocking socket.  0 or -errno; *port receives the port that was bound. */
int tx_udp_open(tx_udp *udp, const char *address, uint16_t port, bool gso, uint16_t *bound);
void tx_udp_close(tx_udp *udp);

/* Fills udp->inbox with what has arrived.  Returns the number of messages, 0 when there is nothing (or on an error,
 * which for UDP is never fatal).  The data stays valid until the next call. */
unsigned tx_udp_receive(tx_udp *udp);

/* Room for one datagram of up to `length` bytes; flushes first when the arena or the outbox is full. */
uint8_t *tx_udp_reserve(tx_udp *udp, size_t length);

/* Likewise for up to `datagrams` (at most TX_UDP_OUTBOX) that are queued one after the other, `length` bytes in all. */
uint8_t *tx_udp_reserve_all(tx_udp *udp, size_t length, unsigned datagrams);

/* Queues the `length` bytes just written at the reserved place.  `path` must stay valid until the next flush.  What goes
 * by a TCP connection is handed to it at once.
 * Equal-sized datagrams to one path that follow each other leave as one GSO message. */
void tx_udp_queue(tx_udp *udp, const tx_path *path, size_t length);

/* Leaves `length` reserved bytes unused: something after them is queued next. */
void tx_udp_skip(tx_udp *udp, size_t length);

void tx_udp_flush(tx_udp *udp);

/* Is something queued? */
static inline bool tx_udp_waiting(const tx_udp *udp) { return udp->runs || (udp->tcp && tx_tcp_waiting(udp->tcp)); }

#endif
