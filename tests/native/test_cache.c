#include "cache.h"
#include "check.h"

static uint8_t packet[TX_CACHE_PACKET_MAX_BYTES];

/* An RTP packet whose payload tells its sequence. */
static tx_rtp_view make(int64_t sequence, uint32_t timestamp, size_t length)
{
    packet[0] = 0x80;
    tx_put16(packet + 2, (uint16_t)sequence);
    tx_put32(packet + 4, timestamp);
    memset(packet + 12, (int)(sequence & 0xff), length - 12);
    tx_rtp_view view;
    CHECK(tx_rtp_parse(&view, packet, length));
    return view;
}

static tx_cached *add(tx_cache *cache, int64_t sequence, uint32_t timestamp, size_t length, bool keyframe)
{
    const tx_rtp_view view = make(sequence, timestamp, length);
    return tx_cache_add(cache, &view, sequence, (uint64_t)(sequence + 1000), keyframe, keyframe);
}

static void check_held(tx_cache *cache, int64_t sequence, size_t length)
{
    const tx_cached *cached = tx_cache_find(cache, sequence);
    CHECK(cached);
    EQUAL(cached->sequence, sequence);
    EQUAL(cached->view.length, length);
    EQUAL(cached->view.sequence, (uint16_t)sequence);
    EQUAL(cached->arrival_us, sequence + 1000);
    for (size_t i = 12; i < length; i++)
        EQUAL(cached->view.data[i], sequence & 0xff);
}

static void packets_are_found_by_sequence(void)
{
    tx_cache *cache = tx_cache_new(16384);
    CHECK(cache && tx_cache_empty(cache));
    CHECK(!tx_cache_find(cache, 0));
    CHECK(add(cache, 70000, 1, 100, false));
    CHECK(add(cache, 69999, 1, 120, false)); /* arrived late */
    CHECK(!tx_cache_empty(cache));
    EQUAL(tx_cache_newest(cache), 70000);
    check_held(cache, 70000, 100);
    check_held(cache, 69999, 120);
    CHECK(!tx_cache_find(cache, 70000 - 65536)); /* the same 16 bits are not the same packet */
    tx_cache_free(cache);
    tx_cache_free(NULL);
}

static void duplicates_and_ancients_are_refused(void)
{
    tx_cache *cache = tx_cache_new(16384);
    CHECK(add(cache, 500, 1, 100, false));
    CHECK(!add(cache, 500, 1, 100, false));
    CHECK(!add(cache, 500 - 64, 1, 100, false));
    CHECK(add(cache, 500 - 63, 1, 100, false));
    check_held(cache, 500, 100);
    tx_cache_free(cache);
}

static void negative_sequences_work(void)
{
    tx_cache *cache = tx_cache_new(8192);
    CHECK(add(cache, 0, 1, 50, false));
    CHECK(add(cache, -1, 1, 51, false));
    EQUAL(tx_cache_newest(cache), 0);
    check_held(cache, -1, 51);
    check_held(cache, 0, 50);
    tx_cache_free(cache);
}

/* Whatever the sizes, order and gaps: what is found is whole, and the newest of the budget is found. */
static void the_ring_never_mixes_packets(void)
{
    uint32_t random = 1;
    for (size_t budget = 8192; budget <= 524288; budget *= 4) {
        tx_cache *cache = tx_cache_new(budget);
        static size_t length_of[1 << 16];
        memset(length_of, 0, sizeof length_of);
        int64_t newest = 0;
        for (int round = 0; round < 20000; round++) {
            random = random * 1664525 + 1013904223;
            const uint32_t r = random >> 8;
            const int64_t sequence = newest + (int64_t)(r % 7) - 3;
            const size_t length = 12 + (r >> 4) % (round % 3000 < 1500 ? 1400 : 90);
            if (sequence < 0)
                continue;
            if (r % 50 == 0)
                (void)tx_cache_reserve(cache, length); /* a packet that proved to be forged */
            if (add(cache, sequence, 1, length, false))
                length_of[sequence] = length;
            if (sequence > newest)
                newest = sequence;
            if (round % 37 == 0) {
                for (int64_t s = newest > 2000 ? newest - 2000 : 0; s <= newest; s++) {
                    if (tx_cache_find(cache, s))
                        check_held(cache, s, length_of[s]);
                }
            }
            if (length_of[newest])
                check_held(cache, newest, length_of[newest]);
        }
        tx_cache_free(cache);
    }
}

