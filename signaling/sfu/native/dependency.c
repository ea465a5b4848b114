#include "dependency.h"

#include <string.h>

#include "bits.h"
#include "wire.h"

enum { NOT_PRESENT = 0, SWITCH = 2 };                                   /* A.8.3.2, indications of decode targets */
enum { SAME_LAYER = 0, NEXT_TEMPORAL = 1, NEXT_SPATIAL = 2, NO_MORE = 3 }; /* next_layer_idc */

#define MANDATORY_BITS 24u
#define FLAG_BITS 5u

/* ---- the structure, A.8.2 ---- */

static bool read_layers(tx_bits *bits, tx_dependency_structure *structure)
{
    unsigned spatial = 0, temporal = 0;
    for (;;) {
        if (structure->template_count == TX_DEPENDENCY_TEMPLATES_MAX || spatial >= TX_DEPENDENCY_LAYERS
            || temporal >= TX_DEPENDENCY_LAYERS)
            return false;
        structure->templates[structure->template_count++] =
            (tx_dependency_template){.spatial = (uint8_t)spatial, .temporal = (uint8_t)temporal};
        switch (tx_bits_read(bits, 2)) {
        case SAME_LAYER: break;
        case NEXT_TEMPORAL: temporal++; break;
        case NEXT_SPATIAL:
            temporal = 0;
            spatial++;
            break;
        case NO_MORE: return !bits->failed;
        }
        if (bits->failed)
            return false;
    }
}

static void read_indications(tx_bits *bits, unsigned targets, tx_targets *present, tx_targets *switches)
{
    *present = *switches = 0;
    for (unsigned i = 0; i < targets; i++) {
        unsigned indication = tx_bits_read(bits, 2);
        *present |= (tx_targets)(indication != NOT_PRESENT) << i;
        *switches |= (tx_targets)(indication == SWITCH) << i;
    }
}

static void read_template_needs(tx_bits *bits, tx_dependency_template *template)
{
    while (tx_bits_read(bits, 1) && !bits->failed)
        template->needs |= (uint16_t)(1u << tx_bits_read(bits, 4));
}

static void read_chains(tx_bits *bits, tx_dependency_structure *structure)
{
    structure->chain_count = (uint8_t)tx_bits_non_symmetric(bits, structure->target_count + 1u);
    if (structure->chain_count == 0)
        return;
    for (unsigned i = 0; i < structure->target_count; i++)
        tx_bits_non_symmetric(bits, structure->chain_count);
    for (unsigned i = 0; i < structure->template_count * (unsigned)structure->chain_count && !bits->failed; i++)
        tx_bits_read(bits, 4);
}

/* A target is as high as the highest of what belongs to it. */
static void name_targets(tx_dependency_structure *structure)
{
    for (unsigned i = 0; i < structure->target_count; i++) {
        for (unsigned k = 0; k < structure->template_count; k++) {
            const tx_dependency_template *template = &structure->templates[k];
            if (!(template->present >> i & 1))
                continue;
            if (template->spatial > structure->target[i].spatial)
                structure->target[i].spatial = template->spatial;
            if (template->temporal > structure->target[i].temporal)
                structure->target[i].temporal = template->temporal;
        }
    }
}

static void read_sizes(tx_bits *bits, tx_dependency_structure *structure)
{
    if (!tx_bits_read(bits, 1))
        return;
    structure->size_count = (uint8_t)(structure->templates[structure->template_count - 1].spatial + 1u);
    for (unsigned i = 0; i < structure->size_count; i++) {
        uint32_t width = tx_bits_read(bits, 16) + 1, height = tx_bits_read(bits, 16) + 1;
        if (i >= TX_DEPENDENCY_SIZES || bits->failed)
            continue;
        structure->size[i].width = (uint16_t)(width > UINT16_MAX ? 0 : width);
        structure->size[i].height = (uint16_t)(height > UINT16_MAX ? 0 : height);
    }
}

static tx_targets all_of(const tx_dependency_structure *structure)
{
    return (tx_targets)(((uint64_t)1 << structure->target_count) - 1);
}

