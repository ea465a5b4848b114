/* Payload inspection of every codec; offsets that are given must lie in the payload, so that rewriting is safe. */
#include "check.h"
#include "codec.h"
#include "picture_size.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const tx_codec codec = (tx_codec)(data[0] % (TX_CODEC_AV1 + 1));
    tx_codec_view view;
    const uint8_t *payload = data + 1;
    const size_t length = size - 1;
    if (!tx_codec_inspect(codec, payload, length, &view))
        return 0;
    CHECK(length > 0);
    tx_picture_size sizes[TX_PICTURE_SIZES] = {0};
    tx_picture_sizes_read(codec, payload, length, &view, sizes);
    if (view.picture_id_offset)
        CHECK(view.picture_id_offset + (view.picture_id_bits + 1u) / 8 <= length);
    if (view.tl0picidx_offset)
        CHECK(view.tl0picidx_offset < length);
    if (codec != TX_CODEC_VP8)
        return 0;
    uint8_t *copy = malloc(length);
    CHECK(copy);
    memcpy(copy, payload, length);
    tx_codec_renumber(copy, &view, 0x1234, 0x56);
    tx_codec_view again;
    CHECK(tx_codec_inspect(codec, copy, length, &again));
    CHECK(again.keyframe == view.keyframe && again.picture_id_offset == view.picture_id_offset);
    if (view.picture_id_offset)
        CHECK(again.picture_id == (view.picture_id_bits == 15 ? 0x1234 : 0x34));
    if (view.tl0picidx_offset)
        CHECK(again.tl0picidx == 0x56);
    free(copy);
    return 0;
}
