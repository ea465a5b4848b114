#include "check.h"
#include "codec.h"

/* Inspects a payload given in hexadecimal from exactly sized memory. */
static bool inspect(tx_codec codec, const char *hex, tx_codec_view *view)
{
    uint8_t data[256];
    const size_t length = from_hex(hex, data, sizeof data);
    uint8_t *exact = malloc(length ? length : 1);
    CHECK(exact);
    memcpy(exact, data, length);
    const bool well_formed = tx_codec_inspect(codec, exact, length, view);
    free(exact);
    return well_formed;
}

static void vp8_keyframes_and_starts(void)
{
    tx_codec_view v;
    CHECK(inspect(TX_CODEC_VP8, "10 00", &v) && v.frame_start && v.keyframe);
    CHECK(inspect(TX_CODEC_VP8, "10 01", &v) && v.frame_start && !v.keyframe);  /* inter frame */
    CHECK(inspect(TX_CODEC_VP8, "00 00", &v) && !v.frame_start && !v.keyframe); /* continuation */
    CHECK(inspect(TX_CODEC_VP8, "11 00", &v) && !v.frame_start && !v.keyframe); /* start of partition 1 */
    CHECK(!inspect(TX_CODEC_VP8, "10", &v));
    CHECK(!inspect(TX_CODEC_VP8, "", &v));
}

static void vp8_descriptor_fields(void)
{
    tx_codec_view v;
    /* X; I, L, T, K; 15-bit picture id 0x1234, TL0PICIDX 0x56, TID 2, Y, KEYIDX 3 */
    CHECK(inspect(TX_CODEC_VP8, "90 f0 9234 56 a3 00", &v));
    CHECK(v.frame_start && v.keyframe && v.layer_sync);
    EQUAL(v.picture_id_offset, 2);
    EQUAL(v.picture_id_bits, 15);
    EQUAL(v.picture_id, 0x1234);
    EQUAL(v.tl0picidx_offset, 4);
    EQUAL(v.tl0picidx, 0x56);
    EQUAL(v.temporal_id, 2);
    CHECK(inspect(TX_CODEC_VP8, "90 80 45 00", &v)); /* 7-bit picture id */
    EQUAL(v.picture_id_bits, 7);
    EQUAL(v.picture_id, 0x45);
    EQUAL(v.temporal_id, TX_TEMPORAL_NONE);
    CHECK(inspect(TX_CODEC_VP8, "90 10 e3 00", &v)); /* K alone: TID and Y mean nothing */
    EQUAL(v.temporal_id, TX_TEMPORAL_NONE);
    CHECK(!v.layer_sync);
    const char *const truncated[] = {"90",         "90 80",         "90 80 92",        "90 80 9234",
                                     "90 c0 9234", "90 f0 9234 56", "90 f0 9234 56 a3"};
    for (size_t i = 0; i < sizeof truncated / sizeof *truncated; i++)
        CHECK(!inspect(TX_CODEC_VP8, truncated[i], &v));
}

static void vp8_rewriting_touches_its_fields_only(void)
{
    uint8_t data[8];
    tx_codec_view v;
    size_t n = from_hex("90 f0 9234 56 a3 00", data, sizeof data);
    CHECK(tx_codec_inspect(TX_CODEC_VP8, data, n, &v));
    tx_codec_renumber(data, &v, 0x7fff, 0x99);
    uint8_t expected[8];
    from_hex("90 f0 ffff 99 a3 00", expected, sizeof expected);
    SAME_BYTES(data, expected, n);
    n = from_hex("90 80 45 00", data, sizeof data);
    CHECK(tx_codec_inspect(TX_CODEC_VP8, data, n, &v));
    tx_codec_renumber(data, &v, 0xff, 0x99);
    EQUAL(data[2], 0x7f);
    EQUAL(data[3], 0);
}

static void vp9_keyframes_and_layers(void)
{
    tx_codec_view v;
    CHECK(inspect(TX_CODEC_VP9, "8c 9234 ff", &v)); /* I, B, E */
    CHECK(v.frame_start && v.frame_end && v.keyframe);
    EQUAL(v.picture_id, 0x1234);
    CHECK(inspect(TX_CODEC_VP9, "c8 9234 ff", &v) && v.frame_start && !v.keyframe); /* P: predicted */
    CHECK(inspect(TX_CODEC_VP9, "84 9234 ff", &v) && !v.frame_start && v.frame_end);
    /* layers, not flexible: TID 1, U, SID 2, D; TL0PICIDX 7 */
    CHECK(inspect(TX_CODEC_VP9, "a8 12 35 07 ff", &v));
    EQUAL(v.temporal_id, 1);
    EQUAL(v.spatial_id, 2);
    CHECK(v.layer_sync && !v.keyframe); /* an upper spatial layer does not start a decoder */
    EQUAL(v.tl0picidx_offset, 3);
    EQUAL(v.tl0picidx, 7);
    /* flexible and predicted: up to three reference indices */
    CHECK(inspect(TX_CODEC_VP9, "d8 12 03 03 02 ff", &v) && v.frame_start);
    CHECK(!inspect(TX_CODEC_VP9, "d8 12 03 03 03 02 ff", &v)); /* four are too many */
    const char *const truncated[] = {"", "8c", "8c 92", "8c 9234", "a8 12", "a8 12 35", "a8 12 35 07", "d8 12 03"};
    for (size_t i = 0; i < sizeof truncated / sizeof *truncated; i++)
        CHECK(!inspect(TX_CODEC_VP9, truncated[i], &v));
}

