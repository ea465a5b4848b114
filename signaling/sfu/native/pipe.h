/* A bounded ring of records from one thread to one other: single producer, single consumer, no lock.
 *
 * A record lies contiguously, and stays where it is until it is released, so that a packet is worked on in place.
 * Overflow: the record is not taken, and counted.
 */
#ifndef TX_PIPE_H
#define TX_PIPE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TX_PIPE_ALIGN 8u

typedef struct {
    uint8_t *bytes;
    size_t capacity; /* a power of two */
    alignas(64) atomic_size_t head; /* bytes ever released */
    alignas(64) atomic_size_t tail; /* bytes ever committed */
    size_t reserved;                /* the producer's: where the record in hand begins, */
    size_t length;                  /* and its length */
    uint64_t lost;                  /* the producer's */
    alignas(64) size_t looked;      /* the consumer's: bytes ever read */
} tx_pipe;

/* False when memory is short.  `capacity`: a power of two, at least 4,096. */
bool tx_pipe_init(tx_pipe *pipe, size_t capacity);
void tx_pipe_free(tx_pipe *pipe);

/* Producer: room for a record of `length` bytes (at most an eighth of the capacity), aligned to TX_PIPE_ALIGN; NULL when
 * the ring is full.  A second reserve takes the first one back. */
void *tx_pipe_reserve(tx_pipe *pipe, size_t length);
void tx_pipe_commit(tx_pipe *pipe);

/* Consumer: the next record not looked at yet, NULL when there is none.  It stays until the release after it. */
void *tx_pipe_next(tx_pipe *pipe, size_t *length);

/* Consumer: gives all that was looked at back to the producer. */
void tx_pipe_release(tx_pipe *pipe);

#endif
