#include "core/quarantine.h"

#include "core/evidence.h"
#include "core/step.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

static const struct hone_task task = {.id = "a", .hash = "1", .hash64 = 1};
static const struct hone_task other = {.id = "b", .hash = "2", .hash64 = 2};
static const struct hone_device device = {.size = sizeof device, .id = "cpu"};

static struct hone_step *make(const struct hone_task *of, const char *language, const char *source,
                              uint32_t severity) {
    struct hone_step *step = hone_step_create(of, language, source, strlen(source));
    step->finding_count = severity ? 1 : 0;
    step->findings[0].severity = severity;
    strcpy(step->findings[0].rule, "decoy");
    cr_assert(eq(int, hone_evidence_build(step, &device), 0));
    return step;
}

/* Whether the candidate is there, and taken in if its finding says so. */
static bool pass(struct hone_quarantine *quarantine, const struct hone_task *of,
                 const char *language, const char *source, uint32_t severity) {
    struct hone_step *step = make(of, language, source, severity);
    const bool there = hone_quarantine_rule(quarantine, step) != NULL;
    hone_quarantine_take(quarantine, step);
    hone_step_destroy(step);
    return there;
}

Test(quarantine, takes_what_a_finding_says_and_nothing_else) {
    struct hone_quarantine *quarantine = hone_quarantine_create();
    cr_expect(not(pass(quarantine, &task, "c", "one", HONE_ZERO)));
    cr_expect(not(pass(quarantine, &task, "c", "one", HONE_QUARANTINE)));
    cr_expect(pass(quarantine, &task, "c", "one", 0));
    cr_expect(not(pass(quarantine, &task, "c", "One", 0)), "byte for byte");
    cr_expect(not(pass(quarantine, &task, "cuda", "one", 0)));
    cr_expect(not(pass(quarantine, &other, "c", "one", 0)));
    hone_quarantine_destroy(quarantine);
    hone_quarantine_destroy(NULL);
}

Test(quarantine, remembers_the_rule) {
    struct hone_quarantine *quarantine = hone_quarantine_create();
    struct hone_step *step = make(&task, "c", "one", HONE_QUARANTINE);
    hone_quarantine_take(quarantine, step);
    hone_quarantine_take(quarantine, step);
    cr_expect(eq(str, (char *)(uintptr_t)hone_quarantine_rule(quarantine, step), "decoy"));
    hone_step_destroy(step);
    hone_quarantine_destroy(quarantine);
}

Test(quarantine, lets_the_oldest_go_when_it_is_full) {
    struct hone_quarantine *quarantine = hone_quarantine_create();
    const size_t bytes = 1 << 20;
    char *source = calloc(1, bytes + 1);
    memset(source, 'x', bytes);
    pass(quarantine, &task, "c", "first", HONE_QUARANTINE);
    for (int i = 0; i < 66; i++) {
        source[0] = (char)(' ' + i);
        pass(quarantine, &task, "c", source, HONE_QUARANTINE);
    }
    cr_expect(pass(quarantine, &task, "c", source, 0));
    cr_expect(not(pass(quarantine, &task, "c", "first", 0)));
    free(source);
    hone_quarantine_destroy(quarantine);
}
