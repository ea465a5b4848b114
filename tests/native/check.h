/* Assertions for the tests of the native core.  A failed check prints where and what and ends the test program;
 * one test program covers one module.
 */
#ifndef TX_CHECK_H
#define TX_CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, #condition);                    \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Integers of any type up to 64 bits. */
#define EQUAL(left, right)                                                                                             \
    do {                                                                                                               \
        const int64_t left_value = (int64_t)(left), right_value = (int64_t)(right);                                    \
        if (left_value != right_value) {                                                                               \
            fprintf(stderr, "%s:%d: %s: %s is %" PRId64 ", not %s (%" PRId64 ")\n", __FILE__, __LINE__, __func__,      \
                    #left, left_value, #right, right_value);                                                           \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static inline void check_bytes(const char *file, int line, const uint8_t *actual, const uint8_t *expected,
                               size_t length)
{
    if (memcmp(actual, expected, length) == 0)
        return;
    fprintf(stderr, "%s:%d: bytes differ\n  actual   ", file, line);
    for (size_t i = 0; i < length; i++)
        fprintf(stderr, "%02x", actual[i]);
    fprintf(stderr, "\n  expected ");
    for (size_t i = 0; i < length; i++)
        fprintf(stderr, "%02x", expected[i]);
    fprintf(stderr, "\n");
    exit(1);
}

#define SAME_BYTES(actual, expected, length)                                                                           \
    check_bytes(__FILE__, __LINE__, (const uint8_t *)(actual), (const uint8_t *)(expected), (length))

/* Hexadecimal text, blanks allowed, to bytes; returns how many. */
static inline size_t from_hex(const char *text, uint8_t *out, size_t capacity)
{
    size_t digits = 0;
    uint8_t byte = 0;
    for (; *text; text++) {
        if (*text == ' ' || *text == '\n')
            continue;
        const char lower = (char)(*text | 0x20);
        const int digit = lower >= 'a' ? lower - 'a' + 10 : *text - '0';
        CHECK(digit >= 0 && digit < 16);
        byte = (uint8_t)(byte << 4 | digit);
        if (++digits % 2 == 0) {
            CHECK(digits / 2 <= capacity);
            out[digits / 2 - 1] = byte;
        }
    }
    CHECK(digits % 2 == 0);
    return digits / 2;
}

/* Runs one test function and names it when it passed. */
#define RUN(test)                                                                                                      \
    do {                                                                                                               \
        test();                                                                                                        \
        printf("ok %s\n", #test);                                                                                      \
        fflush(stdout);                                                                                                \
    } while (0)

#endif
