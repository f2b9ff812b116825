#include "core/gate_private.h"

#include "core/verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TAIL 8          /* a vector's width: what no axis is a multiple of has a tail */
#define WRONG_LEAST 2u  /* bugs a task must bring */
#define CLOSE_SHARE 0.5 /* of the tolerance: a baseline beyond it may fail one day */
#define WIDE_SHARE 1e-3 /* a tolerance so much wider than every honest error is worth a look */

static int add(struct hone_gate_reason **reasons, uint32_t *count, const char *code,
               const char *format, va_list arguments) {
    struct hone_gate_reason *more = realloc(*reasons, (*count + 1) * sizeof *more);
    if (!more)
        return -ENOMEM;
    *reasons = more;
    struct hone_gate_reason *reason = &more[(*count)++];
    snprintf(reason->code, sizeof reason->code, "%s", code);
    vsnprintf(reason->text, sizeof reason->text, format, arguments);
    return 0;
}

int hone_gate_refuse(struct hone_gate_report *report, const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int status = add(&report->refusals, &report->refusal_count, code, format, arguments);
    va_end(arguments);
    return status;
}

int hone_gate_note(struct hone_gate_report *report, const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int status = add(&report->notes, &report->note_count, code, format, arguments);
    va_end(arguments);
    return status;
}

static uint32_t count_outcomes(const struct hone_gate_report *report,
                               const struct hone_gate_row *row, enum hone_workload_set set,
                               uint8_t outcome) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < report->trial_count; i++)
        count += report->trials[i].workload.set == set && !report->trials[i].again &&
                 row->outcomes[i] == outcome;
    return count;
}

bool hone_gate_caught(const struct hone_gate_report *report, const struct hone_gate_row *row,
                      enum hone_workload_set set) {
    return count_outcomes(report, row, set, HONE_GATE_CAUGHT) > 0;
}

/* What a cheat is, in words; a bug is its file. */
static const char *text_of(const char *code) {
    for (uint32_t i = 0; hone_gate_computed[i].code; i++)
        if (!strcmp(hone_gate_computed[i].code, code))
            return hone_gate_computed[i].text;
    for (uint32_t i = 0; hone_gate_altered[i].code; i++)
        if (!strcmp(hone_gate_altered[i].code, code))
            return hone_gate_altered[i].text;
    return code;
}

static int judge_row(struct hone_gate_report *report, const struct hone_gate_row *row) {
    uint32_t tried = 0;
    for (uint32_t i = 0; i < report->trial_count; i++)
        tried += row->outcomes[i] != HONE_GATE_UNTRIED;
    if (!tried) /* did not compile */
        return 0;
    if (row->honest)
        return row->message[0] ? hone_gate_refuse(report, row->code, "baseline %s is not right %s",
                                                  row->code, row->message)
                               : 0;
    const bool verify = hone_gate_caught(report, row, HONE_VERIFY);
    const bool bench = hone_gate_caught(report, row, HONE_BENCH);
    const bool given_up = report->naive_s > HONE_GATE_NAIVE_MOST_S; /* not tried everywhere */
    if ((verify && bench) || given_up)
        return 0;
    return hone_gate_refuse(report, row->code, "%s%s%s%s passes every %s workload",
                            text_of(row->code), row->target[0] ? " (" : "", row->target,
                            row->target[0] ? ")" : "",
                            verify  ? "bench"
                            : bench ? "verify"
                                    : "verify and every bench");
}

/* Caught where all is judged, and nowhere by samples. */
static int judge_samples(struct hone_gate_report *report, const struct hone_gate_row *row) {
    uint32_t passed = 0, caught = 0;
    for (uint32_t i = 1; i < report->trial_count; i++) {
        if (!report->trials[i].again || row->outcomes[i - 1] != HONE_GATE_CAUGHT)
            continue;
        passed += row->outcomes[i] == HONE_GATE_PASSED;
        caught += row->outcomes[i] == HONE_GATE_CAUGHT;
    }
    if (row->honest || !passed || caught)
        return 0;
    return hone_gate_refuse(report, "sample",
                            "%s%s%s%s is caught on a bench workload, but not when it is judged by "
                            "samples: sample more indices or other axes",
                            text_of(row->code), row->target[0] ? " (" : "", row->target,
                            row->target[0] ? ")" : "");
}

