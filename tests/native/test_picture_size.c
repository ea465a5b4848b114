#include "check.h"
#include "picture_size.h"

static tx_picture_size sizes[TX_PICTURE_SIZES];

static void read(tx_codec codec, const uint8_t *payload, size_t length)
{
    tx_codec_view view;
    memset(sizes, 0, sizeof sizes);
    CHECK(tx_codec_inspect(codec, payload, length, &view));
    tx_picture_sizes_read(codec, payload, length, &view, sizes);
}

static void a_vp8_keyframe_says_its_size(void)
{
    const uint8_t payload[] = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0x01, 0};
    read(TX_CODEC_VP8, payload, sizeof payload);
    EQUAL(sizes[0].width, 640);
    EQUAL(sizes[0].height, 360);
    read(TX_CODEC_VP8, payload, 10); /* cut short */
    EQUAL(sizes[0].width, 0);
}

static void a_vp9_structure_says_the_size_of_each_layer(void)
{
    /* V, begins and ends a frame; two layers with sizes */
    const uint8_t payload[] = {0x0e, 0x30, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 0xff};
    read(TX_CODEC_VP9, payload, sizeof payload);
    EQUAL(sizes[0].width, 320);
    EQUAL(sizes[0].height, 180);
    EQUAL(sizes[1].width, 640);
    EQUAL(sizes[1].height, 360);
    read(TX_CODEC_VP9, payload, 8); /* the second is not there */
    EQUAL(sizes[0].width, 320);
    EQUAL(sizes[1].width, 0);
}

static void an_h264_parameter_set_says_the_size_inside_its_cropping(void)
{
    const uint8_t sps[] = {0x67, 0x42, 0xe0, 0x1f, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0x40};
    read(TX_CODEC_H264, sps, sizeof sps);
    EQUAL(sizes[0].width, 640);
    EQUAL(sizes[0].height, 360);
    uint8_t stap[3 + sizeof sps] = {0x18, 0, sizeof sps};
    memcpy(stap + 3, sps, sizeof sps);
    read(TX_CODEC_H264, stap, sizeof stap);
    EQUAL(sizes[0].height, 360);
    for (size_t length = 1; length < sizeof sps - 1; length++) {
        read(TX_CODEC_H264, sps, length);
        EQUAL(sizes[0].width, 0);
    }
}

int main(void)
{
    RUN(a_vp8_keyframe_says_its_size);
    RUN(a_vp9_structure_says_the_size_of_each_layer);
    RUN(an_h264_parameter_set_says_the_size_inside_its_cropping);
    return 0;
}
