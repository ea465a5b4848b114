/* What an unauthenticated datagram meets: SRTP and SRTCP of every profile.  The first byte picks the profile and
 * whether the rest is sealed with the right key before it is opened, which reaches the code behind authentication.
 */
#include "check.h"
#include "packet.h"
#include "srtp.h"

static tx_srtp_sender *sender[3];
static tx_srtp_receiver *receiver[3];

static void set_up(void)
{
    static const tx_srtp_profile profiles[3] = {TX_SRTP_AES128_CM_SHA1_80, TX_SRTP_AEAD_AES_128_GCM,
                                                TX_SRTP_AEAD_AES_256_GCM};
    static const uint8_t master[44] = {1, 2, 3};
    for (size_t i = 0; i < 3; i++) {
        const size_t length = tx_srtp_key_bytes(profiles[i]) + tx_srtp_salt_bytes(profiles[i]);
        tx_srtp_sender_free(sender[i]);
        CHECK((sender[i] = tx_srtp_sender_new(profiles[i], master, length)) != NULL);
        if (!receiver[i])
            CHECK((receiver[i] = tx_srtp_receiver_new(profiles[i], master, length)) != NULL);
    }
}

static void open_rtcp(size_t which, const uint8_t *data, size_t size, bool seal)
{
    uint8_t *packet = malloc(size + TX_SRTP_OVERHEAD_MAX_BYTES);
    CHECK(packet);
    memcpy(packet, data, size);
    size_t length = size;
    if (seal)
        CHECK(tx_srtp_protect_rtcp(sender[which], packet, &length) == TX_SRTP_OK);
    uint8_t *exact = malloc(length);
    CHECK(exact);
    memcpy(exact, packet, length);
    const tx_srtp_status status = tx_srtp_unprotect_rtcp(receiver[which], exact, &length);
    if (status == TX_SRTP_OK)
        CHECK(seal && length == size && memcmp(exact, data, size) == 0);
    free(exact);
    free(packet);
}

static void open_rtp(size_t which, const uint8_t *data, size_t size, bool seal)
{
    tx_rtp_view view;
    if (!tx_rtp_parse_header(&view, data, size) || size > 1600)
        return;
    uint8_t *packet = malloc(size + TX_SRTP_OVERHEAD_MAX_BYTES);
    CHECK(packet);
    memcpy(packet, data, size);
    size_t length = size;
    if (seal) {
        tx_srtp_job job = {
            .stream = tx_srtp_sender_stream(sender[which], view.ssrc),
            .packet = packet,
            .payload = data + view.header_length,
            .header_length = view.header_length,
            .payload_length = view.payload_length,
            .repeat = true,
        };
        if (!job.stream) { /* all its streams are used up: begin anew */
            set_up();
            job.stream = tx_srtp_sender_stream(sender[which], view.ssrc);
        }
        if (!job.stream || !tx_srtp_stream_allow_repeat(sender[which], job.stream))
            abort();
        if (tx_srtp_protect(sender[which], &job, 1) != 1) { /* the same number with another text */
            free(packet);
            return;
        }
        length = job.length;
    }
    uint8_t *exact = malloc(length), *out = malloc(length);
    CHECK(exact && out);
    memcpy(exact, packet, length);
    CHECK(tx_rtp_parse_header(&view, exact, length));
    size_t plain = 0;
    if (tx_srtp_unprotect(receiver[which], &view, out, &plain) == TX_SRTP_OK) {
        CHECK(seal && plain == size && memcmp(out, data, size) == 0);
        (void)tx_rtp_trim_padding(&view, out, plain);
    }
    free(out);
    free(exact);
    free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!sender[0])
        set_up();
    if (size < 1)
        return 0;
    const size_t which = data[0] % 3;
    const bool seal = (data[0] & 0x80) != 0;
    switch (tx_packet_classify(data + 1, size - 1)) {
    case TX_PACKET_RTP: open_rtp(which, data + 1, size - 1, seal); break;
    case TX_PACKET_RTCP: open_rtcp(which, data + 1, size - 1, seal); break;
    case TX_PACKET_STUN:
    case TX_PACKET_DTLS:
    case TX_PACKET_UNKNOWN: break;
    }
    return 0;
}
