#include "check.h"
#include "forward.h"

/* Bytes that leave, and how many GSO messages they make. */
static unsigned runs(const uint16_t *sizes, const uint8_t *padding, unsigned count)
{
    unsigned made = 0, run_size = 0;
    bool closed = true;
    for (unsigned i = 0; i < count; i++) {
        const unsigned size = sizes[i] + padding[i];
        if (closed || size > run_size) {
            made++;
            run_size = size;
            closed = false;
        } else if (size < run_size) {
            closed = true;
        }
    }
    return made;
}

static void sizes_that_differ_a_little_become_one_run(void)
{
    const uint16_t sizes[] = {1101, 1100, 1102, 1100, 1101, 400};
    uint8_t padding[6];
    tx_forward_even(sizes, 6, padding);
    const uint8_t expected[] = {1, 2, 0, 2, 1, 0};
    SAME_BYTES(padding, expected, 6);
    EQUAL(runs(sizes, padding, 6), 1);
}

static void equal_sizes_are_left_alone(void)
{
    const uint16_t sizes[] = {900, 900, 900};
    uint8_t padding[] = {9, 9, 9};
    tx_forward_even(sizes, 3, padding);
    const uint8_t none[3] = {0};
    SAME_BYTES(padding, none, 3);
}

static void much_larger_ones_begin_anew(void)
{
    const uint16_t sizes[] = {100, 1000, 1000, 300, 1000};
    uint8_t padding[5];
    tx_forward_even(sizes, 5, padding);
    const uint8_t none[5] = {0};
    SAME_BYTES(padding, none, 5);
    EQUAL(runs(sizes, padding, 5), 3);
}

static void one_packet_needs_nothing(void)
{
    const uint16_t size = 1;
    uint8_t padding = 7;
    tx_forward_even(&size, 1, &padding);
    EQUAL(padding, 0);
    tx_forward_even(&size, 0, &padding);
}

static void padding_stays_small_and_never_makes_more_runs(void)
{
    uint32_t random = 3;
    for (int turn = 0; turn < 20000; turn++) {
        uint16_t sizes[64];
        uint8_t padding[64];
        const uint8_t none[64] = {0};
        random = random * 1664525 + 1013904223;
        const unsigned count = 1 + (random >> 26);
        const unsigned spread = 1 + (random >> 8) % 40;
        for (unsigned i = 0; i < count; i++) {
            random = random * 1664525 + 1013904223;
            sizes[i] = (uint16_t)(1000 + (random >> 16) % spread);
        }
        tx_forward_even(sizes, count, padding);
        for (unsigned i = 0; i < count; i++)
            CHECK(padding[i] <= TX_EVEN_MAX_BYTES);
        CHECK(runs(sizes, padding, count) <= runs(sizes, none, count));
    }
}

int main(void)
{
    sizes_that_differ_a_little_become_one_run();
    equal_sizes_are_left_alone();
    much_larger_ones_begin_anew();
    one_packet_needs_nothing();
    padding_stays_small_and_never_makes_more_runs();
    return 0;
}
