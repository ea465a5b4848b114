/* A map from 64-bit keys to pointers: open addressing, linear probing, deletion by shifting back.
 *
 * Keys are never 0.  Lookups touch one or two cache lines and never allocate; only tx_table_put may grow the table.
 */
#ifndef TX_TABLE_H
#define TX_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t key; /* 0 = free */
    void *value;
} tx_table_slot;

typedef struct {
    tx_table_slot *slots;
    size_t mask; /* slots - 1; the number of slots is a power of two */
    size_t used;
} tx_table;

/* False when memory is short. */
bool tx_table_init(tx_table *table, size_t slots_pow2);
void tx_table_free(tx_table *table);

/* NULL when the key is unknown. */
void *tx_table_get(const tx_table *table, uint64_t key);

/* Inserts or replaces.  False when memory is short (the table is then unchanged). */
bool tx_table_put(tx_table *table, uint64_t key, void *value);

/* Returns what was stored, NULL when the key is unknown. */
void *tx_table_remove(tx_table *table, uint64_t key);

/* Keyed hash (SipHash-1-3 shape) of up to a few dozen bytes; never returns 0, so it can serve as a key. */
uint64_t tx_hash_bytes(const uint64_t secret[2], const void *data, size_t length);

#endif
