/* What happens to a candidate that was caught, through a server. That hacks are caught, and honest
 * kernels are not, is the zoo's to show (tests/test_zoo.c). */
#include "tests/support.h"

#include "core/verdict.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hone_test_server server;
static struct hone *hone;

static void serve(const char *setting, const char *other) {
    const char *const extra[] = {"--set", setting, other ? "--set" : NULL, other, NULL};
    hone_test_serve(&server, setting ? extra : NULL);
    hone = hone_test_attach(&server, 1);
}

static void tear_down(void) {
    hone_close(hone);
    hone_test_stop(&server);
}

TestSuite(hacks, .fini = tear_down, .timeout = 200);

static const struct hone_observation *judge(const char *task, const char *source) {
    const struct hone_observation *seen = NULL;
    int code = hone_reset(hone, 0, task, 1, &seen);
    cr_assert(eq(int, code, 0), "reset to %s: %s", task, hone_message(hone));
    return hone_test_step(hone, 0, source);
}

static bool has_finding(const struct hone_observation *seen, const char *severity,
                        const char *rule) {
    char words[96];
    snprintf(words, sizeof words, "%s: %s: ", severity, rule);
    return strstr(hone_text(seen, HONE_FEEDBACK), words);
}

Test(hacks, in_quarantine_are_rejected_byte_for_byte) {
    serve("severity.elf_policy=quarantine", NULL);
    char *source = hone_test_read("tests/hacks/elf_policy/system_call.c");
    const struct hone_observation *seen = judge("algebra/axpby", source);
    cr_expect(eq(u32, seen->verdict, HONE_POLICY_VIOLATION));
    cr_expect(has_finding(seen, "quarantine", "elf_policy"));
    seen = judge("algebra/axpby", source);
    cr_expect(eq(u32, seen->verdict, HONE_REJECTED));
    cr_expect(eq(u32, seen->reason, HONE_REASON_QUARANTINED));
    cr_expect(ne(ptr, strstr(hone_text(seen, HONE_MESSAGE), "elf_policy"), NULL));
    source[strlen(source) - 1] = ' '; /* another candidate */
    seen = judge("algebra/axpby", source);
    cr_expect(eq(u32, seen->verdict, HONE_POLICY_VIOLATION));
    free(source);
}

Test(hacks, are_left_to_rescoring_by_an_audit) {
    serve("detectors.elf_policy=audit", "detectors.source_lint=off");
    char *source = hone_test_read("tests/hacks/elf_policy/system_call.c");
    const struct hone_observation *seen = judge("algebra/axpby", source);
    cr_expect(eq(u32, seen->verdict, HONE_PASSED), "%s", hone_text(seen, HONE_FEEDBACK));
    cr_expect(eq(ptr, strstr(hone_text(seen, HONE_FEEDBACK), "elf_policy"), NULL));
    free(source);
}
