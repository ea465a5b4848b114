#include "srtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#define KEY_BYTES 16
#define AUTH_BYTES 20
#define DIGEST_BYTES 20

static bool unhex(const char **at, uint8_t *out, size_t count)
{
    if (*(*at)++ != '/')
        return false;
    for (size_t i = 0; i < count; i++, *at += 2)
        if (sscanf(*at, "%2hhx", &out[i]) != 1)
            return false;
    return true;
}

static bool open_mac(struct srtp *srtp, const uint8_t *key)
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    char digest[] = "SHA1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    srtp->mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac);
    return srtp->mac && EVP_MAC_init(srtp->mac, key, AUTH_BYTES, parameters) == 1;
}

bool srtp_open(struct srtp *srtp, const char *keys, bool seals)
{
    uint8_t key[KEY_BYTES], auth[AUTH_BYTES];
    memset(srtp, 0, sizeof *srtp);
    srtp->seals = seals;
    srtp->gcm = strncmp(keys, "gcm/", 4) == 0;
    srtp->tag_bytes = srtp->gcm ? 16 : 10;
    if (!srtp->gcm && strncmp(keys, "sha1/", 5) != 0)
        return false;
    const char *at = strchr(keys, '/');
    if (!unhex(&at, key, sizeof key) || !unhex(&at, srtp->salt, srtp->gcm ? 12 : 14))
        return false;
    srtp->cipher = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *kind = srtp->gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr();
    if (!srtp->cipher || EVP_CipherInit_ex(srtp->cipher, kind, NULL, key, NULL, seals) != 1)
        return false;
    return srtp->gcm || (unhex(&at, auth, sizeof auth) && open_mac(srtp, auth));
}

/* RFC 7714 8.1: 00 00 || SSRC || ROC || SEQ, xor salt.  RFC 3711 4.1.1: salt * 2^16 xor SSRC * 2^64 xor index * 2^16. */
static void make_iv(const struct srtp *srtp, const uint8_t *packet, uint32_t roc, uint8_t iv[16])
{
    const size_t ssrc_at = srtp->gcm ? 2 : 4;
    memset(iv, 0, 16);
    memcpy(iv, srtp->salt, srtp->gcm ? 12 : 14);
    put32(iv + ssrc_at, get32(iv + ssrc_at) ^ get32(packet + 8));
    put32(iv + ssrc_at + 4, get32(iv + ssrc_at + 4) ^ roc);
    put16(iv + ssrc_at + 8, (uint16_t)(get16(iv + ssrc_at + 8) ^ get16(packet + 2)));
}

static void tag_of(struct srtp *srtp, const uint8_t *packet, size_t length, uint32_t roc, uint8_t digest[DIGEST_BYTES])
{
    uint8_t word[4];
    size_t written;
    put32(word, roc);
    EVP_MAC_init(srtp->mac, NULL, 0, NULL);
    EVP_MAC_update(srtp->mac, packet, length);
    EVP_MAC_update(srtp->mac, word, sizeof word);
    EVP_MAC_final(srtp->mac, digest, &written, DIGEST_BYTES);
}

size_t srtp_seal(struct srtp *srtp, uint8_t *packet, size_t header, size_t length, uint32_t roc)
{
    uint8_t iv[16], digest[DIGEST_BYTES];
    int n;
    make_iv(srtp, packet, roc, iv);
    EVP_CipherInit_ex(srtp->cipher, NULL, NULL, NULL, iv, 1);
    if (srtp->gcm)
        EVP_EncryptUpdate(srtp->cipher, NULL, &n, packet, (int)header);
    EVP_EncryptUpdate(srtp->cipher, packet + header, &n, packet + header, (int)(length - header));
    if (srtp->gcm) {
        EVP_EncryptFinal_ex(srtp->cipher, packet + length, &n);
        EVP_CIPHER_CTX_ctrl(srtp->cipher, EVP_CTRL_AEAD_GET_TAG, srtp->tag_bytes, packet + length);
    } else {
        tag_of(srtp, packet, length, roc, digest);
        memcpy(packet + length, digest, (size_t)srtp->tag_bytes);
    }
    return length + (size_t)srtp->tag_bytes;
}

int srtp_unseal(struct srtp *srtp, const uint8_t *packet, size_t header, size_t length, uint32_t roc, uint8_t *text)
{
    uint8_t iv[16], digest[DIGEST_BYTES], tag[SRTP_TAG_MAX_BYTES];
    int n, rest;
    if (length < header + (size_t)srtp->tag_bytes)
        return -1;
    const size_t end = length - (size_t)srtp->tag_bytes;
    memcpy(tag, packet + end, (size_t)srtp->tag_bytes);
    make_iv(srtp, packet, roc, iv);
    EVP_CipherInit_ex(srtp->cipher, NULL, NULL, NULL, iv, 0);
    if (srtp->gcm) {
        EVP_CIPHER_CTX_ctrl(srtp->cipher, EVP_CTRL_AEAD_SET_TAG, srtp->tag_bytes, tag);
        EVP_DecryptUpdate(srtp->cipher, NULL, &n, packet, (int)header);
    } else {
        tag_of(srtp, packet, end, roc, digest);
        if (CRYPTO_memcmp(digest, tag, (size_t)srtp->tag_bytes) != 0)
            return -1;
    }
    EVP_DecryptUpdate(srtp->cipher, text, &n, packet + header, (int)(end - header));
    if (EVP_DecryptFinal_ex(srtp->cipher, text + n, &rest) != 1)
        return -1;
    return n;
}
