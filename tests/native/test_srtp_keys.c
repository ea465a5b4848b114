#include "srtp_ends.h"
#include "srtp_keys.h"

/* RFC 3711 B.3. */
static void derived_keys_are_those_of_the_rfc(void)
{
    uint8_t key[16], salt[14], out[94], expected[94];
    from_hex("e1f97a0d3e018be0d64fa32c06de4139", key, sizeof key);
    from_hex("0ec675ad498afeebb6960b3aabe6", salt, sizeof salt);
    CHECK(tx_srtp_derive(key, 16, salt, 14, 0, out, 16));
    from_hex("c61e7a93744f39ee10734afe3ff7a087", expected, sizeof expected);
    SAME_BYTES(out, expected, 16);
    CHECK(tx_srtp_derive(key, 16, salt, 14, 2, out, 14));
    from_hex("30cbbc08863d8c85d49db34a9ae1", expected, sizeof expected);
    SAME_BYTES(out, expected, 14);
    CHECK(tx_srtp_derive(key, 16, salt, 14, 1, out, 94));
    from_hex("cebe321f6ff7716b6fd4ab49af256a15 6d38baa48f0a0acf3c34e2359e6cdbce e049646c43d9327ad175578ef7227098"
             "6371c10c9a369ac2f94a8c5fbcdddc25 6d6e919a48b610ef17c2041e47403576 6b68642c59bbfc2f34db60dbdfb2",
             expected, sizeof expected);
    SAME_BYTES(out, expected, 94);
    CHECK(!tx_srtp_derive(key, 15, salt, 14, 0, out, 16));
}

/* RFC 7714 16.1.1 and 17.1: salt "Quid pro quo". */
static void nonces_are_those_of_the_rfc(void)
{
    tx_srtp_keys keys = {.salt = "Quid pro quo"};
    uint8_t nonce[12], expected[12];
    tx_srtp_nonce(&keys, 0x5501a0b2, 0xf17b, nonce);
    from_hex("51753c6580c2726f20718414", expected, sizeof expected);
    SAME_BYTES(nonce, expected, 12);
    tx_srtp_nonce(&keys, 0x4d617273, 0x5d4, nonce); /* SRTCP: 31-bit index */
    from_hex("517524055203726f207170bb", expected, sizeof expected);
    SAME_BYTES(nonce, expected, 12);
}

static void wrong_lengths_are_refused(void)
{
    for (size_t i = 0; i < 3; i++) {
        const size_t right = master_length(PROFILES[i]);
        CHECK(!tx_srtp_sender_new(PROFILES[i], master(), right - 1));
        CHECK(!tx_srtp_receiver_new(PROFILES[i], master(), right + 1));
    }
    CHECK(!tx_srtp_sender_new((tx_srtp_profile)2, master(), 30));
    EQUAL(tx_srtp_key_bytes((tx_srtp_profile)2), 0);
    tx_srtp_sender_free(NULL);
    tx_srtp_receiver_free(NULL);
}

static void tests(void)
{
    RUN(derived_keys_are_those_of_the_rfc);
    RUN(nonces_are_those_of_the_rfc);
    RUN(wrong_lengths_are_refused);
}

int main(void)
{
    CHECK(!tx_srtp_choose_backend("none such"));
    on_each_backend(tests);
    return 0;
}
