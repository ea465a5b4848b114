/* Big-endian bytes: unchecked loads and stores for offsets already proven, and a bounded writer.
 *
 * Parsers prove a length once and then load by offset; builders append to a writer, whose `failed` flag sticks,
 * so that a message is built without a check after each field and tested once at its end.
 */
#ifndef TX_WIRE_H
#define TX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TX_BIG32(v) __builtin_bswap32(v)
#define TX_BIG64(v) __builtin_bswap64(v)
#else
#define TX_BIG32(v) (v)
#define TX_BIG64(v) (v)
#endif

static inline uint16_t tx_get16(const uint8_t *p) { return (uint16_t)((uint32_t)p[0] << 8 | p[1]); }

static inline uint32_t tx_get24(const uint8_t *p) { return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]; }

static inline uint32_t tx_get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return TX_BIG32(v);
}

static inline uint64_t tx_get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return TX_BIG64(v);
}

static inline void tx_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void tx_put24(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 16);
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)v;
}

static inline void tx_put32(uint8_t *p, uint32_t v)
{
    v = TX_BIG32(v);
    memcpy(p, &v, 4);
}

static inline void tx_put64(uint8_t *p, uint64_t v)
{
    v = TX_BIG64(v);
    memcpy(p, &v, 8);
}

/* Appends within [start, end).  After a write that does not fit nothing more is written and `failed` stays set. */
typedef struct tx_writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool failed;
} tx_writer;

static inline tx_writer tx_writer_over(uint8_t *buffer, size_t capacity)
{
    return (tx_writer){.start = buffer, .at = buffer, .end = buffer + capacity, .failed = false};
}

static inline size_t tx_writer_length(const tx_writer *w) { return (size_t)(w->at - w->start); }

/* Space for `n` bytes, or NULL (and failed). */
static inline uint8_t *tx_write_space(tx_writer *w, size_t n)
{
    if (w->failed || (size_t)(w->end - w->at) < n) {
        w->failed = true;
        return NULL;
    }
    uint8_t *p = w->at;
    w->at += n;
    return p;
}

static inline void tx_write8(tx_writer *w, uint8_t v)
{
    uint8_t *p = tx_write_space(w, 1);
    if (p)
        *p = v;
}

static inline void tx_write16(tx_writer *w, uint16_t v)
{
    uint8_t *p = tx_write_space(w, 2);
    if (p)
        tx_put16(p, v);
}

static inline void tx_write24(tx_writer *w, uint32_t v)
{
    uint8_t *p = tx_write_space(w, 3);
    if (p)
        tx_put24(p, v);
}

static inline void tx_write32(tx_writer *w, uint32_t v)
{
    uint8_t *p = tx_write_space(w, 4);
    if (p)
        tx_put32(p, v);
}

static inline void tx_write64(tx_writer *w, uint64_t v)
{
    uint8_t *p = tx_write_space(w, 8);
    if (p)
        tx_put64(p, v);
}

static inline void tx_write_bytes(tx_writer *w, const void *data, size_t n)
{
    uint8_t *p = tx_write_space(w, n);
    if (p && n)
        memcpy(p, data, n);
}

static inline void tx_write_zeros(tx_writer *w, size_t n)
{
    uint8_t *p = tx_write_space(w, n);
    if (p && n)
        memset(p, 0, n);
}

#endif
