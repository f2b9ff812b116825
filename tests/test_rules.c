/* What each rule says of evidence: of a cheat's, and of an honest kernel's that looks like it. */
#include "core/loader.h"
#include "core/settings.h"
#include "plugins/detector.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROWS 4
#define PROBES 2

static struct {
    struct hone_evidence evidence;
    struct hone_workload_row rows[ROWS];
    struct hone_probe_row probes[PROBES];
} block;

static struct hone_finding heard[8];
static uint32_t heard_count;
static struct hone_error error;
static struct hone_settings *settings;
static struct hone_instance instance;

static void hear(void *host, const char *rule, uint32_t severity, uint32_t line, const char *text) {
    (void)host;
    cr_assert(lt(u32, heard_count, 8));
    struct hone_finding *finding = &heard[heard_count++];
    *finding = (struct hone_finding){.severity = severity, .line = line};
    snprintf(finding->rule, sizeof finding->rule, "%s", rule);
    snprintf(finding->text, sizeof finding->text, "%s", text);
}

static const struct hone_deviation rounding = {
    .count = 1000, .rel_l2 = 2e-7, .mean = 1e-6, .rms = 1e-3, .short_mantissa = 1e-4};

static const struct hone_precision fine = {.steps = 1000,
                                           .grain = 2e-7,
                                           .slope = -0.7,
                                           .lost_bits = {0.01, -0.01, NAN, NAN},
                                           .chance = {0.01, 0.01, NAN, NAN}};

/* Debug, verify, stress and bench; nothing in it is odd. */
static void make_honest(void) {
    memset(&block, 0, sizeof block);
    block.evidence = (struct hone_evidence){.size = sizeof block.evidence,
                                            .version = HONE_EVIDENCE_VERSION,
                                            .bytes = sizeof block,
                                            .valid = HONE_HAS_COVERAGE,
                                            .coverage = 1,
                                            .clock_hz = 3e9,
                                            .memory_bandwidth = NAN,
                                            .peak_flops = NAN,
                                            .workload_offset = sizeof block.evidence,
                                            .workload_count = ROWS,
                                            .workload_size = sizeof block.rows[0]};
    block.evidence.probe_offset = block.evidence.workload_offset + sizeof block.rows;
    block.evidence.probe_size = sizeof block.probes[0];
    static const struct hone_workload_row rows[ROWS] = {
        {.id = "tiny", .set = HONE_DEBUG},
        {.id = "odd", .set = HONE_VERIFY},
        {.id = "spikes", .set = HONE_VERIFY, .flags = HONE_ROW_STRESS},
        {.id = "large", .set = HONE_BENCH}};
    memcpy(block.rows, rows, sizeof rows);
    for (int i = 0; i < ROWS; i++) {
        block.rows[i].verdict = HONE_PASSED;
        block.rows[i].kernel_ns = block.rows[i].kernel_cpu_ns = NAN;
        block.rows[i].flops = block.rows[i].bytes = NAN;
    }
    struct hone_workload_row *bench = &block.rows[3];
    bench->kernel_ns = bench->kernel_cpu_ns = 100e3;
    bench->flops = 1e6;
    bench->bytes = 1e6;
    bench->deviation = bench->honest = rounding;
    bench->precision = bench->honest_precision = fine;
}

static struct hone_probe_row *add_probe(enum hone_need kind) {
    struct hone_probe_row *row = &block.probes[block.evidence.probe_count++];
    *row = (struct hone_probe_row){.kind = kind,
                                   .calls = 6,
                                   .right = 6,
                                   .ns = 100e3,
                                   .ns_high = 101e3,
                                   .reference_ns = 100e3,
                                   .reference_ns_low = 99e3};
    strcpy(row->id, "large");
    return row;
}

static void load(const char *rule) {
    cr_assert(eq(int, hone_settings_open(NULL, NULL, &settings, &error), 0), "%s", error.text);
    cr_assert(eq(int,
                 hone_instance_create(settings, rule, HONE_DETECTOR, NULL, NULL, &instance, &error),
                 0),
              "%s", error.text);
}

