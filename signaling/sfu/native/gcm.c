#include "gcm.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "multibuffer.h"

struct tx_gcm {
#ifdef TX_IPSEC_MB
    struct gcm_key_data key; /* first: wants 64-byte alignment */
    aes_gcm_enc_dec_t run;   /* NULL: OpenSSL */
#endif
    EVP_CIPHER_CTX *context; /* NULL: ipsec-mb */
};

/* EVP_CIPHER_CTX and the provider's AES-GCM state behind it; libcrypto does not tell, this is what 3.0 takes. */
#define EVP_BYTES 1200

#define ROUND_KEY_BYTES (11 * 16)
#define LOW_POWERS_BYTES (8 * 16) /* powers of the hash key, enough for 128 bytes of header and text */

static bool set_up_openssl(tx_gcm *gcm, const uint8_t *key, size_t length, tx_gcm_direction direction)
{
    const EVP_CIPHER *cipher = length == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
    gcm->context = EVP_CIPHER_CTX_new();
    return gcm->context && EVP_CipherInit_ex(gcm->context, cipher, NULL, key, NULL, direction == TX_GCM_SEAL) == 1;
}

#ifdef TX_IPSEC_MB
static void set_up_multibuffer(tx_gcm *gcm, const uint8_t *key, size_t length, tx_gcm_direction direction)
{
    IMB_MGR *m = tx_multibuffer_direct();
    const bool seal = direction == TX_GCM_SEAL;
    if (length == 16) {
        IMB_AES128_GCM_PRE(m, key, &gcm->key);
        gcm->run = seal ? m->gcm128_enc : m->gcm128_dec;
    } else {
        IMB_AES256_GCM_PRE(m, key, &gcm->key);
        gcm->run = seal ? m->gcm256_enc : m->gcm256_dec;
    }
}
#endif

tx_gcm *tx_gcm_new(const uint8_t *key, size_t length, tx_gcm_direction direction)
{
    if (length != 16 && length != 32)
        return NULL;
    const size_t size = (sizeof(tx_gcm) + 63) & ~(size_t)63;
    tx_gcm *gcm = aligned_alloc(64, size);
    if (!gcm)
        return NULL;
    memset(gcm, 0, size);
#ifdef TX_IPSEC_MB
    if (tx_multibuffer_enabled()) {
        set_up_multibuffer(gcm, key, length, direction);
        return gcm;
    }
#endif
    if (!set_up_openssl(gcm, key, length, direction)) {
        tx_gcm_free(gcm);
        return NULL;
    }
    return gcm;
}

void tx_gcm_free(tx_gcm *gcm)
{
    if (!gcm)
        return;
    EVP_CIPHER_CTX_free(gcm->context);
    OPENSSL_cleanse(gcm, sizeof *gcm);
    free(gcm);
}

size_t tx_gcm_bytes(const tx_gcm *gcm) { return sizeof *gcm + (gcm->context ? EVP_BYTES : 0); }

void tx_gcm_prefetch(const tx_gcm *gcm)
{
#ifdef TX_IPSEC_MB
    const uint8_t *key = (const uint8_t *)&gcm->key;
    tx_fetch(key, ROUND_KEY_BYTES);
    tx_fetch(key + sizeof gcm->key - LOW_POWERS_BYTES, LOW_POWERS_BYTES); /* with VAES the low powers stand last */
#endif
    tx_fetch(&gcm->context, sizeof gcm->context);
}

bool tx_gcm_seal(tx_gcm *gcm, const uint8_t nonce[TX_GCM_NONCE_BYTES], const uint8_t *aad, size_t aad_length,
                 const uint8_t *in, size_t length, uint8_t *out)
{
#ifdef TX_IPSEC_MB
    if (gcm->run) {
        struct gcm_context_data state;
        gcm->run(&gcm->key, &state, out, in, length, nonce, aad, aad_length, out + length, TX_GCM_TAG_BYTES);
        return true;
    }
#endif
    int written;
    EVP_CIPHER_CTX *c = gcm->context;
    return EVP_EncryptInit_ex(c, NULL, NULL, NULL, nonce) == 1
        && EVP_EncryptUpdate(c, NULL, &written, aad, (int)aad_length) == 1
        && (length == 0 || EVP_EncryptUpdate(c, out, &written, in, (int)length) == 1)
        && EVP_EncryptFinal_ex(c, out + length, &written) == 1
        && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TX_GCM_TAG_BYTES, out + length) == 1;
}

bool tx_gcm_open(tx_gcm *gcm, const uint8_t nonce[TX_GCM_NONCE_BYTES], const uint8_t *aad, size_t aad_length,
                 const uint8_t *in, size_t length, uint8_t *out)
{
    uint8_t tag[TX_GCM_TAG_BYTES];
#ifdef TX_IPSEC_MB
    if (gcm->run) {
        struct gcm_context_data state;
        gcm->run(&gcm->key, &state, out, in, length, nonce, aad, aad_length, tag, sizeof tag);
        return CRYPTO_memcmp(tag, in + length, sizeof tag) == 0;
    }
#endif
    int written;
    EVP_CIPHER_CTX *c = gcm->context;
    memcpy(tag, in + length, sizeof tag);
    return EVP_DecryptInit_ex(c, NULL, NULL, NULL, nonce) == 1
        && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1
        && EVP_DecryptUpdate(c, NULL, &written, aad, (int)aad_length) == 1
        && (length == 0 || EVP_DecryptUpdate(c, out, &written, in, (int)length) == 1)
        && EVP_DecryptFinal_ex(c, tag, &written) == 1;
}
