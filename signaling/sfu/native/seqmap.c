#include "seqmap.h"

#include <string.h>

void tx_seqmap_init(tx_seqmap *map, int64_t first_sent)
{
    memset(map, 0, sizeof *map);
    map->now = (tx_seqmap_run){.first = INT64_MAX, .last = INT64_MIN, .offset = 0};
    map->newest = first_sent - 1;
}

static bool empty(const tx_seqmap_run *run) { return run->first > run->last; }

static void keep_past(tx_seqmap *map)
{
    if (map->started && !empty(&map->now))
        map->past[map->count++ % TX_SEQMAP_RUNS] = map->now;
}

void tx_seqmap_stop(tx_seqmap *map, int64_t last_source)
{
    if (map->now.last > last_source)
        map->now.last = last_source;
}

void tx_seqmap_start(tx_seqmap *map, int64_t source)
{
    /* Beyond the newest sent, the old run's numbers now belong to the new one. */
    tx_seqmap_stop(map, map->newest - map->now.offset);
    tx_seqmap_stop(map, source - 1);
    keep_past(map);
    map->now.first = source;
    map->now.last = INT64_MAX;
    map->now.offset = map->newest + 1 - source;
    map->started = true;
}

void tx_seqmap_break(tx_seqmap *map, int64_t source)
{
    tx_seqmap_stop(map, map->newest - map->now.offset);
    if (map->started)
        map->newest++;
    tx_seqmap_start(map, source);
}

void tx_seqmap_skip(tx_seqmap *map, int64_t source)
{
    if (!map->started || source < map->now.first || source > map->now.last)
        return;
    int64_t offset = map->now.offset - 1;
    if (map->now.first < source) {
        map->now.last = source - 1;
        keep_past(map);
    }
    /* Numbers of the run that were passed by without being sent keep their places: newest counts them. */
    if (source + offset > map->newest)
        map->newest = source + offset;
    map->now.first = source + 1;
    map->now.last = INT64_MAX;
    map->now.offset = offset;
}

void tx_seqmap_remark(tx_seqmap *map, int64_t source, uint32_t mark)
{
    tx_seqmap_run next = map->now;
    if (next.mark == mark)
        return;
    if (map->now.first < source) {
        map->now.last = source - 1;
        keep_past(map);
        next.first = source;
    }
    next.mark = mark;
    map->now = next;
}

static unsigned kept(const tx_seqmap *map) { return map->count < TX_SEQMAP_RUNS ? map->count : TX_SEQMAP_RUNS; }

const tx_seqmap_run *tx_seqmap_run_of(const tx_seqmap *map, int64_t source)
{
    if (source >= map->now.first && source <= map->now.last)
        return &map->now;
    for (unsigned i = 1; i <= kept(map); i++) {
        const tx_seqmap_run *run = &map->past[(map->count - i) % TX_SEQMAP_RUNS];
        if (source >= run->first && source <= run->last)
            return run;
    }
    return NULL;
}

bool tx_seqmap_past_sent(const tx_seqmap *map, int64_t source, int64_t *sent)
{
    const tx_seqmap_run *run = tx_seqmap_run_of(map, source);
    if (!run)
        return false;
    *sent = source + run->offset;
    return true;
}

bool tx_seqmap_source(const tx_seqmap *map, int64_t sent, int64_t *source)
{
    const tx_seqmap_run *run = &map->now;
    for (unsigned i = 0; i <= kept(map); i++) {
        if (i)
            run = &map->past[(map->count - i) % TX_SEQMAP_RUNS];
        int64_t candidate = sent - run->offset;
        if (!empty(run) && candidate >= run->first && candidate <= run->last) {
            *source = candidate;
            return true;
        }
    }
    return false;
}