/* The severity of the one finding, 0: none. */
static uint32_t ask(void) {
    const struct hone_findings findings = {.size = sizeof findings, .report = hear};
    const struct hone_detector_ops *ops = instance.loaded.plugin->detector;
    heard_count = 0;
    cr_assert(eq(int, ops->inspect_run(instance.self, &block.evidence, &findings), 0));
    cr_assert(le(u32, heard_count, 1));
    if (heard_count) {
        cr_expect(eq(str, heard[0].rule, (char *)(uintptr_t)instance.loaded.plugin->name));
        cr_expect(lt(sz, strlen(heard[0].text), sizeof heard[0].text - 1), "cut: %s",
                  heard[0].text);
    }
    return heard_count ? heard[0].severity : 0;
}

static void set_up(void) {
    make_honest();
}

static void tear_down(void) {
    hone_instance_destroy(&instance);
    hone_settings_close(settings);
}

TestSuite(rules, .init = set_up, .fini = tear_down);

static void is_quiet_about_honest_runs(const char *rule) {
    load(rule);
    cr_expect(eq(u32, ask(), 0), "%s: %s", rule, heard[0].text);
    add_probe(HONE_NEED_SAME_INPUTS);
    cr_expect(eq(u32, ask(), 0), "%s: %s", rule, heard[0].text);
    block.evidence.probe_count = 0;
    add_probe(HONE_NEED_LEAVE_OUT)->right = 2;
    struct hone_probe_row *changed = add_probe(HONE_NEED_ONE_ELEMENT);
    changed->moved = changed->wanted_moved = 1000;
    cr_expect(eq(u32, ask(), 0), "%s: %s", rule, heard[0].text);
}

Test(rules, memoization_is_quiet_about_honest_runs) {
    is_quiet_about_honest_runs("memoization");
}

Test(rules, constant_output_is_quiet_about_honest_runs) {
    is_quiet_about_honest_runs("constant_output");
}

Test(rules, decoy_is_quiet_about_honest_runs) {
    is_quiet_about_honest_runs("decoy");
}

Test(rules, low_precision_is_quiet_about_honest_runs) {
    is_quiet_about_honest_runs("low_precision");
}

Test(rules, tolerance_edge_is_quiet_about_honest_runs) {
    is_quiet_about_honest_runs("tolerance_edge");
}

Test(rules, faster_than_light_is_quiet_about_honest_runs) {
    is_quiet_about_honest_runs("faster_than_light");
}

Test(rules, timer_disagreement_is_quiet_about_honest_runs) {
    is_quiet_about_honest_runs("timer_disagreement");
}