static void h264_keyframes_and_starts(void)
{
    tx_codec_view v;
    CHECK(inspect(TX_CODEC_H264, "67 42e01f", &v) && v.keyframe && v.frame_start); /* SPS */
    CHECK(inspect(TX_CODEC_H264, "65 88", &v) && v.keyframe && v.frame_start);     /* IDR, first slice */
    CHECK(inspect(TX_CODEC_H264, "65 40", &v) && v.keyframe && !v.frame_start);    /* IDR, a later slice */
    CHECK(inspect(TX_CODEC_H264, "41 9a", &v) && !v.keyframe && v.frame_start);
    CHECK(inspect(TX_CODEC_H264, "41 1a", &v) && !v.keyframe && !v.frame_start);
    CHECK(inspect(TX_CODEC_H264, "68 ce", &v) && !v.keyframe && v.frame_start); /* PPS alone */
    CHECK(inspect(TX_CODEC_H264, "09 10", &v) && !v.keyframe && v.frame_start); /* delimiter */
}

static void h264_aggregates_and_fragments(void)
{
    tx_codec_view v;
    CHECK(inspect(TX_CODEC_H264, "78 0002 6742 0002 68ce 0003 658811", &v) && v.keyframe && v.frame_start);
    CHECK(inspect(TX_CODEC_H264, "78 0002 0910 0002 419a", &v) && !v.keyframe && v.frame_start);
    CHECK(inspect(TX_CODEC_H264, "78 0002 68ce 0002 6588", &v) && v.keyframe);      /* IDR not first */
    CHECK(inspect(TX_CODEC_H264, "7c 85 88", &v) && v.keyframe && v.frame_start);   /* FU-A, start of an IDR */
    CHECK(inspect(TX_CODEC_H264, "7c 05 88", &v) && !v.keyframe && !v.frame_start); /* middle */
    CHECK(inspect(TX_CODEC_H264, "7c 45 88", &v) && !v.keyframe && !v.frame_start); /* end */
    CHECK(inspect(TX_CODEC_H264, "5c 81 9a", &v) && !v.keyframe && v.frame_start);
    const char *const broken[] = {"",      "78", "78 00", "78 0000", "78 0003 6742", "78 0002 6742 00",
                                  "7c 85", "7c", "00",    "79 0000", "7e 00"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        CHECK(!inspect(TX_CODEC_H264, broken[i], &v));
}

static void av1_sequences_and_layers(void)
{
    tx_codec_view v;
    CHECK(inspect(TX_CODEC_AV1, "18 0a0b", &v) && v.keyframe && v.frame_start); /* W=1, N */
    CHECK(inspect(TX_CODEC_AV1, "10 30ff", &v) && !v.keyframe && v.frame_start);
    CHECK(inspect(TX_CODEC_AV1, "90 30ff", &v) && !v.keyframe && !v.frame_start); /* continued OBU */
    CHECK(!inspect(TX_CODEC_AV1, "98 30ff", &v));      /* a new sequence cannot begin inside an OBU */
    CHECK(inspect(TX_CODEC_AV1, "20 02 3448 ff", &v)); /* W=2: length, then an OBU with extension */
    EQUAL(v.temporal_id, TX_TEMPORAL_NONE);              /* other packets of the frame would not say it */
    CHECK(inspect(TX_CODEC_AV1, "00 8101 3448", &v)); /* W=0, length of two bytes */
    CHECK(!inspect(TX_CODEC_AV1, "10", &v));
    CHECK(!inspect(TX_CODEC_AV1, "10 34", &v)); /* extension byte missing */
    CHECK(!inspect(TX_CODEC_AV1, "20 ffffffffffffffffff", &v));
    CHECK(!inspect(TX_CODEC_AV1, "20 02", &v));
}

static void audio_has_no_structure(void)
{
    tx_codec_view v;
    CHECK(inspect(TX_CODEC_OPUS, "78", &v) && v.frame_start && !v.keyframe);
    CHECK(inspect(TX_CODEC_RED, "6f", &v) && v.frame_start && !v.keyframe);
    CHECK(inspect(TX_CODEC_OTHER, "00", &v) && v.frame_start && !v.keyframe);
}

static void layers_of_the_header_go_before_those_of_the_payload(void)
{
    tx_codec_view v;
    const tx_dependency said = {.first = true, .spatial = 1, .temporal = 2};
    CHECK(inspect(TX_CODEC_AV1, "90 30ff", &v) && !v.frame_start);
    tx_codec_describe(&v, &said);
    CHECK(v.frame_start && !v.frame_end && v.dependency == &said);
    EQUAL(v.spatial_id, 1);
    EQUAL(v.temporal_id, 2);
    CHECK(tx_codec_is_described(TX_CODEC_H264) && !tx_codec_sends_description(TX_CODEC_H264));
    CHECK(tx_codec_is_described(TX_CODEC_VP9) && tx_codec_sends_description(TX_CODEC_VP9));
    CHECK(!tx_codec_is_described(TX_CODEC_VP8) && !tx_codec_is_described(TX_CODEC_OPUS));
}

int main(void)
{
    RUN(vp8_keyframes_and_starts);
    RUN(vp8_descriptor_fields);
    RUN(vp8_rewriting_touches_its_fields_only);
    RUN(vp9_keyframes_and_layers);
    RUN(h264_keyframes_and_starts);
    RUN(h264_aggregates_and_fragments);
    RUN(av1_sequences_and_layers);
    RUN(audio_has_no_structure);
    RUN(layers_of_the_header_go_before_those_of_the_payload);
    return 0;
}
