#include <pthread.h>

#include "check.h"
#include "cm.h"
#include "srtp.h"

/* RFC 3711 B.2: session key and salt, segments 0 and 0xfeff of the keystream. */
static void known_keystream(void)
{
    uint8_t key[16], counter[16], expected[48], out[48];
    const uint8_t zeros[48] = {0}, auth_key[20] = {0};
    from_hex("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof key);
    tx_cm *cm = tx_cm_new(key, auth_key);
    CHECK(cm && tx_cm_bytes(cm) > 0);
    from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000", counter, sizeof counter);
    from_hex("e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0",
             expected, sizeof expected);
    CHECK(tx_cm_crypt(cm, counter, zeros, sizeof zeros, out));
    SAME_BYTES(out, expected, sizeof expected);
    from_hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", counter, sizeof counter);
    from_hex("ec8cdf7398607cb0f2d21675ea9ea1e4 362b7c3c6773516318a077d7fc5073ae 6a2cc3787889374fbeb4c81b17ba6c44",
             expected, sizeof expected);
    CHECK(tx_cm_crypt(cm, counter, zeros, sizeof zeros, out));
    SAME_BYTES(out, expected, sizeof expected);
    tx_cm_free(cm);
}

/* Bursts of every size and of mixed lengths give what single packets give. */
static void bursts_agree_with_single_packets(void)
{
    enum { HEADER = 20, SPAN = 1400 };
    static uint8_t source[TX_CM_BURST_MAX][SPAN], burst[TX_CM_BURST_MAX][SPAN], single[TX_CM_BURST_MAX][SPAN];
    const uint8_t key[16] = {1}, auth_key[20] = {2};
    tx_cm *cm = tx_cm_new(key, auth_key);
    for (size_t count = 1; count <= TX_CM_BURST_MAX; count++) {
        tx_cm_packet packets[TX_CM_BURST_MAX];
        for (size_t i = 0; i < count; i++) {
            memset(burst[i], (int)i, HEADER);
            memset(single[i], (int)i, HEADER);
            memset(source[i], (int)(i + count), SPAN);
            packets[i] = (tx_cm_packet){
                .counter = {(uint8_t)i, 5},
                .packet = burst[i],
                .in = source[i],
                .header_length = HEADER,
                .length = i == 3 ? 0 : (i * 97 + count * 31) % 1300, /* also without payload */
                .trailer = (uint32_t)(i * 0x01010101),
            };
        }
        CHECK(tx_cm_seal(cm, packets, count));
        for (size_t i = 0; i < count; i++) {
            const tx_cm_packet *p = &packets[i];
            const size_t end = HEADER + p->length;
            CHECK(tx_cm_crypt(cm, p->counter, source[i], p->length, single[i] + HEADER));
            tx_cm_tag(cm, single[i], end, p->trailer, single[i] + end);
            SAME_BYTES(burst[i], single[i], end + TX_CM_TAG_BYTES);
            CHECK(tx_cm_check(cm, burst[i], end, p->trailer, burst[i] + end));
            CHECK(!tx_cm_check(cm, burst[i], end, p->trailer + 1, burst[i] + end));
            burst[i][0] ^= 1;
            CHECK(!tx_cm_check(cm, burst[i], end, p->trailer, burst[i] + end));
        }
    }
    tx_cm_free(cm);
    tx_cm_free(NULL);
}

/* Each thread has its own state for bursts and leaves none behind (LeakSanitizer looks). */
static void *in_a_thread(void *unused)
{
    bursts_agree_with_single_packets();
    return unused;
}

static void another_thread_seals_as_well(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, in_a_thread, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

int main(void)
{
    const char *const backends[2] = {"openssl", "ipsec-mb"};
    for (size_t i = 0; i < 2; i++) {
        if (!tx_srtp_choose_backend(backends[i]))
            continue;
        printf("backend %s\n", tx_srtp_backend());
        RUN(known_keystream);
        RUN(bursts_agree_with_single_packets);
        RUN(another_thread_seals_as_well);
    }
    return 0;
}
