#include "check.h"
#include "rtp.h"

typedef struct scene {
    uint8_t data[512];
    tx_rtp_view view;
    tx_extension_set set;
} scene;

/* A packet whose publisher uses: 1 audio level, 2 MID, 3 transport-cc, 4 orientation, 5 dependency descriptor. */
static void make_scene(scene *s, const char *packet)
{
    uint8_t id[TX_EXT_COUNT] = {0};
    id[TX_EXT_AUDIO_LEVEL] = 1;
    id[TX_EXT_MID] = 2;
    id[TX_EXT_TRANSPORT_CC] = 3;
    id[TX_EXT_VIDEO_ORIENTATION] = 4;
    id[TX_EXT_DEPENDENCY_DESCRIPTOR] = 5;
    tx_extension_map map;
    CHECK(tx_extension_map_init(&map, id));
    CHECK(tx_rtp_parse(&s->view, s->data, from_hex(packet, s->data, sizeof s->data)));
    tx_rtp_extensions(&s->view, &map, &s->set);
}

static const char *const SPOKEN = "90ef0001 00000010 00000001 bede0003 108f2030 31000240 01000000 aabbcc";

static const tx_rtp_rewrite TO = {
    .ssrc = 0xcafebabe,
    .timestamp = 0x01020304,
    .sequence = 0xffff,
    .payload_type = 100,
    .transport_sequence = 0x7788,
    .abs_send_time = 0xa1b2c3,
    .mid = (const uint8_t *)"abc",
};

static void known_elements_are_located_in_one_walk(void)
{
    scene s;
    make_scene(&s, SPOKEN);
    EQUAL(s.set.at[TX_EXT_AUDIO_LEVEL].length, 1);
    EQUAL(s.data[s.set.at[TX_EXT_AUDIO_LEVEL].offset], 0x8f);
    EQUAL(s.data[s.set.at[TX_EXT_MID].offset], 0x30);
    EQUAL(s.set.at[TX_EXT_TRANSPORT_CC].length, 2);
    EQUAL(s.set.at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset, 0);
}

static void a_header_is_rewritten_for_a_subscriber(void)
{
    scene s;
    make_scene(&s, SPOKEN);
    uint8_t id[TX_EXT_COUNT] = {0};
    id[TX_EXT_MID] = 9;
    id[TX_EXT_AUDIO_LEVEL] = 7;
    id[TX_EXT_TRANSPORT_CC] = 6;
    id[TX_EXT_ABS_SEND_TIME] = 5;
    tx_rtp_layout layout;
    CHECK(tx_rtp_layout_init(&layout, id, 3, false));
    tx_rtp_template template;
    tx_rtp_template_build(&template, &s.view, &s.set, &layout);
    EQUAL(template.layout_key, layout.key);
    uint8_t out[TX_RTP_HEADER_MAX_BYTES], expected[64];
    const size_t length = tx_rtp_emit(&template, out, &TO);
    /* orientation was not negotiated and is gone; the rest has new ids, the subscriber's MID and our numbers */
    const size_t wanted =
        from_hex("9064ffff 01020304 cafebabe bede0004 92616263 708f6177 8852a1b2 c3000000", expected, sizeof expected);
    EQUAL(length, wanted);
    SAME_BYTES(out, expected, wanted);
    tx_rtp_view view;
    CHECK(tx_rtp_parse(&view, out, length));
}

static void marker_and_padding_bits_are_set(void)
{
    scene s;
    make_scene(&s, SPOKEN);
    const uint8_t id[TX_EXT_COUNT] = {0};
    tx_rtp_layout layout;
    CHECK(tx_rtp_layout_init(&layout, id, 0, false));
    tx_rtp_template template;
    tx_rtp_template_build(&template, &s.view, &s.set, &layout);
    uint8_t out[TX_RTP_HEADER_MAX_BYTES];
    tx_rtp_rewrite to = TO;
    to.marker = true;
    to.padded = true;
    EQUAL(tx_rtp_emit(&template, out, &to), 12); /* nothing negotiated: no extension block at all */
    EQUAL(out[0], 0xa0);
    EQUAL(out[1], 0x80 | 100);
    EQUAL(tx_rtp_emit(&template, out, &TO), 12); /* and the template itself is unchanged */
    EQUAL(out[0], 0x80);
}

