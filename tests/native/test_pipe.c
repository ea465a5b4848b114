#include <pthread.h>
#include <sched.h>

#include "check.h"
#include "pipe.h"

#define CAPACITY 4096u

static void records_come_out_whole_and_in_order(void)
{
    tx_pipe pipe;
    CHECK(tx_pipe_init(&pipe, CAPACITY));
    size_t length;
    CHECK(!tx_pipe_next(&pipe, &length));
    /* lengths that meet the end of the ring in every way */
    for (unsigned i = 0; i < 20000; i++) {
        size_t bytes = i * 7 % (CAPACITY / 8 + 1);
        uint8_t *record = tx_pipe_reserve(&pipe, bytes);
        CHECK(record && (uintptr_t)record % TX_PIPE_ALIGN == 0);
        memset(record, (int)(i & 0xff), bytes);
        tx_pipe_commit(&pipe);
        uint8_t *read = tx_pipe_next(&pipe, &length);
        EQUAL(length, bytes);
        for (size_t at = 0; at < bytes; at++)
            EQUAL(read[at], i & 0xff);
        CHECK(!tx_pipe_next(&pipe, &length));
        tx_pipe_release(&pipe);
    }
    EQUAL(pipe.lost, 0);
    tx_pipe_free(&pipe);
}

static void a_full_ring_takes_nothing_until_records_are_released(void)
{
    tx_pipe pipe;
    CHECK(tx_pipe_init(&pipe, CAPACITY));
    size_t length;
    unsigned taken = 0;
    CHECK(!tx_pipe_reserve(&pipe, CAPACITY / 8 + 1)); /* too long for any ring of this size */
    while (tx_pipe_reserve(&pipe, 100)) {
        tx_pipe_commit(&pipe);
        taken++;
    }
    EQUAL(taken, CAPACITY / 112);
    EQUAL(pipe.lost, 2);
    for (unsigned i = 0; i < taken; i++)
        CHECK(tx_pipe_next(&pipe, &length) && length == 100);
    CHECK(!tx_pipe_next(&pipe, &length));
    CHECK(!tx_pipe_reserve(&pipe, 100)); /* looked at, but still in use */
    tx_pipe_release(&pipe);
    CHECK(tx_pipe_reserve(&pipe, 100));
    tx_pipe_free(&pipe);
}

static void what_is_not_committed_is_not_there(void)
{
    tx_pipe pipe;
    CHECK(tx_pipe_init(&pipe, CAPACITY));
    size_t length;
    CHECK(tx_pipe_reserve(&pipe, 10));
    CHECK(!tx_pipe_next(&pipe, &length));
    CHECK(tx_pipe_reserve(&pipe, 20)); /* takes the first one back */
    tx_pipe_commit(&pipe);
    CHECK(tx_pipe_next(&pipe, &length));
    EQUAL(length, 20);
    tx_pipe_free(&pipe);
}

#define RECORDS 200000u

static void *produce(void *argument)
{
    tx_pipe *pipe = argument;
    for (uint32_t i = 0; i < RECORDS;) {
        size_t bytes = sizeof i * (1 + i % 60);
        uint32_t *record = tx_pipe_reserve(pipe, bytes);
        if (!record) {
            sched_yield();
            continue;
        }
        for (size_t at = 0; at < bytes / sizeof i; at++)
            record[at] = i;
        tx_pipe_commit(pipe);
        i++;
    }
    return NULL;
}

static void two_threads_agree(void)
{
    tx_pipe pipe;
    pthread_t producer;
    CHECK(tx_pipe_init(&pipe, CAPACITY));
    CHECK(pthread_create(&producer, NULL, produce, &pipe) == 0);
    for (uint32_t i = 0; i < RECORDS;) {
        size_t length;
        const uint32_t *record = tx_pipe_next(&pipe, &length);
        if (!record) {
            tx_pipe_release(&pipe);
            sched_yield();
            continue;
        }
        EQUAL(length, sizeof i * (1 + i % 60));
        EQUAL(record[0], i);
        EQUAL(record[length / sizeof i - 1], i);
        if (++i % 3 == 0)
            tx_pipe_release(&pipe);
    }
    pthread_join(producer, NULL);
    tx_pipe_free(&pipe);
}

int main(void)
{
    RUN(records_come_out_whole_and_in_order);
    RUN(a_full_ring_takes_nothing_until_records_are_released);
    RUN(what_is_not_committed_is_not_there);
    RUN(two_threads_agree);
    return 0;
}
