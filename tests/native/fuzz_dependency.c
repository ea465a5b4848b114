/* Dependency descriptors, and what a subscription makes of them: a series of elements is read as of one stream, layers are
 * chosen in between, and what is sent must be what a decoder can follow.
 *
 * Input: records of a control byte, a length and an element.  Control: bits 0 to 2 what is chosen (spatial), 3 to 5
 * likewise (temporal), 6 whether that is done at all, 7 a gap in the sequence before it.
 */
#include "check.h"
#include "layers.h"

static void check_written(const uint8_t *element, const tx_dependency *said, tx_targets active)
{
    uint8_t out[TX_DEPENDENCY_MAX_BYTES];
    tx_dependency_structure structure = *said->structure;
    tx_dependency again;
    const size_t length = tx_dependency_mask(out, element, said, active);
    if (length == 0)
        return;
    CHECK(length <= TX_DEPENDENCY_MAX_BYTES);
    CHECK(tx_dependency_read(&structure, out, length, &again));
    EQUAL(again.number, said->number);
    EQUAL(again.present, said->present);
    EQUAL(again.switches, said->switches);
    EQUAL(again.needs, said->needs);
    CHECK(again.has_mask && again.attached == said->attached && again.far == said->far);
    EQUAL(structure.active, active & (tx_targets)(((uint64_t)1 << structure.target_count) - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tx_dependency_structure structure = {0};
    tx_layering layers;
    tx_seqmap map;
    tx_layers_init(&layers);
    tx_seqmap_init(&map, 100);
    tx_seqmap_start(&map, 0);
    tx_layers_begin(&layers, &map, 0, 0);
    int64_t source = 0, expected = 100;
    for (size_t at = 0; at + 2 <= size;) {
        const unsigned control = data[at];
        size_t length = data[at + 1];
        at += 2;
        length = length < size - at ? length : size - at;
        uint8_t *element = malloc(length ? length : 1);
        CHECK(element);
        memcpy(element, data + at, length);
        at += length;
        if (control & 0x40)
            tx_layers_limit(&layers, control & 7, control >> 3 & 7);
        tx_dependency said;
        tx_codec_view view = {0};
        if (tx_dependency_read(&structure, element, length, &said)) {
            CHECK(said.structure == &structure && structure.target_count <= TX_DEPENDENCY_TARGETS_MAX);
            CHECK(said.mask_at <= said.end_at && said.end_at <= length * 8);
            CHECK((said.switches & ~said.present) == 0);
            tx_codec_describe(&view, &said);
            check_written(element, &said, control);
        }
        tx_layer_counts counts = {0};
        tx_layers_count(&counts, &view, 100);
        (void)tx_layers_needs_keyframe(&layers, &counts, &structure);
        int64_t sent;
        uint32_t mark;
        source += control & 0x80 ? 2 : 1;
        const tx_pass pass = tx_layers_pass(&layers, &map, TX_CODEC_AV1, source, 0, &view, &sent, &mark);
        CHECK(pass != TX_PASS_EMPTY); /* nothing comes late here */
        if (pass == TX_PASS_SEND) {
            CHECK(sent >= expected); /* never twice the same, and back to where it came from */
            expected = sent + 1;
            int64_t came;
            CHECK(tx_seqmap_source(&map, sent, &came) && came == source);
            CHECK(tx_layers_sent(mark, &view));
            const uint8_t payload[1] = {0};
            tx_shape shape = tx_layers_shape(mark, 0, TX_CODEC_AV1, payload, &view, false);
            tx_layers_tell(&layers, mark, &shape);
            if (shape.masked)
                check_written(element, &said, shape.active);
        }
        free(element);
    }
    return 0;
}