static void contributing_sources_are_kept(void)
{
    uint8_t data[128];
    tx_rtp_view view;
    tx_extension_set set = {0};
    char packet[256] = "8f600001 00000010 00000001";
    for (int i = 0; i < 15; i++)
        strcat(packet, " 0badcafe");
    CHECK(tx_rtp_parse(&view, data, from_hex(packet, data, sizeof data)));
    uint8_t id[TX_EXT_COUNT] = {0};
    id[TX_EXT_TRANSPORT_CC] = 1;
    tx_rtp_layout layout;
    CHECK(tx_rtp_layout_init(&layout, id, 0, false));
    tx_rtp_template template;
    tx_rtp_template_build(&template, &view, &set, &layout);
    uint8_t out[TX_RTP_HEADER_MAX_BYTES];
    const size_t length = tx_rtp_emit(&template, out, &TO); /* longer than the 64 bytes copied at once */
    EQUAL(length, 12 + 60 + 8);
    SAME_BYTES(out + 12, data + 12, 60);
    EQUAL(tx_get16(out + 12 + 60 + 5), TO.transport_sequence);
}

/* A dependency descriptor with a structure is longer than the one-byte form can say. */
static void long_elements_need_the_two_byte_form(void)
{
    scene s;
    char packet[256] = "90600001 00000010 00000001 10000007 0518";
    for (int i = 0; i < 24; i++)
        strcat(packet, "ab");
    strcat(packet, "0000");
    make_scene(&s, packet);
    EQUAL(s.set.at[TX_EXT_DEPENDENCY_DESCRIPTOR].length, 24);
    uint8_t id[TX_EXT_COUNT] = {0};
    id[TX_EXT_DEPENDENCY_DESCRIPTOR] = 11;
    id[TX_EXT_MID] = 1;
    for (int allowed = 0; allowed < 2; allowed++) {
        tx_rtp_layout layout;
        CHECK(tx_rtp_layout_init(&layout, id, 3, allowed));
        tx_rtp_template template;
        tx_rtp_template_build(&template, &s.view, &s.set, &layout);
        uint8_t out[TX_RTP_HEADER_MAX_BYTES], length = 0;
        tx_rtp_view view;
        CHECK(tx_rtp_parse(&view, out, tx_rtp_emit(&template, out, &TO)));
        EQUAL(view.extension_form, allowed ? 2 : 1);
        const uint8_t *value = tx_rtp_extension(&view, 11, &length);
        EQUAL(value != NULL, allowed);
        if (allowed)
            SAME_BYTES(value, s.data + s.set.at[TX_EXT_DEPENDENCY_DESCRIPTOR].offset, 24);
        value = tx_rtp_extension(&view, 1, &length);
        CHECK(value && length == 3);
        SAME_BYTES(value, "abc", 3);
    }
}

/* A hostile publisher may send every element 255 bytes long; what does not fit is left out. */
static void overlong_headers_are_bounded(void)
{
    uint8_t data[4096] = {0x90, 96};
    size_t at = 16;
    for (uint8_t i = 1; i <= TX_EXT_COUNT; i++) {
        data[at] = i;
        data[at + 1] = 255;
        at += 257;
    }
    while (at % 4)
        at++;
    tx_put16(data + 12, 0x1000);
    tx_put16(data + 14, (uint16_t)((at - 16) / 4));
    tx_rtp_view view;
    CHECK(tx_rtp_parse(&view, data, at));
    uint8_t id[TX_EXT_COUNT];
    for (uint8_t i = 0; i < TX_EXT_COUNT; i++)
        id[i] = (uint8_t)(i + 1);
    tx_extension_map map;
    tx_extension_set set;
    CHECK(tx_extension_map_init(&map, id));
    tx_rtp_extensions(&view, &map, &set);
    tx_rtp_layout layout;
    CHECK(tx_rtp_layout_init(&layout, id, 3, true));
    tx_rtp_template template;
    tx_rtp_template_build(&template, &view, &set, &layout);
    CHECK(template.length <= TX_RTP_HEADER_MAX_BYTES);
    uint8_t out[TX_RTP_HEADER_MAX_BYTES];
    CHECK(tx_rtp_parse(&view, out, tx_rtp_emit(&template, out, &TO)));
}

