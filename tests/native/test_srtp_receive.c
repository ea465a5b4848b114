#include "srtp_ends.h"

static void unprotects_what_libsrtp_made(void)
{
    for (size_t i = 0; i < 3; i++) {
        uint8_t plain[128], packet[160], out[160];
        size_t length = 0;
        const size_t plain_length = from_hex(RTP, plain, sizeof plain);
        tx_srtp_receiver *receiver = tx_srtp_receiver_new(PROFILES[i], master(), master_length(PROFILES[i]));
        CHECK(receiver);
        tx_rtp_view view;
        CHECK(tx_rtp_parse_header(&view, packet, from_hex(SRTP[i], packet, sizeof packet)));
        EQUAL(tx_srtp_unprotect(receiver, &view, out, &length), TX_SRTP_OK);
        EQUAL(length, plain_length);
        SAME_BYTES(out, plain, length);
        EQUAL(tx_srtp_unprotect(receiver, &view, packet, &length), TX_SRTP_REPLAYED);

        const size_t rtcp_length = from_hex(RTCP, plain, sizeof plain);
        length = from_hex(SRTCP[i], packet, sizeof packet);
        EQUAL(tx_srtp_unprotect_rtcp(receiver, packet, &length), TX_SRTP_OK);
        EQUAL(length, rtcp_length);
        SAME_BYTES(packet, plain, length);
        length = from_hex(SRTCP[i], packet, sizeof packet);
        EQUAL(tx_srtp_unprotect_rtcp(receiver, packet, &length), TX_SRTP_REPLAYED);
        CHECK(tx_srtp_receiver_bytes(receiver) > 0);
        tx_srtp_receiver_free(receiver);
    }
}

static void rollover_is_followed_on_both_ends(void)
{
    for (size_t i = 0; i < 3; i++) {
        const ends e = open_ends(PROFILES[i]);
        uint8_t packet[128], late[128];
        size_t late_length = 0;
        for (uint32_t n = 0x7ff0; n < 0x40000; n++) { /* across 2^15 and three times across 2^16 */
            if (n % 7) {
                const size_t length = make_packet(e.sender, (uint16_t)n, 5, packet);
                if (n == 0xffff) { /* kept back and delivered after the wrap */
                    memcpy(late, packet, length);
                    late_length = length;
                    continue;
                }
                CHECK(receive(e.receiver, packet, length) == TX_SRTP_OK);
            }
            if (n == 0x10020)
                CHECK(receive(e.receiver, late, late_length) == TX_SRTP_OK);
        }
        close_ends(e);
    }
}

static void every_flipped_bit_is_forged(void)
{
    for (size_t i = 0; i < 3; i++) {
        const ends e = open_ends(PROFILES[i]);
        uint8_t packet[128], copy[128], rtcp[128];
        const size_t length = make_packet(e.sender, 9, 5, packet);
        for (size_t bit = 0; bit < length * 8; bit++) {
            memcpy(copy, packet, length);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            tx_rtp_view view;
            size_t n = 0;
            if (!tx_rtp_parse_header(&view, copy, length))
                continue;
            CHECK(tx_srtp_unprotect(e.receiver, &view, copy, &n) != TX_SRTP_OK);
        }
        size_t rtcp_length = from_hex(RTCP, rtcp, sizeof rtcp);
        EQUAL(tx_srtp_protect_rtcp(e.sender, rtcp, &rtcp_length), TX_SRTP_OK);
        for (size_t bit = 0; bit < rtcp_length * 8; bit++) {
            memcpy(copy, rtcp, rtcp_length);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            size_t n = rtcp_length;
            CHECK(tx_srtp_unprotect_rtcp(e.receiver, copy, &n) != TX_SRTP_OK);
        }
        /* none of it moved a state: the real ones are still welcome */
        EQUAL(receive(e.receiver, packet, length), TX_SRTP_OK);
        EQUAL(tx_srtp_unprotect_rtcp(e.receiver, rtcp, &rtcp_length), TX_SRTP_OK);
        close_ends(e);
    }
}

static void every_truncation_is_refused(void)
{
    for (size_t i = 0; i < 3; i++) {
        const ends e = open_ends(PROFILES[i]);
        uint8_t packet[128], rtcp[128];
        const size_t length = make_packet(e.sender, 9, 5, packet);
        size_t rtcp_length = from_hex(RTCP, rtcp, sizeof rtcp);
        EQUAL(tx_srtp_protect_rtcp(e.sender, rtcp, &rtcp_length), TX_SRTP_OK);
        for (size_t n = 0; n < rtcp_length; n++) {
            uint8_t *exact = malloc(n ? n : 1);
            CHECK(exact);
            memcpy(exact, rtcp, n);
            size_t left = n;
            CHECK(tx_srtp_unprotect_rtcp(e.receiver, exact, &left) != TX_SRTP_OK);
            free(exact);
        }
        for (size_t n = 12; n < length; n++) {
            uint8_t *exact = malloc(n);
            CHECK(exact);
            memcpy(exact, packet, n);
            CHECK(receive(e.receiver, exact, n) != TX_SRTP_OK);
            free(exact);
        }
        close_ends(e);
    }
}

