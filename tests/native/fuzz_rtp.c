/* RTP: view, extensions, rewriting, RTX and RED.  Rewritten headers must parse and keep what was negotiated. */
#include "check.h"
#include "rtp.h"

static void rewrite(const tx_rtp_view *view, const tx_extension_set *set, bool allow_two_byte)
{
    uint8_t id[TX_EXT_COUNT];
    for (uint8_t i = 0; i < TX_EXT_COUNT; i++)
        id[i] = (uint8_t)(14 - i);
    tx_rtp_layout layout;
    tx_rtp_template template;
    CHECK(tx_rtp_layout_init(&layout, id, 5, allow_two_byte));
    tx_rtp_template_build(&template, view, set, &layout);
    uint8_t *out = malloc(TX_RTP_HEADER_MAX_BYTES); /* exactly what is promised to suffice */
    CHECK(out);
    const tx_rtp_rewrite to = {.ssrc = 1, .sequence = 2, .mid = (const uint8_t *)"video", .padded = view->padded};
    const size_t length = tx_rtp_emit(&template, out, &to);
    tx_rtp_view again;
    CHECK(tx_rtp_parse_header(&again, out, length) && again.header_length == length);
    uint8_t mid_length = 0;
    const uint8_t *mid = tx_rtp_extension(&again, id[TX_EXT_MID], &mid_length);
    CHECK(mid && mid_length == 5 && memcmp(mid, "video", 5) == 0);
    CHECK(again.csrc_count == view->csrc_count);
    uint8_t level_length = 0;
    const uint8_t *level = tx_rtp_extension(&again, id[TX_EXT_AUDIO_LEVEL], &level_length);
    const uint16_t offset = set->at[TX_EXT_AUDIO_LEVEL].offset;
    if (level)
        CHECK(offset && memcmp(level, view->data + offset, level_length) == 0);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tx_rtp_view view;
    if (!tx_rtp_parse(&view, data, size))
        return 0;
    CHECK(view.header_length + view.payload_length + view.padding == view.length);
    uint8_t id[TX_EXT_COUNT];
    for (uint8_t i = 0; i < TX_EXT_COUNT; i++)
        id[i] = (uint8_t)(i + 1);
    tx_extension_map map;
    tx_extension_set set;
    CHECK(tx_extension_map_init(&map, id));
    tx_rtp_extensions(&view, &map, &set);
    for (uint8_t i = 0; i < TX_EXT_COUNT; i++) {
        uint8_t length = 0;
        const uint8_t *value = tx_rtp_extension(&view, id[i], &length);
        CHECK((value != NULL) == (set.at[i].offset != 0));
        if (value)
            CHECK(value == data + set.at[i].offset && length == set.at[i].length);
        if (value)
            CHECK(value + length <= data + view.header_length);
    }
    rewrite(&view, &set, false);
    rewrite(&view, &set, true);
    tx_red_view red;
    if (tx_red_parse(&red, tx_rtp_payload(&view), view.payload_length)) {
        CHECK(red.primary.offset + red.primary.length == view.payload_length);
        for (unsigned i = 0; i < red.redundant_count; i++) {
            CHECK(red.redundant[i].offset + red.redundant[i].length <= red.primary.offset);
        }
    }
    uint8_t *copy = malloc(size);
    CHECK(copy);
    memcpy(copy, data, size);
    view.data = copy;
    if (tx_rtp_rtx_unwrap(&view, copy, 7, 96)) {
        tx_rtp_view media;
        CHECK(tx_rtp_parse(&media, view.data, view.length));
        CHECK(media.ssrc == 7 && media.payload_type == 96 && media.sequence == view.sequence);
        CHECK(media.payload_length == view.payload_length && media.marker == view.marker);
    }
    free(copy);
    return 0;
}
