#include "layers.h"

#include <string.h>

#include "wire.h"

/* A run's mark: picture offset, then how far the layers in force are below all, then the decode target in force and one;
 * 0 = nothing left out or renumbered. */
#define TEMPORAL_SHIFT 16
#define SPATIAL_SHIFT 20
#define TARGET_SHIFT 24

static unsigned temporal_of(const tx_codec_view *view)
{
    return view->temporal_id == TX_TEMPORAL_NONE ? 0 : view->temporal_id;
}

static uint32_t mark_of(const tx_layering *layers, uint16_t picture_offset)
{
    uint32_t target = layers->target == TX_DEPENDENCY_NO_TARGET ? 0 : layers->target + 1u;
    return picture_offset | (TX_LAYERS_ALL - (uint32_t)layers->temporal) << TEMPORAL_SHIFT
        | (TX_LAYERS_ALL - (uint32_t)layers->spatial) << SPATIAL_SHIFT | target << TARGET_SHIFT;
}

static unsigned temporal_in(uint32_t mark) { return TX_LAYERS_ALL - (mark >> TEMPORAL_SHIFT & 7); }

static unsigned spatial_in(uint32_t mark) { return TX_LAYERS_ALL - (mark >> SPATIAL_SHIFT & 7); }

static unsigned target_in(uint32_t mark)
{
    unsigned next = mark >> TARGET_SHIFT & 0x3f;
    return next ? next - 1 : TX_DEPENDENCY_NO_TARGET;
}

static uint8_t bounded(unsigned layer) { return (uint8_t)(layer < TX_LAYERS_ALL ? layer : TX_LAYERS_ALL); }

void tx_layers_init(tx_layering *layers)
{
    *layers = (tx_layering){
        .spatial_limit = TX_LAYERS_ALL,
        .temporal_limit = TX_LAYERS_ALL,
        .spatial = TX_LAYERS_ALL,
        .temporal = TX_LAYERS_ALL,
        .target = TX_DEPENDENCY_NO_TARGET,
        .sent_set = ~(uint64_t)0, /* before anything is looked at everything is sent */
    };
}

void tx_layers_limit(tx_layering *layers, unsigned spatial, unsigned temporal)
{
    layers->spatial_limit = bounded(spatial);
    layers->temporal_limit = bounded(temporal);
}

static bool at_lowest_rate(const tx_layering *layers) { return layers->lowest_rate || layers->sparing; }

bool tx_layers_whole(const tx_layering *layers)
{
    return layers->spatial_limit == TX_LAYERS_ALL && layers->temporal_limit == TX_LAYERS_ALL;
}

static unsigned wanted_target(const tx_layering *layers, const tx_dependency_structure *structure)
{
    return tx_dependency_target(structure, layers->spatial_limit, at_lowest_rate(layers) ? 0 : layers->temporal_limit);
}

bool tx_layers_needs_keyframe(const tx_layering *layers, const tx_layer_counts *counts,
                              const tx_dependency_structure *structure)
{
    if (structure->target_count) {
        unsigned wanted = wanted_target(layers, structure), now = layers->target;
        return now < structure->target_count && structure->target[wanted].spatial != structure->target[now].spatial
            && !tx_dependency_within(structure, wanted, now);
    }
    for (unsigned i = layers->spatial + 1u; i <= layers->spatial_limit && i < TX_LAYERS_SPATIAL; i++)
        for (unsigned k = 0; k < TX_LAYERS_TEMPORAL; k++)
            if (counts->bytes[i][k])
                return true;
    return false;
}

bool tx_layers_are_active(const tx_layering *layers, const tx_dependency_structure *structure)
{
    return layers->target >= structure->target_count || (structure->active >> layers->target & 1);
}

void tx_layers_begin(tx_layering *layers, tx_seqmap *map, int64_t source, uint16_t picture_offset)
{
    layers->lowest_rate = layers->hold = layers->holding = false;
    layers->spatial = layers->spatial_limit;
    layers->temporal = layers->sparing ? 0 : layers->temporal_limit;
    layers->started = false;
    layers->target = TX_DEPENDENCY_NO_TARGET;
    layers->has_frame = false;
    layers->frame_sent = false;
    layers->sent_set = 0;
    tx_seqmap_remark(map, source, mark_of(layers, picture_offset));
}

/* VP8's Y: this frame needs the base layer only.  VP9's U: no later frame above this one's layer needs what was above it
 * before (RFC 9628 4.2). */
static uint8_t temporal_opened(const tx_layering *layers, tx_codec codec, const tx_codec_view *view, uint8_t limit)
{
    unsigned temporal = temporal_of(view);
    if (!view->layer_sync)
        return layers->temporal;
    if (codec == TX_CODEC_VP9)
        return temporal <= layers->temporal ? limit : layers->temporal;
    return temporal > layers->temporal && temporal <= limit ? view->temporal_id : layers->temporal;
}