static void the_replay_window_is_128_packets(void)
{
    const ends e = open_ends(TX_SRTP_AEAD_AES_128_GCM);
    static uint8_t packets[300][128];
    size_t length = 0;
    for (uint16_t n = 0; n < 300; n++)
        length = make_packet(e.sender, n, 5, packets[n]);
    uint8_t copy[128];
    EQUAL(receive(e.receiver, memcpy(copy, packets[299], length), length), TX_SRTP_OK);
    EQUAL(receive(e.receiver, memcpy(copy, packets[299 - 127], length), length), TX_SRTP_OK);
    EQUAL(receive(e.receiver, memcpy(copy, packets[299 - 128], length), length), TX_SRTP_REPLAYED);
    EQUAL(receive(e.receiver, memcpy(copy, packets[299 - 127], length), length), TX_SRTP_REPLAYED);
    close_ends(e);
}

static void clear_srtcp_is_refused(void)
{
    for (size_t i = 0; i < 3; i++) {
        const ends e = open_ends(PROFILES[i]);
        uint8_t rtcp[128];
        size_t length = from_hex(RTCP, rtcp, sizeof rtcp);
        EQUAL(tx_srtp_protect_rtcp(e.sender, rtcp, &length), TX_SRTP_OK);
        rtcp[PROFILES[i] == TX_SRTP_AES128_CM_SHA1_80 ? length - 14 : length - 4] &= 0x7f;
        EQUAL(tx_srtp_unprotect_rtcp(e.receiver, rtcp, &length), TX_SRTP_MALFORMED);
        close_ends(e);
    }
}

static void known_sources_are_bounded_and_the_silent_one_goes(void)
{
    const ends e = open_ends(TX_SRTP_AEAD_AES_128_GCM);
    uint8_t packet[128], first[128];
    const size_t length = make_packet(e.sender, 1, 1000, first);
    EQUAL(receive(e.receiver, memcpy(packet, first, length), length), TX_SRTP_OK);
    EQUAL(receive(e.receiver, packet, make_packet(e.sender, 1, 1001, packet)), TX_SRTP_OK);
    for (uint32_t n = 2; n < 3 * TX_SRTP_RECEIVE_STREAMS_MAX; n++) {
        EQUAL(receive(e.receiver, packet, make_packet(e.sender, 1, 1000 + n, packet)), TX_SRTP_OK);
        /* 1001 speaks all the time, so it is not the one that is forgotten */
        EQUAL(receive(e.receiver, packet, make_packet(e.sender, (uint16_t)(n + 1), 1001, packet)), TX_SRTP_OK);
    }
    CHECK(tx_srtp_receiver_bytes(e.receiver) < 200000);
    EQUAL(receive(e.receiver, packet, make_packet(e.sender, 2, 1000, packet)), TX_SRTP_OK);
    close_ends(e);
}

static void forged_sources_take_no_room(void)
{
    const ends e = open_ends(TX_SRTP_AEAD_AES_128_GCM);
    const size_t before = tx_srtp_receiver_bytes(e.receiver);
    uint8_t packet[128] = {0};
    for (uint32_t ssrc = 0; ssrc < 2000; ssrc++) {
        put_header(packet, 1, ssrc);
        EQUAL(receive(e.receiver, packet, 60), TX_SRTP_FORGED);
        uint8_t rtcp[64] = {0x80, 201};
        tx_put32(rtcp + 4, ssrc);
        rtcp[60] = 0x80;
        size_t length = sizeof rtcp;
        EQUAL(tx_srtp_unprotect_rtcp(e.receiver, rtcp, &length), TX_SRTP_FORGED);
    }
    EQUAL(tx_srtp_receiver_bytes(e.receiver), before);
    close_ends(e);
}

static void prediction_errors_cost_nothing_but_the_packet(void)
{
    /* A first packet just before the wrap, then one behind it by less than half the space: before all rollovers. */
    const ends e = open_ends(TX_SRTP_AEAD_AES_128_GCM);
    uint8_t packet[128];
    EQUAL(receive(e.receiver, packet, make_packet(e.sender, 10, 5, packet)), TX_SRTP_OK);
    put_header(packet, 0xfff0, 5);
    EQUAL(receive(e.receiver, packet, 60), TX_SRTP_REPLAYED);
    EQUAL(make_packet(e.sender, 0xfff0, 5, packet), 0);
    EQUAL(receive(e.receiver, packet, make_packet(e.sender, 11, 5, packet)), TX_SRTP_OK);
    close_ends(e);
}

static void tests(void)
{
    RUN(unprotects_what_libsrtp_made);
    RUN(rollover_is_followed_on_both_ends);
    RUN(every_flipped_bit_is_forged);
    RUN(every_truncation_is_refused);
    RUN(the_replay_window_is_128_packets);
    RUN(clear_srtcp_is_refused);
    RUN(known_sources_are_bounded_and_the_silent_one_goes);
    RUN(forged_sources_take_no_room);
    RUN(prediction_errors_cost_nothing_but_the_packet);
}

int main(void)
{
    on_each_backend(tests);
    return 0;
}
