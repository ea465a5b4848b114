/* Dependency descriptors: what Chromium 156 sent (libaom), and what nobody should send. */
#include "check.h"
#include "dependency.h"

/* First packets of keyframes: two spatial and two temporal layers that need each other; three and three that do so in
 * keyframes only. */
static const char *const L2T2 = "c000018003187aaaf130a0a014d141382304600864222226501df010d03bf021b0";
static const char *const L3T3_KEY =
    "c0000180081485214eaaaaa8000600004000100002aa80a8000600004000100002a000a800060000400016d549241b5524906d54923157e001"
    "974ca864330e222396eca8655304224390eca8775300ef008601df010d03bf021b";

static tx_dependency_structure structure;
static tx_dependency said;

/* Reads the first `length` bytes of an element given in hexadecimal from exactly sized memory. */
static bool read_part(const char *hex, size_t length)
{
    uint8_t data[TX_DEPENDENCY_MAX_BYTES + 1];
    CHECK(from_hex(hex, data, sizeof data) >= length);
    uint8_t *exact = malloc(length ? length : 1);
    CHECK(exact);
    memcpy(exact, data, length);
    const bool fine = tx_dependency_read(&structure, exact, length, &said);
    free(exact);
    return fine;
}

static bool read_whole(const char *hex) { return read_part(hex, strlen(hex) / 2); }

static void forget(void) { memset(&structure, 0, sizeof structure); }

static void a_keyframe_brings_the_structure(void)
{
    forget();
    CHECK(!read_whole("c50004")); /* without it nothing is understood */
    CHECK(read_whole(L2T2));
    CHECK(said.first && said.last && said.attached && !said.has_mask && !said.far);
    EQUAL(said.number, 1);
    EQUAL(said.spatial + said.temporal, 0);
    EQUAL(said.needs, 0);
    EQUAL(said.present, 0xf);
    EQUAL(said.switches, 0xf);
    EQUAL(structure.target_count, 4);
    EQUAL(structure.template_count, 6);
    EQUAL(structure.chain_count, 2);
    EQUAL(structure.active, 0xf);
    EQUAL(structure.size_count, 2);
    EQUAL(structure.size[0].width, 480);
    EQUAL(structure.size[1].height, 540);
}

static void later_frames_refer_to_it(void)
{
    forget();
    CHECK(read_whole(L2T2));
    CHECK(read_whole("c50004")); /* the upper layer of the second picture */
    CHECK(said.first && said.last && !said.attached);
    EQUAL(said.number, 4);
    EQUAL(said.spatial, 1);
    EQUAL(said.temporal, 1);
    EQUAL(said.needs, 3); /* one and two numbers before */
    EQUAL(said.present, 8);
    EQUAL(said.switches, 0);
    CHECK(read_whole("050004") && !said.first && !said.last);
    CHECK(!read_whole("c60004")); /* there is no seventh template */
}

static void a_frame_may_have_parts_of_its_own(void)
{
    forget();
    CHECK(read_whole(L2T2));
    /* own indications 0 1 2 3, own needs 3 (4 bits) and 100 (8 bits), own chains */
    CHECK(read_whole("c1000938da5318080a"));
    EQUAL(said.present, 0xe);
    EQUAL(said.switches, 4);
    EQUAL(said.needs, 4);
    CHECK(said.far);
    /* only two targets are active */
    CHECK(read_whole("c100094180") && said.has_mask && !said.attached);
    EQUAL(structure.active, 3);
    CHECK(read_whole("c1000a") && !said.has_mask);
    EQUAL(structure.active, 3);
    CHECK(read_whole(L2T2)); /* a new structure begins with all */
    EQUAL(structure.active, 0xf);
}

