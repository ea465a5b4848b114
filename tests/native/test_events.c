#include "check.h"
#include "events.h"

#include <poll.h>

static bool readable(const tx_events *events)
{
    struct pollfd poller = {.fd = events->fd, .events = POLLIN};
    return poll(&poller, 1, 0) == 1;
}

static void events_come_out_in_order(void)
{
    tx_events events;
    tx_event event;
    uint8_t data[TX_EVENT_DATA_MAX_BYTES];
    EQUAL(tx_events_init(&events), 0);
    CHECK(!readable(&events));
    CHECK(!tx_events_pop(&events, &event, data));
    for (int64_t i = 0; i < 100; i++)
        CHECK(tx_events_push(&events, TX_EVENT_DTLS, i, 2 * i, &i, sizeof i));
    for (int64_t i = 0; i < 100; i++) {
        CHECK(readable(&events));
        CHECK(tx_events_pop(&events, &event, data));
        EQUAL(event.kind, TX_EVENT_DTLS);
        EQUAL(event.transport, i);
        EQUAL(event.value, 2 * i);
        EQUAL(event.length, sizeof i);
        SAME_BYTES(data, &i, sizeof i);
    }
    CHECK(!readable(&events));
    tx_events_free(&events);
}

static void what_does_not_fit_is_counted(void)
{
    tx_events events;
    tx_event event;
    static uint8_t data[TX_EVENT_DATA_MAX_BYTES + 1];
    EQUAL(tx_events_init(&events), 0);
    CHECK(!tx_events_push(&events, TX_EVENT_DTLS, 1, 0, data, TX_EVENT_DATA_MAX_BYTES + 1));
    CHECK(readable(&events));
    unsigned pushed = 0;
    while (tx_events_push(&events, TX_EVENT_DTLS, 1, 0, data, 1500))
        pushed++;
    CHECK(pushed > 600);
    CHECK(tx_events_pop(&events, &event, data));
    EQUAL(event.kind, TX_EVENT_OVERFLOW);
    EQUAL(event.value, 2);
    for (unsigned i = 0; i < pushed; i++)
        CHECK(tx_events_pop(&events, &event, data));
    CHECK(!tx_events_pop(&events, &event, data));
    CHECK(!readable(&events));
    tx_events_free(&events);
}

static void the_ring_wraps_anywhere(void)
{
    tx_events events;
    tx_event event;
    uint8_t in[TX_EVENT_DATA_MAX_BYTES], out[TX_EVENT_DATA_MAX_BYTES];
    EQUAL(tx_events_init(&events), 0);
    for (unsigned i = 0; i < 20000; i++) {
        const size_t length = (i * 131) % (TX_EVENT_DATA_MAX_BYTES + 1);
        memset(in, (int)i, length);
        CHECK(tx_events_push(&events, TX_EVENT_DTLS, i, 0, in, length));
        CHECK(tx_events_pop(&events, &event, out));
        EQUAL(event.transport, i);
        EQUAL(event.length, length);
        SAME_BYTES(out, in, length);
    }
    tx_events_free(&events);
}

int main(void)
{
    events_come_out_in_order();
    what_does_not_fit_is_counted();
    the_ring_wraps_anywhere();
    return 0;
}
