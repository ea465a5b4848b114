#include "srtp_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "multibuffer.h"
#include "wire.h"

size_t tx_srtp_key_bytes(tx_srtp_profile profile)
{
    switch (profile) {
    case TX_SRTP_AES128_CM_SHA1_80:
    case TX_SRTP_AEAD_AES_128_GCM: return 16;
    case TX_SRTP_AEAD_AES_256_GCM: return 32;
    }
    return 0;
}

size_t tx_srtp_salt_bytes(tx_srtp_profile profile)
{
    switch (profile) {
    case TX_SRTP_AES128_CM_SHA1_80: return 14;
    case TX_SRTP_AEAD_AES_128_GCM:
    case TX_SRTP_AEAD_AES_256_GCM: return 12;
    }
    return 0;
}

size_t tx_srtp_rtp_overhead_bytes(tx_srtp_profile profile)
{
    return profile == TX_SRTP_AES128_CM_SHA1_80 ? TX_CM_TAG_BYTES : TX_GCM_TAG_BYTES;
}

const char *tx_srtp_backend(void) { return tx_multibuffer_enabled() ? "ipsec-mb" : "openssl"; }

bool tx_srtp_choose_backend(const char *name)
{
    if (strcmp(name, "ipsec-mb") == 0)
        return tx_multibuffer_enable(true);
    return strcmp(name, "openssl") == 0 && tx_multibuffer_enable(false);
}

bool tx_srtp_derive(const uint8_t *key, size_t key_length, const uint8_t *salt, size_t salt_length, uint8_t label,
                    uint8_t *out, size_t out_length)
{
    if ((key_length != 16 && key_length != 32) || salt_length > 14)
        return false;
    uint8_t counter[16] = {0};
    memcpy(counter, salt, salt_length);
    counter[7] ^= label; /* label || r, 56 bits right-aligned in the 112 of the salt; r is 0 with rate 0 */
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context)
        return false;
    int written;
    memset(out, 0, out_length);
    const EVP_CIPHER *cipher = key_length == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
    const bool done = EVP_EncryptInit_ex(context, cipher, NULL, key, counter) == 1
        && EVP_EncryptUpdate(context, out, &written, out, (int)out_length) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

bool tx_srtp_keys_init(tx_srtp_keys *keys, tx_srtp_profile profile, const uint8_t *master, size_t length,
                       tx_srtp_use use, tx_gcm_direction direction)
{
    memset(keys, 0, sizeof *keys);
    const size_t key_bytes = tx_srtp_key_bytes(profile);
    const size_t salt_bytes = tx_srtp_salt_bytes(profile);
    if (key_bytes == 0 || length != key_bytes + salt_bytes)
        return false;
    const uint8_t *salt = master + key_bytes;
    uint8_t key[32];
    uint8_t auth_key[TX_CM_AUTH_KEY_BYTES];
    const uint8_t label = (uint8_t)use; /* key, then authentication key, then salt */
    bool done = tx_srtp_derive(master, key_bytes, salt, salt_bytes, label, key, key_bytes)
        && tx_srtp_derive(master, key_bytes, salt, salt_bytes, label + 2, keys->salt, salt_bytes);
    if (done && profile == TX_SRTP_AES128_CM_SHA1_80) {
        done = tx_srtp_derive(master, key_bytes, salt, salt_bytes, label + 1, auth_key, sizeof auth_key);
        keys->cm = done ? tx_cm_new(key, auth_key) : NULL;
        done = keys->cm != NULL;
    } else if (done) {
        keys->gcm = tx_gcm_new(key, key_bytes, direction);
        done = keys->gcm != NULL;
    }
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(auth_key, sizeof auth_key);
    return done;
}

void tx_srtp_keys_free(tx_srtp_keys *keys)
{
    tx_gcm_free(keys->gcm);
    tx_cm_free(keys->cm);
    OPENSSL_cleanse(keys, sizeof *keys);
}

size_t tx_srtp_keys_bytes(const tx_srtp_keys *keys)
{
    return (keys->gcm ? tx_gcm_bytes(keys->gcm) : 0) + (keys->cm ? tx_cm_bytes(keys->cm) : 0);
}

void tx_srtp_nonce(const tx_srtp_keys *keys, uint32_t ssrc, uint64_t index, uint8_t nonce[TX_GCM_NONCE_BYTES])
{
    memcpy(nonce, keys->salt, TX_GCM_NONCE_BYTES);
    tx_put32(nonce + 2, tx_get32(nonce + 2) ^ ssrc);
    tx_put16(nonce + 6, tx_get16(nonce + 6) ^ (uint16_t)(index >> 32));
    tx_put32(nonce + 8, tx_get32(nonce + 8) ^ (uint32_t)index);
}

void tx_srtp_counter(const tx_srtp_keys *keys, uint32_t ssrc, uint64_t index, uint8_t counter[TX_CM_COUNTER_BYTES])
{
    memcpy(counter, keys->salt, TX_CM_COUNTER_BYTES);
    tx_put32(counter + 4, tx_get32(counter + 4) ^ ssrc);
    tx_put16(counter + 8, tx_get16(counter + 8) ^ (uint16_t)(index >> 32));
    tx_put32(counter + 10, tx_get32(counter + 10) ^ (uint32_t)index);
}
