/* What the tests of SRTP share: both ends of a session under one key, and packets as libsrtp 2 makes them. */
#ifndef TX_SRTP_ENDS_H
#define TX_SRTP_ENDS_H

#include "check.h"
#include "srtp.h"

static const tx_srtp_profile PROFILES[3] = {TX_SRTP_AES128_CM_SHA1_80, TX_SRTP_AEAD_AES_128_GCM,
                                            TX_SRTP_AEAD_AES_256_GCM};

static inline size_t master_length(tx_srtp_profile profile)
{
    return tx_srtp_key_bytes(profile) + tx_srtp_salt_bytes(profile);
}

/* Key and salt 1, 2, 3, ... */
static const uint8_t *master(void)
{
    static uint8_t bytes[46];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i + 1);
    return bytes;
}

/* ---- packets as libsrtp 2 makes them from the same master key (1, 2, 3, ...) ---- */

static const char *const RTP = "900f1234 decafbad cafebabe bede0001 10010000"
                               "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f6061626364";
static const char *const RTCP = "80c80006 cafebabe 0102030405060708090a0b0c0000000100000002 81cb0001 cafebabe";
static const char *const SRTP[3] = {
    "900f1234decafbadcafebabebede000110010000b04613da290cc56a69e1dfdc1319a082102438110a83684bf2ecfae5efb89c80e1f2c77cb5"
    "beb3bf4afebc73bdc69a",
    "900f1234decafbadcafebabebede000110010000cd600f866ba699bdb35a74e5e59e40ae43df5e09f0da35f8af56795b85be7d6fac5122360c"
    "276cd4f8aa44d4dac8803fa39bb3196e",
    "900f1234decafbadcafebabebede00011001000081a5aeacc84937df203a39000e791afc4e4248a572cf5bea81221c0d1211985e106b0802f2"
    "c2855269ce637eba0e29c32a08705117",
};
static const char *const SRTCP[3] = {
    /* index 1 */
    "80c80006cafebabea9590a5c307bbaf53893180a837178d0d33c36fb5e5186292c73032c80000001176d25ad307ab3d8bb56",
    "80c80006cafebabe71d5cb1bdd9688fcb912af6041c0ee2213da8b1bc77e70b3f70cc579da0790d2a27aaf7fefab85fc9738ee6480000001",
    "80c80006cafebabe2f5149a41cb65699ba9de15692ec5a960da651496c8e6e7be3f435d9c9d96bec6ccdc7fe526a1b8b2d8bf76b80000001",
};

/* Protects header || payload by one job; returns the length. */
static inline size_t protect(tx_srtp_sender *sender, tx_srtp_stream *stream, uint8_t *packet, size_t header,
                             const uint8_t *payload, size_t length)
{
    tx_srtp_job job = {
        .stream = stream,
        .packet = packet,
        .payload = payload,
        .header_length = (uint16_t)header,
        .payload_length = (uint16_t)length,
    };
    const size_t accepted = tx_srtp_protect(sender, &job, 1);
    EQUAL(accepted, job.status == TX_SRTP_OK);
    EQUAL(accepted, job.length != 0);
    return job.length;
}

typedef struct ends {
    tx_srtp_sender *sender;
    tx_srtp_receiver *receiver;
} ends;

static inline ends open_ends(tx_srtp_profile profile)
{
    const ends e = {
        tx_srtp_sender_new(profile, master(), master_length(profile)),
        tx_srtp_receiver_new(profile, master(), master_length(profile)),
    };
    CHECK(e.sender && e.receiver);
    return e;
}

static inline void close_ends(ends e)
{
    tx_srtp_sender_free(e.sender);
    tx_srtp_receiver_free(e.receiver);
}

static inline void put_header(uint8_t *packet, uint16_t sequence, uint32_t ssrc)
{
    memset(packet, 0, 12);
    packet[0] = 0x80;
    packet[1] = 96;
    tx_put16(packet + 2, sequence);
    tx_put32(packet + 8, ssrc);
}

static inline size_t make_packet(tx_srtp_sender *sender, uint16_t sequence, uint32_t ssrc, uint8_t *packet)
{
    static const uint8_t payload[40] = "the same text in every packet";
    put_header(packet, sequence, ssrc);
    return protect(sender, tx_srtp_sender_stream(sender, ssrc), packet, 12, payload, sizeof payload);
}

static inline tx_srtp_status receive(tx_srtp_receiver *receiver, uint8_t *packet, size_t length)
{
    tx_rtp_view view;
    CHECK(tx_rtp_parse_header(&view, packet, length));
    return tx_srtp_unprotect(receiver, &view, packet, &length);
}

/* Runs all tests of a program on every backend that can be had. */
static inline void on_each_backend(void (*tests)(void))
{
    const char *const backends[2] = {"openssl", "ipsec-mb"};
    for (size_t i = 0; i < 2; i++) {
        if (!tx_srtp_choose_backend(backends[i]))
            continue;
        printf("backend %s\n", tx_srtp_backend());
        CHECK(strcmp(tx_srtp_backend(), backends[i]) == 0);
        tests();
    }
}

#endif