static bool read_structure(tx_bits *bits, tx_dependency_structure *structure)
{
    memset(structure, 0, sizeof *structure);
    structure->offset = (uint8_t)tx_bits_read(bits, 6);
    structure->target_count = (uint8_t)(tx_bits_read(bits, 5) + 1);
    if (!read_layers(bits, structure))
        return false;
    for (unsigned i = 0; i < structure->template_count; i++)
        read_indications(bits, structure->target_count, &structure->templates[i].present,
                         &structure->templates[i].switches);
    for (unsigned i = 0; i < structure->template_count; i++)
        read_template_needs(bits, &structure->templates[i]);
    read_chains(bits, structure);
    name_targets(structure);
    read_sizes(bits, structure);
    structure->active = all_of(structure);
    return !bits->failed;
}

/* ---- one frame ---- */

static void read_own_needs(tx_bits *bits, tx_dependency *dependency)
{
    dependency->needs = 0;
    for (unsigned size = tx_bits_read(bits, 2); size != 0 && !bits->failed; size = tx_bits_read(bits, 2)) {
        unsigned distance = tx_bits_read(bits, 4 * size); /* less one */
        if (distance < TX_DEPENDENCY_WINDOW)
            dependency->needs |= (uint64_t)1 << distance;
        else
            dependency->far = true;
    }
}

/* What the packet has of its own beyond the three bytes that each has. */
typedef struct {
    bool mask;
    bool indications;
    bool needs;
    bool chains;
} own_parts;

static void read_head(tx_bits *bits, tx_dependency *dependency, unsigned *template)
{
    dependency->first = tx_bits_read(bits, 1);
    dependency->last = tx_bits_read(bits, 1);
    *template = tx_bits_read(bits, 6);
    dependency->number = (uint16_t)tx_bits_read(bits, 16);
}

static bool read_frame(tx_bits *bits, const tx_dependency_structure *structure, unsigned template,
                       const own_parts *own, tx_dependency *dependency)
{
    unsigned index = (template - structure->offset) & (TX_DEPENDENCY_TEMPLATES_MAX - 1);
    if (index >= structure->template_count)
        return false;
    const tx_dependency_template *common = &structure->templates[index];
    dependency->spatial = common->spatial;
    dependency->temporal = common->temporal;
    dependency->present = common->present;
    dependency->switches = common->switches;
    dependency->needs = common->needs;
    if (own->indications)
        read_indications(bits, structure->target_count, &dependency->present, &dependency->switches);
    if (own->needs)
        read_own_needs(bits, dependency);
    for (unsigned i = 0; own->chains && i < structure->chain_count; i++)
        tx_bits_read(bits, 8);
    return !bits->failed;
}

bool tx_dependency_read(tx_dependency_structure *structure, const uint8_t *element, size_t length,
                        tx_dependency *dependency)
{
    tx_bits bits = tx_bits_over(element, length);
    tx_dependency_structure attached;
    const tx_dependency_structure *by = structure;
    own_parts own = {0};
    unsigned template;
    if (length < TX_DEPENDENCY_MIN_BYTES || length > TX_DEPENDENCY_MAX_BYTES)
        return false;
    memset(dependency, 0, sizeof *dependency);
    read_head(&bits, dependency, &template);
    dependency->mask_at = MANDATORY_BITS;
    if (length > TX_DEPENDENCY_MIN_BYTES) {
        dependency->attached = tx_bits_read(&bits, 1);
        own.mask = tx_bits_read(&bits, 1);
        own.indications = tx_bits_read(&bits, 1);
        own.needs = tx_bits_read(&bits, 1);
        own.chains = tx_bits_read(&bits, 1);
        if (dependency->attached) {
            if (!read_structure(&bits, &attached))
                return false;
            by = &attached;
        }
        dependency->mask_at = (uint16_t)bits.at;
    }
    if (by->target_count == 0)
        return false;
    dependency->has_mask = own.mask;
    tx_targets active = own.mask ? tx_bits_read(&bits, by->target_count) : by->active;
    if (!read_frame(&bits, by, template, &own, dependency))
        return false;
    dependency->end_at = (uint16_t)bits.at;
    if (dependency->attached)
        *structure = attached;
    structure->active = active;
    dependency->structure = structure;
    return true;
}

