/* Asking the processor for memory before it is needed.
 *
 * Sound goes out 50 times a second and nearly every byte that one subscriber's packet touches has left the caches since the
 * last: some twenty lines, behind three pointers.  Fan-out therefore asks for them a few subscribers ahead.
 */
#ifndef TX_FETCH_H
#define TX_FETCH_H

#include <stddef.h>
#include <stdint.h>

#define TX_LINE_BYTES 64u

/* All lines that the `length` bytes from `at` lie on. */
static inline void tx_fetch(const void *at, size_t length)
{
    const uintptr_t end = (uintptr_t)at + length;
    for (uintptr_t line = (uintptr_t)at & ~(uintptr_t)(TX_LINE_BYTES - 1); line < end; line += TX_LINE_BYTES)
        __builtin_prefetch((const void *)line);
}

#endif
