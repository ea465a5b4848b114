#include "check.h"
#include "gcm.h"
#include "srtp.h"

/* RFC 7714 sections 16.1.1 and 16.2.1: nonce, header and text are those of the SRTP examples. */
static const char *const NONCE = "51753c6580c2726f20718414";
static const char *const AAD = "8040f17b8041f8d35501a0b2";
static const char *const TEXT = "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
static const char *const SEALED[2] = {
    "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce",
    "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
};

static void known_answers(void)
{
    uint8_t key[32], nonce[12], aad[12], text[38], sealed[54], out[54];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    from_hex(NONCE, nonce, sizeof nonce);
    from_hex(AAD, aad, sizeof aad);
    from_hex(TEXT, text, sizeof text);
    for (size_t i = 0; i < 2; i++) {
        tx_gcm *seal = tx_gcm_new(key, i ? 32 : 16, TX_GCM_SEAL);
        tx_gcm *open = tx_gcm_new(key, i ? 32 : 16, TX_GCM_OPEN);
        CHECK(seal && open && tx_gcm_bytes(seal) > 0);
        from_hex(SEALED[i], sealed, sizeof sealed);
        for (int again = 0; again < 2; again++) {
            CHECK(tx_gcm_seal(seal, nonce, aad, sizeof aad, text, sizeof text, out));
            SAME_BYTES(out, sealed, sizeof sealed);
            CHECK(tx_gcm_open(open, nonce, aad, sizeof aad, sealed, sizeof text, out));
            SAME_BYTES(out, text, sizeof text);
        }
        memcpy(out, text, sizeof text); /* in place */
        CHECK(tx_gcm_seal(seal, nonce, aad, sizeof aad, out, sizeof text, out));
        SAME_BYTES(out, sealed, sizeof sealed);
        tx_gcm_free(seal);
        tx_gcm_free(open);
    }
}

static void every_change_is_noticed(void)
{
    uint8_t key[16] = {7}, nonce[12] = {1}, aad[12] = {2}, text[33], sealed[33 + 16], out[33];
    memset(text, 3, sizeof text);
    tx_gcm *seal = tx_gcm_new(key, 16, TX_GCM_SEAL);
    tx_gcm *open = tx_gcm_new(key, 16, TX_GCM_OPEN);
    CHECK(tx_gcm_seal(seal, nonce, aad, sizeof aad, text, sizeof text, sealed));
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        CHECK(!tx_gcm_open(open, nonce, aad, sizeof aad, sealed, sizeof text, out));
        sealed[i] ^= 1;
    }
    aad[11] ^= 1;
    CHECK(!tx_gcm_open(open, nonce, aad, sizeof aad, sealed, sizeof text, out));
    aad[11] ^= 1;
    nonce[0] ^= 1;
    CHECK(!tx_gcm_open(open, nonce, aad, sizeof aad, sealed, sizeof text, out));
    nonce[0] ^= 1;
    CHECK(tx_gcm_open(open, nonce, aad, sizeof aad, sealed, sizeof text, out));
    tx_gcm_free(seal);
    tx_gcm_free(open);
}

/* Every length, also 0, from and to exactly sized memory: block tails are where wide vector code errs. */
static void all_lengths_round_trip_in_bounds(void)
{
    const uint8_t key[16] = {9}, nonce[12] = {1}, aad[20] = {2};
    tx_gcm *seal = tx_gcm_new(key, 16, TX_GCM_SEAL);
    tx_gcm *open = tx_gcm_new(key, 16, TX_GCM_OPEN);
    for (size_t n = 0; n < 1300; n++) {
        uint8_t *text = malloc(n + 1), *sealed = malloc(n + 16), *out = malloc(n + 1);
        CHECK(text && sealed && out);
        for (size_t i = 0; i < n; i++)
            text[i] = (uint8_t)(i * 7);
        CHECK(tx_gcm_seal(seal, nonce, aad, n % 2 ? 12 : 20, text, n, sealed));
        out[n] = 0x5a;
        CHECK(tx_gcm_open(open, nonce, aad, n % 2 ? 12 : 20, sealed, n, out));
        SAME_BYTES(out, text, n);
        EQUAL(out[n], 0x5a);
        free(text);
        free(sealed);
        free(out);
    }
    tx_gcm_free(seal);
    tx_gcm_free(open);
}

static void other_key_lengths_are_refused(void)
{
    const uint8_t key[32] = {0};
    CHECK(!tx_gcm_new(key, 24, TX_GCM_SEAL));
    CHECK(!tx_gcm_new(key, 0, TX_GCM_OPEN));
    tx_gcm_free(NULL);
}

int main(void)
{
    const char *const backends[2] = {"openssl", "ipsec-mb"};
    for (size_t i = 0; i < 2; i++) {
        if (!tx_srtp_choose_backend(backends[i]))
            continue;
        printf("backend %s\n", tx_srtp_backend());
        RUN(known_answers);
        RUN(every_change_is_noticed);
        RUN(all_lengths_round_trip_in_bounds);
        RUN(other_key_lengths_are_refused);
    }
    return 0;
}