static bool is_low_precision(const char *code) {
    for (uint32_t i = 0; hone_gate_altered[i].code; i++)
        if (!strcmp(hone_gate_altered[i].code, code))
            return hone_gate_altered[i].low_precision;
    return !strcmp(code, "bf16_output") || !strcmp(code, "fp8_output");
}

/* Positive terms add up without cancelling, and what they lost averages out. */
static int judge_positive(struct hone_gate_report *report, const struct hone_gate_seen *seen) {
    static const enum hone_workload_set sets[] = {HONE_VERIFY, HONE_BENCH};
    for (uint32_t s = 0; s < 2; s++) {
        bool positive = true, passes = false;
        for (uint32_t i = 0; i < report->trial_count; i++)
            positive &= report->trials[i].workload.set != sets[s] || seen->positive[i];
        for (uint32_t i = 0; i < report->row_count; i++)
            passes |= is_low_precision(report->rows[i].code) &&
                      !hone_gate_caught(report, &report->rows[i], sets[s]) &&
                      count_outcomes(report, &report->rows[i], sets[s], HONE_GATE_PASSED);
        if (positive && passes)
            return hone_gate_refuse(report, "positive_inputs",
                                    "every input of every %s workload is positive, which hides low "
                                    "precision: draw inputs around zero",
                                    s ? "bench" : "verify");
    }
    return 0;
}

/* An output of one value says nothing, but where an axis of 1 makes it so. */
static int judge_constant(struct hone_gate_report *report, const struct hone_gate_seen *seen) {
    for (uint32_t i = 0; i < report->trial_count; i++) {
        const struct hone_workload *workload = &report->trials[i].workload;
        bool thin = false;
        for (uint32_t k = 0; k < report->task->axis_count; k++)
            thin |= !report->task->axes[k].expression && workload->axes[k] == 1;
        if (!seen->constant[i] || workload->sampled || workload->set == HONE_HIDDEN ||
            workload->set == HONE_DEBUG || (thin && workload->set == HONE_VERIFY))
            continue;
        return hone_gate_refuse(report, "constant_output",
                                "the oracle's output on %s is one value everywhere",
                                report->trials[i].name);
    }
    return 0;
}

static int judge_tail(struct hone_gate_report *report) {
    const struct hone_task *task = report->task;
    for (uint32_t i = 0; i < task->workload_count; i++)
        for (uint32_t k = 0; k < task->axis_count; k++)
            if (task->workloads[i].set == HONE_VERIFY && !task->axes[k].expression &&
                task->workloads[i].axes[k] % TAIL)
                return 0;
    return hone_gate_refuse(report, "no_tail",
                            "every axis of every verify workload is a multiple of %d: no workload "
                            "reaches the tail of a loop",
                            TAIL);
}

static int judge_exact(struct hone_gate_report *report) {
    const struct hone_task *task = report->task;
    bool linear = false, exact = false;
    for (uint32_t i = 0; i < task->tag_count; i++)
        linear |= !strcmp(task->tags[i], "linear");
    for (uint32_t i = 0; i < task->workload_count; i++)
        exact |= task->workloads[i].set == HONE_VERIFY && task->workloads[i].exact;
    return linear && !exact
               ? hone_gate_refuse(report, "no_exact",
                                  "the task is tagged linear and has no exact verify workload: "
                                  "give one integer inputs and \"exact\": true")
               : 0;
}

static int judge_files(struct hone_gate_report *report) {
    const struct hone_task *task = report->task;
    uint32_t wrong = 0, floors = 0;
    int status = 0;
    for (uint32_t i = 0; i < report->row_count; i++)
        wrong += !strncmp(report->rows[i].code, "wrong/", 6);
    for (uint32_t i = 0; i < task->baseline_count; i++)
        floors += task->baselines[i].role == HONE_FLOOR;
    if (wrong < WRONG_LEAST)
        status = hone_gate_refuse(report, "no_wrong",
                                  "wrong/ holds %u kernels in C, expected at least %u plausible "
                                  "bugs that must be judged wrong",
                                  wrong, WRONG_LEAST);
    if (!status && !floors)
        status = hone_gate_refuse(report, "no_floor",
                                  "no baseline in C has \"role\": \"floor\": add naive.c");
    if (!status && !task->hidden_count)
        status = hone_gate_refuse(report, "no_hidden",
                                  "there are no hidden workloads: a kernel may know every shape");
    return status;
}

