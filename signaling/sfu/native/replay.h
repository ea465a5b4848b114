/* Packet indices of one SSRC: extension of 16-bit sequences (RFC 3711 3.3.1) and the replay list (3.3.2). */
#ifndef TX_REPLAY_H
#define TX_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define TX_REPLAY_WINDOW 128

/* All zero is a fresh one. */
typedef struct tx_replay {
    uint64_t highest;
    uint64_t seen[TX_REPLAY_WINDOW / 64]; /* bit i of the 128: highest - i was accepted */
    bool started;
} tx_replay;

/* 48-bit index that `sequence` most probably means; negative when it would lie before the first rollover. */
static inline int64_t tx_replay_extend(const tx_replay *replay, uint16_t sequence)
{
    if (!replay->started)
        return sequence;
    return (int64_t)replay->highest + (int16_t)(uint16_t)(sequence - (uint16_t)replay->highest);
}

/* True when `index` was not accepted before and is not too old to tell. */
static inline bool tx_replay_is_fresh(const tx_replay *replay, uint64_t index)
{
    if (!replay->started || index > replay->highest)
        return true;
    const uint64_t age = replay->highest - index;
    return age < TX_REPLAY_WINDOW && !(replay->seen[age / 64] >> (age % 64) & 1);
}

/* Notes a fresh index, after authentication only. */
static inline void tx_replay_accept(tx_replay *replay, uint64_t index)
{
    if (replay->started && index <= replay->highest) {
        const uint64_t age = replay->highest - index;
        if (age < TX_REPLAY_WINDOW)
            replay->seen[age / 64] |= 1ull << (age % 64);
        return;
    }
    const uint64_t shift = replay->started ? index - replay->highest : TX_REPLAY_WINDOW;
    if (shift >= TX_REPLAY_WINDOW) {
        replay->seen[0] = replay->seen[1] = 0;
    } else if (shift >= 64) {
        replay->seen[1] = replay->seen[0] << (shift - 64);
        replay->seen[0] = 0;
    } else {
        replay->seen[1] = replay->seen[1] << shift | replay->seen[0] >> (64 - shift);
        replay->seen[0] <<= shift;
    }
    replay->seen[0] |= 1;
    replay->highest = index;
    replay->started = true;
}

#endif