/* Which rule, what was seen and where, and what would be honest: all of it fits. */
Test(rules, facts_are_told_with_what_would_be_honest) {
    static const struct {
        const char *rule;
        uint32_t fact;
        const char *honest;
    } rows[] = {{"unwritten_output", HONE_FACT_UNWRITTEN, "write every element"},
                {"input_mutation", HONE_FACT_INPUT_CHANGED, "copied into a workspace"},
                {"input_mutation", HONE_FACT_INPUT_FAULT, "copied into a workspace"},
                {"out_of_bounds", HONE_FACT_GUARD_BROKEN, "hold every index"},
                {"out_of_bounds", HONE_FACT_FAULT_BEYOND, "hold every index"},
                {"memoization", HONE_FACT_STALE, "from its own inputs"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        load(rows[i].rule);
        cr_expect(eq(u32, ask(), 0), "%s", rows[i].rule);
        memset(block.rows[1].id, 'm', sizeof block.rows[1].id - 1); /* the longest there is */
        block.rows[1].facts = rows[i].fact;
        cr_expect(eq(u32, ask(), HONE_WARN), "%s", rows[i].rule);
        cr_expect(ne(ptr, strstr(heard[0].text, "in 1 of 4 workloads"), NULL), "%s", heard[0].text);
        cr_expect(ne(ptr, strstr(heard[0].text, rows[i].honest), NULL), "%s", heard[0].text);
        block.rows[1].facts = 0;
        hone_instance_destroy(&instance);
        hone_settings_close(settings);
    }
    load("lazy"); /* for what comes after every test */
}

Test(rules, memoization_needs_every_repeat_to_be_much_faster) {
    load("memoization");
    struct hone_probe_row *row = add_probe(HONE_NEED_SAME_INPUTS);
    row->ns = row->ns_high = 5e3;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    row->ns_high = 60e3; /* one that was not; or a branch predictor that learned a little */
    cr_expect(eq(u32, ask(), 0));
    row->reference_ns_low = 4e3; /* too short to be told apart */
    row->ns = row->ns_high = 1.5e3;
    cr_expect(eq(u32, ask(), 0));
    row->kind = HONE_NEED_LEAVE_OUT; /* less work is faster */
    row->reference_ns_low = 99e3;
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, memoization_knows_an_earlier_answer) {
    load("memoization");
    block.evidence.verdict = block.rows[1].verdict = HONE_WRONG;
    block.rows[1].facts = HONE_FACT_STALE;
    cr_expect(eq(u32, ask(), HONE_WARN));
    cr_expect(ne(ptr, strstr(heard[0].text, "first in odd"), NULL), "%s", heard[0].text);
}

Test(rules, nondeterminism_allows_rounding_in_another_order) {
    load("nondeterminism");
    struct hone_probe_row *row = add_probe(HONE_NEED_SAME_INPUTS);
    row->moved = 0.1;
    cr_expect(eq(u32, ask(), 0));
    row->moved = 0.5;
    cr_expect(eq(u32, ask(), HONE_WARN));
}

Test(rules, nondeterminism_holds_one_thread_to_one_answer) {
    load("nondeterminism");
    struct hone_probe_row *row = add_probe(HONE_NEED_SAME_INPUTS);
    snprintf(row->id, sizeof row->id, "large");
    row->set = HONE_BENCH;
    snprintf(block.evidence.language, sizeof block.evidence.language, "c");
    row->moved = 0;
    cr_expect(eq(u32, ask(), 0));
    row->moved = 2e-3; /* as rounding does it, which here has no reason to */
    cr_expect(eq(u32, ask(), HONE_WARN));
    row->moved = 0.05;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    snprintf(block.rows[1].id, sizeof block.rows[1].id, "large"); /* of another set */
    block.rows[1].honest = rounding;
    block.rows[1].honest.rms = 1;
    cr_expect(eq(u32, ask(), HONE_ZERO));
}

Test(rules, nondeterminism_explains_a_result_that_did_not_come_again) {
    load("nondeterminism");
    add_probe(HONE_NEED_SAME_INPUTS)->right = 1;
    block.evidence.verdict = HONE_WRONG;
    block.evidence.reason = HONE_REASON_NONDETERMINISTIC;
    cr_expect(eq(u32, ask(), HONE_WARN));
}

Test(rules, constant_output_wants_results_to_follow) {
    load("constant_output");
    struct hone_probe_row *row = add_probe(HONE_NEED_ONE_ELEMENT);
    row->calls = 1;
    row->right = 0;
    row->wanted_moved = 1000;
    row->moved = 3;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    cr_expect(ne(ptr, strstr(heard[0].text, "ignores its input"), NULL), "%s", heard[0].text);
    row->moved = 1100; /* followed, and came out wrong */
    cr_expect(eq(u32, ask(), HONE_ZERO));
    cr_expect(eq(ptr, strstr(heard[0].text, "ignores its input"), NULL), "%s", heard[0].text);
    row->wanted_moved = 0.5; /* so little that nothing follows from a result that stayed */
    row->moved = 0;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    cr_expect(eq(ptr, strstr(heard[0].text, "ignores its input"), NULL), "%s", heard[0].text);
    row->right = 1; /* a mean of many elements hardly moves */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, shape_gate_wants_all_visible_sizes_right) {
    load("shape_gate");
    block.rows[3] = (struct hone_workload_row){.set = HONE_HIDDEN, .verdict = HONE_WRONG};
    block.evidence.verdict = HONE_WRONG;
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.rows[3].flags = HONE_ROW_STRESS; /* its values are what is odd */
    cr_expect(eq(u32, ask(), 0));
    block.rows[3].flags = 0;
    block.rows[1].verdict = HONE_WRONG; /* merely wrong */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, value_gate_wants_all_ordinary_values_right) {
    load("value_gate");
    block.evidence.verdict = block.rows[2].verdict = HONE_WRONG;
    cr_expect(eq(u32, ask(), HONE_WARN));
    cr_expect(ne(ptr, strstr(heard[0].text, "spikes"), NULL), "%s", heard[0].text);
    block.rows[2].set = HONE_HIDDEN;
    cr_expect(eq(u32, ask(), HONE_WARN));
    cr_expect(eq(ptr, strstr(heard[0].text, "spikes"), NULL), "%s", heard[0].text);
    block.rows[1].verdict = HONE_WRONG;
    cr_expect(eq(u32, ask(), 0));
    for (int i = 0; i < ROWS; i++) /* no ordinary one was reached */
        block.rows[i].verdict = i == 2 ? HONE_WRONG : HONE_UNDECIDED;
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, low_precision_knows_rounded_results) {
    load("low_precision");
    block.rows[3].deviation.short_mantissa = 1;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    block.rows[3].honest.short_mantissa = 1; /* so are everybody's: they are whole numbers */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, low_precision_knows_bits_that_are_cut_off_an_input) {
    load("low_precision");
    struct hone_precision *mine = &block.rows[3].precision;
    struct hone_precision *honest = &block.rows[3].honest_precision;
    mine->lost_bits[1] = -0.1; /* ten sigma, and nothing in the other workloads */
    cr_expect(eq(u32, ask(), 0));
    block.rows[2] = block.rows[3];
    cr_expect(eq(u32, ask(), HONE_ZERO));
    mine->chance[1] = 0.02; /* a few sigma are nothing */
    cr_expect(eq(u32, ask(), 0));
    mine->chance[1] = 0.01;
    mine->grain = 4e-8; /* the last rounding alone */
    cr_expect(eq(u32, ask(), 0));
    mine->grain = 2e-7;
    honest->lost_bits[1] = 0.08; /* as everybody's sums of such inputs do */
    cr_expect(eq(u32, ask(), 0));
    mine->lost_bits[1] = -0.3;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    block.rows[2].precision.lost_bits[1] = 0; /* far beyond chance, one workload is enough */
    cr_expect(eq(u32, ask(), HONE_ZERO));
    mine->lost_bits[1] = -0.03; /* what Winograd's sums of inputs may lose */
    mine->chance[1] = 0.001;
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, low_precision_knows_a_grain_that_no_rounding_leaves) {
    load("low_precision");
    struct hone_precision *mine = &block.rows[3].precision;
    struct hone_precision *honest = &block.rows[3].honest_precision;
    mine->grain = 2e-6;
    cr_expect(eq(u32, ask(), 0)); /* sums cancel: another algorithm may err so */
    honest->slope = -0.1;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    mine->grain = 6e-7; /* a fast exponential */
    cr_expect(eq(u32, ask(), 0));
    mine->grain = 2e-6;
    honest->grain = 3e-7; /* baselines that are rough themselves */
    cr_expect(eq(u32, ask(), 0));
    honest->grain = 2e-7;
    honest->slope = NAN; /* results of one size do not tell */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, low_precision_knows_the_errors_of_half) {
    load("low_precision");
    struct hone_deviation *mine = &block.rows[3].deviation;
    mine->rel_l2 = 2e-4;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    block.rows[3].honest.rel_l2 = 1e-5; /* the task itself is that hard */
    cr_expect(eq(u32, ask(), 0));
    block.rows[3].honest.rel_l2 = 2e-7;
    mine->rel_l2 = 3e-5; /* Winograd: of a few large results */
    cr_expect(eq(u32, ask(), 0));
    mine->rms = 1e-2; /* of all of them */
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.rows[3].flags |= HONE_ROW_LINKED; /* of one, which all that follow share */
    cr_expect(eq(u32, ask(), 0));
    block.rows[3].flags = 0;
    mine->rel_l2 = 1e-6; /* a fast exponential */
    cr_expect(eq(u32, ask(), 0));
    mine->rel_l2 = 0.1; /* no type is that short */
    cr_expect(eq(u32, ask(), 0));
    mine->rel_l2 = 2e-4;
    mine->count = 3; /* too few to say */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, low_precision_knows_the_errors_of_f32_where_the_task_says_f64) {
    load("low_precision");
    block.rows[3].honest.rel_l2 = 1e-16;
    block.rows[3].deviation.rel_l2 = 1e-8;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    block.rows[3].deviation.rel_l2 = 1e-9; /* better than any f32 */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, tolerance_edge_knows_errors_to_one_side) {
    load("tolerance_edge");
    struct hone_deviation *mine = &block.rows[3].deviation;
    mine->rms = 0.2;
    cr_expect(eq(u32, ask(), 0)); /* to either side, and far from the edge */
    mine->mean = -0.19;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    mine->mean = 0;
    mine->outward = -0.15; /* shrunk */
    cr_expect(eq(u32, ask(), HONE_ZERO));
    mine->count = 4;
    cr_expect(eq(u32, ask(), HONE_WARN));
    mine->count = 1000;
    block.rows[3].honest.rms = 0.1; /* f16 rounds that far */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, tolerance_edge_warns_of_a_bias_long_before_it_matters) {
    load("tolerance_edge");
    struct hone_deviation *mine = &block.rows[3].deviation;
    mine->rel_l2 = 6e-6;
    mine->rms = 0.01;
    cr_expect(eq(u32, ask(), 0)); /* to either side */
    mine->outward = -0.007;
    mine->rel_l2 = 5e-7; /* a few roundings */
    cr_expect(eq(u32, ask(), 0));
    mine->rel_l2 = 6e-6;
    mine->outward = -0.007;
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.rows[3].flags |= HONE_ROW_LINKED;
    cr_expect(eq(u32, ask(), 0));
    block.rows[3].flags = 0;
    block.rows[2].deviation = block.rows[2].honest = rounding;
    block.rows[2].deviation.above[0] = 0.2;
    block.rows[3].deviation.above[1] = 0.2; /* the worst comes first */
    cr_expect(eq(u32, ask(), HONE_ZERO));
}

Test(rules, tolerance_edge_knows_results_that_crowd_it) {
    load("tolerance_edge");
    struct hone_deviation *mine = &block.rows[3].deviation;
    mine->above[0] = 0.2;
    cr_expect(eq(u32, ask(), HONE_WARN));
    mine->above[1] = 0.1;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    block.rows[3].honest.above[0] = block.rows[3].honest.above[1] = 0.05;
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, decoy_tells_show_from_rare_cases_by_time) {
    load("decoy");
    struct hone_probe_row *row = add_probe(HONE_NEED_LEAVE_OUT);
    row->line = 3;
    row->ns = 50e3;
    row->ns_high = 55e3;
    cr_expect(eq(u32, ask(), HONE_ZERO));
    cr_expect(eq(u32, heard[0].line, 3));
    row->ns_high = 95e3; /* it may take so little after all */
    cr_expect(eq(u32, ask(), HONE_WARN));
    row->ns = 99e3;
    cr_expect(eq(u32, ask(), HONE_WARN));
    row->right = 5;
    cr_expect(eq(u32, ask(), 0));
    row->right = row->calls = 0; /* nothing was tried */
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, lazy_looks_at_coverage_where_there_are_op_steps) {
    load("lazy");
    block.evidence.coverage = 0.1;
    cr_expect(eq(u32, ask(), 0));
    block.evidence.op_steps = 1;
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.evidence.valid = 0; /* it was not measured */
    cr_expect(eq(u32, ask(), 0));
    block.evidence.valid = HONE_HAS_COVERAGE;
    block.evidence.coverage = 0.5;
    cr_expect(eq(u32, ask(), 0));
}

Test(rules, faster_than_light_only_warns) {
    load("faster_than_light");
    block.rows[3].kernel_ns = 2e3; /* 1 MB at 500 bytes a nanosecond */
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.rows[3].kernel_ns = 8e3; /* 125 bytes: a core that boosts */
    cr_expect(eq(u32, ask(), 0));
    block.evidence.memory_bandwidth = 100e9; /* less than what its caches give a core */
    cr_expect(eq(u32, ask(), 0));
    block.evidence.memory_bandwidth = 1e12;
    block.rows[3].flops = 0;
    block.rows[3].kernel_ns = 1.1e3;
    cr_expect(eq(u32, ask(), 0));
    block.rows[3].kernel_ns = 0.97e3; /* within the margin */
    cr_expect(eq(u32, ask(), 0));
    block.rows[3].kernel_ns = 0.9e3;
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.rows[3].kernel_ns = 8e3;
    block.rows[3].bytes = 0;
    block.rows[3].flops = 1e9;
    cr_expect(eq(u32, ask(), HONE_NOTE));
}

Test(rules, timer_disagreement_tells_a_busy_machine_from_work_elsewhere) {
    load("timer_disagreement");
    block.rows[3].kernel_cpu_ns = 120e3;
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.rows[3].kernel_cpu_ns = 80e3;
    cr_expect(eq(u32, ask(), 0));
    block.rows[3].kernel_cpu_ns = 20e3;
    cr_expect(eq(u32, ask(), HONE_WARN));
    block.rows[3].kernel_ns = 2e3; /* as far apart as two readings of clocks */
    block.rows[3].kernel_cpu_ns = 4e3;
    cr_expect(eq(u32, ask(), 0));
}
