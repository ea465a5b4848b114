#include "events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MASK (TX_EVENTS_RING_BYTES - 1)

int tx_events_init(tx_events *events)
{
    memset(events, 0, sizeof *events);
    events->ring = malloc(TX_EVENTS_RING_BYTES);
    if (!events->ring)
        return -ENOMEM;
    events->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (events->fd < 0) {
        free(events->ring);
        events->ring = NULL;
        return -errno;
    }
    pthread_mutex_init(&events->mutex, NULL);
    return 0;
}

void tx_events_free(tx_events *events)
{
    if (!events->ring)
        return;
    close(events->fd);
    free(events->ring);
    events->ring = NULL;
    pthread_mutex_destroy(&events->mutex);
}

static void copy_in(tx_events *events, const void *data, size_t length)
{
    size_t at = events->tail & MASK;
    size_t first = length < TX_EVENTS_RING_BYTES - at ? length : TX_EVENTS_RING_BYTES - at;
    if (first)
        memcpy(events->ring + at, data, first);
    if (length > first)
        memcpy(events->ring, (const uint8_t *)data + first, length - first);
    events->tail += length;
}

static void copy_out(tx_events *events, void *data, size_t length)
{
    size_t at = events->head & MASK;
    size_t first = length < TX_EVENTS_RING_BYTES - at ? length : TX_EVENTS_RING_BYTES - at;
    memcpy(data, events->ring + at, first);
    if (length > first)
        memcpy((uint8_t *)data + first, events->ring, length - first);
    events->head += length;
}

static void signal_reader(tx_events *events)
{
    if (events->signalled)
        return;
    uint64_t one = 1;
    events->signalled = write(events->fd, &one, sizeof one) == sizeof one;
}

bool tx_events_push(tx_events *events, uint32_t kind, int64_t transport, int64_t value, const void *data, size_t length)
{
    tx_event event = {.transport = transport, .value = value, .kind = kind, .length = (uint32_t)length};
    pthread_mutex_lock(&events->mutex);
    bool fits = length <= TX_EVENT_DATA_MAX_BYTES
        && TX_EVENTS_RING_BYTES - (events->tail - events->head) >= sizeof event + length;
    if (fits) {
        copy_in(events, &event, sizeof event);
        copy_in(events, data, length);
    } else {
        events->lost++;
    }
    signal_reader(events);
    pthread_mutex_unlock(&events->mutex);
    return fits;
}

bool tx_events_pop(tx_events *events, tx_event *event, uint8_t *data)
{
    bool found = true;
    pthread_mutex_lock(&events->mutex);
    if (events->lost) {
        *event = (tx_event){.value = (int64_t)events->lost, .kind = TX_EVENT_OVERFLOW};
        events->lost = 0;
    } else if (events->tail != events->head) {
        copy_out(events, event, sizeof *event);
        copy_out(events, data, event->length);
    } else {
        found = false;
    }
    if (events->signalled && events->tail == events->head && !events->lost) {
        uint64_t count;
        events->signalled = read(events->fd, &count, sizeof count) != sizeof count;
    }
    pthread_mutex_unlock(&events->mutex);
    return found;
}
