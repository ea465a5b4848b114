/* STUN: whatever comes in, parsing and answering stay in bounds, and our answers parse. */
#include "check.h"
#include "stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tx_hmac_sha1 password;
    static bool ready;
    if (!ready) {
        tx_hmac_sha1_init(&password, (const uint8_t *)"VOkJxbRl1RmTxUk/WvJxBt", 22);
        ready = true;
    }
    tx_stun_view view;
    if (!tx_stun_parse(&view, data, size))
        return 0;
    const uint8_t *ufrag = NULL;
    const size_t ufrag_length = tx_stun_local_ufrag(&view, &ufrag);
    CHECK(ufrag_length == 0 || (ufrag >= data && ufrag + ufrag_length < data + size));
    (void)tx_stun_check_integrity(&view, &password);
    (void)tx_stun_check_fingerprint(&view);
    (void)tx_stun_error_code(&view);
    struct sockaddr_storage address = {.ss_family = AF_INET};
    (void)tx_stun_mapped_address(&view, &address);
    uint8_t out[TX_STUN_RESPONSE_MAX_BYTES];
    tx_stun_view answer;
    const size_t success = tx_stun_success(out, sizeof out, &view, (struct sockaddr *)&address, &password);
    CHECK(success > 0 && tx_stun_parse(&answer, out, success));
    CHECK(tx_stun_check_integrity(&answer, &password) && tx_stun_check_fingerprint(&answer));
    const size_t error = tx_stun_error(out, sizeof out, &view, 420, &password);
    CHECK(error > 0 && tx_stun_parse(&answer, out, error) && tx_stun_error_code(&answer) == 420);
    return 0;
}
