#include "picture_size.h"

#include "bits.h"
#include "wire.h"

static void note(tx_picture_size *size, uint32_t width, uint32_t height)
{
    if (width && height && width <= UINT16_MAX && height <= UINT16_MAX)
        *size = (tx_picture_size){.width = (uint16_t)width, .height = (uint16_t)height};
}

static void read_vp8(const uint8_t *body, size_t length, tx_picture_size *size)
{
    if (length < 10 || body[3] != 0x9d || body[4] != 0x01 || body[5] != 0x2a)
        return;
    note(size, (body[6] | (uint32_t)body[7] << 8) & 0x3fff, (body[8] | (uint32_t)body[9] << 8) & 0x3fff);
}

static void read_vp9(const uint8_t *structure, size_t length, tx_picture_size *sizes)
{
    if (length == 0 || !(structure[0] & 0x10)) /* Y */
        return;
    unsigned layers = (structure[0] >> 5) + 1u;
    for (unsigned i = 0; i < layers && i < TX_PICTURE_SIZES && 1 + 4 * (size_t)(i + 1) <= length; i++)
        note(&sizes[i], tx_get16(structure + 1 + 4 * i), tx_get16(structure + 3 + 4 * i));
}

/* ---- H264 ---- */

#define SPS_MAX_BYTES 64
#define NAL_SPS 7
#define NAL_STAP_A 24

static bool has_chroma_fields(unsigned profile)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    for (size_t i = 0; i < sizeof profiles; i++)
        if (profiles[i] == profile)
            return true;
    return false;
}

/* False for what no encoder of a call writes: separate planes, scaling matrices. */
static bool skip_chroma_fields(tx_bits *bits, unsigned *chroma)
{
    *chroma = tx_bits_exp_golomb(bits);
    if (*chroma > 2)
        return false;
    tx_bits_exp_golomb(bits); /* bit depths */
    tx_bits_exp_golomb(bits);
    tx_bits_read(bits, 1);
    return tx_bits_read(bits, 1) == 0;
}

static void skip_picture_order(tx_bits *bits)
{
    unsigned type = tx_bits_exp_golomb(bits);
    if (type == 0) {
        tx_bits_exp_golomb(bits);
    } else if (type == 1) {
        tx_bits_read(bits, 1);
        tx_bits_exp_golomb(bits);
        tx_bits_exp_golomb(bits);
        for (unsigned n = tx_bits_exp_golomb(bits); n > 0 && !bits->failed; n--)
            tx_bits_exp_golomb(bits);
    }
}

static void read_sps(const uint8_t *rbsp, size_t length, tx_picture_size *size)
{
    tx_bits bits = tx_bits_over(rbsp, length);
    unsigned profile = tx_bits_read(&bits, 8);
    unsigned chroma = 1;
    tx_bits_read(&bits, 16);
    tx_bits_exp_golomb(&bits);
    if (has_chroma_fields(profile) && !skip_chroma_fields(&bits, &chroma))
        return;
    tx_bits_exp_golomb(&bits); /* log2_max_frame_num */
    skip_picture_order(&bits);
    tx_bits_exp_golomb(&bits); /* reference frames */
    tx_bits_read(&bits, 1);
    uint64_t width = 16 * ((uint64_t)tx_bits_exp_golomb(&bits) + 1);
    uint64_t height = 16 * ((uint64_t)tx_bits_exp_golomb(&bits) + 1);
    unsigned whole_frames = tx_bits_read(&bits, 1);
    height *= 2 - whole_frames;
    if (!whole_frames)
        tx_bits_read(&bits, 1);
    tx_bits_read(&bits, 1);
    if (tx_bits_read(&bits, 1)) { /* cropping, in chroma samples */
        uint64_t across = chroma == 1 || chroma == 2 ? 2 : 1, down = (chroma == 1 ? 2u : 1u) * (2 - whole_frames);
        uint64_t columns = (uint64_t)tx_bits_exp_golomb(&bits) + tx_bits_exp_golomb(&bits);
        uint64_t rows = (uint64_t)tx_bits_exp_golomb(&bits) + tx_bits_exp_golomb(&bits);
        width = columns * across < width ? width - columns * across : 0;
        height = rows * down < height ? height - rows * down : 0;
    }
    if (!bits.failed && width <= UINT16_MAX && height <= UINT16_MAX)
        note(size, (uint32_t)width, (uint32_t)height);
}

/* `nal` begins behind the NAL header. */
static void read_nal_sps(const uint8_t *nal, size_t length, tx_picture_size *size)
{
    uint8_t rbsp[SPS_MAX_BYTES];
    size_t count = 0;
    unsigned zeros = 0;
    for (size_t i = 0; i < length && count < sizeof rbsp; i++) {
        if (zeros >= 2 && nal[i] == 3) { /* emulation prevention, 7.4.1 */
            zeros = 0;
            continue;
        }
        zeros = nal[i] == 0 ? zeros + 1 : 0;
        rbsp[count++] = nal[i];
    }
    read_sps(rbsp, count, size);
}

static void read_h264(const uint8_t *payload, size_t length, tx_picture_size *size)
{
    unsigned type = payload[0] & 0x1f;
    if (type == NAL_SPS)
        read_nal_sps(payload + 1, length - 1, size);
    if (type != NAL_STAP_A)
        return;
    for (size_t at = 1; length - at > 2;) {
        size_t nal = tx_get16(payload + at);
        at += 2;
        if (nal == 0 || nal > length - at)
            return;
        if ((payload[at] & 0x1f) == NAL_SPS)
            read_nal_sps(payload + at + 1, nal - 1, size);
        at += nal;
    }
}

void tx_picture_sizes_read(tx_codec codec, const uint8_t *payload, size_t length, const tx_codec_view *view,
                           tx_picture_size sizes[TX_PICTURE_SIZES])
{
    if (length == 0 || view->body_offset > length)
        return;
    const uint8_t *body = payload + view->body_offset;
    if (codec == TX_CODEC_VP8)
        read_vp8(body, length - view->body_offset, &sizes[0]);
    else if (codec == TX_CODEC_VP9 && (payload[0] & 0x02)) /* V */
        read_vp9(body, length - view->body_offset, sizes);
    else if (codec == TX_CODEC_H264)
        read_h264(payload, length, &sizes[0]);
}
