#include "core/quarantine.h"

#include "core/evidence.h"
#include "core/log.h"
#include "core/quarantine_file.h"
#include "core/step.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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
    struct hone_quarantine *quarantine = hone_quarantine_create(NULL);
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
    struct hone_quarantine *quarantine = hone_quarantine_create(NULL);
    struct hone_step *step = make(&task, "c", "one", HONE_QUARANTINE);
    hone_quarantine_take(quarantine, step);
    hone_quarantine_take(quarantine, step);
    cr_expect(eq(str, (char *)(uintptr_t)hone_quarantine_rule(quarantine, step), "decoy"));
    hone_step_destroy(step);
    hone_quarantine_destroy(quarantine);
}

Test(quarantine, lets_the_oldest_go_when_it_is_full) {
    struct hone_quarantine *quarantine = hone_quarantine_create(NULL);
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

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/hone-test-quarantine-XXXXXX");
    cr_assert(ne(ptr, mkdtemp(folder), NULL));
}

static void remove_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert(eq(int, system(command), 0));
}

Test(quarantine, outlives_its_server, .init = make_folder, .fini = remove_folder) {
    struct hone_quarantine *quarantine = hone_quarantine_create(folder);
    pass(quarantine, &task, "c", "one\ntwo", HONE_QUARANTINE);
    pass(quarantine, &other, "cuda", "", HONE_QUARANTINE);
    hone_quarantine_destroy(quarantine);
    quarantine = hone_quarantine_create(folder);
    struct hone_step *step = make(&task, "c", "one\ntwo", 0);
    cr_expect(eq(str, (char *)(uintptr_t)hone_quarantine_rule(quarantine, step), "decoy"));
    hone_step_destroy(step);
    cr_expect(pass(quarantine, &other, "cuda", "", 0));
    cr_expect(not(pass(quarantine, &task, "c", "one\nTwo", 0)));
    cr_expect(not(pass(quarantine, &other, "c", "one\ntwo", 0)));
    hone_quarantine_destroy(quarantine);
}

static void count_one(void *context, const struct hone_quarantined *one) {
    char *first = context;
    if (!*first)
        *first = one->source[0];
}

Test(quarantine, keeps_the_newest_files_and_passes_over_what_is_none, .init = make_folder,
     .fini = remove_folder) {
    struct hone_quarantined one = {.task_hash = "1", .language = "c", .rule = "decoy"};
    const char *const sources[] = {"a", "b", "c"};
    char path[128], first = '\0';
    for (int i = 0; i < 3; i++) {
        one.source = sources[i];
        one.source_bytes = 1;
        cr_assert(eq(int, hone_quarantine_write(folder, &one), 0));
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* files tell their age */
    }
    const uint64_t bytes = strlen("hone-quarantine 1\n1\nc\ndecoy\na");
    cr_expect(eq(int, hone_quarantine_each(folder, 2 * bytes, count_one, &first), 2));
    cr_expect(eq(chr, first, 'b'));
    cr_expect(eq(int, hone_quarantine_each(folder, 9 * bytes, count_one, &first), 2), "a is gone");
    snprintf(path, sizeof path, "%s/nonsense", folder);
    FILE *file = fopen(path, "w");
    fputs("hone-quarantine 1\nno end", file);
    fclose(file);
    cr_expect(eq(int, hone_quarantine_each(folder, 9 * bytes, count_one, &first), 2));
    cr_expect(eq(int, hone_quarantine_each("/no/such/folder", 1, count_one, &first), 0));
}

static void put(const char *name, off_t bytes) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert(ne(ptr, file, NULL));
    fclose(file);
    cr_assert(eq(int, truncate(path, bytes), 0));
}

static bool is_there(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

Test(quarantine, removes_nothing_that_is_not_its_own, .init = make_folder, .fini = remove_folder) {
    const struct hone_quarantined one = {
        .task_hash = "1", .language = "c", .rule = "decoy", .source = "a", .source_bytes = 1};
    char first = '\0';
    cr_assert(eq(int, hone_quarantine_write(folder, &one), 0));
    put("thesis", 1000);
    put("0123456789abcdef0123456789abcdef", 100 << 20);
    put("0123456789ABCDEF0123456789ABCDEF", 1000);
    cr_expect(eq(int, hone_quarantine_each(folder, 100, count_one, &first), 1),
              "what is too large to be one leaves the others their room");
    cr_expect(is_there("thesis"));
    cr_expect(is_there("0123456789ABCDEF0123456789ABCDEF"));
}

Test(quarantine, is_not_shared_with_who_may_write_there, .init = make_folder,
     .fini = remove_folder) {
    struct hone_quarantine *quarantine = hone_quarantine_create(folder);
    pass(quarantine, &task, "c", "honest", HONE_QUARANTINE);
    hone_quarantine_destroy(quarantine);
    cr_assert(eq(int, chmod(folder, 0777), 0));
    hone_log_level(HONE_LOG_ERROR);
    quarantine = hone_quarantine_create(folder);
    cr_expect(not(pass(quarantine, &task, "c", "honest", 0)));
    pass(quarantine, &task, "c", "new", HONE_QUARANTINE);
    cr_expect(pass(quarantine, &task, "c", "new", 0), "by this server alone");
    hone_quarantine_destroy(quarantine);
    cr_assert(eq(int, chmod(folder, 0700), 0));
    cr_expect(eq(int, hone_quarantine_each(folder, 1 << 20, count_one, (char[1]){'x'}), 1));
}
