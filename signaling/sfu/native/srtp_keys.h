/* Session keys of one direction and profile, made from a master key and salt. */
#ifndef TX_SRTP_KEYS_H
#define TX_SRTP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cm.h"
#include "gcm.h"
#include "srtp.h"

/* Keys for RTP or for RTCP; `gcm` or `cm` is set, by profile. */
typedef struct tx_srtp_keys {
    tx_gcm *gcm;
    tx_cm *cm;
    uint8_t salt[16]; /* 12 bytes with GCM; 14 and two zeros with CM */
} tx_srtp_keys;

typedef enum tx_srtp_use { TX_SRTP_USE_RTP = 0, TX_SRTP_USE_RTCP = 3 } tx_srtp_use; /* first label, RFC 3711 4.3.2 */

/* False when the length is wrong or memory is out; free what was made either way. */
bool tx_srtp_keys_init(tx_srtp_keys *keys, tx_srtp_profile profile, const uint8_t *master, size_t length,
                       tx_srtp_use use, tx_gcm_direction direction);
void tx_srtp_keys_free(tx_srtp_keys *keys);
size_t tx_srtp_keys_bytes(const tx_srtp_keys *keys);

static inline size_t tx_srtp_tag_bytes(const tx_srtp_keys *keys)
{
    return keys->gcm ? TX_GCM_TAG_BYTES : TX_CM_TAG_BYTES;
}

/* RFC 7714 8.1, 9.1: 16 zero bits, SSRC, 48-bit index; under the salt.  An RTCP index is its 31 bits. */
void tx_srtp_nonce(const tx_srtp_keys *keys, uint32_t ssrc, uint64_t index, uint8_t nonce[TX_GCM_NONCE_BYTES]);

/* RFC 3711 4.1.1: salt * 2^16 ^ SSRC * 2^64 ^ index * 2^16. */
void tx_srtp_counter(const tx_srtp_keys *keys, uint32_t ssrc, uint64_t index, uint8_t counter[TX_CM_COUNTER_BYTES]);

#endif
