/* Gapless renumbering: source sequences -> sent sequences, over pauses, dropped packets and changes of source.
 *
 * A map is a short history of runs; inside a run the two differ by a constant.  Numbers are extended (64 bits), so
 * nothing here wraps.  Late packets find the run that they belong to; what no run covers is not forwarded.
 */
#ifndef TX_SEQMAP_H
#define TX_SEQMAP_H

#include <stdbool.h>
#include <stdint.h>

#define TX_SEQMAP_RUNS 24

typedef struct {
    int64_t first;  /* source sequences first..last belong to this run */
    int64_t last;   /* INT64_MAX while the run is open */
    int64_t offset; /* sent = source + offset */
    uint32_t mark;  /* the owner's: what else is constant over a run (see layers.h); a new run inherits it */
} tx_seqmap_run;

typedef struct {
    tx_seqmap_run now; /* the newest run, checked first */
    unsigned count;    /* runs ever begun before `now`, of which the newest TX_SEQMAP_RUNS are kept */
    bool started;
    int64_t newest; /* greatest sent sequence, also of runs gone by; valid once something was sent */
    tx_seqmap_run past[TX_SEQMAP_RUNS];
} tx_seqmap;

/* A fresh map will send `first_sent` first. */
void tx_seqmap_init(tx_seqmap *map, int64_t first_sent);

/* From `source` on, packets are sent again, numbered on from the newest sent. */
void tx_seqmap_start(tx_seqmap *map, int64_t source);

/* As start, but one number is left out: what follows does not connect to what was before. */
void tx_seqmap_break(tx_seqmap *map, int64_t source);

/* Nothing after `last_source` is sent until the next start. */
void tx_seqmap_stop(tx_seqmap *map, int64_t last_source);

/* Closes the gap that leaving out `source` would make.  Right only for the newest source yet seen: a number that was
 * passed by already has its place in what was sent. */
void tx_seqmap_skip(tx_seqmap *map, int64_t source);

/* From `source` on, which `now` covers, runs carry another mark; numbers go on as they would have. */
void tx_seqmap_remark(tx_seqmap *map, int64_t source, uint32_t mark);

/* The run that covers it; NULL when none does. */
const tx_seqmap_run *tx_seqmap_run_of(const tx_seqmap *map, int64_t source);

/* False when no run covers it. */
bool tx_seqmap_past_sent(const tx_seqmap *map, int64_t source, int64_t *sent);
bool tx_seqmap_source(const tx_seqmap *map, int64_t sent, int64_t *source);

static inline bool tx_seqmap_sent(tx_seqmap *map, int64_t source, int64_t *sent)
{
    if (__builtin_expect(source < map->now.first || source > map->now.last, 0))
        return tx_seqmap_past_sent(map, source, sent);
    *sent = source + map->now.offset;
    if (*sent > map->newest)
        map->newest = *sent;
    return true;
}

#endif
