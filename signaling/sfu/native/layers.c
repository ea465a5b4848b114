#include "layers.h"

#include <string.h>

#include "wire.h"

/* A run's mark: picture offset, then how far the layers in force are below all; 0 = nothing left out or renumbered. */
#define TEMPORAL_SHIFT 16
#define SPATIAL_SHIFT 20

static unsigned temporal_of(const tx_codec_view *view)
{
    return view->temporal_id == TX_TEMPORAL_NONE ? 0 : view->temporal_id;
}

static uint32_t mark_of(const tx_layering *layers, uint16_t picture_offset)
{
    return picture_offset | (TX_LAYERS_ALL - (uint32_t)layers->temporal) << TEMPORAL_SHIFT
        | (TX_LAYERS_ALL - (uint32_t)layers->spatial) << SPATIAL_SHIFT;
}

static unsigned temporal_in(uint32_t mark) { return TX_LAYERS_ALL - (mark >> TEMPORAL_SHIFT & 7); }

static unsigned spatial_in(uint32_t mark) { return TX_LAYERS_ALL - (mark >> SPATIAL_SHIFT & 7); }

static uint8_t bounded(unsigned layer) { return (uint8_t)(layer < TX_LAYERS_ALL ? layer : TX_LAYERS_ALL); }

void tx_layers_init(tx_layering *layers)
{
    *layers = (tx_layering){
        .spatial_limit = TX_LAYERS_ALL,
        .temporal_limit = TX_LAYERS_ALL,
        .spatial = TX_LAYERS_ALL,
        .temporal = TX_LAYERS_ALL,
    };
}

void tx_layers_limit(tx_layering *layers, unsigned spatial, unsigned temporal)
{
    layers->spatial_limit = bounded(spatial);
    layers->temporal_limit = bounded(temporal);
}

bool tx_layers_whole(const tx_layering *layers)
{
    return layers->spatial_limit == TX_LAYERS_ALL && layers->temporal_limit == TX_LAYERS_ALL;
}

bool tx_layers_needs_keyframe(const tx_layering *layers, const tx_layer_counts *counts)
{
    for (unsigned i = layers->spatial + 1u; i <= layers->spatial_limit && i < TX_LAYERS_SPATIAL; i++)
        for (unsigned k = 0; k < TX_LAYERS_TEMPORAL; k++)
            if (counts->bytes[i][k])
                return true;
    return false;
}

void tx_layers_begin(tx_layering *layers, tx_seqmap *map, int64_t source, uint16_t picture_offset)
{
    layers->lowest_rate = false;
    layers->spatial = layers->spatial_limit;
    layers->temporal = layers->temporal_limit;
    layers->started = false;
    tx_seqmap_remark(map, source, mark_of(layers, picture_offset));
}

/* Down at any frame; up in time where the stream says that it may be done, up in space at a keyframe. */
static void settle(tx_layering *layers, const tx_codec_view *view)
{
    uint8_t limit = layers->lowest_rate ? 0 : layers->temporal_limit;
    if (view->keyframe || limit < layers->temporal)
        layers->temporal = limit;
    else if (view->layer_sync && temporal_of(view) > layers->temporal && temporal_of(view) <= limit)
        layers->temporal = view->temporal_id;
    if (view->keyframe || layers->spatial_limit < layers->spatial)
        layers->spatial = layers->spatial_limit;
}

bool tx_layers_sent(uint32_t mark, const tx_codec_view *view)
{
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
    if ((layers->started && source <= layers->newest) || source < map->now.first || source > map->now.last)
        return pass_late(map, source, view, sent, mark);
    bool new_frame = !layers->started || timestamp != layers->timestamp;
    layers->started = true;
    layers->newest = source;
    layers->timestamp = timestamp;
    if (new_frame) {
        settle(layers, view);
        tx_seqmap_remark(map, source, mark_of(layers, tx_layers_picture_offset(map->now.mark)));
    }
    if (tx_layers_sent(map->now.mark, view)) {
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
    if (length == 0 || length > TX_LAYERS_PREFIX_MAX_BYTES)
        return 0;
    memcpy(out, payload, length);
    tx_codec_renumber(out, view, (uint16_t)(view->picture_id + offset), (uint8_t)(view->tl0picidx + tl0_offset));
    return (uint8_t)length;
}

tx_shape tx_layers_shape(uint32_t mark, uint8_t tl0_offset, tx_codec codec, const uint8_t *payload,
                         const tx_codec_view *view, bool marker)
{
    tx_shape shape = {.marker = marker};
    if (codec == TX_CODEC_VP9 && view->frame_end && view->spatial_id == spatial_in(mark))
        shape.marker = true;
    if (codec == TX_CODEC_VP8 || codec == TX_CODEC_VP9)
        shape.prefix_length = write_prefix(shape.prefix, mark, tl0_offset, payload, view);
    return shape;
}

void tx_layers_count(tx_layer_counts *counts, const tx_codec_view *view, uint16_t bytes)
{
    unsigned spatial = view->spatial_id < TX_LAYERS_SPATIAL ? view->spatial_id : TX_LAYERS_SPATIAL - 1;
    unsigned temporal = temporal_of(view) < TX_LAYERS_TEMPORAL ? temporal_of(view) : TX_LAYERS_TEMPORAL - 1;
    counts->bytes[spatial][temporal] += bytes;
}