/* Down at any frame; up in time where the stream says that it may be done, up in space at a keyframe. */
static void settle(tx_layering *layers, tx_codec codec, const tx_codec_view *view)
{
    uint8_t limit = at_lowest_rate(layers) ? 0 : layers->temporal_limit;
    if (view->keyframe || limit < layers->temporal)
        layers->temporal = limit;
    else if (limit > layers->temporal)
        layers->temporal = temporal_opened(layers, codec, view, limit);
    if (view->keyframe || layers->spatial_limit < layers->spatial)
        layers->spatial = layers->spatial_limit;
}

/* ---- by the dependency descriptor ---- */

static void note_frame(tx_layering *layers, uint16_t number)
{
    uint16_t ahead = (uint16_t)(number - layers->frame);
    if (layers->has_frame && (ahead > TX_DEPENDENCY_WINDOW || ahead == 0))
        layers->sent_set = 0; /* far ahead, or back: nothing is known of what is behind it */
    else if (layers->has_frame)
        layers->sent_set =
            (ahead < 64 ? layers->sent_set << ahead : 0) | (uint64_t)layers->frame_sent << (ahead - 1);
    layers->frame = number;
    layers->has_frame = true;
    layers->frame_sent = false;
}

static void take_target(tx_layering *layers, const tx_dependency_structure *structure, unsigned target)
{
    layers->target = (uint8_t)target;
    layers->spatial = structure->target[target].spatial;
    layers->temporal = structure->target[target].temporal;
}

/* To a target whose frames are all sent already, at any frame; to another where the stream says that it may be begun and
 * what is needed for that was sent. */
static bool move_to(tx_layering *layers, const tx_dependency *dependency, unsigned target)
{
    const tx_dependency_structure *structure = dependency->structure;
    bool may_begin = dependency->first && (dependency->switches >> target & 1) && !dependency->far
        && (dependency->needs & ~layers->sent_set) == 0;
    if (!may_begin && !tx_dependency_within(structure, target, layers->target))
        return false;
    take_target(layers, structure, target);
    layers->tells = true;
    return true;
}

static void settle_target(tx_layering *layers, const tx_dependency *dependency)
{
    const tx_dependency_structure *structure = dependency->structure;
    unsigned wanted = wanted_target(layers, structure);
    if (dependency->attached || layers->target >= structure->target_count) {
        layers->tells = !dependency->attached; /* the structure is sent with the mask of its own */
        take_target(layers, structure, wanted);
        return;
    }
    if (wanted == layers->target || move_to(layers, dependency, wanted))
        return;
    /* Until a keyframe lets it change its spatial layer: this one, on the way down with the fewest frames. */
    unsigned spatial = structure->target[layers->target].spatial;
    bool down = structure->target[wanted].spatial < spatial;
    unsigned meanwhile =
        tx_dependency_target(structure, spatial, down || at_lowest_rate(layers) ? 0 : layers->temporal_limit);
    if (meanwhile != layers->target)
        move_to(layers, dependency, meanwhile);
}

/* The receiver knows once it has a frame of the lowest rate of the layer in force. */
static void note_told(tx_layering *layers, const tx_dependency *dependency)
{
    if (dependency->last && dependency->temporal == 0 && dependency->spatial == layers->spatial)
        layers->tells = false;
}

static void note_late(tx_layering *layers, uint16_t number)
{
    uint16_t behind = (uint16_t)(layers->frame - number);
    if (layers->has_frame && behind >= 1 && behind <= TX_DEPENDENCY_WINDOW)
        layers->sent_set |= (uint64_t)1 << (behind - 1);
}

/* ---- all ---- */

bool tx_layers_sent(uint32_t mark, const tx_codec_view *view)
{
    unsigned target = target_in(mark);
    if (view->dependency && target != TX_DEPENDENCY_NO_TARGET)
        return view->dependency->present >> target & 1;
    return temporal_of(view) <= temporal_in(mark) && view->spatial_id <= spatial_in(mark);
}

static tx_pass pass_late(const tx_seqmap *map, int64_t source, const tx_codec_view *view, int64_t *sent, uint32_t *mark)
{
    const tx_seqmap_run *run = tx_seqmap_run_of(map, source);
    if (!run)
        return TX_PASS_DROP;
    *sent = source + run->offset;
    *mark = run->mark;
    return tx_layers_sent(run->mark, view) ? TX_PASS_SEND : TX_PASS_EMPTY;
}

