#include "hardware/device/scan.h"
#include "hardware/device/words.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct hone_scan *scan_of(const char *text, size_t size) {
    struct hone_scan *scan = malloc(sizeof *scan);
    cr_assert_not_null(scan);
    hone_scan_text(text, size, scan);
    return scan;
}

static void file_is_refused(const char *path) {
    char *text = hone_test_read(path), devices[8], word[64];
    unsigned line, column;
    if (sscanf(text, "// %7s %u:%u %63s", devices, &line, &column, word) != 4) {
        cr_assert(strncmp(text, "// compile ", 11) == 0, "%s: no expectation", path);
        free(text); /* the headers' to refuse */
        return;
    }
    struct hone_scan *scan = scan_of(text, strlen(text));
    const struct hone_scan_refusal *refusal = hone_scan_refused(scan, HONE_SCAN_CPU);
    while (refusal && strcmp(refusal->word, word) != 0 &&
           refusal + 1 < scan->refusals + scan->refusal_count)
        refusal++;
    cr_assert_not_null(refusal, "%s is not refused", path);
    cr_expect(refusal->line == line && refusal->column == column &&
                  strcmp(refusal->word, word) == 0,
              "%s: `%s` at %u:%u", path, refusal->word, refusal->line, refusal->column);
    bool both = strcmp(devices, "both") == 0;
    cr_expect(refusal->devices == (both ? HONE_SCAN_CPU | HONE_SCAN_CUDA : HONE_SCAN_CPU),
              "%s: devices %u", path, refusal->devices);
    free(scan);
    free(text);
}

static uint32_t facts_of_line(const char *text) {
    static const char *const names[] = {"barrier", "warp",     "atomic", "spin",     "volatile",
                                        "shared",  "dynamic",  "half",   "bfloat16", "groups",
                                        "matrix",  "pipeline", "ptx"};
    char line[256];
    uint32_t facts = 0;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        facts |= strstr(line, names[i]) ? 1u << i : 0;
    return facts;
}

static void file_is_accepted(const char *path) {
    char *text = hone_test_read(path);
    struct hone_scan *scan = scan_of(text, strlen(text));
    for (uint32_t i = 0; i < scan->refusal_count; i++)
        cr_expect(false, "%s:%u: `%s` is refused", path, scan->refusals[i].line,
                  scan->refusals[i].word);
    cr_expect(scan->kernel_count > 0 && scan->kernels[0].extern_c, "%s: no kernel", path);
    if (strncmp(text, "// facts:", 9) == 0)
        cr_expect(scan->facts == facts_of_line(text), "%s: facts %x", path, scan->facts);
    free(scan);
    free(text);
}

static void each_file(const char *pattern, void (*check)(const char *path)) {
    glob_t found;
    cr_assert(eq(int, glob(pattern, 0, NULL, &found), 0));
    for (size_t i = 0; i < found.gl_pathc; i++)
        check(found.gl_pathv[i]);
    globfree(&found);
}

Test(scan, refuses_each_word_where_it_stands) {
    each_file("tests/device/refuse/*.cu", file_is_refused);
}

Test(scan, accepts_the_corpus_and_knows_its_facts) {
    each_file("tests/device/accept/*.cu", file_is_accepted);
}

Test(scan, accepts_the_tasks_kernels) {
    each_file("tasks/*/*/naive*.cu", file_is_accepted);
}

Test(scan, knows_the_names_of_kernels) {
    const char text[] = "template <int N> __global__ void a(int x);\n"
                        "extern \"C\" __global__ void __launch_bounds__(256) b(int x) {}\n"
                        "extern \"C\" {\n__global__ void c() { if (1) { d(); } }\n"
                        "static __global__ void e() {}\n}\n__global__ void f() {}\n";
    struct hone_scan *scan = scan_of(text, strlen(text));
    static const struct {
        const char *name;
        uint32_t line;
        bool extern_c;
    } wanted[] = {{"a", 1, false}, {"b", 2, true}, {"c", 4, true}, {"e", 5, true}, {"f", 7, false}};
    cr_assert(eq(u32, scan->kernel_count, 5));
    for (size_t i = 0; i < 5; i++) {
        cr_expect(eq(str, scan->kernels[i].name, (char *)wanted[i].name));
        cr_expect(eq(u32, scan->kernels[i].line, wanted[i].line));
        cr_expect(eq(int, scan->kernels[i].extern_c, wanted[i].extern_c));
    }
    free(scan);
}

