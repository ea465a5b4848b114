#include "srtp_ends.h"

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
    EQUAL(repeat(e.sender, 77, "the same text in every packet", 0, packet), 0);
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

static void tests(void)
{
    RUN(protects_as_libsrtp_does);
    RUN(only_the_very_same_packet_goes_out_again);
    RUN(packets_from_before_repeats_were_allowed_are_not_repeated);
    RUN(jobs_that_make_no_sense_are_refused);
    RUN(a_batch_gives_each_packet_its_own_text);
    RUN(sent_streams_are_bounded_and_keep_their_place);
}

int main(void)
{
    on_each_backend(tests);
    return 0;
}
