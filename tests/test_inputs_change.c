#include "core/inputs.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <string.h>

#define COUNT 300

static void fill(float *values) {
    for (int i = 0; i < COUNT; i++)
        values[i] = 1 + (float)((i * 37) % COUNT) / COUNT; /* all in 1..2 */
}

Test(inputs_change, changes_one_element_to_a_value_like_the_others) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        float before[COUNT], after[COUNT];
        int changed = 0;
        fill(before);
        fill(after);
        hone_inputs_change(HONE_F32, COUNT, seed, 0, after);
        for (int i = 0; i < COUNT; i++) {
            if (after[i] == before[i])
                continue;
            changed++;
            cr_expect(le(flt, 1, after[i]));
            cr_expect(lt(flt, after[i], 2));
            cr_expect(lt(flt, 0.3f, fabsf(after[i] - before[i])));
        }
        cr_expect(eq(int, changed, 1));
    }
}

Test(inputs_change, is_a_pure_function_of_seed_and_argument) {
    float one[COUNT], same[COUNT], other[COUNT];
    fill(one);
    fill(same);
    fill(other);
    hone_inputs_change(HONE_F32, COUNT, 5, 1, one);
    hone_inputs_change(HONE_F32, COUNT, 5, 1, same);
    hone_inputs_change(HONE_F32, COUNT, 6, 1, other);
    cr_expect(eq(int, memcmp(one, same, sizeof one), 0));
    cr_expect(ne(int, memcmp(one, other, sizeof one), 0));
}

Test(inputs_change, works_on_one_element_and_on_none) {
    float value = 3;
    hone_inputs_change(HONE_F32, 1, 1, 0, &value);
    cr_expect(ne(flt, value, 3));
    hone_inputs_change(HONE_F32, 0, 1, 0, NULL);
}

Test(inputs_change, keeps_to_floats_without_structure) {
    static const struct hone_task task = {
        .arg_count = 4,
        .args = {{.role = HONE_IN, .dtype = HONE_F32, .ndim = 1},
                 {.role = HONE_IN, .dtype = HONE_I32, .ndim = 1},
                 {.role = HONE_OUT, .dtype = HONE_F32, .ndim = 1},
                 {.role = HONE_PARAM, .dtype = HONE_F32, .ndim = 1}}};
    struct hone_workload workload = {0};
    for (int i = 0; i < 4; i++)
        workload.generate[i] =
            (struct hone_generate){.kind = HONE_GEN_UNIFORM, .other = HONE_NO_ARG};
    workload.generate[3].other = 1; /* poisoned by a page table */
    cr_expect(hone_inputs_may_change(&task, &workload, 0));
    cr_expect(not(hone_inputs_may_change(&task, &workload, 1)));
    cr_expect(not(hone_inputs_may_change(&task, &workload, 2)));
    cr_expect(not(hone_inputs_may_change(&task, &workload, 3)));
}

/* The sum over bits 2 to 8 of what hone_inputs_nudge() promises. */
static int32_t promised(uint32_t bits) {
    int32_t sum = 0;
    for (int i = 2; i <= 8; i++)
        sum += ((bits >> i & 1) == (i % 2 == 0)) ? 16 : -16;
    return sum;
}

Test(inputs_change, moves_elements_by_what_their_low_bits_say) {
    float values[2 * COUNT], moved[2 * COUNT];
    fill(values);
    for (int i = 0; i < COUNT; i++)
        values[COUNT + i] = -1e-3f * values[i];
    memcpy(moved, values, sizeof moved);
    hone_inputs_nudge(2 * COUNT, moved);
    for (int i = 0; i < 2 * COUNT; i++) {
        uint32_t before, after;
        memcpy(&before, &values[i], sizeof before);
        memcpy(&after, &moved[i], sizeof after);
        cr_assert(eq(i32, (int32_t)(after - before), promised(before)), "element %d", i);
    }
}

Test(inputs_change, leaves_alone_what_is_too_small_too_large_or_no_number) {
    float values[] = {0, -0.0f, 1e-40f, INFINITY, -INFINITY, 3e38f}, moved[6];
    memcpy(moved, values, sizeof moved);
    hone_inputs_nudge(6, moved);
    cr_expect(eq(int, memcmp(values, moved, sizeof values), 0));
    float none = NAN;
    hone_inputs_nudge(1, &none);
    cr_expect(isnan(none));
    hone_inputs_nudge(0, NULL);
}
