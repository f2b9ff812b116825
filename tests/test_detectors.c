#include "core/loader.h"
#include "core/settings.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#define ROWS 4

struct block {
    struct hone_evidence evidence;
    struct hone_workload_row rows[ROWS];
};

struct heard {
    struct hone_finding findings[8];
    uint32_t count;
};

static struct hone_error error;

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    struct heard *heard = host;
    cr_assert(lt(u32, heard->count, 8));
    struct hone_finding *finding = &heard->findings[heard->count++];
    finding->severity = severity;
    finding->line = line;
    snprintf(finding->rule, sizeof finding->rule, "%s", rule);
    snprintf(finding->text, sizeof finding->text, "%s", text);
}

/* Debug, verify, bench and a hidden workload, whose shape nobody may learn. */
static struct block make_block(void) {
    struct block block = {.evidence = {.size = sizeof block.evidence,
                                       .version = HONE_EVIDENCE_VERSION,
                                       .bytes = sizeof block,
                                       .verdict = HONE_WRONG,
                                       .workload_offset = offsetof(struct block, rows),
                                       .workload_count = ROWS,
                                       .workload_size = sizeof block.rows[0]},
                          .rows = {{.id = "tiny", .set = HONE_DEBUG},
                                   {.id = "odd-size", .set = HONE_VERIFY},
                                   {.id = "large", .set = HONE_BENCH},
                                   {.set = HONE_HIDDEN, .axis_count = 1, .axes = {31337}}}};
    return block;
}

static struct heard inspect(const char *name, const struct block *block) {
    struct hone_settings *settings;
    struct hone_instance instance;
    struct heard heard = {.count = 0};
    const struct hone_findings findings = {.size = sizeof findings, .host = &heard, .report = hear};
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &settings, &error), 0), "%s", error.text);
    cr_assert(eq(int,
                 hone_instance_create(settings, name, HONE_DETECTOR, NULL, NULL, &instance, &error),
                 0),
              "%s", error.text);
    const struct hone_detector_ops *ops = instance.loaded.plugin->detector;
    cr_assert(eq(int, ops->inspect_run(instance.self, &block->evidence, &findings), 0));
    hone_instance_destroy(&instance);
    hone_settings_close(settings);
    return heard;
}

static const struct {
    const char *rule;
    uint32_t facts[2];
} rules[] = {
    {"unwritten_output", {HONE_FACT_UNWRITTEN, HONE_FACT_UNWRITTEN}},
    {"input_mutation", {HONE_FACT_INPUT_CHANGED, HONE_FACT_INPUT_FAULT}},
    {"out_of_bounds", {HONE_FACT_GUARD_BROKEN, HONE_FACT_FAULT_BEYOND}},
};
#define RULES (sizeof rules / sizeof *rules)
#define ALL_FACTS 63u

Test(detectors, say_nothing_about_an_honest_run) {
    struct block block = make_block();
    for (size_t i = 0; i < RULES; i++)
        cr_expect(eq(u32, inspect(rules[i].rule, &block).count, 0), "%s", rules[i].rule);
}

Test(detectors, report_their_own_facts_and_no_others) {
    for (size_t i = 0; i < RULES; i++)
        for (uint32_t fact = 1; fact <= ALL_FACTS; fact <<= 1) {
            struct block block = make_block();
            block.rows[1].facts = fact;
            bool mine = fact == rules[i].facts[0] || fact == rules[i].facts[1];
            struct heard heard = inspect(rules[i].rule, &block);
            cr_expect(eq(u32, heard.count, mine), "%s, fact %u", rules[i].rule, fact);
            if (mine)
                cr_expect(eq(str, heard.findings[0].rule, (char *)rules[i].rule));
        }
}

Test(detectors, give_one_finding_for_a_rule_and_name_the_first_workload) {
    for (size_t i = 0; i < RULES; i++) {
        struct block block = make_block();
        for (int row = 1; row < ROWS; row++)
            block.rows[row].facts = ALL_FACTS;
        struct heard heard = inspect(rules[i].rule, &block);
        cr_assert(eq(u32, heard.count, 1));
        const char *text = heard.findings[0].text;
        cr_expect(ne(ptr, strstr(text, "in 3 of 4 workloads, first in odd-size"), NULL), "%s",
                  text);
    }
}

Test(detectors, tell_nothing_about_hidden_workloads) {
    for (size_t i = 0; i < RULES; i++) {
        struct block block = make_block();
        block.rows[3].facts = ALL_FACTS;
        strcpy(block.rows[3].id, "secret"); /* inside the supervisor it may have one */
        struct heard heard = inspect(rules[i].rule, &block);
        cr_assert(eq(u32, heard.count, 1));
        const char *text = heard.findings[0].text;
        cr_expect(ne(ptr, strstr(text, "only in hidden ones"), NULL), "%s", text);
        cr_expect(eq(ptr, strstr(text, "31337"), NULL), "%s", text);
        cr_expect(eq(ptr, strstr(text, "secret"), NULL), "%s", text);
    }
}

Test(detectors, leave_a_wrong_kernel_wrong) {
    for (size_t i = 0; i < RULES; i++) {
        struct block block = make_block();
        block.rows[0].facts = ALL_FACTS;
        struct heard heard = inspect(rules[i].rule, &block);
        cr_assert(eq(u32, heard.count, 1));
        cr_expect(le(u32, heard.findings[0].severity, HONE_WARN));
    }
}

Test(detectors, step_by_the_row_size_the_writer_used) {
    struct {
        struct hone_evidence evidence;
        struct {
            struct hone_workload_row row;
            char later[40];
        } rows[2];
    } block = {.evidence = {.size = sizeof block.evidence,
                            .version = HONE_EVIDENCE_VERSION,
                            .bytes = sizeof block,
                            .verdict = HONE_WRONG,
                            .workload_offset = sizeof block.evidence,
                            .workload_count = 2,
                            .workload_size = sizeof block.rows[0]}};
    memset(block.rows[0].later, 0xff, sizeof block.rows[0].later);
    strcpy(block.rows[1].row.id, "second");
    block.rows[1].row.set = HONE_VERIFY;
    block.rows[1].row.facts = HONE_FACT_UNWRITTEN;
    struct heard heard = inspect("unwritten_output", (const struct block *)(const void *)&block);
    cr_assert(eq(u32, heard.count, 1));
    cr_expect(ne(ptr, strstr(heard.findings[0].text, "in 1 of 2 workloads, first in second"), NULL),
              "%s", heard.findings[0].text);
}