/* ---- targets ---- */

static unsigned best_of(const tx_dependency_structure *structure, tx_targets allowed, unsigned spatial,
                        unsigned temporal)
{
    unsigned best = TX_DEPENDENCY_NO_TARGET;
    for (unsigned i = 0; i < structure->target_count; i++) {
        unsigned s = structure->target[i].spatial, t = structure->target[i].temporal;
        if (!(allowed >> i & 1) || s > spatial || t > temporal)
            continue;
        if (best == TX_DEPENDENCY_NO_TARGET || s > structure->target[best].spatial
            || (s == structure->target[best].spatial && t > structure->target[best].temporal))
            best = i;
    }
    return best;
}

unsigned tx_dependency_target(const tx_dependency_structure *structure, unsigned spatial, unsigned temporal)
{
    if (structure->target_count == 0)
        return TX_DEPENDENCY_NO_TARGET;
    unsigned best = best_of(structure, structure->active, spatial, temporal);
    if (best == TX_DEPENDENCY_NO_TARGET)
        best = best_of(structure, all_of(structure), spatial, temporal);
    return best == TX_DEPENDENCY_NO_TARGET ? 0 : best;
}

bool tx_dependency_within(const tx_dependency_structure *structure, unsigned inner, unsigned outer)
{
    for (unsigned i = 0; i < structure->template_count; i++) {
        tx_targets present = structure->templates[i].present;
        if ((present >> inner & 1) && !(present >> outer & 1))
            return false;
    }
    return true;
}

tx_targets tx_dependency_targets_within(const tx_dependency_structure *structure, unsigned outer)
{
    tx_targets missing = 0;
    for (unsigned i = 0; i < structure->template_count; i++)
        if (!(structure->templates[i].present >> outer & 1))
            missing |= structure->templates[i].present;
    return all_of(structure) & ~missing;
}

/* ---- writing ---- */

typedef struct {
    uint8_t *out;
    size_t at; /* in bits */
} bit_writer;

static void write_bits(bit_writer *writer, uint32_t value, unsigned count)
{
    while (count-- > 0) {
        uint8_t *byte = &writer->out[writer->at / 8];
        if (writer->at % 8 == 0)
            *byte = 0;
        *byte |= (uint8_t)((value >> count & 1) << (7 - writer->at % 8));
        writer->at++;
    }
}

static void copy_bits(bit_writer *writer, const uint8_t *element, size_t from, size_t to)
{
    for (; from < to; from++)
        write_bits(writer, (uint32_t)element[from / 8] >> (7 - from % 8) & 1, 1);
}

size_t tx_dependency_mask(uint8_t *out, const uint8_t *element, const tx_dependency *dependency, tx_targets active)
{
    const unsigned targets = dependency->structure->target_count;
    const bool has_flags = dependency->mask_at > MANDATORY_BITS;
    const size_t rest = dependency->mask_at + (dependency->has_mask ? targets : 0u);
    const size_t end = dependency->mask_at + targets + (dependency->end_at - rest) + (has_flags ? 0 : FLAG_BITS);
    bit_writer writer = {.out = out};
    if (end > TX_DEPENDENCY_MAX_BYTES * 8)
        return 0;
    memcpy(out, element, TX_DEPENDENCY_MIN_BYTES);
    writer.at = MANDATORY_BITS;
    /* structure, mask, own indications, own needs, own chains */
    write_bits(&writer, (has_flags ? element[3] >> 3 : 0u) | 0x08u, FLAG_BITS);
    if (has_flags)
        copy_bits(&writer, element, MANDATORY_BITS + FLAG_BITS, dependency->mask_at);
    write_bits(&writer, active, targets);
    copy_bits(&writer, element, rest, dependency->end_at);
    return (writer.at + 7) / 8;
}
