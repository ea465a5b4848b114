#include "cm.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "multibuffer.h"
#include "wire.h"

#define EVP_BYTES 700 /* EVP_CIPHER_CTX and the provider's state behind it, as libcrypto 3.0 takes */

struct tx_cm {
    EVP_CIPHER_CTX *context;
    tx_hmac_sha1 hmac;
#ifdef TX_IPSEC_MB
    bool burst;
    uint8_t inner[20]; /* keyed SHA-1 states in the library's form */
    uint8_t outer[20];
    uint8_t rounds[16 * 11] __attribute__((aligned(16)));
#endif
};

#ifdef TX_IPSEC_MB
static void set_up_burst(tx_cm *cm, const uint8_t *key, const uint8_t *auth_key)
{
    IMB_MGR *m = tx_multibuffer_direct();
    uint8_t unused[16 * 11] __attribute__((aligned(16)));
    IMB_AES_KEYEXP_128(m, key, cm->rounds, unused);
    uint8_t block[64];
    memset(block, 0x36, sizeof block);
    for (size_t i = 0; i < TX_CM_AUTH_KEY_BYTES; i++)
        block[i] ^= auth_key[i];
    IMB_SHA1_ONE_BLOCK(m, block, cm->inner);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    IMB_SHA1_ONE_BLOCK(m, block, cm->outer);
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(unused, sizeof unused);
    cm->burst = true;
}
#endif

tx_cm *tx_cm_new(const uint8_t key[TX_CM_KEY_BYTES], const uint8_t auth_key[TX_CM_AUTH_KEY_BYTES])
{
    const size_t size = (sizeof(tx_cm) + 15) & ~(size_t)15;
    tx_cm *cm = aligned_alloc(16, size);
    if (!cm)
        return NULL;
    memset(cm, 0, size);
    cm->context = EVP_CIPHER_CTX_new();
    if (!cm->context || EVP_EncryptInit_ex(cm->context, EVP_aes_128_ctr(), NULL, key, NULL) != 1) {
        tx_cm_free(cm);
        return NULL;
    }
    tx_hmac_sha1_init(&cm->hmac, auth_key, TX_CM_AUTH_KEY_BYTES);
#ifdef TX_IPSEC_MB
    if (tx_multibuffer_enabled())
        set_up_burst(cm, key, auth_key);
#endif
    return cm;
}

void tx_cm_free(tx_cm *cm)
{
    if (!cm)
        return;
    EVP_CIPHER_CTX_free(cm->context);
    OPENSSL_cleanse(cm, sizeof *cm);
    free(cm);
}

size_t tx_cm_bytes(const tx_cm *cm) { return sizeof *cm + EVP_BYTES; }

void tx_cm_prefetch(const tx_cm *cm) { tx_fetch(cm, sizeof *cm); }

bool tx_cm_crypt(tx_cm *cm, const uint8_t counter[TX_CM_COUNTER_BYTES], const uint8_t *in, size_t length, uint8_t *out)
{
    int written;
    return EVP_EncryptInit_ex(cm->context, NULL, NULL, NULL, counter) == 1
        && (length == 0 || EVP_EncryptUpdate(cm->context, out, &written, in, (int)length) == 1);
}

void tx_cm_tag(const tx_cm *cm, const uint8_t *message, size_t length, uint32_t trailer, uint8_t tag[TX_CM_TAG_BYTES])
{
    uint8_t word[4];
    uint8_t whole[TX_HMAC_SHA1_LENGTH];
    tx_put32(word, trailer);
    const tx_span pieces[2] = {{message, length}, {word, sizeof word}};
    tx_hmac_sha1_tag(&cm->hmac, pieces, 2, whole);
    memcpy(tag, whole, TX_CM_TAG_BYTES);
}

bool tx_cm_check(const tx_cm *cm, const uint8_t *message, size_t length, uint32_t trailer, const uint8_t *tag)
{
    uint8_t expected[TX_CM_TAG_BYTES];
    tx_cm_tag(cm, message, length, trailer, expected);
    return CRYPTO_memcmp(expected, tag, sizeof expected) == 0;
}

#ifdef TX_IPSEC_MB
static bool seal_burst(tx_cm *cm, IMB_MGR *m, IMB_MGR *hasher, const tx_cm_packet *packets, size_t count)
{
    IMB_JOB jobs[TX_CM_BURST_MAX];
    uint8_t tags[TX_CM_BURST_MAX][TX_HMAC_SHA1_LENGTH];
    memset(jobs, 0, count * sizeof *jobs);
    uint32_t ciphers = 0;
    for (size_t i = 0; i < count; i++) {
        if (packets[i].length == 0)
            continue; /* the library refuses an empty message */
        IMB_JOB *job = &jobs[ciphers++];
        job->cipher_direction = IMB_DIR_ENCRYPT;
        job->cipher_mode = IMB_CIPHER_CNTR;
        job->enc_keys = cm->rounds;
        job->dec_keys = cm->rounds;
        job->key_len_in_bytes = TX_CM_KEY_BYTES;
        job->iv = packets[i].counter;
        job->iv_len_in_bytes = TX_CM_COUNTER_BYTES;
        job->src = packets[i].in;
        job->dst = packets[i].packet + packets[i].header_length;
        job->msg_len_to_cipher_in_bytes = packets[i].length;
    }
    if (ciphers
        && IMB_SUBMIT_CIPHER_BURST_NOCHECK(m, jobs, ciphers, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES)
            != ciphers) {
        return false;
    }
    memset(jobs, 0, count * sizeof *jobs);
    for (size_t i = 0; i < count; i++) {
        const tx_cm_packet *p = &packets[i];
        const size_t end = p->header_length + p->length;
        tx_put32(p->packet + end, p->trailer); /* hashed, then overwritten by the tag */
        IMB_JOB *job = &jobs[i];
        job->hash_alg = IMB_AUTH_HMAC_SHA_1;
        job->src = p->packet;
        job->msg_len_to_hash_in_bytes = end + 4;
        job->auth_tag_output = tags[i];
        job->auth_tag_output_len_in_bytes = sizeof tags[i];
        job->u.HMAC._hashed_auth_key_xor_ipad = cm->inner;
        job->u.HMAC._hashed_auth_key_xor_opad = cm->outer;
    }
    if (IMB_SUBMIT_HASH_BURST_NOCHECK(hasher, jobs, (uint32_t)count, IMB_AUTH_HMAC_SHA_1) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        memcpy(packets[i].packet + packets[i].header_length + packets[i].length, tags[i], TX_CM_TAG_BYTES);
    }
    return true;
}
#endif

bool tx_cm_seal(tx_cm *cm, const tx_cm_packet *packets, size_t count)
{
#ifdef TX_IPSEC_MB
    if (cm->burst && count && count <= TX_CM_BURST_MAX) {
        IMB_MGR *m = tx_multibuffer_of_thread();
        IMB_MGR *hasher = tx_multibuffer_for_hashes(count);
        if (m && hasher)
            return seal_burst(cm, m, hasher, packets, count);
    }
#endif
    for (size_t i = 0; i < count; i++) {
        const tx_cm_packet *p = &packets[i];
        const size_t end = p->header_length + p->length;
        if (!tx_cm_crypt(cm, p->counter, p->in, p->length, p->packet + p->header_length))
            return false;
        tx_cm_tag(cm, p->packet, end, p->trailer, p->packet + end);
    }
    return true;
}