static void layouts_compare_by_key(void)
{
    uint8_t id[TX_EXT_COUNT] = {0};
    tx_rtp_layout a, b;
    id[TX_EXT_MID] = 1;
    CHECK(tx_rtp_layout_init(&a, id, 3, false));
    CHECK(tx_rtp_layout_init(&b, id, 3, false));
    CHECK(a.key == b.key && a.key != 0);
    CHECK(tx_rtp_layout_init(&b, id, 2, false) && a.key != b.key);
    CHECK(tx_rtp_layout_init(&b, id, 3, true) && a.key != b.key);
    id[TX_EXT_PLAYOUT_DELAY] = 2;
    CHECK(tx_rtp_layout_init(&b, id, 3, false) && a.key != b.key);
    CHECK(!tx_rtp_layout_init(&b, id, 17, false));
    id[TX_EXT_PLAYOUT_DELAY] = 15;
    CHECK(!tx_rtp_layout_init(&b, id, 3, false));
}

static void a_playout_delay_is_asked_for_in_place_of_the_sources(void)
{
    uint8_t id[TX_EXT_COUNT] = {0};
    tx_rtp_layout layout;
    tx_rtp_template template;
    uint8_t out[TX_RTP_HEADER_MAX_BYTES];
    id[TX_EXT_PLAYOUT_DELAY] = 5;
    CHECK(tx_rtp_layout_init(&layout, id, 0, false));
    const uint64_t before = layout.key;
    tx_rtp_layout_ask_delay(&layout, 30);
    CHECK(layout.key != before);
    tx_rtp_template_blank(&template, &layout);
    EQUAL(tx_rtp_emit(&template, out, &TO), 20);
    const uint8_t expected[] = {0xbe, 0xde, 0, 1, 5 << 4 | 2, 30 >> 4, (uint8_t)(30 << 4 | 1000 >> 8), 1000 & 0xff};
    SAME_BYTES(out + 12, expected, sizeof expected);
    const uint64_t asked = layout.key;
    tx_rtp_layout_ask_delay(&layout, 0);
    CHECK(layout.key != asked && layout.key != before); /* taking it back has to be said, too */
}

static void a_blank_template_has_the_own_elements(void)
{
    uint8_t id[TX_EXT_COUNT] = {0};
    id[TX_EXT_TRANSPORT_CC] = 3;
    id[TX_EXT_AUDIO_LEVEL] = 4;
    tx_rtp_layout layout;
    CHECK(tx_rtp_layout_init(&layout, id, 0, false));
    tx_rtp_template template;
    tx_rtp_template_blank(&template, &layout);
    uint8_t out[TX_RTP_HEADER_MAX_BYTES], length = 0;
    tx_rtp_view view;
    CHECK(tx_rtp_parse(&view, out, tx_rtp_emit(&template, out, &TO)));
    CHECK(tx_rtp_extension(&view, 3, &length) && !tx_rtp_extension(&view, 4, &length));
}

static void send_time_is_24_bits_of_seconds(void)
{
    EQUAL(tx_rtp_abs_send_time(0), 0);
    EQUAL(tx_rtp_abs_send_time(1000000), 1 << 18);
    EQUAL(tx_rtp_abs_send_time(64000000), 0); /* wraps after 64 s */
    EQUAL(tx_rtp_abs_send_time(500000), 1 << 17);
}

int main(void)
{
    RUN(known_elements_are_located_in_one_walk);
    RUN(a_header_is_rewritten_for_a_subscriber);
    RUN(marker_and_padding_bits_are_set);
    RUN(contributing_sources_are_kept);
    RUN(long_elements_need_the_two_byte_form);
    RUN(overlong_headers_are_bounded);
    RUN(layouts_compare_by_key);
    RUN(a_playout_delay_is_asked_for_in_place_of_the_sources);
    RUN(a_blank_template_has_the_own_elements);
    RUN(send_time_is_24_bits_of_seconds);
    return 0;
}
