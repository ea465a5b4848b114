/* The dependency descriptor, a header extension that says of each frame which layers need it and what it needs: "RTP
 * Payload Format For AV1", appendix A; browsers send it with other codecs too.
 *
 * Its first packet of a keyframe carries a structure of templates, later ones refer to them.  Nothing here allocates;
 * what is kept is bounded by the sizes of the format.
 */
#ifndef TX_DEPENDENCY_H
#define TX_DEPENDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TX_DEPENDENCY_TEMPLATES_MAX 64u
#define TX_DEPENDENCY_TARGETS_MAX 32u
#define TX_DEPENDENCY_CHAINS_MAX 32u
#define TX_DEPENDENCY_LAYERS 7u /* ids above are not taken: nothing sends them, and 7 means "all" elsewhere */
#define TX_DEPENDENCY_SIZES 4u  /* spatial layers of which the size is kept */
#define TX_DEPENDENCY_WINDOW 64u /* frames that one is looked for behind another */
#define TX_DEPENDENCY_MIN_BYTES 3u
#define TX_DEPENDENCY_MAX_BYTES 255u /* of an element */
#define TX_DEPENDENCY_GROWTH_MAX_BYTES 6u /* that rewriting adds: five flags, the mask, filling up the byte */
#define TX_DEPENDENCY_NO_TARGET 32u

/* A set of decode targets; bit 0 is the first. */
typedef uint32_t tx_targets;

typedef struct {
    tx_targets present;  /* targets that it belongs to, */
    tx_targets switches; /* and of those the ones that may be begun with it, when all that it needs is there */
    uint16_t needs;      /* bit d - 1: the frame d numbers before */
    uint8_t spatial;
    uint8_t temporal;
} tx_dependency_template;

typedef struct {
    uint8_t offset; /* template id of the first */
    uint8_t template_count;
    uint8_t target_count; /* 0 = no structure was seen yet */
    uint8_t chain_count;
    uint8_t size_count; /* 0 = sizes are not said */
    tx_targets active;  /* as said last */
    struct {
        uint8_t spatial;
        uint8_t temporal;
    } target[TX_DEPENDENCY_TARGETS_MAX];
    struct {
        uint16_t width;
        uint16_t height;
    } size[TX_DEPENDENCY_SIZES];
    tx_dependency_template templates[TX_DEPENDENCY_TEMPLATES_MAX];
} tx_dependency_structure;

/* What one packet's element says. */
typedef struct tx_dependency {
    const tx_dependency_structure *structure; /* that it was read by */
    bool first;    /* packet of its frame */
    bool last;     /* likewise */
    bool attached; /* it brought the structure: the beginning of a keyframe */
    bool has_mask; /* it says which targets are active */
    bool far;      /* it needs a frame further back than the window */
    uint8_t spatial;
    uint8_t temporal;
    uint16_t number;
    tx_targets present;
    tx_targets switches;
    uint64_t needs; /* as in a template */
    /* For rewriting, in bits of the element: */
    uint16_t mask_at; /* where the mask of active targets is, or would be */
    uint16_t end_at;  /* of what is said */
} tx_dependency;

/* False when it is broken, or refers to templates that `structure` has not.  An attached structure takes its place, and
 * the mask of active targets is noted in it, only when all was well. */
bool tx_dependency_read(tx_dependency_structure *structure, const uint8_t *element, size_t length,
                        tx_dependency *dependency);

/* The best target within these layers: the highest spatial one, then the highest temporal; of those that are active, as
 * long as there is any.  TX_DEPENDENCY_NO_TARGET without a structure. */
unsigned tx_dependency_target(const tx_dependency_structure *structure, unsigned spatial, unsigned temporal);

/* Whoever has all frames of `outer` has all of `inner`. */
bool tx_dependency_within(const tx_dependency_structure *structure, unsigned inner, unsigned outer);

/* The targets that can be served out of the frames of one. */
tx_targets tx_dependency_targets_within(const tx_dependency_structure *structure, unsigned outer);

/* The element as it is, with a mask of active targets of its own, to `out` (of TX_DEPENDENCY_MAX_BYTES).  Its length;
 * 0 when that would be too long.  `dependency` was read from `element`. */
size_t tx_dependency_mask(uint8_t *out, const uint8_t *element, const tx_dependency *dependency, tx_targets active);

#endif