static void the_best_target_within_limits(void)
{
    forget();
    EQUAL(tx_dependency_target(&structure, 7, 7), TX_DEPENDENCY_NO_TARGET);
    CHECK(read_whole(L3T3_KEY));
    EQUAL(tx_dependency_target(&structure, 7, 7), 8);
    EQUAL(tx_dependency_target(&structure, 1, 7), 5);
    EQUAL(tx_dependency_target(&structure, 7, 0), 6);
    EQUAL(tx_dependency_target(&structure, 0, 1), 1);
    structure.active = 0x3f; /* the upper layer rests */
    EQUAL(tx_dependency_target(&structure, 7, 7), 5);
    structure.active = 0x1c0; /* only it is there */
    EQUAL(tx_dependency_target(&structure, 0, 1), 1);
}

static void what_can_be_served_out_of_what(void)
{
    forget();
    CHECK(read_whole(L2T2));
    CHECK(tx_dependency_within(&structure, 0, 3) && tx_dependency_within(&structure, 2, 3));
    CHECK(!tx_dependency_within(&structure, 1, 2) && !tx_dependency_within(&structure, 3, 1));
    EQUAL(tx_dependency_targets_within(&structure, 3), 0xf);
    EQUAL(tx_dependency_targets_within(&structure, 2), 0x5);
    CHECK(read_whole(L3T3_KEY));
    CHECK(tx_dependency_within(&structure, 6, 8) && !tx_dependency_within(&structure, 2, 8));
    EQUAL(tx_dependency_targets_within(&structure, 8), 0x1c0);
}

/* What is said beside the mask stays as it was. */
static void check_mask(const char *hex, tx_targets active)
{
    uint8_t element[TX_DEPENDENCY_MAX_BYTES], out[TX_DEPENDENCY_MAX_BYTES];
    const size_t length = from_hex(hex, element, sizeof element);
    CHECK(read_whole(hex));
    const tx_dependency before = said;
    const tx_dependency_structure was = structure;
    const size_t made = tx_dependency_mask(out, element, &before, active);
    CHECK(made >= length && made <= length + TX_DEPENDENCY_GROWTH_MAX_BYTES);
    CHECK(tx_dependency_read(&structure, out, made, &said));
    CHECK(said.has_mask && said.attached == before.attached);
    EQUAL(structure.active, active);
    structure.active = was.active;
    SAME_BYTES(&structure, &was, sizeof was);
    EQUAL(said.number, before.number);
    EQUAL(said.needs, before.needs);
    EQUAL(said.present, before.present);
    EQUAL(said.switches, before.switches);
    EQUAL(said.end_at - said.mask_at, before.end_at - before.mask_at + (before.has_mask ? 0 : structure.target_count));
}

static void a_mask_is_put_in(void)
{
    forget();
    check_mask(L2T2, 3);
    check_mask("c50004", 5);
    check_mask("c100094180", 1);
    check_mask("c1000938da5318080a", 7);
    check_mask(L3T3_KEY, 0x1c0);
    check_mask("c30004", 1);
}

static void broken_ones_change_nothing(void)
{
    forget();
    CHECK(read_whole(L3T3_KEY));
    const tx_dependency_structure before = structure;
    for (size_t length = 0; length < strlen(L2T2) / 2; length++) {
        if (length == 3)
            continue; /* the least: it refers to the structure that is there */
        CHECK(!read_part(L2T2, length));
        SAME_BYTES(&structure, &before, sizeof before);
    }
    CHECK(!read_whole("c0000140"));       /* a mask, but no bits for it */
    CHECK(!read_whole("c0000117ff")); /* needs without an end */
    SAME_BYTES(&structure, &before, sizeof before);
    /* 65 templates: next_layer_idc 0 again and again; eight spatial layers: 2 again and again */
    CHECK(!read_whole("c00001800000000000000000000000000000000000000000000000000000000000"));
    CHECK(!read_whole("c000018000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    SAME_BYTES(&structure, &before, sizeof before);
}

int main(void)
{
    RUN(a_keyframe_brings_the_structure);
    RUN(later_frames_refer_to_it);
    RUN(a_frame_may_have_parts_of_its_own);
    RUN(the_best_target_within_limits);
    RUN(what_can_be_served_out_of_what);
    RUN(a_mask_is_put_in);
    RUN(broken_ones_change_nothing);
    return 0;
}
