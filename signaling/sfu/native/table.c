#include "table.h"

#include <stdlib.h>
#include <string.h>

static size_t slot_of(const tx_table *table, uint64_t key)
{
    key ^= key >> 32;
    key *= 0x9E3779B97F4A7C15u;
    key ^= key >> 29;
    return (size_t)key & table->mask;
}

bool tx_table_init(tx_table *table, size_t slots_pow2)
{
    table->slots = calloc(slots_pow2, sizeof *table->slots);
    table->mask = slots_pow2 - 1;
    table->used = 0;
    return table->slots != NULL;
}

void tx_table_free(tx_table *table)
{
    free(table->slots);
    table->slots = NULL;
    table->mask = 0;
    table->used = 0;
}

void *tx_table_get(const tx_table *table, uint64_t key)
{
    for (size_t i = slot_of(table, key);; i = (i + 1) & table->mask) {
        if (table->slots[i].key == key)
            return table->slots[i].value;
        if (table->slots[i].key == 0)
            return NULL;
    }
}

static void place(tx_table *table, uint64_t key, void *value)
{
    size_t i = slot_of(table, key);
    while (table->slots[i].key != 0 && table->slots[i].key != key)
        i = (i + 1) & table->mask;
    if (table->slots[i].key == 0)
        table->used++;
    table->slots[i] = (tx_table_slot){key, value};
}

static bool grow(tx_table *table)
{
    tx_table bigger;
    if (!tx_table_init(&bigger, (table->mask + 1) * 2))
        return false;
    for (size_t i = 0; i <= table->mask; i++)
        if (table->slots[i].key != 0)
            place(&bigger, table->slots[i].key, table->slots[i].value);
    free(table->slots);
    *table = bigger;
    return true;
}

bool tx_table_put(tx_table *table, uint64_t key, void *value)
{
    /* At most three quarters full, so that probes stay short and always meet a free slot. */
    if ((table->used + 1) * 4 > (table->mask + 1) * 3 && !grow(table))
        return false;
    place(table, key, value);
    return true;
}

void *tx_table_remove(tx_table *table, uint64_t key)
{
    size_t hole = slot_of(table, key);
    while (table->slots[hole].key != key) {
        if (table->slots[hole].key == 0)
            return NULL;
        hole = (hole + 1) & table->mask;
    }
    void *value = table->slots[hole].value;
    for (size_t i = (hole + 1) & table->mask; table->slots[i].key != 0; i = (i + 1) & table->mask) {
        size_t home = slot_of(table, table->slots[i].key);
        /* An entry may move into the hole only when the hole lies on its way from home to where it is. */
        if (((i - home) & table->mask) >= ((i - hole) & table->mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole] = (tx_table_slot){0, NULL};
    table->used--;
    return value;
}

static inline uint64_t rotate(uint64_t x, unsigned by) { return (x << by) | (x >> (64 - by)); }

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

uint64_t tx_hash_bytes(const uint64_t secret[2], const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint64_t v[4] = {
        secret[0] ^ 0x736f6d6570736575u,
        secret[1] ^ 0x646f72616e646f6du,
        secret[0] ^ 0x6c7967656e657261u,
        secret[1] ^ 0x7465646279746573u,
    };
    uint64_t last = (uint64_t)length << 56;
    size_t whole = length & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (size_t i = whole; i < length; i++)
        last |= (uint64_t)bytes[i] << (8 * (i - whole));
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    uint64_t hash = v[0] ^ v[1] ^ v[2] ^ v[3];
    return hash ? hash : 1;
}