tx_pass tx_layers_pass(tx_layering *layers, tx_seqmap *map, tx_codec codec, int64_t source, uint32_t timestamp,
                       const tx_codec_view *view, int64_t *sent, uint32_t *mark)
{
    const tx_dependency *dependency = view->dependency;
    if ((layers->started && source <= layers->newest) || source < map->now.first || source > map->now.last) {
        tx_pass pass = pass_late(map, source, view, sent, mark);
        if (dependency && pass == TX_PASS_SEND)
            note_late(layers, dependency->number);
        return pass;
    }
    bool new_frame = !layers->started || timestamp != layers->timestamp;
    if (dependency)
        new_frame = !layers->has_frame || dependency->number != layers->frame;
    layers->started = true;
    layers->newest = source;
    layers->timestamp = timestamp;
    if (new_frame) {
        layers->holding |= layers->hold;
        if (dependency) {
            note_frame(layers, dependency->number);
            settle_target(layers, dependency);
        } else {
            settle(layers, codec, view);
        }
        tx_seqmap_remark(map, source, mark_of(layers, tx_layers_picture_offset(map->now.mark)));
    }
    if (!layers->holding && tx_layers_sent(map->now.mark, view)) {
        layers->frame_sent = true;
        *mark = map->now.mark;
        return tx_seqmap_sent(map, source, sent) ? TX_PASS_SEND : TX_PASS_DROP;
    }
    tx_seqmap_skip(map, source);
    /* VP8's picture ids must run on without a hole (RFC 7741 4.2); VP9's are what its references count in. */
    if (new_frame && codec == TX_CODEC_VP8)
        map->now.mark = mark_of(layers, (uint16_t)(tx_layers_picture_offset(map->now.mark) - 1));
    return TX_PASS_DROP;
}

static uint8_t write_prefix(uint8_t *out, uint32_t mark, uint8_t tl0_offset, const uint8_t *payload,
                            const tx_codec_view *view)
{
    uint16_t offset = tx_layers_picture_offset(mark);
    uint16_t length = 0;
    if (offset == 0 && tl0_offset == 0)
        return 0;
    if (view->picture_id_offset)
        length = (uint16_t)(view->picture_id_offset + (view->picture_id_bits + 1) / 8);
    if (view->tl0picidx_offset && view->tl0picidx_offset >= length)
        length = (uint16_t)(view->tl0picidx_offset + 1);
    if (length == 0 || length > TX_SHAPE_PREFIX_MAX_BYTES)
        return 0;
    memcpy(out, payload, length);
    tx_codec_renumber(out, view, (uint16_t)(view->picture_id + offset), (uint8_t)(view->tl0picidx + tl0_offset));
    return (uint8_t)length;
}

/* Says which targets the receiver can have: those within the one in force. */
static void mask(tx_shape *shape, uint32_t mark)
{
    const tx_dependency_structure *structure = shape->dependency->structure;
    unsigned target = target_in(mark);
    if (target >= structure->target_count)
        return;
    shape->active = structure->active & tx_dependency_targets_within(structure, target);
    shape->masked = shape->active != structure->active;
}

void tx_layers_tell(tx_layering *layers, uint32_t mark, tx_shape *shape)
{
    if (!layers->tells || !shape->dependency)
        return;
    const tx_dependency *dependency = shape->dependency;
    mask(shape, mark);
    shape->masked = shape->active != 0; /* also that all of them are active again */
    note_told(layers, dependency);
}

tx_shape tx_layers_shape(uint32_t mark, uint8_t tl0_offset, tx_codec codec, const uint8_t *payload,
                         const tx_codec_view *view, bool marker)
{
    tx_shape shape = {.marker = marker, .dependency = view->dependency};
    if ((codec == TX_CODEC_VP9 || view->dependency) && view->frame_end && view->spatial_id == spatial_in(mark))
        shape.marker = true;
    if (view->dependency && view->dependency->attached)
        mask(&shape, mark);
    if (codec == TX_CODEC_VP8 || codec == TX_CODEC_VP9)
        shape.prefix_length = write_prefix(shape.prefix, mark, tl0_offset, payload, view);
    return shape;
}

void tx_layers_sizes(tx_layer_counts *counts, const tx_dependency_structure *structure)
{
    for (unsigned i = 0; i < structure->size_count && i < TX_PICTURE_SIZES && i < TX_DEPENDENCY_SIZES; i++)
        counts->size[i] = (tx_picture_size){.width = structure->size[i].width, .height = structure->size[i].height};
}

/* Each layer once: several targets may have the same. */
static void count_needed(tx_layer_counts *counts, const tx_dependency *dependency, uint16_t bytes)
{
    const tx_dependency_structure *structure = dependency->structure;
    uint32_t counted = 0;
    for (unsigned i = 0; i < structure->target_count; i++) {
        unsigned spatial = structure->target[i].spatial, temporal = structure->target[i].temporal;
        if (!(dependency->present >> i & 1) || spatial >= TX_LAYERS_SPATIAL || temporal >= TX_LAYERS_TEMPORAL)
            continue;
        uint32_t bit = (uint32_t)1 << (spatial * TX_LAYERS_TEMPORAL + temporal);
        if (!(counted & bit))
            counts->needed[spatial][temporal] += bytes;
        counted |= bit;
    }
}

void tx_layers_count(tx_layer_counts *counts, const tx_codec_view *view, uint16_t bytes)
{
    if (view->dependency)
        count_needed(counts, view->dependency, bytes);
    unsigned spatial = view->spatial_id < TX_LAYERS_SPATIAL ? view->spatial_id : TX_LAYERS_SPATIAL - 1;
    unsigned temporal = temporal_of(view) < TX_LAYERS_TEMPORAL ? temporal_of(view) : TX_LAYERS_TEMPORAL - 1;
    counts->bytes[spatial][temporal] += bytes;
}