static void the_budget_is_used_well(void)
{
    tx_cache *cache = tx_cache_new(524288);
    for (int64_t s = 0; s < 5000; s++)
        CHECK(add(cache, s, 1, 1100, false));
    size_t held = 0;
    for (int64_t s = 0; s < 5000; s++)
        held += tx_cache_find(cache, s) != NULL;
    CHECK(held >= 524288 / 1100 - 2);
    CHECK(tx_cache_bytes(cache) < 700000);
    tx_cache_free(cache);
}

static void decryption_may_write_into_the_ring(void)
{
    tx_cache *cache = tx_cache_new(8192);
    CHECK(!tx_cache_reserve(cache, TX_CACHE_PACKET_MAX_BYTES + 1));
    uint8_t *place = tx_cache_reserve(cache, 200);
    CHECK(place);
    tx_rtp_view view = make(9, 1, 150); /* shorter than was reserved: the tag is gone */
    memcpy(place, packet, 150);
    view.data = place;
    const tx_cached *cached = tx_cache_commit(cache, &view, 9, 1009, false, false);
    CHECK(cached && cached->view.data == place);
    CHECK(tx_cache_reserve(cache, 100) == place + 150);
    check_held(cache, 9, 150);
    tx_cache_free(cache);
}

static void the_newest_keyframe_is_known(void)
{
    tx_cache *cache = tx_cache_new(524288);
    int64_t first = 0;
    uint64_t arrival_us = 0;
    CHECK(!tx_cache_keyframe(cache, &first, &arrival_us));
    CHECK(add(cache, 10, 100, 500, false));
    CHECK(!tx_cache_keyframe(cache, &first, &arrival_us));
    CHECK(add(cache, 11, 200, 500, true));
    CHECK(add(cache, 12, 200, 500, false));
    CHECK(add(cache, 13, 300, 500, false));
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us));
    EQUAL(first, 11);
    EQUAL(arrival_us, 1011);
    CHECK(tx_cache_complete(cache, first));
    CHECK(add(cache, 15, 400, 500, true));
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us));
    EQUAL(first, 15);
    CHECK(tx_cache_complete(cache, 15));
    CHECK(!tx_cache_complete(cache, 11));  /* 14 is missing */
    CHECK(add(cache, 14, 300, 500, true)); /* late and older than the newest keyframe */
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us) && first == 15);
    CHECK(tx_cache_complete(cache, 11));
    CHECK(!tx_cache_complete(cache, 16));
    tx_cache_free(cache);
}

/* H264: parameter sets and the picture are marked one by one, a delimiter not at all, and any may come late. */
static void one_timestamp_is_one_keyframe(void)
{
    tx_cache *cache = tx_cache_new(524288);
    int64_t first = 0;
    uint64_t arrival_us = 0;
    CHECK(add(cache, 20, 100, 50, false));
    CHECK(add(cache, 21, 200, 50, false)); /* access unit delimiter */
    CHECK(add(cache, 23, 200, 50, true));  /* PPS and IDR; the SPS before is late */
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us) && first == 23);
    CHECK(add(cache, 22, 200, 50, true));
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us) && first == 22);
    CHECK(add(cache, 24, 200, 50, true));
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us) && first == 22);
    tx_cache_free(cache);
    cache = tx_cache_new(524288);
    CHECK(add(cache, 20, 100, 50, false));
    CHECK(add(cache, 21, 200, 50, false));
    CHECK(add(cache, 22, 200, 50, true)); /* in order: the delimiter belongs to it */
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us) && first == 21);
    tx_cache_free(cache);
}

static void a_keyframe_given_up_is_none(void)
{
    tx_cache *cache = tx_cache_new(8192);
    int64_t first = 0;
    uint64_t arrival_us = 0;
    CHECK(add(cache, 1, 100, 1000, true));
    for (int64_t s = 2; s < 7; s++)
        CHECK(add(cache, s, 200, 1000, false));
    CHECK(tx_cache_keyframe(cache, &first, &arrival_us));
    for (int64_t s = 7; s < 20; s++)
        CHECK(add(cache, s, 200, 1000, false));
    CHECK(!tx_cache_keyframe(cache, &first, &arrival_us));
    CHECK(!tx_cache_complete(cache, 1));
    tx_cache_free(cache);
}

int main(void)
{
    RUN(packets_are_found_by_sequence);
    RUN(duplicates_and_ancients_are_refused);
    RUN(negative_sequences_work);
    RUN(the_ring_never_mixes_packets);
    RUN(the_budget_is_used_well);
    RUN(decryption_may_write_into_the_ring);
    RUN(the_newest_keyframe_is_known);
    RUN(one_timestamp_is_one_keyframe);
    RUN(a_keyframe_given_up_is_none);
    return 0;
}
