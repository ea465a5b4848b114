/* Recent plain packets of one track in a fixed byte budget, for retransmission and for replaying a group of pictures.
 *
 * Packets lie contiguously in one ring of bytes in order of arrival; a slot table finds them by sequence in O(1).
 * The oldest give way.  Decryption may write straight into the ring: reserve, unprotect, commit.
 * Pointers into the cache are valid until the next reserve.
 */
#ifndef TX_CACHE_H
#define TX_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtp.h"

#define TX_CACHE_PACKET_MAX_BYTES 2048

typedef struct tx_cache tx_cache;

/* A packet kept.  Its sequence is the unwrapped one of the track. */
typedef struct tx_cached {
    int64_t sequence;
    uint64_t arrival_us;
    uint64_t used_us; /* free for the user of the cache: last retransmission, say */
    tx_rtp_view view; /* view.data points into the ring */
    bool keyframe;    /* as committed */
    bool frame_start;
} tx_cached;

/* `budget_bytes` of packet data (at least 8,192) and a slot table sized to it; NULL when memory is out. */
tx_cache *tx_cache_new(size_t budget_bytes);
void tx_cache_free(tx_cache *cache);
size_t tx_cache_bytes(const tx_cache *cache);

/* Room for one packet of up to `length` (<= TX_CACHE_PACKET_MAX_BYTES) bytes, giving up the oldest as needed; NULL
 * when it is longer.  Nothing is kept until commit; a second reserve takes the first one back. */
uint8_t *tx_cache_reserve(tx_cache *cache, size_t length);

/* Keeps what was written at the reserved place: `view` must be over it.  Returns the kept packet; NULL when the
 * sequence is held already (a duplicate) or lies more than the slot table behind the newest. */
tx_cached *tx_cache_commit(tx_cache *cache, const tx_rtp_view *view, int64_t sequence, uint64_t arrival_us,
                           bool keyframe, bool frame_start);

/* Reserve, copy and commit. */
tx_cached *tx_cache_add(tx_cache *cache, const tx_rtp_view *view, int64_t sequence, uint64_t arrival_us, bool keyframe,
                        bool frame_start);

/* NULL when it is not (or no longer) held. */
tx_cached *tx_cache_find(tx_cache *cache, int64_t sequence);

/* Newest sequence committed; -1 with an empty cache (check `tx_cache_empty`: sequences may be negative). */
bool tx_cache_empty(const tx_cache *cache);
int64_t tx_cache_newest(const tx_cache *cache);

/* The newest keyframe of which the first packet is held: its first sequence and time of arrival.  Packets of one
 * timestamp count as one frame, whichever of them were marked keyframe, and whatever their order. */
bool tx_cache_keyframe(const tx_cache *cache, int64_t *first, uint64_t *arrival_us);

/* True when every packet from `first` to the newest is held. */
bool tx_cache_complete(const tx_cache *cache, int64_t first);

#endif
