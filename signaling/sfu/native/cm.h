/* AES counter mode with HMAC-SHA1 truncated to 80 bits (RFC 3711 4.1.1, 4.2.1): one direction of the profile
 * AES128_CM_SHA1_80.  Keys are set up once, nothing is allocated per packet.
 */
#ifndef TX_CM_H
#define TX_CM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmac.h"

#define TX_CM_KEY_BYTES 16
#define TX_CM_AUTH_KEY_BYTES 20
#define TX_CM_COUNTER_BYTES 16
#define TX_CM_TAG_BYTES 10
#define TX_CM_BURST_MAX 32

/* Not thread-safe. */
typedef struct tx_cm tx_cm;

tx_cm *tx_cm_new(const uint8_t key[TX_CM_KEY_BYTES], const uint8_t auth_key[TX_CM_AUTH_KEY_BYTES]);
void tx_cm_free(tx_cm *cm);
size_t tx_cm_bytes(const tx_cm *cm);

/* Asks the processor for what sealing a packet reads of the keys. */
void tx_cm_prefetch(const tx_cm *cm);

/* Encryption and decryption are one operation; the same place or apart. */
bool tx_cm_crypt(tx_cm *cm, const uint8_t counter[TX_CM_COUNTER_BYTES], const uint8_t *in, size_t length, uint8_t *out);

/* Tag over message || trailer (the ROC of RTP, the index word of RTCP). */
void tx_cm_tag(const tx_cm *cm, const uint8_t *message, size_t length, uint32_t trailer, uint8_t tag[TX_CM_TAG_BYTES]);

/* Constant-time comparison with the tag that stands there. */
bool tx_cm_check(const tx_cm *cm, const uint8_t *message, size_t length, uint32_t trailer, const uint8_t *tag);

/* One packet of a burst: payload from `in` to packet + header_length, then the tag behind it.  The packet must have
 * room for 20 bytes behind the payload. */
typedef struct tx_cm_packet {
    uint8_t counter[TX_CM_COUNTER_BYTES];
    uint8_t *packet;
    const uint8_t *in;
    size_t header_length;
    size_t length;
    uint32_t trailer;
} tx_cm_packet;

/* Encrypts and tags `count` <= TX_CM_BURST_MAX packets. */
bool tx_cm_seal(tx_cm *cm, const tx_cm_packet *packets, size_t count);

#endif
