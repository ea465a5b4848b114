/* Reads a stream of bits, most significant first.  After a read beyond the end the result is 0 and `failed` stays. */
#ifndef TX_BITS_H
#define TX_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const uint8_t *data;
    size_t length; /* in bits */
    size_t at;
    bool failed;
} tx_bits;

static inline tx_bits tx_bits_over(const uint8_t *data, size_t bytes)
{
    return (tx_bits){.data = data, .length = bytes * 8};
}

/* Up to 32 bits. */
static inline uint32_t tx_bits_read(tx_bits *bits, unsigned count)
{
    if (bits->failed || count > bits->length - bits->at) {
        bits->failed = true;
        return 0;
    }
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++, bits->at++)
        value = value << 1 | ((uint32_t)bits->data[bits->at / 8] >> (7 - bits->at % 8) & 1);
    return value;
}

/* ue(v) of ISO/IEC 14496-10 9.1; numbers of more than 31 bits fail. */
static inline uint32_t tx_bits_exp_golomb(tx_bits *bits)
{
    unsigned zeros = 0;
    while (!bits->failed && tx_bits_read(bits, 1) == 0) {
        if (++zeros > 30)
            bits->failed = true;
    }
    return bits->failed ? 0 : (1u << zeros) - 1 + tx_bits_read(bits, zeros);
}

/* ns(n) of the AV1 specification 4.10.7: a value below n. */
static inline uint32_t tx_bits_non_symmetric(tx_bits *bits, uint32_t n)
{
    unsigned width = 0;
    for (uint32_t x = n; x != 0; x >>= 1)
        width++;
    if (width == 0)
        return 0;
    uint32_t shorter = (1u << width) - n;
    uint32_t value = tx_bits_read(bits, width - 1);
    if (value < shorter)
        return value;
    return (value << 1) - shorter + tx_bits_read(bits, 1);
}

#endif