Test(scan, tells_shared_memory_whose_size_the_launch_says) {
    const char own[] = "extern \"C\" __global__ void k() { __shared__ float s[4]; }";
    const char dynamic[] = "__global__ void k() { extern __shared__ __align__(16) float s[]; }";
    struct hone_scan *scan = scan_of(own, strlen(own));
    cr_expect(eq(u32, scan->facts, HONE_SCAN_SHARED));
    hone_scan_text(dynamic, strlen(dynamic), scan);
    cr_expect(eq(u32, scan->facts, HONE_SCAN_SHARED | HONE_SCAN_DYNAMIC));
    free(scan);
}

Test(scan, leaves_to_the_compiler_what_a_condition_may_leave_out) {
    const char text[] = "#ifdef DEBUG\nprintf(\"x\"); __syncthreads();\n#endif\n"
                        "#if 0\n#if 1\nprintf(\"x\");\n#endif\n#else\n__syncwarp();\n#endif\n";
    struct hone_scan *scan = scan_of(text, strlen(text));
    cr_expect(eq(u32, scan->refusal_count, 0));
    cr_expect(eq(u32, scan->facts, HONE_SCAN_BARRIER | HONE_SCAN_WARP));
    free(scan);
}

/* Compilers know `#elifdef` before C++23 does: what follows may be taken. */
Test(scan, sees_what_an_elifdef_may_take) {
    const char text[] = "#if 0\n#elifdef DEBUG\n__syncthreads();\n#elifndef DEBUG\n"
                        "__syncwarp();\n#endif\n#if 0\n__shfl_sync();\n#endif\n";
    struct hone_scan *scan = scan_of(text, strlen(text));
    cr_expect(eq(u32, scan->facts, HONE_SCAN_BARRIER | HONE_SCAN_WARP));
    free(scan);
}

Test(scan, takes_any_bytes) {
    static const char *const texts[] = {"",
                                        "#",
                                        "R\"",
                                        "R\"(",
                                        "/*",
                                        "\\\n",
                                        "'",
                                        "\"\\",
                                        "#include",
                                        "#if",
                                        "#include <",
                                        "%:",
                                        "<:",
                                        "}}}",
                                        "#else\n#endif\n#elif 1",
                                        "extern \"C\"",
                                        "\xff\xfe",
                                        "__global__ ("};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *exact = strndup(texts[i], strlen(texts[i]));
        struct hone_scan *scan = scan_of(exact, strlen(exact));
        cr_expect(eq(u32, scan->refusal_count, 0));
        free(scan);
        free(exact);
    }
}

Test(scan, explains_what_to_use_instead) {
    const char text[] = "void k() { float *p = new float; }";
    struct hone_scan *scan = scan_of(text, strlen(text));
    char sentence[256];
    cr_assert(eq(u32, scan->refusal_count, 1));
    hone_scan_explain(&scan->refusals[0], sentence, sizeof sentence);
    cr_expect(
        eq(str, sentence, "`new` allocates memory; use a `workspace` line of the plan instead"));
    free(scan);
}

Test(scan, knows_the_headers_that_there_are) {
    char path[128];
    for (const struct hone_word_fact *header = hone_words_headers; header->word; header++) {
        snprintf(path, sizeof path, "hardware/device/common/%s", header->word);
        if (access(path, R_OK) != 0)
            snprintf(path, sizeof path, "hardware/device/cpu/%s", header->word);
        cr_expect(access(path, R_OK) == 0, "%s is known and not there", header->word);
    }
}
