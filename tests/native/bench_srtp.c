/* Nanoseconds of processor time per 1,100-byte SRTP packet, by profile and backend.
 *
 * The load is a fan-out: bursts of 10 packets to each of 40 subscribers, rewritten from one template and encrypted
 * straight from the source, as the worker does; and reception from one publisher.
 */
#include <time.h>

#include "check.h"
#include "srtp.h"

enum { SUBSCRIBERS = 40, BURST = 10, HEADER = 20, PACKET = 1100, PAYLOAD = PACKET - HEADER, ROUNDS = 500 };

static uint8_t arena[SUBSCRIBERS][BURST][1280];
static uint8_t source[BURST][PACKET];

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Rewrites and protects `rounds` bursts to all; returns nanoseconds per packet. */
static double fan_out(tx_srtp_sender **senders, const tx_rtp_template *template, int rounds, bool encrypt)
{
    uint16_t sequence = 0;
    const double start = cpu_ns();
    for (int round = 0; round < rounds; round++, sequence = (uint16_t)(sequence + BURST)) {
        for (uint32_t s = 0; s < SUBSCRIBERS; s++) {
            tx_srtp_job jobs[BURST];
            tx_srtp_stream *stream = tx_srtp_sender_stream(senders[s], 1000 + s);
            for (uint16_t k = 0; k < BURST; k++) {
                const tx_rtp_rewrite to = {
                    .ssrc = 1000 + s,
                    .timestamp = (uint32_t)round * 3000,
                    .sequence = (uint16_t)(sequence + k),
                    .payload_type = 96,
                    .marker = k + 1 == BURST,
                    .transport_sequence = (uint16_t)(sequence + k),
                };
                jobs[k] = (tx_srtp_job){
                    .stream = stream,
                    .packet = arena[s][k],
                    .payload = source[k] + HEADER,
                    .header_length = (uint16_t)tx_rtp_emit(template, arena[s][k], &to),
                    .payload_length = PAYLOAD,
                };
            }
            if (encrypt)
                CHECK(tx_srtp_protect(senders[s], jobs, BURST) == BURST);
        }
    }
    return (cpu_ns() - start) / rounds / SUBSCRIBERS / BURST;
}

/* Receives what the first sender makes; returns nanoseconds per packet. */
static double receive(tx_srtp_sender *sender, tx_srtp_receiver *receiver)
{
    enum { COUNT = 4000 };
    static uint8_t packets[COUNT][1280];
    static uint16_t lengths[COUNT];
    tx_srtp_stream *stream = tx_srtp_sender_stream(sender, 7);
    for (uint16_t i = 0; i < COUNT; i++) {
        memset(packets[i], 0, HEADER);
        packets[i][0] = 0x80;
        tx_put16(packets[i] + 2, i);
        tx_put32(packets[i] + 8, 7);
        tx_srtp_job job = {.stream = stream,
                           .packet = packets[i],
                           .payload = source[0] + HEADER,
                           .header_length = 12,
                           .payload_length = PACKET - 12};
        CHECK(tx_srtp_protect(sender, &job, 1) == 1);
        lengths[i] = job.length;
    }
    const double start = cpu_ns();
    for (int i = 0; i < COUNT; i++) {
        tx_rtp_view view;
        size_t length;
        CHECK(tx_rtp_parse_header(&view, packets[i], lengths[i]));
        CHECK(tx_srtp_unprotect(receiver, &view, packets[i], &length) == TX_SRTP_OK);
    }
    return (cpu_ns() - start) / COUNT;
}

static void measure(tx_srtp_profile profile, const char *name, const tx_rtp_template *template)
{
    static const uint8_t master[64] = {1, 2, 3};
    const size_t length = tx_srtp_key_bytes(profile) + tx_srtp_salt_bytes(profile);
    tx_srtp_sender *senders[SUBSCRIBERS];
    for (int i = 0; i < SUBSCRIBERS; i++)
        CHECK((senders[i] = tx_srtp_sender_new(profile, master, length)) != NULL);
    tx_srtp_receiver *receiver = tx_srtp_receiver_new(profile, master, length);
    fan_out(senders, template, 20, true); /* warm */
    for (int i = 0; i < SUBSCRIBERS; i++) {
        tx_srtp_sender_free(senders[i]);
        CHECK((senders[i] = tx_srtp_sender_new(profile, master, length)) != NULL);
    }
    const double sent = fan_out(senders, template, ROUNDS, true);
    printf("%-9s %-20s protect %6.0f ns   unprotect %6.0f ns   sender %zu bytes\n", tx_srtp_backend(), name, sent,
           receive(senders[0], receiver), tx_srtp_sender_bytes(senders[0]));
    for (int i = 0; i < SUBSCRIBERS; i++)
        tx_srtp_sender_free(senders[i]);
    tx_srtp_receiver_free(receiver);
}

int main(void)
{
    uint8_t id[TX_EXT_COUNT] = {0};
    id[TX_EXT_TRANSPORT_CC] = 1;
    tx_rtp_layout layout;
    tx_rtp_template template;
    CHECK(tx_rtp_layout_init(&layout, id, 0, false));
    tx_rtp_template_blank(&template, &layout);
    EQUAL(template.length, HEADER);
    const char *const backends[2] = {"openssl", "ipsec-mb"};
    for (size_t i = 0; i < 2; i++) {
        if (!tx_srtp_choose_backend(backends[i]))
            continue;
        measure(TX_SRTP_AEAD_AES_128_GCM, "AEAD_AES_128_GCM", &template);
        measure(TX_SRTP_AEAD_AES_256_GCM, "AEAD_AES_256_GCM", &template);
        measure(TX_SRTP_AES128_CM_SHA1_80, "AES128_CM_SHA1_80", &template);
    }
    tx_srtp_sender *senders[SUBSCRIBERS];
    static const uint8_t master[28] = {1};
    for (int i = 0; i < SUBSCRIBERS; i++) {
        CHECK((senders[i] = tx_srtp_sender_new(TX_SRTP_AEAD_AES_128_GCM, master, sizeof master)) != NULL);
    }
    printf("rewriting alone %.1f ns\n", fan_out(senders, &template, 20 * ROUNDS, false));
    for (int i = 0; i < SUBSCRIBERS; i++)
        tx_srtp_sender_free(senders[i]);
    return 0;
}
