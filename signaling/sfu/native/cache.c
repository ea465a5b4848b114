#include "cache.h"

#include <stdlib.h>
#include <string.h>

#define BUDGET_MIN_BYTES 8192
#define SLOTS_MIN 64
#define BYTES_PER_SLOT 512 /* a slot for every so many bytes of budget: packets are rarely much smaller */

/* Where the bytes of one committed packet lie; kept in order of arrival, which is also their order in the ring. */
typedef struct record {
    int64_t sequence;
    uint32_t offset;
} record;

struct tx_cache {
    uint8_t *ring;
    tx_cached *slots; /* by sequence modulo slot_count; free when view.data is NULL */
    record *records;  /* FIFO of slot_count entries */
    size_t budget;
    size_t slot_count; /* a power of two */
    size_t oldest;     /* index of the first record */
    size_t record_count;
    size_t head;     /* where the next packet may begin */
    size_t reserved; /* where the last reserve began */
    int64_t newest;
    bool started;
    bool has_keyframe;
    int64_t keyframe_first;
    uint32_t keyframe_timestamp;
};

tx_cache *tx_cache_new(size_t budget_bytes)
{
    if (budget_bytes < BUDGET_MIN_BYTES)
        budget_bytes = BUDGET_MIN_BYTES;
    if (budget_bytes > UINT32_MAX)
        return NULL;
    size_t slot_count = SLOTS_MIN;
    while (slot_count * BYTES_PER_SLOT < budget_bytes)
        slot_count *= 2;
    tx_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return NULL;
    cache->ring = malloc(budget_bytes);
    cache->slots = calloc(slot_count, sizeof *cache->slots);
    cache->records = calloc(slot_count, sizeof *cache->records);
    cache->budget = budget_bytes;
    cache->slot_count = slot_count;
    cache->newest = -1;
    if (!cache->ring || !cache->slots || !cache->records) {
        tx_cache_free(cache);
        return NULL;
    }
    return cache;
}

void tx_cache_free(tx_cache *cache)
{
    if (!cache)
        return;
    free(cache->ring);
    free(cache->slots);
    free(cache->records);
    free(cache);
}

size_t tx_cache_bytes(const tx_cache *cache)
{
    return sizeof *cache + cache->budget + cache->slot_count * (sizeof *cache->slots + sizeof *cache->records);
}

static tx_cached *slot(const tx_cache *cache, int64_t sequence)
{
    return &cache->slots[(uint64_t)sequence & (cache->slot_count - 1)];
}

static tx_cached *find(const tx_cache *cache, int64_t sequence)
{
    tx_cached *cached = slot(cache, sequence);
    return cached->view.data && cached->sequence == sequence ? cached : NULL;
}

static void give_up_oldest(tx_cache *cache)
{
    const record *oldest = &cache->records[cache->oldest];
    tx_cached *cached = slot(cache, oldest->sequence);
    /* The slot may have passed to a later packet with the same remainder, whose bytes lie elsewhere. */
    if (cached->view.data && cached->sequence == oldest->sequence)
        cached->view.data = NULL;
    cache->oldest = (cache->oldest + 1) & (cache->slot_count - 1);
    cache->record_count--;
}

uint8_t *tx_cache_reserve(tx_cache *cache, size_t length)
{
    if (length > TX_CACHE_PACKET_MAX_BYTES)
        return NULL;
    size_t start = cache->head;
    if (cache->budget - start < length) {
        /* No contiguous room before the end: what lies there is oldest and goes, then on from the beginning. */
        while (cache->record_count && cache->records[cache->oldest].offset >= start)
            give_up_oldest(cache);
        start = 0;
    }
    while (cache->record_count) {
        /* The oldest record is the first one at or after `start`, if any is in the way. */
        const size_t offset = cache->records[cache->oldest].offset;
        if (offset < start || offset >= start + length)
            break;
        give_up_oldest(cache);
    }
    if (cache->record_count == cache->slot_count)
        give_up_oldest(cache);
    cache->reserved = start;
    return cache->ring + start;
}

/* Moves the keyframe mark: to a newer frame, or to an earlier packet of the same one. */
static void note_keyframe(tx_cache *cache, const tx_cached *cached, bool keyframe)
{
    const int32_t newer = (int32_t)(cached->view.timestamp - cache->keyframe_timestamp);
    if (cache->has_keyframe && newer == 0) {
        if (cached->sequence < cache->keyframe_first)
            cache->keyframe_first = cached->sequence;
        return;
    }
    if (!keyframe || (cache->has_keyframe && newer < 0))
        return;
    int64_t first = cached->sequence;
    for (size_t i = 0; i < cache->slot_count; i++) { /* parts of the frame that came before the marked one */
        const tx_cached *before = find(cache, first - 1);
        if (!before || before->view.timestamp != cached->view.timestamp)
            break;
        first--;
    }
    cache->has_keyframe = true;
    cache->keyframe_first = first;
    cache->keyframe_timestamp = cached->view.timestamp;
}

tx_cached *tx_cache_commit(tx_cache *cache, const tx_rtp_view *view, int64_t sequence, uint64_t arrival_us,
                           bool keyframe, bool frame_start)
{
    if (cache->started && sequence <= cache->newest - (int64_t)cache->slot_count)
        return NULL;
    tx_cached *cached = slot(cache, sequence);
    if (cached->view.data && cached->sequence >= sequence)
        return NULL;
    cached->sequence = sequence;
    cached->arrival_us = arrival_us;
    cached->used_us = 0;
    cached->view = *view;
    cached->keyframe = keyframe;
    cached->frame_start = frame_start;
    const size_t last = (cache->oldest + cache->record_count) & (cache->slot_count - 1);
    cache->records[last].sequence = sequence;
    cache->records[last].offset = (uint32_t)cache->reserved;
    cache->record_count++;
    /* view->data may begin a little after the reserved place (RTX unwrapped in place). */
    cache->head = (size_t)(view->data - cache->ring) + view->length;
    if (!cache->started || sequence > cache->newest)
        cache->newest = sequence;
    cache->started = true;
    note_keyframe(cache, cached, keyframe);
    return cached;
}

tx_cached *tx_cache_add(tx_cache *cache, const tx_rtp_view *view, int64_t sequence, uint64_t arrival_us, bool keyframe,
                        bool frame_start)
{
    uint8_t *place = tx_cache_reserve(cache, view->length);
    if (!place)
        return NULL;
    memcpy(place, view->data, view->length);
    tx_rtp_view kept = *view;
    kept.data = place;
    return tx_cache_commit(cache, &kept, sequence, arrival_us, keyframe, frame_start);
}

tx_cached *tx_cache_find(tx_cache *cache, int64_t sequence) { return find(cache, sequence); }

bool tx_cache_empty(const tx_cache *cache) { return !cache->started; }

int64_t tx_cache_newest(const tx_cache *cache) { return cache->newest; }

bool tx_cache_keyframe(const tx_cache *cache, int64_t *first, uint64_t *arrival_us)
{
    if (!cache->has_keyframe)
        return false;
    const tx_cached *cached = find(cache, cache->keyframe_first);
    if (!cached)
        return false;
    *first = cache->keyframe_first;
    *arrival_us = cached->arrival_us;
    return true;
}

bool tx_cache_complete(const tx_cache *cache, int64_t first)
{
    if (!cache->started || first > cache->newest || cache->newest - first >= (int64_t)cache->slot_count)
        return false;
    for (int64_t s = first; s <= cache->newest; s++) {
        if (!find(cache, s))
            return false;
    }
    return true;
}
