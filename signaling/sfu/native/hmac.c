#define OPENSSL_SUPPRESS_DEPRECATED /* the one-shot SHA1_* functions: EVP copies of a state allocate */
#include "hmac.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#define BLOCK_BYTES 64

_Static_assert(sizeof(SHA_CTX) <= sizeof(tx_sha1_state), "tx_sha1_state must hold libcrypto's SHA-1 state");

static void absorb_pad(tx_sha1_state *state, const uint8_t *secret, size_t length, uint8_t mask)
{
    uint8_t block[BLOCK_BYTES];
    memset(block, mask, sizeof block);
    for (size_t i = 0; i < length; i++)
        block[i] ^= secret[i];
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, block, sizeof block);
    memset(state, 0, sizeof *state);
    memcpy(state, &context, sizeof context);
    OPENSSL_cleanse(block, sizeof block);
    OPENSSL_cleanse(&context, sizeof context);
}

void tx_hmac_sha1_init(tx_hmac_sha1 *key, const uint8_t *secret, size_t length)
{
    uint8_t digest[SHA_DIGEST_LENGTH];
    if (length > BLOCK_BYTES) { /* RFC 2104 2: a longer key is hashed first */
        SHA1(secret, length, digest);
        secret = digest;
        length = sizeof digest;
    }
    absorb_pad(&key->inner, secret, length, 0x36);
    absorb_pad(&key->outer, secret, length, 0x5c);
    OPENSSL_cleanse(digest, sizeof digest);
}

void tx_hmac_sha1_tag(const tx_hmac_sha1 *key, const tx_span *pieces, size_t count, uint8_t tag[TX_HMAC_SHA1_LENGTH])
{
    SHA_CTX context;
    memcpy(&context, &key->inner, sizeof context);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].length)
            SHA1_Update(&context, pieces[i].data, pieces[i].length);
    }
    SHA1_Final(tag, &context);
    memcpy(&context, &key->outer, sizeof context);
    SHA1_Update(&context, tag, TX_HMAC_SHA1_LENGTH);
    SHA1_Final(tag, &context);
}