static int judge_speed(struct hone_gate_report *report) {
    if (report->naive_s <= HONE_GATE_NAIVE_MOST_S)
        return 0;
    return hone_gate_refuse(report, "slow",
                            "one call of the floor baseline on every shown workload takes %.1f s, "
                            "expected at most %.0f s: make workloads smaller",
                            report->naive_s, HONE_GATE_NAIVE_MOST_S);
}

/* Rounding to a narrow dtype alone may take the whole tolerance, and no more. */
static double close_share(const struct hone_task *task) {
    for (uint32_t i = 0; i < task->arg_count; i++)
        if (hone_arg_is_output(&task->args[i]) &&
            (task->args[i].dtype == HONE_F16 || task->args[i].dtype == HONE_BF16))
            return 1;
    return CLOSE_SHARE;
}

static int note_shares(struct hone_gate_report *report) {
    double worst = 0;
    int status = 0;
    for (uint32_t i = 0; !status && i < report->row_count; i++) {
        const struct hone_gate_row *row = &report->rows[i];
        worst = row->error_share > worst ? row->error_share : worst;
        if (row->honest && row->error_share > close_share(report->task) && !row->message[0])
            status = hone_gate_note(report, "close",
                                    "baseline %s is off by %.2f of the tolerance: other inputs may "
                                    "fail it",
                                    row->code, row->error_share);
    }
    if (!status && worst > 0 && worst < WIDE_SHARE)
        status = hone_gate_note(report, "wide",
                                "no baseline is off by more than %.1g of the tolerance, which may "
                                "be too wide",
                                worst);
    return status;
}

/* A scalar that never changes may be written into a kernel. */
static int note_scalars(struct hone_gate_report *report) {
    const struct hone_task *task = report->task;
    int status = 0;
    for (uint32_t i = 0; !status && i < task->arg_count; i++) {
        bool varies = task->args[i].role != HONE_SCALAR;
        for (uint32_t w = 0; w < task->workload_count; w++)
            varies |= task->workloads[w].set == HONE_VERIFY &&
                      task->workloads[w].scalar[i] != task->workloads[0].scalar[i];
        if (!varies)
            status = hone_gate_note(report, "same_scalar",
                                    "%s is the same in every verify workload: a kernel that knows "
                                    "it passes",
                                    task->args[i].name);
    }
    return status;
}

/* What was caught must have been wrong: a bug that does not compile shows nothing. */
static int judge_emulated(struct hone_gate_report *report) {
    int status = 0;
    for (uint32_t i = 0; !status && i < report->emulated_count; i++) {
        const struct hone_gate_emulated *one = &report->emulated[i];
        const bool compiled = one->verdict != HONE_COMPILE_FAILED && one->verdict != HONE_REJECTED;
        if (!compiled || (one->honest && one->verdict))
            status = hone_gate_refuse(report, one->code, "%s, emulated, is %s: %.300s", one->code,
                                      hone_verdict_name(one->verdict), one->message);
        else if (!one->honest && !one->verdict)
            status = hone_gate_refuse(report, one->code, "%s passes everything that is verified",
                                      one->code);
    }
    return status;
}

int hone_gate_rules(struct hone_gate_report *report, const struct hone_gate_seen *seen) {
    int status = 0;
    for (uint32_t i = 0; !status && i < report->row_count; i++)
        status = judge_row(report, &report->rows[i]);
    for (uint32_t i = 0; !status && i < report->row_count; i++)
        status = judge_samples(report, &report->rows[i]);
    if (!status)
        status = judge_positive(report, seen);
    if (!status)
        status = judge_constant(report, seen);
    if (!status)
        status = judge_tail(report);
    if (!status)
        status = judge_exact(report);
    if (!status)
        status = judge_files(report);
    if (!status)
        status = judge_emulated(report);
    if (!status)
        status = judge_speed(report);
    if (!status)
        status = note_shares(report);
    if (!status)
        status = note_scalars(report);
    return status ? status : hone_gate_note_inputs(report);
}
