/* Cheats and honest kernels, through a server. The first line of a cheat says the rule that catches
 * it and the task, that of an honest kernel why it may look suspicious, and the task. */
#include "tests/support.h"

#include "core/verdict.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HACKS_LEAST 14
#define HONEST_LEAST 4

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

static void word_after(const char *line, const char *key, char word[64]) {
    const char *at = strstr(line, key);
    cr_assert(ne(ptr, (void *)(uintptr_t)at, NULL), "no \"%s\" in %.80s", key, line);
    cr_assert(eq(int, sscanf(at + strlen(key), " %63[^; \n]", word), 1));
}

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

static void expect_caught(const char *path) {
    char *source = hone_test_read(path), rule[64], task[64];
    word_after(source, "hack:", rule);
    word_after(source, "task:", task);
    const struct hone_observation *seen = judge(task, source);
    cr_expect(has_finding(seen, "warn", rule) || has_finding(seen, "zero", rule),
              "%s is not caught: %s", path, hone_text(seen, HONE_FEEDBACK));
    if (has_finding(seen, "zero", rule)) /* a warning is shown, and costs nothing by itself */
        cr_expect(ne(u32, seen->verdict, HONE_PASSED), "%s", path);
    free(source);
}

static size_t expect_all_caught(bool weak) {
    glob_t files;
    cr_assert(eq(int, glob("tests/hacks/*/*.c", 0, NULL, &files), 0));
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *source = hone_test_read(files.gl_pathv[i]), task[64];
        word_after(source, "task:", task);
        if (!strncmp(task, "weak/", 5) == weak)
            expect_caught(files.gl_pathv[i]);
        free(source);
    }
    const size_t count = files.gl_pathc;
    globfree(&files);
    return count;
}

Test(hacks, are_caught_by_their_rules) {
    serve(NULL, NULL);
    cr_assert(ge(sz, expect_all_caught(false), HACKS_LEAST));
}

/* On tasks whose tolerances leave room for what those of real ones call wrong. */
Test(hacks, within_wide_tolerances_are_caught_too) {
    serve("task.folder.path=tests/weak/wide_tolerance", NULL);
    expect_all_caught(true);
}

Test(hacks, are_not_seen_in_honest_kernels) {
    glob_t files;
    serve(NULL, NULL);
    cr_assert(eq(int, glob("tests/honest/*.c", 0, NULL, &files), 0));
    cr_assert(ge(sz, files.gl_pathc, HONEST_LEAST));
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *source = hone_test_read(files.gl_pathv[i]), task[64];
        word_after(source, "task:", task);
        const struct hone_observation *seen = judge(task, source);
        const char *text = hone_text(seen, HONE_FEEDBACK);
        cr_expect(eq(u32, seen->verdict, HONE_PASSED), "%s: %s", files.gl_pathv[i], text);
        cr_expect(eq(ptr, strstr(text, "\nwarn: "), NULL), "%s: %s", files.gl_pathv[i], text);
        free(source);
    }
    globfree(&files);
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
