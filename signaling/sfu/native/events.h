/* The bounded ring that carries DTLS datagrams and rare events from the I/O thread up to Python.
 *
 * Overflow: the event is dropped and counted, and the next read is told how many were lost.  The ring has a lock of
 * its own, held for one copy, so that reading never waits for a batch of packets.
 */
#ifndef TX_EVENTS_H
#define TX_EVENTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TX_EVENT_DTLS = 1,
    TX_EVENT_CONNECTED = 2,
    TX_EVENT_ADDRESS = 3,
    TX_EVENT_DISCONNECTED = 4,
    TX_EVENT_SPEAKERS = 5,
    TX_EVENT_TRACK_STARTED = 6,
    TX_EVENT_OVERFLOW = 7,
    TX_EVENT_ESTIMATE = 8,
    TX_EVENT_WATCHED = 9,
};

#define TX_EVENTS_RING_BYTES (1u << 20)
#define TX_EVENT_DATA_MAX_BYTES 2048u

typedef struct {
    int64_t transport; /* 0 = none */
    int64_t value;
    uint32_t kind;
    uint32_t length; /* of the data that follows */
} tx_event;

typedef struct {
    pthread_mutex_t mutex;
    int fd; /* eventfd, readable while the ring holds something */
    bool signalled;
    uint64_t lost;
    size_t head; /* bytes ever read */
    size_t tail; /* bytes ever written */
    uint8_t *ring;
} tx_events;

/* 0 or -errno. */
int tx_events_init(tx_events *events);
void tx_events_free(tx_events *events);

/* False when the ring was full or the data too long: the event is then counted as lost. */
bool tx_events_push(tx_events *events, uint32_t kind, int64_t transport, int64_t value, const void *data,
                    size_t length);

/* Takes the oldest event; `data` has room for TX_EVENT_DATA_MAX_BYTES.  False when there is none. */
bool tx_events_pop(tx_events *events, tx_event *event, uint8_t *data);

#endif
