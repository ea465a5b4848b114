#include "check.h"
#include "srtp.h"
#include "srtp_keys.h"

static const tx_srtp_profile PROFILES[3] = {TX_SRTP_AES128_CM_SHA1_80, TX_SRTP_AEAD_AES_128_GCM,
                                            TX_SRTP_AEAD_AES_256_GCM};

static size_t master_length(tx_srtp_profile profile)
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

/* ---- keys ---- */

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
static size_t protect(tx_srtp_sender *sender, tx_srtp_stream *stream, uint8_t *packet, size_t header,
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

static void protects_as_libsrtp_does(void)
{
    for (size_t i = 0; i < 3; i++) {
        uint8_t plain[128], packet[160], expected[160];
        const size_t length = from_hex(RTP, plain, sizeof plain);
        const size_t wanted = from_hex(SRTP[i], expected, sizeof expected);
        tx_srtp_sender *sender = tx_srtp_sender_new(PROFILES[i], master(), master_length(PROFILES[i]));
        CHECK(sender && tx_srtp_sender_bytes(sender) > 0);
        tx_srtp_stream *stream = tx_srtp_sender_stream(sender, 0xcafebabe);
        CHECK(stream && tx_srtp_sender_stream(sender, 0xcafebabe) == stream);
        memcpy(packet, plain, 20);
        EQUAL(protect(sender, stream, packet, 20, plain + 20, length - 20), wanted);
        EQUAL(wanted, length + tx_srtp_rtp_overhead_bytes(PROFILES[i]));
        SAME_BYTES(packet, expected, wanted);

        for (int index = 0; index < 2; index++) { /* ours begins at index 0, libsrtp's at 1 */
            size_t n = from_hex(RTCP, packet, sizeof packet);
            EQUAL(tx_srtp_protect_rtcp(sender, packet, &n), TX_SRTP_OK);
            EQUAL(n, from_hex(SRTCP[i], expected, sizeof expected));
            if (index == 1)
                SAME_BYTES(packet, expected, n);
        }
        tx_srtp_sender_free(sender);
    }
}

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

/* ---- both ends ---- */

typedef struct ends {
    tx_srtp_sender *sender;
    tx_srtp_receiver *receiver;
} ends;

static ends open_ends(tx_srtp_profile profile)
{
    const ends e = {
        tx_srtp_sender_new(profile, master(), master_length(profile)),
        tx_srtp_receiver_new(profile, master(), master_length(profile)),
    };
    CHECK(e.sender && e.receiver);
    return e;
}

static void close_ends(ends e)
{
    tx_srtp_sender_free(e.sender);
    tx_srtp_receiver_free(e.receiver);
}

static void put_header(uint8_t *packet, uint16_t sequence, uint32_t ssrc)
{
    memset(packet, 0, 12);
    packet[0] = 0x80;
    packet[1] = 96;
    tx_put16(packet + 2, sequence);
    tx_put32(packet + 8, ssrc);
}

static size_t make_packet(tx_srtp_sender *sender, uint16_t sequence, uint32_t ssrc, uint8_t *packet)
{
    static const uint8_t payload[40] = "the same text in every packet";
    put_header(packet, sequence, ssrc);
    return protect(sender, tx_srtp_sender_stream(sender, ssrc), packet, 12, payload, sizeof payload);
}

static tx_srtp_status receive(tx_srtp_receiver *receiver, uint8_t *packet, size_t length)
{
    tx_rtp_view view;
    CHECK(tx_rtp_parse_header(&view, packet, length));
    return tx_srtp_unprotect(receiver, &view, packet, &length);
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

/* Sends `text` again under a sequence that may be used already. */
static size_t repeat(tx_srtp_sender *sender, uint16_t sequence, const char *text, uint8_t marker, uint8_t *packet)
{
    uint8_t payload[40] = {0};
    strcpy((char *)payload, text);
    put_header(packet, sequence, 5);
    packet[1] |= marker;
    tx_srtp_job job = {.stream = tx_srtp_sender_stream(sender, 5),
                       .packet = packet,
                       .payload = payload,
                       .header_length = 12,
                       .payload_length = sizeof payload,
                       .repeat = true};
    EQUAL(tx_srtp_protect(sender, &job, 1), job.status == TX_SRTP_OK);
    return job.length;
}

static void only_the_very_same_packet_goes_out_again(void)
{
    static const char *const SAME = "the same text in every packet";
    static const uint8_t nothing[128] = {0};
    for (size_t i = 0; i < 3; i++) {
        const ends e = open_ends(PROFILES[i]);
        tx_srtp_stream *stream = tx_srtp_sender_stream(e.sender, 5);
        const size_t before = tx_srtp_sender_bytes(e.sender);
        CHECK(tx_srtp_stream_allow_repeat(e.sender, stream) && tx_srtp_stream_allow_repeat(e.sender, stream));
        CHECK(tx_srtp_sender_bytes(e.sender) == before + 512);
        uint8_t packet[128], again[128];
        const size_t length = make_packet(e.sender, 77, 5, packet);
        CHECK(length > 0);
        EQUAL(make_packet(e.sender, 77, 5, again), 0); /* not asked for */
        EQUAL(repeat(e.sender, 77, SAME, 0, again), length);
        SAME_BYTES(again, packet, length);
        EQUAL(repeat(e.sender, 77, "another text", 0, again), 0);
        SAME_BYTES(again, nothing, length);                /* not even left in memory: it must not be sent by mistake */
        EQUAL(repeat(e.sender, 77, SAME, 0x80, again), 0); /* a header that differs by one bit */
        SAME_BYTES(again, nothing, length);
        EQUAL(repeat(e.sender, 77, SAME, 0, again), length);        /* and nothing was forgotten over it */
        EQUAL(repeat(e.sender, 78, "a new one", 0, again), length); /* fresh: an ordinary packet */
        EQUAL(repeat(e.sender, 78, "a new one", 0, again), length);
        EQUAL(repeat(e.sender, 77 + 127, SAME, 0, again), length);
        EQUAL(repeat(e.sender, 77, SAME, 0, again), length);
        EQUAL(repeat(e.sender, 77 + 128, SAME, 0, again), length);
        EQUAL(repeat(e.sender, 77, SAME, 0, again), 0); /* out of the window */
        close_ends(e);
    }
}

static void packets_from_before_repeats_were_allowed_are_not_repeated(void)
{
    const ends e = open_ends(TX_SRTP_AEAD_AES_128_GCM);
    uint8_t packet[128];
    CHECK(make_packet(e.sender, 77, 5, packet) > 0);
    CHECK(tx_srtp_stream_allow_repeat(e.sender, tx_srtp_sender_stream(e.sender, 5)));
    EQUAL(repeat(e.sender, 77, "the same text in every packet", 0, packet), 0);
    close_ends(e);
}

static void jobs_that_make_no_sense_are_refused(void)
{
    const ends e = open_ends(TX_SRTP_AEAD_AES_128_GCM);
    static uint8_t packet[70000];
    tx_srtp_stream *stream = tx_srtp_sender_stream(e.sender, 5);
    put_header(packet, 1, 6); /* another SSRC than the stream's would reuse its nonces */
    EQUAL(protect(e.sender, stream, packet, 12, packet + 12, 10), 0);
    put_header(packet, 1, 5);
    EQUAL(protect(e.sender, stream, packet, 11, packet + 12, 10), 0);
    EQUAL(protect(e.sender, stream, packet, 12, packet + 12, 65535 - 12 - 15), 0);
    CHECK(protect(e.sender, stream, packet, 12, packet + 12, 65535 - 12 - 16) == 65535);
    close_ends(e);
}

/* Batches of mixed jobs: prefix (RTX), padding, none, and one in the middle that is refused. */
static void a_batch_gives_each_packet_its_own_text(void)
{
    enum { COUNT = 70 };
    static uint8_t packets[COUNT][256];
    static uint8_t payload[COUNT][100];
    for (size_t i = 0; i < 3; i++) {
        const ends e = open_ends(PROFILES[i]);
        tx_srtp_job jobs[COUNT];
        for (uint16_t k = 0; k < COUNT; k++) {
            memset(payload[k], k, sizeof payload[k]);
            put_header(packets[k], k == 40 ? 39 : k, 5);
            jobs[k] = (tx_srtp_job){
                .stream = tx_srtp_sender_stream(e.sender, 5),
                .packet = packets[k],
                .payload = payload[k],
                .header_length = 12,
                .prefix_length = k % 3 == 1 ? 2 : 0,
                .payload_length = (uint16_t)(k % sizeof payload[k]),
                .padding = (uint8_t)(k % 4 == 2 ? k : 0),
            };
            if (jobs[k].prefix_length)
                tx_put16(packets[k] + 12, 0xabcd);
            if (jobs[k].padding)
                packets[k][0] |= 0x20;
        }
        EQUAL(tx_srtp_protect(e.sender, jobs, COUNT), COUNT - 1);
        EQUAL(jobs[40].status, TX_SRTP_REPLAYED);
        EQUAL(jobs[40].length, 0);
        for (size_t k = 0; k < COUNT; k++) {
            if (k == 40)
                continue;
            tx_rtp_view view;
            size_t length = 0;
            CHECK(tx_rtp_parse_header(&view, packets[k], jobs[k].length));
            EQUAL(tx_srtp_unprotect(e.receiver, &view, packets[k], &length), TX_SRTP_OK);
            CHECK(tx_rtp_trim_padding(&view, packets[k], length));
            EQUAL(view.padding, jobs[k].padding);
            EQUAL(view.payload_length, jobs[k].prefix_length + jobs[k].payload_length);
            if (jobs[k].prefix_length)
                EQUAL(tx_get16(packets[k] + 12), 0xabcd);
            SAME_BYTES(packets[k] + 12 + jobs[k].prefix_length, payload[k], jobs[k].payload_length);
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

static void sent_streams_are_bounded_and_keep_their_place(void)
{
    const ends e = open_ends(TX_SRTP_AEAD_AES_128_GCM);
    tx_srtp_stream *first = tx_srtp_sender_stream(e.sender, 0);
    for (uint32_t n = 1; n < TX_SRTP_SEND_STREAMS_MAX; n++)
        CHECK(tx_srtp_sender_stream(e.sender, n));
    CHECK(!tx_srtp_sender_stream(e.sender, TX_SRTP_SEND_STREAMS_MAX));
    CHECK(tx_srtp_sender_stream(e.sender, 0) == first);
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

int main(void)
{
    const char *const backends[2] = {"openssl", "ipsec-mb"};
    CHECK(!tx_srtp_choose_backend("none such"));
    for (size_t i = 0; i < 2; i++) {
        if (!tx_srtp_choose_backend(backends[i]))
            continue;
        printf("backend %s\n", tx_srtp_backend());
        CHECK(strcmp(tx_srtp_backend(), backends[i]) == 0);
        RUN(derived_keys_are_those_of_the_rfc);
        RUN(nonces_are_those_of_the_rfc);
        RUN(wrong_lengths_are_refused);
        RUN(protects_as_libsrtp_does);
        RUN(unprotects_what_libsrtp_made);
        RUN(rollover_is_followed_on_both_ends);
        RUN(only_the_very_same_packet_goes_out_again);
        RUN(packets_from_before_repeats_were_allowed_are_not_repeated);
        RUN(jobs_that_make_no_sense_are_refused);
        RUN(a_batch_gives_each_packet_its_own_text);
        RUN(every_flipped_bit_is_forged);
        RUN(every_truncation_is_refused);
        RUN(the_replay_window_is_128_packets);
        RUN(clear_srtcp_is_refused);
        RUN(known_sources_are_bounded_and_the_silent_one_goes);
        RUN(forged_sources_take_no_room);
        RUN(sent_streams_are_bounded_and_keep_their_place);
        RUN(prediction_errors_cost_nothing_but_the_packet);
    }
    return 0;
}
