#include "pipe.h"

#include <stdlib.h>
#include <string.h>

/* Before each record; a length of SKIP says that the next record begins at the start of the ring. */
typedef struct {
    uint64_t length;
} tx_pipe_head;

#define SKIP UINT64_MAX

static size_t whole(size_t length)
{
    return sizeof(tx_pipe_head) + ((length + TX_PIPE_ALIGN - 1) & ~(size_t)(TX_PIPE_ALIGN - 1));
}

static tx_pipe_head *head_at(const tx_pipe *pipe, size_t position)
{
    return (tx_pipe_head *)(void *)(pipe->bytes + (position & (pipe->capacity - 1)));
}

bool tx_pipe_init(tx_pipe *pipe, size_t capacity)
{
    memset(pipe, 0, sizeof *pipe);
    pipe->capacity = capacity;
    pipe->bytes = aligned_alloc(64, capacity);
    atomic_init(&pipe->head, 0);
    atomic_init(&pipe->tail, 0);
    return pipe->bytes != NULL;
}

void tx_pipe_free(tx_pipe *pipe)
{
    free(pipe->bytes);
    pipe->bytes = NULL;
}

void *tx_pipe_reserve(tx_pipe *pipe, size_t length)
{
    size_t tail = atomic_load_explicit(&pipe->tail, memory_order_relaxed);
    size_t used = tail - atomic_load_explicit(&pipe->head, memory_order_acquire);
    size_t to_end = pipe->capacity - (tail & (pipe->capacity - 1));
    size_t skipped = whole(length) > to_end ? to_end : 0;
    if (length > pipe->capacity / 8 || used + skipped + whole(length) > pipe->capacity) {
        pipe->lost++;
        return NULL;
    }
    if (skipped)
        head_at(pipe, tail)->length = SKIP;
    pipe->reserved = tail + skipped;
    pipe->length = length;
    return head_at(pipe, pipe->reserved) + 1;
}

void tx_pipe_commit(tx_pipe *pipe)
{
    head_at(pipe, pipe->reserved)->length = pipe->length;
    atomic_store_explicit(&pipe->tail, pipe->reserved + whole(pipe->length), memory_order_release);
}

void *tx_pipe_next(tx_pipe *pipe, size_t *length)
{
    size_t tail = atomic_load_explicit(&pipe->tail, memory_order_acquire);
    if (pipe->looked == tail)
        return NULL;
    if (head_at(pipe, pipe->looked)->length == SKIP)
        pipe->looked += pipe->capacity - (pipe->looked & (pipe->capacity - 1));
    tx_pipe_head *head = head_at(pipe, pipe->looked);
    *length = (size_t)head->length;
    pipe->looked += whole(*length);
    return head + 1;
}

void tx_pipe_release(tx_pipe *pipe) { atomic_store_explicit(&pipe->head, pipe->looked, memory_order_release); }
