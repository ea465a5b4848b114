#include "check.h"
#include "hmac.h"

static void check_vector(const uint8_t *key, size_t key_length, const char *data, const char *digest)
{
    tx_hmac_sha1 hmac;
    uint8_t tag[TX_HMAC_SHA1_LENGTH], expected[TX_HMAC_SHA1_LENGTH];
    from_hex(digest, expected, sizeof expected);
    tx_hmac_sha1_init(&hmac, key, key_length);
    for (int again = 0; again < 2; again++) { /* the keyed states must survive a tag */
        const tx_span whole = {(const uint8_t *)data, strlen(data)};
        tx_hmac_sha1_tag(&hmac, &whole, 1, tag);
        SAME_BYTES(tag, expected, sizeof tag);
    }
}

/* RFC 2202 section 3, cases 1, 2 and 6. */
static void known_answers(void)
{
    uint8_t key[80];
    memset(key, 0x0b, 20);
    check_vector(key, 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00");
    check_vector((const uint8_t *)"Jefe", 4, "what do ya want for nothing?",
                 "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    memset(key, 0xaa, 80); /* longer than a block: hashed first */
    check_vector(key, 80, "Test Using Larger Than Block-Size Key - Hash Key First",
                 "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

static void pieces_count_as_one_message(void)
{
    const uint8_t key[20] = {1, 2, 3};
    uint8_t data[150];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    tx_hmac_sha1 hmac;
    uint8_t whole_tag[TX_HMAC_SHA1_LENGTH], pieces_tag[TX_HMAC_SHA1_LENGTH];
    tx_hmac_sha1_init(&hmac, key, sizeof key);
    tx_hmac_sha1_tag(&hmac, &(tx_span){data, sizeof data}, 1, whole_tag);
    const tx_span pieces[4] = {{data, 1}, {NULL, 0}, {data + 1, 100}, {data + 101, 49}};
    tx_hmac_sha1_tag(&hmac, pieces, 4, pieces_tag);
    SAME_BYTES(pieces_tag, whole_tag, sizeof whole_tag);
}

int main(void)
{
    RUN(known_answers);
    RUN(pieces_count_as_one_message);
    return 0;
}
