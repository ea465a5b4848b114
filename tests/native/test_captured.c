/* Packets that Chromium 156 really sent (a fake camera, decrypted): what the parsers make of them.
 * The files are also seeds of the fuzzers; RTP ids are those of the captured sessions.
 */
#include "check.h"
#include "codec.h"
#include "rtcp.h"
#include "rtp.h"
#include "stun.h"

static uint8_t data[2048];

static size_t load(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "corpus/%s", name);
    FILE *file = fopen(path, "rb");
    CHECK(file);
    const size_t length = fread(data, 1, sizeof data, file);
    CHECK(length > 0 && length < sizeof data);
    fclose(file);
    return length;
}

typedef struct expectation {
    const char *name;
    tx_codec codec;
    bool frame_start;
    bool keyframe;
} expectation;

static void video_frames_are_seen(void)
{
    const expectation expected[] = {
        {"rtp/chromium_vp8_key", TX_CODEC_VP8, true, true},   {"rtp/chromium_vp8_middle", TX_CODEC_VP8, false, false},
        {"rtp/chromium_h264_key", TX_CODEC_H264, true, true}, {"rtp/chromium_h264_delta", TX_CODEC_H264, true, false},
        {"rtp/chromium_vp9_key", TX_CODEC_VP9, true, true},   {"rtp/chromium_vp9_delta", TX_CODEC_VP9, true, false},
        {"rtp/chromium_av1_key", TX_CODEC_AV1, true, true},   {"rtp/chromium_av1_delta", TX_CODEC_AV1, true, false},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        tx_rtp_view view;
        tx_codec_view codec;
        CHECK(tx_rtp_parse(&view, data, load(expected[i].name)));
        EQUAL(view.extension_form, 1);
        CHECK(tx_codec_inspect(expected[i].codec, tx_rtp_payload(&view), view.payload_length, &codec));
        EQUAL(codec.frame_start, expected[i].frame_start);
        EQUAL(codec.keyframe, expected[i].keyframe);
    }
}

static void probes_have_no_payload(void)
{
    tx_rtp_view view;
    CHECK(tx_rtp_parse(&view, data, load("rtp/chromium_padding_probe")));
    EQUAL(view.payload_length, 0);
    EQUAL(view.padding, 255);
    CHECK(tx_rtp_parse(&view, data, load("rtp/chromium_rtx_probe")));
    CHECK(!tx_rtp_rtx_unwrap(&view, data, 1, 108));
}

static void rtx_gives_back_the_frame(void)
{
    tx_rtp_view view;
    tx_codec_view codec;
    CHECK(tx_rtp_parse(&view, data, load("rtp/chromium_rtx")));
    const uint16_t length = view.payload_length;
    CHECK(tx_rtp_rtx_unwrap(&view, data, 1, 108));
    EQUAL(view.payload_length, length - 2);
    CHECK(tx_codec_inspect(TX_CODEC_H264, tx_rtp_payload(&view), view.payload_length, &codec) && codec.keyframe);
}

static void sender_reports_are_read(void)
{
    tx_rtcp_iterator it = tx_rtcp_over(data, load("rtcp/chromium_sr_cname"));
    tx_rtcp_packet packet;
    tx_rtcp_sender_report report;
    uint32_t ssrc = 0;
    const uint8_t *name = NULL;
    uint8_t length = 0;
    CHECK(tx_rtcp_next(&it, &packet) && tx_rtcp_read_sender_report(&packet, &report));
    EQUAL(report.packets, 22);
    CHECK(tx_rtcp_next(&it, &packet) && tx_rtcp_read_cname(&packet, 0, &ssrc, &name, &length));
    EQUAL(ssrc, report.ssrc);
    EQUAL(length, 16);
    CHECK(!tx_rtcp_next(&it, &packet));
    it = tx_rtcp_over(data, load("rtcp/chromium_rr"));
    CHECK(tx_rtcp_next(&it, &packet) && packet.type == TX_RTCP_RR);
    EQUAL(tx_rtcp_report_count(&packet), 0);
}

static void checks_are_read(void)
{
    tx_stun_view view;
    const uint8_t *ufrag = NULL;
    CHECK(tx_stun_parse(&view, data, load("stun/chromium_request")));
    EQUAL(view.type, TX_STUN_BINDING_REQUEST);
    CHECK(view.has_priority && view.controlling && view.integrity_offset && view.fingerprint_offset);
    CHECK(tx_stun_check_fingerprint(&view));
    EQUAL(tx_stun_local_ufrag(&view, &ufrag), 4);
    EQUAL(view.unknown_attribute, 0);
    struct sockaddr_storage address;
    CHECK(tx_stun_parse(&view, data, load("stun/chromium_success")));
    CHECK(tx_stun_check_fingerprint(&view) && tx_stun_mapped_address(&view, &address));
}

int main(void)
{
    RUN(video_frames_are_seen);
    RUN(probes_have_no_payload);
    RUN(rtx_gives_back_the_frame);
    RUN(sender_reports_are_read);
    RUN(checks_are_read);
    return 0;
}
