/* The packet cache under any order of sequences, sizes, keyframe marks and given-up reservations. */
#include "cache.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t packet[TX_CACHE_PACKET_MAX_BYTES];
    tx_cache *cache = tx_cache_new(8192);
    CHECK(cache);
    int64_t sequence = 0;
    for (size_t at = 0; at + 4 <= size; at += 4) {
        sequence += (int8_t)data[at];
        const size_t length = TX_RTP_HEADER_BYTES + tx_get16(data + at + 1) % (sizeof packet - 100);
        packet[0] = 0x80;
        tx_put16(packet + 2, (uint16_t)sequence);
        tx_put32(packet + 4, data[at + 3] >> 4); /* a timestamp */
        packet[length - 1] = (uint8_t)(sequence * 31);
        tx_rtp_view view;
        CHECK(tx_rtp_parse(&view, packet, length));
        const bool keyframe = (data[at + 3] & 1) != 0;
        if (data[at + 3] & 2) {
            CHECK(tx_cache_reserve(cache, length) != NULL);
        } else if (tx_cache_add(cache, &view, sequence, 1, keyframe, keyframe)) {
            CHECK(tx_cache_find(cache, sequence));
            CHECK(tx_cache_newest(cache) >= sequence);
        }
        for (int64_t s = sequence - 70; s <= sequence + 70 && at % 32 == 0; s++) {
            const tx_cached *cached = tx_cache_find(cache, s);
            if (!cached)
                continue;
            CHECK(cached->view.sequence == (uint16_t)s);
            CHECK(tx_get16(cached->view.data + 2) == (uint16_t)s);
            if (cached->view.length > 12)
                CHECK(cached->view.data[cached->view.length - 1] == (uint8_t)(s * 31));
        }
        int64_t first;
        uint64_t arrival_us;
        if (tx_cache_keyframe(cache, &first, &arrival_us)) {
            CHECK(tx_cache_find(cache, first));
            (void)tx_cache_complete(cache, first);
        }
    }
    tx_cache_free(cache);
    return 0;
}
