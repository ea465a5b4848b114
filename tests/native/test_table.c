#include "check.h"
#include "table.h"

static void what_is_put_is_found(void)
{
    tx_table table;
    CHECK(tx_table_init(&table, 8));
    int values[1000];
    for (uint64_t i = 0; i < 1000; i++)
        CHECK(tx_table_put(&table, i + 1, &values[i]));
    for (uint64_t i = 0; i < 1000; i++)
        CHECK(tx_table_get(&table, i + 1) == &values[i]);
    CHECK(tx_table_get(&table, 1001) == NULL);
    CHECK(tx_table_put(&table, 5, &values[0]));
    CHECK(tx_table_get(&table, 5) == &values[0]);
    EQUAL(table.used, 1000);
    tx_table_free(&table);
}

/* Against the plainest model: random puts and removes of few keys, so that probes collide and shift. */
static void removal_never_loses_a_neighbour(void)
{
    tx_table table;
    CHECK(tx_table_init(&table, 64));
    int mark;
    bool present[48] = {false};
    uint32_t random = 7;
    for (int step = 0; step < 200000; step++) {
        random = random * 1664525 + 1013904223;
        const unsigned which = (random >> 16) % 48;
        const uint64_t key = 1 + (uint64_t)which * 64;
        if (random >> 31) {
            CHECK(tx_table_put(&table, key, &mark));
            present[which] = true;
        } else {
            CHECK((tx_table_remove(&table, key) != NULL) == present[which]);
            present[which] = false;
        }
        if (step % 64)
            continue;
        for (unsigned i = 0; i < 48; i++)
            CHECK((tx_table_get(&table, 1 + (uint64_t)i * 64) != NULL) == present[i]);
    }
    tx_table_free(&table);
}

static void hashes_depend_on_every_byte_and_on_the_secret(void)
{
    const uint64_t secret[2] = {1, 2}, other[2] = {1, 3};
    uint8_t bytes[32] = {0};
    const uint64_t base = tx_hash_bytes(secret, bytes, 32);
    CHECK(base != tx_hash_bytes(other, bytes, 32));
    CHECK(base != tx_hash_bytes(secret, bytes, 31));
    for (size_t i = 0; i < 32; i++) {
        bytes[i] = 1;
        CHECK(base != tx_hash_bytes(secret, bytes, 32));
        bytes[i] = 0;
    }
    CHECK(base == tx_hash_bytes(secret, bytes, 32));
}

int main(void)
{
    what_is_put_is_found();
    removal_never_loses_a_neighbour();
    hashes_depend_on_every_byte_and_on_the_secret();
    return 0;
}
