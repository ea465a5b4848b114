/* SRTP of the load client (RFC 3711, RFC 7714), its own on purpose: a fault that the server's code had on both directions
 * would otherwise cancel out.  It takes session keys, already derived.
 */
#ifndef BENCH_SRTP_H
#define BENCH_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#define SRTP_TAG_MAX_BYTES 16

struct srtp {
    bool gcm; /* else AES128_CM_SHA1_80 */
    bool seals;
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac; /* without GCM */
    uint8_t salt[14];
    int tag_bytes;
};

/* "gcm/KEY/SALT" or "sha1/KEY/SALT/AUTH", all in hex; one direction.  False when it is neither. */
bool srtp_open(struct srtp *srtp, const char *keys, bool seals);

/* Encrypts what follows the `header` bytes of the packet, in place, and appends the tag; returns the new length. */
size_t srtp_seal(struct srtp *srtp, uint8_t *packet, size_t header, size_t length, uint32_t roc);

/* Checks the tag and decrypts what follows the header to `text`; returns its length, negative when it is damaged. */
int srtp_unseal(struct srtp *srtp, const uint8_t *packet, size_t header, size_t length, uint32_t roc, uint8_t *text);

static inline void put16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)(v >> 8), p[1] = (uint8_t)v; }

static inline void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24), p[1] = (uint8_t)(v >> 16), p[2] = (uint8_t)(v >> 8), p[3] = (uint8_t)v;
}

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static inline uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
