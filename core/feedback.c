#include "core/feedback.h"

#include "core/text.h"
#include "core/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As people read it: "412 ns", "3.27 us", "0.81 ms". */
static void format_time(double ns, char text[24]) {
    if (!isfinite(ns))
        snprintf(text, 24, "-");
    else if (ns < 1e3)
        snprintf(text, 24, "%.0f ns", ns);
    else if (ns < 1e6)
        snprintf(text, 24, "%.3g us", ns / 1e3);
    else
        snprintf(text, 24, "%.3g ms", ns / 1e6);
}

static void write_speedup(FILE *out, double speedup, double low, double high) {
    if (isfinite(speedup))
        fprintf(out, "%.3fx [%.3f, %.3f]", speedup, low, high);
    else
        fprintf(out, "-");
}

static void write_axes(FILE *out, const struct hone_task *task,
                       const struct hone_workload_row *row) {
    for (uint32_t i = 0; i < row->axis_count && i < task->axis_count; i++)
        fprintf(out, "%s%s=%lld", i ? " " : "", task->axes[i].name, (long long)row->axes[i]);
}

static void write_times(FILE *out, const struct hone_step *step) {
    const struct hone_evidence *evidence = step->evidence;
    if (!(evidence->valid & HONE_HAS_SPEEDUP))
        return;
    fprintf(out, "\nspeedup over %s: ", evidence->baseline_name[0]);
    write_speedup(out, evidence->speedup, evidence->speedup_low, evidence->speedup_high);
    fprintf(out, " (95 %% interval, %u rounds, noise %.1f %%)\n", evidence->samples,
            100 * evidence->noise);
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        if (row->set != HONE_BENCH)
            continue;
        char own[24], other[24];
        format_time(row->kernel_ns, own);
        fprintf(out, "  %-10s %-10s", row->id, own);
        for (uint32_t b = 0; b < row->baseline_count && b < evidence->baseline_count; b++) {
            format_time(row->baseline_ns[b], other);
            fprintf(out, " %s %-10s", evidence->baseline_name[b], other);
        }
        write_speedup(out, row->speedup, row->speedup_low, row->speedup_high);
        fprintf(out, "  ");
        write_axes(out, step->task, row);
        fprintf(out, "\n");
    }
}

static void write_checks(FILE *out, const struct hone_step *step) {
    const struct hone_evidence *evidence = step->evidence;
    uint32_t passed = 0, failed = 0, hidden = 0;
    for (uint32_t i = 0; i < evidence->workload_count; i++) {
        const struct hone_workload_row *row = hone_evidence_workload(evidence, i);
        passed += row->verdict == HONE_PASSED;
        failed += row->verdict > HONE_PARTIAL;
        hidden += row->set == HONE_HIDDEN && row->verdict == HONE_PASSED;
    }
    if (passed + failed)
        fprintf(out, "workloads: %u right (%u of them hidden), %u not\n", passed, hidden, failed);
}

static void write_findings(FILE *out, const struct hone_evidence *evidence) {
    for (uint32_t i = 0; i < evidence->finding_count; i++) {
        const struct hone_finding *finding = hone_evidence_finding(evidence, i);
        fprintf(out, "%s: %s: %s", hone_severity_name(finding->severity), finding->rule,
                finding->text);
        if (finding->line)
            fprintf(out, " (line %u)", finding->line);
        fprintf(out, "\n");
    }
}

static void write_profile(FILE *out, const struct hone_evidence *evidence) {
    char time[24];
    if (evidence->profile_count)
        fprintf(out, "\nprofile:\n");
    for (uint32_t i = 0; i < evidence->profile_count; i++) {
        const struct hone_profile_row *row = hone_evidence_profile(evidence, i);
        format_time(row->time_ns, time);
        fprintf(out, "  %u. %s  %s, %u registers, %u bytes shared, %u bytes local\n",
                row->plan_step + 1, row->name, time, row->registers, row->shared_bytes,
                row->local_bytes);
    }
    for (uint32_t i = 0; i < evidence->counter_count; i++) {
        const struct hone_profile_counter *counter = hone_evidence_counter(evidence, i);
        fprintf(out, "  %s %.4g\n", counter->name, counter->value);
    }
    if (evidence->profile_note[0])
        fprintf(out, "no counters: %s\n", evidence->profile_note);
}

char *hone_feedback(const struct hone_engine *engine, const struct hone_step *step) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    const char *verdict = hone_verdict_name(step->verdict);
    fprintf(out, "%s", verdict);
    if (step->verdict != HONE_PASSED)
        fprintf(out, ": %s", step->message);
    fprintf(out, "\n");
    if (step->diagnostics && *step->diagnostics)
        fprintf(out, "\ncompiler:\n%s\n", step->diagnostics);
    write_checks(out, step);
    write_times(out, step);
    write_profile(out, step->evidence);
    write_findings(out, step->evidence);
    if (isfinite(step->reward)) {
        uint32_t count;
        const struct hone_reward_name *names = hone_engine_rewards(engine, &count);
        fprintf(out, "reward %.6g =", step->reward);
        for (uint32_t i = 0; i < count; i++)
            fprintf(out, "%s %g x %s %.6g", i ? " +" : "", names[i].weight, names[i].name,
                    step->parts[i]);
        fprintf(out, "\n");
    }
    if (fclose(out)) {
        free(text);
        return NULL;
    }
    hone_text_utf8(text);
    hone_text_cut_middle(text, HONE_FEEDBACK_BYTES);
    return text;
}
