/* AES-GCM with one prepared key (RFC 5116): 12-byte nonce, 16-byte tag, set up once, no allocation per packet. */
#ifndef TX_GCM_H
#define TX_GCM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TX_GCM_NONCE_BYTES 12
#define TX_GCM_TAG_BYTES 16

typedef enum tx_gcm_direction { TX_GCM_SEAL, TX_GCM_OPEN } tx_gcm_direction;

/* A key for one direction; not thread-safe. */
typedef struct tx_gcm tx_gcm;

/* 16- or 32-byte key; NULL for another length or out of memory. */
tx_gcm *tx_gcm_new(const uint8_t *key, size_t length, tx_gcm_direction direction);
void tx_gcm_free(tx_gcm *gcm);
size_t tx_gcm_bytes(const tx_gcm *gcm);

/* Asks the processor for what sealing a short packet reads of the key. */
void tx_gcm_prefetch(const tx_gcm *gcm);

/* Encrypts `length` bytes from `in` to `out` (the same place or apart) and writes the tag to out + length. */
bool tx_gcm_seal(tx_gcm *gcm, const uint8_t nonce[TX_GCM_NONCE_BYTES], const uint8_t *aad, size_t aad_length,
                 const uint8_t *in, size_t length, uint8_t *out);

/* Decrypts `length` bytes (without tag) from `in`, whose tag stands at in + length, to `out`.  False on a wrong tag;
 * `out` is then rubbish. */
bool tx_gcm_open(tx_gcm *gcm, const uint8_t nonce[TX_GCM_NONCE_BYTES], const uint8_t *aad, size_t aad_length,
                 const uint8_t *in, size_t length, uint8_t *out);

#endif
