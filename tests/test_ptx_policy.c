/* The detector ptx_policy on files of PTX: tests/ptx/good gives no objection, tests/ptx/refused one
 * with the words of the first line. The second line names what the plan launches. */

#include "tests/detector_fixture.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heard {
    struct hone_finding findings[32];
    uint32_t count;
};

static void set_up(void) {
    open_detector("ptx_policy");
}

TestSuite(ptx_policy, .init = set_up, .fini = close_detector, .timeout = 60);

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    struct heard *heard = host;
    cr_assert(lt(u32, heard->count, 32));
    struct hone_finding *finding = &heard->findings[heard->count++];
    finding->severity = severity;
    finding->line = line;
    snprintf(finding->rule, sizeof finding->rule, "%s", rule);
    snprintf(finding->text, sizeof finding->text, "%s", text);
}

static struct heard inspect(const char *listing, uint64_t bytes, const char *entries) {
    struct heard heard = {.count = 0};
    const struct hone_findings findings = {.size = sizeof findings, .host = &heard, .report = hear};
    const struct hone_binary binary = {
        .size = sizeof binary,
        .image = "",
        .listing = listing,
        .listing_bytes = bytes,
        .language = "cuda",
        .task = "dl/softmax",
        .entries = entries,
    };
    const struct hone_detector_ops *ops = detector_ops();
    cr_assert(eq(int, ops->inspect_binary(detector.self, &binary, &findings), 0));
    return heard;
}

static struct heard inspect_file(const char *path, char words[160]) {
    char *text = calloc(1, 1 << 20), entries[160] = "";
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL, "%s", path);
    const size_t bytes = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    cr_assert(
        eq(int, sscanf(text, "// %*[a-z]: %159[^\n]\n// entries: %159[^\n]", words, entries), 2),
        "%s has no head", path);
    struct heard heard = inspect(text, bytes, entries);
    free(text);
    return heard;
}

static const struct hone_finding *objection(const struct heard *heard) {
    for (uint32_t i = 0; i < heard->count; i++)
        if (heard->findings[i].severity >= HONE_ZERO)
            return &heard->findings[i];
    return NULL;
}

static glob_t find(const char *pattern, size_t least) {
    glob_t files;
    cr_assert(eq(int, glob(pattern, 0, NULL, &files), 0), "%s", pattern);
    cr_assert(ge(sz, files.gl_pathc, least));
    return files;
}

Test(ptx_policy, lets_honest_kernels_pass) {
    glob_t files = find("tests/ptx/good/*.ptx", 15);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char words[160];
        struct heard heard = inspect_file(files.gl_pathv[i], words);
        const struct hone_finding *found = objection(&heard);
        cr_expect(found == NULL, "%s: %s", files.gl_pathv[i], found ? found->text : "");
    }
    globfree(&files);
}

Test(ptx_policy, refuses_what_keeps_state_or_looks_at_clocks) {
    glob_t files = find("tests/ptx/refused/*.ptx", 45);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char words[160];
        struct heard heard = inspect_file(files.gl_pathv[i], words);
        bool said = false;
        for (uint32_t k = 0; k < heard.count; k++)
            said |= heard.findings[k].severity == HONE_ZERO &&
                    strcmp(heard.findings[k].rule, "ptx_policy") == 0 &&
                    strstr(heard.findings[k].text, words) != NULL;
        const struct hone_finding *found = objection(&heard);
        cr_expect(said, "%s: %s", files.gl_pathv[i], found ? found->text : "no objection");
    }
    globfree(&files);
}

#define HEAD ".version 9.0\n.target sm_90\n.address_size 64\n"

Test(ptx_policy, counts_low_precision_without_objecting) {
    static const char text[] =
        HEAD ".visible .entry k()\n{\n"
             "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {a,b,c,d}, {e,f,g,h}, {i,j}, "
             "{a,b,c,d};\n"
             "fma.rn.f16x2 x, y, z, x;\nadd.bf16 x, y, z;\nadd.bf16 x, y, z;\nret;\n}\n";
    struct heard heard = inspect(text, sizeof text - 1, "k");
    cr_assert(eq(u32, heard.count, 1), "%s", heard.findings[0].text);
    cr_expect(eq(str, heard.findings[0].rule, "ptx_census"));
    cr_expect(eq(u32, heard.findings[0].severity, HONE_NOTE));
    cr_expect(eq(str, heard.findings[0].text,
                 "1 tensor-core products; instructions in tf32: 1, f16: 1, bf16: 2"));
}

Test(ptx_policy, says_each_thing_once_and_not_too_much) {
    char text[65536] = HEAD ".visible .entry k()\n{\n";
    for (int i = 0; i < 500; i++)
        snprintf(text + strlen(text), 64, "mov.u32 r, %%clock;\nmov.u32 r, %%envreg%d;\n", i % 40);
    strcat(text, "}\n");
    struct heard heard = inspect(text, strlen(text), "k");
    cr_expect(eq(u32, heard.count, 16));
    uint32_t clocks = 0;
    for (uint32_t i = 0; i < heard.count; i++)
        clocks += strstr(heard.findings[i].text, "(%clock)") != NULL;
    cr_expect(eq(u32, clocks, 1));
}

Test(ptx_policy, knows_entries_only_where_it_is_told) {
    static const char text[] = HEAD ".visible .entry k() { ret; }\n";
    cr_expect(eq(u32, inspect(text, sizeof text - 1, NULL).count, 0));
    cr_expect(eq(u32, inspect(text, sizeof text - 1, "j k").count, 0));
    cr_expect(eq(u32, inspect(text, sizeof text - 1, "kk j").count, 1));
    cr_expect(eq(u32, inspect(text, sizeof text - 1, "").count, 1));
}

Test(ptx_policy, has_nothing_to_say_without_a_listing) {
    cr_expect(eq(u32, inspect(NULL, 0, NULL).count, 0));
}
