/* HMAC-SHA1 (RFC 2104) with the keyed inner and outer states kept: one tag costs two struct copies, no set-up and
 * no allocation.  Used by STUN's MESSAGE-INTEGRITY and by the AES128_CM_SHA1_80 profile of SRTP.
 */
#ifndef TX_HMAC_H
#define TX_HMAC_H

#include <stddef.h>
#include <stdint.h>

#define TX_HMAC_SHA1_LENGTH 20

/* Room for one SHA-1 state of libcrypto; hmac.c asserts the size, so that no header of ours shows a deprecated one. */
typedef struct tx_sha1_state {
    uint32_t words[24];
} tx_sha1_state;

typedef struct tx_hmac_sha1 {
    tx_sha1_state inner;
    tx_sha1_state outer;
} tx_hmac_sha1;

/* One piece of a message.  A piece of length 0 may have any pointer. */
typedef struct tx_span {
    const uint8_t *data;
    size_t length;
} tx_span;

void tx_hmac_sha1_init(tx_hmac_sha1 *key, const uint8_t *secret, size_t length);

/* Tag over the concatenation of `count` pieces. */
void tx_hmac_sha1_tag(const tx_hmac_sha1 *key, const tx_span *pieces, size_t count, uint8_t tag[TX_HMAC_SHA1_LENGTH]);

#endif
