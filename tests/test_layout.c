#include "core/step.h"
#include "ipc/hone.h"
#include "plugins/evidence.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(FILE *file) {
    char *text = calloc(1, 1u << 18);
    size_t used = fread(text, 1, (1u << 18) - 1, file);
    text[used] = '\0';
    return text;
}

static void expect_generated(const char *form, const char *path) {
    char command[128];
    snprintf(command, sizeof command, "etc/layout.awk -v form=%s ipc/layout.txt", form);
    FILE *generator = popen(command, "r");
    FILE *committed = fopen(path, "r");
    cr_assert(ne(ptr, generator, NULL));
    cr_assert(ne(ptr, committed, NULL), "%s is missing", path);
    char *wanted = read_all(generator), *got = read_all(committed);
    cr_assert(eq(int, pclose(generator), 0));
    fclose(committed);
    cr_assert(lt(sz, 1000, strlen(wanted)));
    cr_assert(eq(int, strcmp(wanted, got), 0), "%s differs from ipc/layout.txt: make layout", path);
    free(wanted);
    free(got);
}

Test(layout, regenerating_the_c_header_gives_the_same_bytes) {
    expect_generated("c", "ipc/layout.h");
}

Test(layout, regenerating_the_python_table_gives_the_same_bytes) {
    expect_generated("python", "examples/python/hone/layout.py");
}

Test(layout, regenerating_the_json_table_gives_the_same_bytes) {
    expect_generated("json", "ipc/layout.json");
}

Test(layout, a_changed_field_changes_the_hash) {
    FILE *generator = popen("sed 's/u32 samples/f32 samples/;s/f32/i32/' ipc/layout.txt | "
                            "etc/layout.awk -v form=c | grep 'define HONE_LAYOUT_HASH'",
                            "r");
    cr_assert(ne(ptr, generator, NULL));
    char line[128] = "", own[128];
    cr_assert(ne(ptr, fgets(line, sizeof line, generator), NULL));
    pclose(generator);
    snprintf(own, sizeof own, "#define HONE_LAYOUT_HASH 0x%016llxull\n", HONE_LAYOUT_HASH);
    cr_assert(eq(sz, strlen(line), strlen(own)));
    cr_assert(ne(str, (char *)line, (char *)own));
}

Test(layout, a_misaligned_field_is_refused) {
    int status = system("printf 'version 1 0\\nstruct hone_x 12 x\\nu32 a\\nu64 b\\n' | "
                        "etc/layout.awk -v form=c >/dev/null 2>&1");
    cr_assert(ne(int, status, 0));
}

Test(layout, outcomes_have_the_numbers_of_verdicts) {
    static const int pairs[][2] = {
        {HONE_OUTCOME_UNDECIDED, HONE_UNDECIDED},
        {HONE_OUTCOME_PASSED, HONE_PASSED},
        {HONE_OUTCOME_PARTIAL, HONE_PARTIAL},
        {HONE_OUTCOME_REJECTED, HONE_REJECTED},
        {HONE_OUTCOME_COMPILE_FAILED, HONE_COMPILE_FAILED},
        {HONE_OUTCOME_POLICY_VIOLATION, HONE_POLICY_VIOLATION},
        {HONE_OUTCOME_CRASHED, HONE_CRASHED},
        {HONE_OUTCOME_TIMED_OUT, HONE_TIMED_OUT},
        {HONE_OUTCOME_WRONG, HONE_WRONG},
        {HONE_OUTCOME_HACKED, HONE_HACKED},
        {HONE_OUTCOME_INFRA_FAILED, HONE_INFRA_FAILED},
    };
    cr_assert(eq(sz, sizeof pairs / sizeof pairs[0], HONE_VERDICT_COUNT));
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        int outcome = pairs[i][0], verdict = pairs[i][1];
        cr_assert(eq(int, outcome, verdict));
    }
}

Test(layout, every_verdict_has_a_counter_and_every_stage_a_time) {
    struct hone_counters *counters = NULL;
    struct hone_observation *observation = NULL;
    cr_assert(ge(sz, sizeof counters->verdicts / sizeof(uint64_t), HONE_VERDICT_COUNT));
    cr_assert(eq(sz, sizeof observation->stage_ns / sizeof(uint64_t), HONE_STAGE_COUNT));
}

Test(layout, action_flags_are_the_steps_flags) {
    cr_assert(eq(int, HONE_ACTION_FORCE, HONE_STEP_FORCE));
    cr_assert(eq(int, HONE_ACTION_PROFILE, HONE_STEP_PROFILE));
    cr_assert(eq(int, HONE_ACTION_CONFIRM, HONE_STEP_CONFIRM));
}
